#!/usr/bin/env python3
"""Builds the small conda channel that the stand-in installs from.

    channel.py OUT [--filler MB] [--extra NAME=VERSION]...

OUT becomes what `channel_alias` points to: OUT/conda-forge, OUT/pkgs/main and
OUT/pkgs/r (the two with Terms of Service), and OUT/simple, a pip index with
one project. Package files are plain tar archives named .conda; the bytes are
the same on every run.
"""
import argparse
import hashlib
import io
import json
import os
import random
import re
import sys
import tarfile
import zipfile

CONTENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "content")
ARCHITECTURES = ("linux-64", "linux-aarch64")
CLOCK = 1700000000
BLOCK = 1 << 17
PYTHONS = ("3.9.18", "3.10.13", "3.12.3", "3.13.0")
HOST_MINORS = range(9, 16)
STDLIB = ("os.py", "site.py", "encodings/__init__.py", "json/__init__.py", "ssl.py",
          "sqlite3/__init__.py", "logging/__init__.py", "email/__init__.py",
          "http/__init__.py", "decimal.py")
TERMS = {"version": "2025-07-15T00:00:00+00:00",
         "text": "Stand-in Terms of Service: for tests only.\n",
         "support": "none"}
WITH_TERMS = ("pkgs/main", "pkgs/r")


class Package:
    """One package: what its archive holds and what repodata says of it."""

    def __init__(self, name, version, build="h0_0", subdir="noarch", depends=()):
        self.name, self.version, self.build, self.subdir = name, version, build, subdir
        self.depends = list(depends)
        self.files = {}
        self.entry_points = []
        self.placeholders = {}

    @property
    def filename(self):
        return "%s-%s-%s.conda" % (self.name, self.version, self.build)

    def add(self, path, data, mode=0o644):
        """Add a file (bytes or text)."""
        self.files[path] = (data.encode() if isinstance(data, str) else data, mode)

    def link(self, path, target):
        """Add a symbolic link."""
        self.files[path] = (target, None)

    def index(self):
        """What info/index.json and repodata.json have in common."""
        return {"name": self.name, "version": self.version, "build": self.build,
                "build_number": 0, "depends": self.depends, "subdir": self.subdir,
                **({"noarch": "python"} if self.subdir == "noarch" else {})}

    def paths(self):
        """info/paths.json: every file with its size, so that damage can be noticed."""
        entries = []
        for path, (data, mode) in sorted(self.files.items()):
            if mode is None:
                entry = {"_path": path, "path_type": "softlink"}
            else:
                entry = {"_path": path, "path_type": "hardlink", "size_in_bytes": len(data),
                         "sha256": hashlib.sha256(data).hexdigest()}
            if path in self.placeholders:
                entry["prefix_placeholder"] = self.placeholders[path]
            entries.append(entry)
        return {"paths": entries, "paths_version": 1}

    def archive(self):
        """The bytes of the package file, info/ first as conda's own order is."""
        info = {"info/index.json": self.index(), "info/paths.json": self.paths(),
                "info/link.json": {"entry_points": self.entry_points}}
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for path, value in info.items():
                add_member(archive, path, json.dumps(value, indent=1).encode(), 0o644)
            for path, (data, mode) in sorted(self.files.items()):
                add_member(archive, path, data, mode)
        return buffer.getvalue()

    def record(self, data):
        """The repodata entry of this package, given its archive."""
        return {**self.index(), "size": len(data), "md5": hashlib.md5(data).hexdigest(),
                "sha256": hashlib.sha256(data).hexdigest()}


def add_member(archive, path, data, mode):
    """Add a file, or a symbolic link when mode is None, without any trace of the machine."""
    member = tarfile.TarInfo(path)
    member.mtime = CLOCK
    if mode is None:
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, data, 0o777
        archive.addfile(member)
    else:
        member.size, member.mode = len(data), mode
        archive.addfile(member, io.BytesIO(data))


def content(name, version):
    """A source file of the folder content/ with its version filled in."""
    with open(os.path.join(CONTENT, name), encoding="utf-8") as file:
        return file.read().replace("@VERSION@", version)


def filler(megabytes, seed):
    """Bytes that do not compress, so that a throttled download takes its time."""
    return random.Random(seed).randbytes(int(megabytes * 1024 * 1024))


def stdlib_module(path):
    """A file standing for one of the standard library: only its end is looked at."""
    lines = ["# %s, line %d of the stand-in's standard library" % (path, number)
             for number in range(1, 60)]
    return "\n".join(lines + ["# end of module", ""])


def python_package(version, subdir, megabytes=0.0, build="h0_0"):
    """python: a launcher for the machine's Python that depends on its own lib folder."""
    package = Package("python", version, build, subdir, ["tzdata"])
    minor = version.rpartition(".")[0]
    own = "lib/python%s/" % minor
    package.add("bin/python" + minor, content("python.sh", version), 0o755)
    package.link("bin/python", "python" + minor)
    package.link("bin/python3", "python" + minor)
    package.link("bin/.python-host", "/usr/bin/python3")
    package.add("pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    for path in STDLIB:
        package.add(own + path, stdlib_module(path))
    package.add(own + "site-packages/_standin_boot.py", content("boot.py", version))
    package.add(own + "site-packages/_standin_boot.pth", "import _standin_boot\n")
    for host in HOST_MINORS:
        if "3.%d" % host != minor:
            package.link("lib/python3.%d" % host, "python" + minor)
    if megabytes:
        package.add("lib/libpython%s.so.1.0" % minor, filler(megabytes, version))
    return package


def module_package(name, version, source, depends=("python >=3.9",), entry_points=()):
    """A noarch package of one importable module with its metadata."""
    package = Package(name, version, "pyhd8ed1ab_0", "noarch", depends)
    module = re.sub(r"[-.]", "_", name)
    package.add("site-packages/%s/__init__.py" % module, source)
    package.add("site-packages/%s/__main__.py" % module,
                "import sys\nfrom %s import main\nsys.exit(main())\n" % module)
    package.add("site-packages/%s-%s.dist-info/METADATA" % (module, version),
                "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version))
    package.entry_points = list(entry_points)
    return package


def timezone_package():
    """tzdata: what python depends on, so that every transaction has two packages or more."""
    package = Package("tzdata", "2024a", "h0_0", "noarch")
    package.add("share/zoneinfo/UTC", "TZif2 stand-in\n")
    return package


def known_packages(megabytes=0.0, extra=()):
    """Every package of the channel."""
    packages = [timezone_package()]
    for subdir in ARCHITECTURES:
        packages += [python_package(version, subdir, megabytes) for version in PYTHONS]
    packages.append(module_package(
        "pip", "24.0", content("pip.py", "24.0"), entry_points=["pip = pip:main"]))
    for version in ("2.3.3", "3.0.0"):
        packages.append(module_package(
            "flask", version, content("flask.py", version), entry_points=["flask = flask:main"]))
    for version in ("21.2.0", "23.0.0"):
        packages.append(module_package(
            "gunicorn", version, content("gunicorn.py", version),
            entry_points=["gunicorn = gunicorn:main"]))
    for version, python in (("1.26.4", "python >=3.9,<3.13"), ("2.1.0", "python >=3.10")):
        packages.append(module_package("numpy", version, content("numpy.py", version), [python]))
    for name, version in extra:
        packages.append(module_package(name, version, '__version__ = "%s"\n' % version))
    return packages


def write(path, data):
    """Write a file and the folders above it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def zstd(data):
    """The bytes as a zstd file of blocks that are not compressed, which takes no library."""
    blocks = [data[start:start + BLOCK] for start in range(0, len(data), BLOCK)] or [b""]
    frame = b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little")
    for number, block in enumerate(blocks, 1):
        head = len(block) << 3 | (number == len(blocks))
        frame += head.to_bytes(3, "little") + block
    return frame


def write_repodata(folder, subdir, records):
    """One repodata.json, and the same as a zstd file."""
    text = json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": records,
                       "repodata_version": 1}, indent=1, sort_keys=True).encode()
    write(os.path.join(folder, subdir, "repodata.json"), text)
    write(os.path.join(folder, subdir, "repodata.json.zst"), zstd(text))


def write_channel(folder, archives):
    """One channel: an index a platform, and the package files beside it."""
    for subdir in ("noarch", *ARCHITECTURES):
        here = [(package, data) for package, data in archives if package.subdir == subdir]
        for package, data in here:
            write(os.path.join(folder, subdir, package.filename), data)
        write_repodata(folder, subdir,
                       {package.filename: package.record(data) for package, data in here})


def write_simple_index(folder):
    """A pip index with one project, for the pip part of an environment file."""
    buffer = io.BytesIO()
    info = "tinyjson-1.0.dist-info/"
    with zipfile.ZipFile(buffer, "w") as wheel:
        for path, text in (("tinyjson.py", '__version__ = "1.0"\n'),
                           (info + "METADATA",
                            "Metadata-Version: 2.1\nName: tinyjson\nVersion: 1.0\n"),
                           (info + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"),
                           (info + "RECORD", "")):
            wheel.writestr(zipfile.ZipInfo(path), text)
    name = "tinyjson-1.0-py3-none-any.whl"
    write(os.path.join(folder, "tinyjson", name), buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    write(os.path.join(folder, "tinyjson", "index.html"),
          ('<a href="%s#sha256=%s">%s</a>\n' % (name, digest, name)).encode())


def write_all(folder, megabytes=0.0, extra=()):
    """Everything that OUT holds."""
    archives = [(package, package.archive()) for package in known_packages(megabytes, extra)]
    write_channel(os.path.join(folder, "conda-forge"), archives)
    write_channel(os.path.join(folder, "pkgs", "main"), archives)
    write_channel(os.path.join(folder, "pkgs", "r"), [])
    for name in WITH_TERMS:
        write(os.path.join(folder, name, "terms.json"), json.dumps(TERMS).encode())
    write_simple_index(os.path.join(folder, "simple"))


def name_and_version(text):
    """The two halves of --extra NAME=VERSION."""
    name, _, version = text.partition("=")
    if not name or not version:
        raise argparse.ArgumentTypeError("expected NAME=VERSION, got %r" % text)
    return name, version


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("out", metavar="OUT")
    options.add_argument("--filler", type=float, default=0.0, metavar="MB",
                         help="megabytes added to each python package")
    options.add_argument("--extra", type=name_and_version, action="append", default=[],
                         metavar="NAME=VERSION", help="one more importable package")
    arguments = options.parse_args()
    write_all(arguments.out, arguments.filler, arguments.extra)
    return 0


if __name__ == "__main__":
    sys.exit(main())
