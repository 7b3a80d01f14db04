"""Makes the machine's Python look like the environment's own at start-up.

Read through a .pth file, so it works with an empty environment and under -I.
It takes on the version that the package promises, and lets the environment's
standard-library files decide whether the standard library can be imported:
a stand-in whose damaged files still import would hide half-installed
environments from the tests.
"""
import collections
import os
import sys

VERSION = "@VERSION@"
END = b"# end of module\n"
NEEDED_TO_START = ("os", "site", "encodings")
NEEDED_WHEN_IMPORTED = ("json", "ssl", "sqlite3", "logging", "email", "http", "decimal")


def library():
    """The environment's own lib/pythonX.Y."""
    return os.path.join(sys.prefix, "lib", "python" + VERSION.rpartition(".")[0])


def intact(name):
    """Whether the environment's file for a standard module is all there."""
    for path in (name + ".py", os.path.join(name, "__init__.py")):
        try:
            with open(os.path.join(library(), path), "rb") as file:
                return file.read().endswith(END)
        except OSError:
            continue
    return False


class DamagedLibrary:
    """Refuses to import a standard module whose file is gone or cut short."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in NEEDED_WHEN_IMPORTED and not intact(name):
            raise ModuleNotFoundError("No module named %r" % name, name=name)
        return None


def take_on_version():
    """Report the package's version instead of the machine's."""
    fields = collections.namedtuple(
        "version_info", "major minor micro releaselevel serial")
    numbers = [int(part) for part in VERSION.split(".")]
    sys.version = VERSION + sys.version[sys.version.index(" "):]
    sys.version_info = fields(*numbers, "final", 0)
    sys.hexversion = numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | 0xF0


def take_on_paths():
    """Show the environment's executable and site-packages, not the launcher's."""
    sys.executable = os.path.join(
        sys.prefix, "bin", "python" + VERSION.rpartition(".")[0])
    packages = os.path.join(library(), "site-packages")
    sys.path[:] = [
        packages if entry.startswith(sys.prefix + "/") and entry.endswith("/site-packages")
        else entry for entry in sys.path]


def stop_if_damaged():
    """A Python whose os.py is gone does not get as far as running anything."""
    for name in NEEDED_TO_START:
        if not intact(name):
            sys.stderr.write(
                "Fatal Python error: init_import_site: Failed to import the site module\n"
                "ModuleNotFoundError: No module named %r\n" % name)
            sys.stderr.flush()
            os._exit(1)


stop_if_damaged()
sys.meta_path.insert(0, DamagedLibrary)
take_on_paths()
take_on_version()
