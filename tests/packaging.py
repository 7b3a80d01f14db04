#!/usr/bin/python3
"""Are the packages good where they are installed? As root: tests/packaging.py

./packaging/build makes them, with what web/build has made. The wheel is installed into a fresh
virtual environment, the .deb into a root file system of bookworm (from BOOTSEED_TEST_CACHE, or made
for it), and the static program runs in a root with nothing else in it.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path
from typing import Any, Callable, List

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "target/packaging"
TOOLS = ROOT / "target/packaging-tools"
PAGE = ROOT / "target/web/bootseed.html"
CACHE = Path(os.environ.get("BOOTSEED_TEST_CACHE", ROOT / "target/boot-cache"))

# What makes the packages; other versions would do as well.
MATURIN = "maturin==1.16.0"
CARGO_DEB = "3.8.0"

# What knows the form of workflows, and what goes wrong in them.
WORKFLOW_TOOLS = ["check-jsonschema==0.39.0", "zizmor==1.32.0"]


def run(*words: Any, **options: Any) -> str:
    """What a command prints; its failure is an error with all that it said."""
    command = [str(word) for word in words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", **options)
    if done.returncode:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return str(done.stdout)


def tools() -> None:
    """Has maturin and cargo-deb, kept below target."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    if not (TOOLS / "python/bin/maturin").exists():
        venv.create(TOOLS / "python", with_pip=True)
        run(TOOLS / "python/bin/pip", "install", "--quiet", MATURIN, *WORKFLOW_TOOLS)
    if not (TOOLS / "bin/cargo-deb").exists():
        deb = ["--root", TOOLS, f"cargo-deb@{CARGO_DEB}"]
        run("cargo", "install", "--quiet", "--locked", "--debug", *deb)
    folders = [str(TOOLS / "python/bin"), str(TOOLS / "bin"), os.environ["PATH"]]
    os.environ["PATH"] = os.pathsep.join(folders)


def build() -> None:
    """All packages, from nothing."""
    for old in [*OUT.glob("*.whl"), *OUT.glob("*.deb"), *OUT.glob("*.tar.gz")]:
        old.unlink()
    run("bash", ROOT / "packaging/build", "all")


def only(pattern: str) -> Path:
    """The one file of this name."""
    (found,) = OUT.glob(pattern)
    return found


def rendered() -> str:
    """What the program that the other tests know prints."""
    return run(ROOT / "target/debug/bootseed", "render")


def good(call: Callable[..., str], folder: Path, inside: str) -> None:
    """Renders, knows its source and writes the page; `folder` is `inside` for the program."""
    assert call("render") == rendered(), "it prints something else"
    commit = run("git", "-C", ROOT, "log", "-1", "--abbrev=10", "--format=%h, %cs").strip()
    assert call("--version").strip().endswith(f"({commit})"), call("--version")
    call("page", "-o", f"{inside}/page.html")
    assert (folder / "page.html").read_bytes() == PAGE.read_bytes(), "another page"


def test_wheel(room: Path) -> None:
    """It goes into a fresh environment, and the program is on the path."""
    wheel = only("*.whl")
    assert "manylinux" in wheel.name, wheel
    venv.create(room / "venv", with_pip=True)
    run(room / "venv/bin/pip", "install", "--quiet", "--no-index", wheel)
    good(lambda *words: run(room / "venv/bin/bootseed", *words), room, str(room))
    run(room / "venv/bin/pip", "uninstall", "--quiet", "--yes", "bootseed")
    assert not (room / "venv/bin/bootseed").exists(), "it stays"


def test_static(room: Path) -> None:
    """It needs no other file."""
    archive = only("*.tar.gz")
    with tarfile.open(archive) as opened:
        (program,) = [one for one in opened if one.name.endswith("/bootseed") and one.mode & 0o100]
        names = opened.getnames()
        assert any(name.endswith("/man/bootseed-render.1") for name in names), names
        assert {one.uid for one in opened} == {0}, "it belongs to somebody"
        data = opened.extractfile(program)
        assert data
        empty = room / "empty"
        empty.mkdir()
        (empty / "bootseed").write_bytes(data.read())
    (empty / "bootseed").chmod(0o755)
    good(lambda *words: run("chroot", empty, "/bootseed", *words), empty, "")


def bookworm(room: Path) -> Path:
    """A root file system, with the files of packages that a small one leaves out."""
    place = room / "bookworm"
    kept = sorted(CACHE.glob("*bookworm*.tar*"))
    archive = kept[0] if kept else room / "bookworm.tar"
    if not kept:
        run("mmdebstrap", "--variant=minbase", "bookworm", archive)
    place.mkdir()
    run("tar", "-C", place, "-xf", archive, "--exclude=./dev/*")
    return place


def test_deb(room: Path) -> None:
    """It is installed with manual, completions and page, and leaves nothing when it goes."""
    place = bookworm(room)
    (place / "root/bootseed.deb").write_bytes(only("*.deb").read_bytes())
    fields = run("dpkg-deb", "--info", only("*.deb"))
    assert "Depends" not in fields or "Depends: \n" in fields, fields
    run("chroot", place, "dpkg", "--install", "/root/bootseed.deb")
    good(lambda *words: run("chroot", place, "bootseed", *words), place / "root", "/root")
    files = run("chroot", place, "dpkg", "--listfiles", "bootseed").split()
    for file in [
        "/usr/share/man/man1/bootseed-render.1.gz",
        "/usr/share/bash-completion/completions/bootseed",
        "/usr/share/bootseed/bootseed.html",
    ]:
        assert file in files, files
    run("chroot", place, "dpkg", "--purge", "bootseed")
    assert not (place / "usr/share/bootseed").exists(), "something stays"


def test_same_source_same_bytes(room: Path) -> None:
    """The archive does not depend on when it is made."""
    del room
    before = hashlib.sha256(only("*.tar.gz").read_bytes()).hexdigest()
    run("bash", ROOT / "packaging/build", "static")
    assert hashlib.sha256(only("*.tar.gz").read_bytes()).hexdigest() == before


def test_workflows(room: Path) -> None:
    """They have the form that GitHub wants, and no hole that is known."""
    del room
    workflows = sorted((ROOT / ".github/workflows").iterdir())
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    run("zizmor", "--offline", "--quiet", *workflows)


def main() -> int:
    """Runs the tests whose names have every word of the call in them."""
    os.chdir(ROOT)
    tools()
    build()
    tests: List[Callable[[Path], None]] = [
        test_wheel,
        test_static,
        test_deb,
        test_same_source_same_bytes,
        test_workflows,
    ]
    failed = 0
    for test in tests:
        with tempfile.TemporaryDirectory() as room:
            try:
                test(Path(room))
                print(f"ok {test.__name__}", flush=True)
            except AssertionError as error:
                failed += 1
                print(f"FAILED {test.__name__}: {error}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
