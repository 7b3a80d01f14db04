"""What `bootseed roster` is measured against: a roster in, a file for each student out.

    python3 benches/roster.py ROSTER.csv PARAMETERS.yaml TEMPLATE.j2 FOLDER

It reads each file back, as bootseed does, and does less otherwise: nothing is validated, quoted or
listed, and no choice is made.
"""
import csv
import pathlib
import sys

import jinja2
import yaml


def main(roster, parameters, template, folder):
    with open(parameters, encoding="utf-8") as file:
        values = yaml.safe_load(file)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    with open(template, encoding="utf-8") as file:
        template = environment.from_string(file.read())
    with open(roster, encoding="utf-8", newline="") as file:
        for student in csv.DictReader(file):
            text = template.render(values, student=student)
            if yaml.load(text, yaml.CSafeLoader)["hostname"] != student["hostname"]:
                sys.exit("the document does not read back")
            pathlib.Path(folder, student["id"] + ".yaml").write_text(text, encoding="utf-8")


main(*sys.argv[1:])
