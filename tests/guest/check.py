"""Everything that can be said of the program on the machine without a machine.

    /usr/bin/python3 tests/guest/check.py

Its tests, its syntax for every Python from 3.8, and what ruff and mypy say. These two come from a
venv below target/, made when it is first needed; nothing is left in templates/.
"""

import ast
import os
import subprocess
import sys
import unittest
import venv
from pathlib import Path
from typing import Callable, Dict, List, Tuple

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "target"
TOOLS = TARGET / "guest-tools"
REQUIREMENTS = ROOT / "tests/guest/requirements.txt"
FOLDERS = ["templates/guest", "tests/guest"]
OLDEST = (3, 8)
PYTHONS = [f"3.{minor}" for minor in range(OLDEST[1], 15)]

COMPILE = """
import sys
for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as source:
        compile(source.read(), file, "exec")
"""


def main() -> int:
    """Runs all checks, and says how many passed."""
    provide()
    checks: Dict[str, Callable[[], bool]] = {
        "ruff format": lambda: tool("ruff", "format", "--check", *FOLDERS),
        "ruff check": lambda: tool("ruff", "check", *FOLDERS),
        "mypy": mypy,
        "syntax": syntax,
    }
    for name, python in pythons():
        checks[f"Python {name}"] = lambda python=python: compiles(python)  # type: ignore[misc]
    passed = failed = 0
    for name, check in checks.items():
        fine = check()
        print(f"{name} ... {'ok' if fine else 'FAILED'}", flush=True)
        passed, failed = passed + fine, failed + (not fine)
    run, wrong = unit_tests()
    print(f"\n{passed + run - wrong} passed, {failed + wrong} failed")
    return 1 if failed + wrong else 0


def provide() -> None:
    """Installs the tools, if the list of them is a new one."""
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    note = TOOLS / "installed.txt"
    if note.exists() and note.read_text(encoding="utf-8") == wanted:
        return
    venv.create(TOOLS, with_pip=True, clear=True)
    subprocess.check_call([str(TOOLS / "bin/pip"), "-q", "install", "-r", str(REQUIREMENTS)])
    note.write_text(wanted, encoding="utf-8")


def succeeds(*command: str, cwd: Path = ROOT) -> bool:
    """Runs a command that writes nothing beside the sources."""
    caches = {"RUFF_CACHE_DIR": str(TARGET / "ruff-cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.call(command, cwd=cwd, env={**os.environ, **caches}) == 0


def tool(name: str, *arguments: str, cwd: Path = ROOT) -> bool:
    """Runs a program of the venv."""
    return succeeds(str(TOOLS / "bin" / name), *arguments, cwd=cwd)


def mypy() -> bool:
    """Looks at the types, from the folder in which the package is."""
    cache = f"--cache-dir={TARGET / 'mypy-cache'}"
    return tool("mypy", "--strict", cache, "guest", cwd=ROOT / "templates")


def files() -> List[Path]:
    """The files of the program."""
    found = sorted((ROOT / "templates/guest").rglob("*.py"))
    assert len(found) > 10, found
    return found


def syntax() -> bool:
    """Looks for what the oldest Python does not know."""
    fine = True
    for file in files():
        try:
            ast.parse(file.read_text(encoding="utf-8"), str(file), feature_version=OLDEST)
        except SyntaxError as error:
            print(f"{file}: {error}")
            fine = False
    return fine


def pythons() -> List[Tuple[str, Path]]:
    """Every Python that is here, the oldest first."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    own = [folder for folder in folders if pyenv not in folder.parents]
    own += sorted(pyenv.glob("versions/*/bin"))
    found = {}
    for version in PYTHONS:
        for folder in own:
            python = folder / f"python{version}"
            if python.exists():
                found.setdefault(version, python)
    return list(found.items())


def compiles(python: Path) -> bool:
    """Has another Python compile every file."""
    return succeeds(str(python), "-I", "-c", COMPILE, *map(str, files()))


def unit_tests() -> Tuple[int, int]:
    """Runs the tests; how many there are, and how many failed."""
    sys.path.insert(0, str(ROOT / "templates"))
    suite = unittest.defaultTestLoader.discover(str(ROOT / "tests/guest"))
    result = unittest.TextTestRunner().run(suite)
    wrong = [test for test, _ in [*result.failures, *result.errors]]
    return result.testsRun, min(len(wrong), result.testsRun)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
