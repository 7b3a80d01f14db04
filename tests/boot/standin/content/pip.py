"""A pip that can say its version, list, and install pure wheels from a simple index."""
import configparser
import importlib.metadata
import io
import os
import re
import sys
import sysconfig
import urllib.error
import urllib.parse
import urllib.request
import zipfile

__version__ = "@VERSION@"


def site_packages():
    """Where wheels are unpacked."""
    return sysconfig.get_paths()["purelib"]


def index_url(arguments):
    """The index from -i, PIP_INDEX_URL or /etc/pip.conf; None when nothing names one."""
    for option in ("-i", "--index-url"):
        if option in arguments:
            return arguments[arguments.index(option) + 1]
    config = configparser.ConfigParser()
    config.read(["/etc/pip.conf", os.path.expanduser("~/.config/pip/pip.conf")])
    return os.environ.get("PIP_INDEX_URL") or config.get("global", "index-url", fallback=None)


def requirements(arguments):
    """The requirements of an install command line, files given with -r included."""
    found, rest = [], iter(arguments)
    for argument in rest:
        if argument in ("-r", "--requirement"):
            with open(next(rest), encoding="utf-8") as file:
                found += [line.split("#")[0].strip() for line in file]
        elif argument in ("-i", "--index-url", "--retries", "--timeout", "--extra-index-url"):
            next(rest)
        elif not argument.startswith("-"):
            found.append(argument)
    return [requirement for requirement in found if requirement]


def split(requirement):
    """The normalised name and the exact version (or None) of a requirement."""
    match = re.match(r"([A-Za-z0-9._-]+)\s*(?:==\s*([\w.]+))?", requirement)
    if not match:
        raise SystemExit("ERROR: Invalid requirement: %r" % requirement)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower(), match.group(2)


def installed(name, version):
    """Whether a distribution is there already, in the wanted version."""
    try:
        return version in (None, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def wheel_url(index, name, version):
    """The address of the last fitting wheel on the index's page for a project."""
    page_url = "%s/%s/" % (index.rstrip("/"), name)
    with urllib.request.urlopen(page_url, timeout=15) as answer:
        page = answer.read().decode()
    fitting = [link for link in re.findall(r'href="([^"#]+\.whl)', page)
               if version in (None, os.path.basename(link).split("-")[1])]
    return urllib.parse.urljoin(page_url, fitting[-1]) if fitting else None


def install(requirement, index):
    """Install one requirement; False when no index has it."""
    name, version = split(requirement)
    if installed(name, version):
        print("Requirement already satisfied: %s" % requirement)
        return True
    print("Collecting %s" % requirement)
    try:
        url = wheel_url(index, name, version) if index else None
        if url:
            with urllib.request.urlopen(url, timeout=15) as answer:
                zipfile.ZipFile(io.BytesIO(answer.read())).extractall(site_packages())
            print("Successfully installed %s" % "-".join(os.path.basename(url).split("-")[:2]))
            return True
    except OSError as error:
        sys.stderr.write("WARNING: %s\n" % error)
    sys.stderr.write(
        "ERROR: Could not find a version that satisfies the requirement %s (from versions: none)\n"
        "ERROR: No matching distribution found for %s\n" % (requirement, requirement))
    return False


def main():
    """The pip command."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-V", "--version"):
        print("pip %s from %s (python %s)" % (
            __version__, os.path.dirname(__file__), sysconfig.get_python_version()))
        return 0
    if arguments[0] in ("list", "freeze"):
        for distribution in importlib.metadata.distributions():
            print("%s==%s" % (distribution.metadata["Name"], distribution.version))
        return 0
    if arguments[0] == "check":
        print("No broken requirements found.")
        return 0
    if arguments[0] != "install":
        sys.stderr.write('ERROR: unknown command "%s"\n' % arguments[0])
        return 1
    index = index_url(arguments)
    return 0 if all([install(wanted, index) for wanted in requirements(arguments[1:])]) else 1


if __name__ == "__main__":
    sys.exit(main())
