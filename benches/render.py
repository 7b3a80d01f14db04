"""What `bootseed render` is measured against: parameters in, document out, read back.

    python3 benches/render.py PARAMETERS.yaml TEMPLATE.j2

It does less: nothing is validated or quoted, and no choice is made.
"""
import sys

import jinja2
import yaml


def main(parameters, template):
    with open(parameters, encoding="utf-8") as file:
        values = yaml.safe_load(file)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    with open(template, encoding="utf-8") as file:
        document = environment.from_string(file.read()).render(values)
    if yaml.safe_load(document)["hostname"] != values["hostname"]:
        sys.exit("the document does not read back")
    sys.stdout.write(document)


main(*sys.argv[1:])
