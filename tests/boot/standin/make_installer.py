#!/usr/bin/env python3
"""Builds a self-extracting installer that behaves like one of constructor 3.16.

    make_installer.py OUT.sh [--name NAME] [--condarc forge|defaults]
                             [--filler MB] [--slow SECONDS] [--need-mb MB]

OUT.sh is a shell header, then conda.py (installed as PREFIX/_conda), then a tar
with the base packages; the bytes are the same on every run. Its shell part keeps
the real one's order and texts, its exit codes, and what it leaves behind.
"""
import argparse
import hashlib
import io
import json
import os
import sys
import tarfile

import channel

HERE = os.path.dirname(os.path.abspath(__file__))
CONDA_VERSION = "26.7.1"
PLACEHOLDER = "/opt/standin_prefix_placeholder"
CONDARC = {"forge": "channels:\n  - conda-forge\n", "defaults": "channels:\n  - defaults\n"}
BUFFER_MB = 50
DECLARED_SHARE = 1.5
ADDRESS = "http://127.0.0.1:8800/base/%s"

HEADER = r"""#!/bin/sh
#
# NAME:  @NAME@
# VER:   @VERSION@
# PLAT:  any
# MD5:   @MD5@
#
# A stand-in for an installer of constructor: for tests on a machine of their own.
# It needs /bin/sh, coreutils and /usr/bin/python3, and installs nothing but the
# stand-in conda that lies behind these lines. The lines up to here are comment,
# as they are in the real one: a download that is cut inside them runs as an empty
# script, which prints nothing, installs nothing and ends with exit code 0.
#
set -eu
unset LD_LIBRARY_PATH CONDARC

case "$0" in
    *.sh) ;;
    *) printf 'Please run using "bash"/"dash"/"sh"/"zsh", but not "." or "source".\n' >&2
       exit 1 ;;
esac

THIS_PATH=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
CONDA_OFFSET=@CONDA_OFFSET@
CONDA_SIZE=@CONDA_SIZE@
PAYLOAD_OFFSET=@PAYLOAD_OFFSET@
NEED_MB=@NEED_MB@
PREFIX=${HOME:-/opt}/@LOWER_NAME@
BATCH=0
FORCE=0
USAGE="
usage: $0 [options]

Installs @NAME@ @VERSION@

-b           run install in batch mode (without manual intervention)
-f           no error if install prefix already exists
-h           print this help message and exit
-p PREFIX    install prefix, defaults to $PREFIX
-s           skip running pre/post-link/install scripts
-u           update an existing installation
-c           run 'conda init' after installation
"

conda_py() {
    tail -c "+$CONDA_OFFSET" "$THIS_PATH" | head -c "$CONDA_SIZE"
}

# A test may ask for one of the traps that a good file does not have by itself.
trap_wanted() {
    [ -e "${STANDIN_HOOKS:-/etc/standin.json}" ] || return 1
    conda_py | /usr/bin/python3 - take-trap "$1"
}

if trap_wanted empty; then
    exit 0
fi

while getopts "bifhkp:smutc" option; do
    case "$option" in
        h) printf '%s\n' "$USAGE"; exit 2 ;;
        b) BATCH=1 ;;
        i) BATCH=0 ;;
        f | u) FORCE=1 ;;
        p) PREFIX=$OPTARG ;;
        k | s | m | t | c) ;;
        *) printf "ERROR: did not recognize option '%s', please try -h\n" "$option" >&2
           exit 1 ;;
    esac
done

if [ "$BATCH" = 0 ]; then
    printf '\nWelcome to @NAME@ @VERSION@\n\n'
    printf 'Please, press ENTER to continue\n>>> '
    read -r answer || exit 1
    printf 'Proceed with the installation? [yes|no]\n>>> '
    read -r answer
    case "$answer" in
        [Yy] | [Yy][Ee][Ss]) ;;
        *) printf '\nAborting installation\n' >&2; exit 2 ;;
    esac
fi

case "$PREFIX" in
    *\ *) printf 'ERROR: Cannot install into directories with spaces\n' >&2; exit 1 ;;
esac

if [ "$FORCE" = 0 ] && [ -e "$PREFIX" ]; then
    printf "ERROR: File or directory already exists: '%s'\n" "$PREFIX" >&2
    printf 'If you want to update an existing installation, use the -u option.\n' >&2
    exit 1
fi

if ! mkdir -p "$PREFIX" 2>/dev/null; then
    printf "ERROR: Could not create directory: '%s'.\n" "$PREFIX" >&2
    printf 'Check permissions and available disk space (%s MB needed).\n' "$NEED_MB" >&2
    exit 1
fi

free_mb=$(df -Pk "$PREFIX" | tail -n 1 | awk '{ print int($4 / 1024) }')
if [ "$free_mb" -lt "$((NEED_MB + @BUFFER_MB@))" ]; then
    printf 'ERROR: Not enough free disk space. Only %s MB are available, but %s MB are required (leaving a %s MB buffer).\n' \
        "$free_mb" "$NEED_MB" "@BUFFER_MB@" >&2
    exit 1
fi

PREFIX=$(cd "$PREFIX" && pwd)
export PREFIX
printf 'PREFIX=%s\n' "$PREFIX"

# Only warned about: the real installer goes on, and so does this one.
expected=@MD5@
got=$(tail -c "+$CONDA_OFFSET" "$THIS_PATH" | md5sum | cut -d ' ' -f 1)
if trap_wanted md5; then
    got=00000000000000000000000000000000
fi
if [ "$got" != "$expected" ]; then
    printf 'WARNING: md5sum mismatch of tar archive\nexpected: %s\n     got: %s\n' \
        "$expected" "$got" >&2
fi

printf 'Unpacking bootstrapper...\n'
rm -f "$PREFIX/_conda"
conda_py > "$PREFIX/_conda"
chmod +x "$PREFIX/_conda"
if [ "$(wc -c < "$PREFIX/_conda")" -ne "$CONDA_SIZE" ]; then
    printf "[PYI-%s:ERROR] Could not load PyInstaller's embedded PKG archive from the executable (%s)\n" \
        "$$" "$PREFIX/_conda" >&2
    exit 255
fi

printf 'Unpacking payload...\n'
mkdir -p "$PREFIX/install_tmp"
tail -c "+$PAYLOAD_OFFSET" "$THIS_PATH" |
    "$PREFIX/_conda" constructor --prefix "$PREFIX" --extract-payload --seconds @UNPACK_SECONDS@

printf '\nInstalling base environment...\n\n'
"$PREFIX/_conda" constructor --prefix "$PREFIX" --install-base --seconds @INSTALL_SECONDS@

rm -rf "$PREFIX/install_tmp"
printf 'installation finished.\n'

if [ -n "${PYTHONPATH:-}" ]; then
    printf 'WARNING:\n'
    printf '    You currently have a PYTHONPATH environment variable set. This may cause\n'
    printf '    unexpected behavior when running the Python interpreter in @NAME@.\n'
    printf '    For best results, please verify that your PYTHONPATH only points to\n'
    printf '    directories of packages that are compatible with it: %s\n' "$PREFIX"
fi
exit 0
"""

CONDA_SH = """\
# Sourced by login shells: a `conda` function that can activate. Works in bash and
# dash, and under `set -eu`.
export CONDA_EXE='@PREFIX@/bin/conda'

conda() {
    case "${1-}" in
        activate | deactivate)
            _standin_script=$("$CONDA_EXE" shell.posix "$@") || return $?
            eval "$_standin_script"
            unset _standin_script
            ;;
        *) "$CONDA_EXE" "$@" ;;
    esac
}

case ":${PATH-}:" in
    *":@PREFIX@/condabin:"*) ;;
    *) PATH="@PREFIX@/condabin${PATH:+:$PATH}"; export PATH ;;
esac
"""


def conda_source():
    """The text of conda.py."""
    with open(os.path.join(HERE, "conda.py"), encoding="utf-8") as file:
        return file.read()


def conda_package():
    """The package that brings bin/conda and the shell function."""
    package = channel.Package("conda", CONDA_VERSION, "py_0", depends=["python"])
    package.add("bin/conda", conda_source(), 0o755)
    package.link("condabin/conda", "../bin/conda")
    package.add("etc/profile.d/conda.sh", CONDA_SH.replace("@PREFIX@", PLACEHOLDER))
    package.placeholders["etc/profile.d/conda.sh"] = PLACEHOLDER
    return package


def terms_package():
    """The Terms of Service plugin: its presence is all that conda.py looks for."""
    package = channel.Package("conda-anaconda-tos", "0.2.2", "py_0", depends=["conda"])
    package.add("share/conda-anaconda-tos", "on\n")
    return package


def base_packages(condarc, megabytes):
    """What the base environment is made of, in the order it is linked."""
    packages = [channel.timezone_package(),
                channel.python_package("3.13.9", "noarch", megabytes, build="base_0"),
                conda_package()]
    packages[0].build = "base_0"
    if condarc == "defaults":
        packages.append(terms_package())
    return packages


def payload(packages, condarc):
    """The tar behind the header: the plan first, then the package files."""
    archives = [(package, package.archive()) for package in packages]
    records = [{**package.record(data), "fn": package.filename, "channel": "base",
                "url": ADDRESS % package.filename} for package, data in archives]
    plan = {"condarc": CONDARC[condarc], "packages": records}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        channel.add_member(archive, "install_tmp/base.json",
                           json.dumps(plan, indent=1).encode(), 0o644)
        for package, data in archives:
            channel.add_member(archive, "pkgs/" + package.filename, data, 0o644)
    return buffer.getvalue()


def installed_mb(packages):
    """What the real installer declares: half as much again as what it writes."""
    size = sum(len(data) for package in packages
               for data, mode in package.files.values() if mode is not None)
    return max(1, int(size * DECLARED_SHARE / 1024 / 1024))


def fill_in(values):
    """The header with its values, offsets found by trying until they agree."""
    length = 0
    while True:
        text = HEADER
        offsets = {"CONDA_OFFSET": length + 1,
                   "PAYLOAD_OFFSET": length + 1 + values["CONDA_SIZE"]}
        for name, value in {**values, **offsets}.items():
            text = text.replace("@%s@" % name, str(value))
        if len(text.encode()) == length:
            return text.encode()
        length = len(text.encode())


def build(name="Tinyforge3", condarc="forge", megabytes=0.0, seconds=0.0, need_mb=None):
    """The bytes of an installer."""
    packages = base_packages(condarc, megabytes)
    conda = conda_source().encode()
    behind = conda + payload(packages, condarc)
    header = fill_in({
        "NAME": name, "LOWER_NAME": name.lower(), "VERSION": CONDA_VERSION,
        "MD5": hashlib.md5(behind).hexdigest(), "CONDA_SIZE": len(conda),
        "NEED_MB": installed_mb(packages) if need_mb is None else need_mb,
        "BUFFER_MB": BUFFER_MB, "UNPACK_SECONDS": "%.2f" % (seconds * 0.3),
        "INSTALL_SECONDS": "%.2f" % (seconds * 0.7)})
    return header + behind


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("out", metavar="OUT.sh")
    options.add_argument("--name", default="Tinyforge3")
    options.add_argument("--condarc", choices=sorted(CONDARC), default="forge",
                         help="defaults also brings the Terms of Service plugin")
    options.add_argument("--filler", type=float, default=0.0, metavar="MB")
    options.add_argument("--slow", type=float, default=0.0, metavar="SECONDS",
                         help="spread the installation over this long")
    options.add_argument("--need-mb", type=int, metavar="MB",
                         help="declare this much disk instead of 1.5 times the real size")
    arguments = options.parse_args()
    data = build(arguments.name, arguments.condarc, arguments.filler, arguments.slow,
                 arguments.need_mb)
    with open(arguments.out, "wb") as file:
        file.write(data)
    print("%s  %s" % (hashlib.sha256(data).hexdigest(), arguments.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
