"""A conda environment: created, checked file by file, and noted as done."""

import json
import os
import shlex
import shutil
from pathlib import Path

from guest.conda_faults import conda_failure
from guest.step import (
    CHECKS,
    WORK,
    Failure,
    Permanent,
    Step,
    note,
    read,
    remove,
)


def env(step: Step) -> None:
    """Creates the environment, unless it is there already."""
    home = Path(step.data["home"])
    wanted = step.data["command"]
    if read(home / ".bootseed") != wanted:
        create(step, home)
        note(home / ".bootseed", wanted)


def create(step: Step, home: Path) -> None:
    """Has conda create the environment."""
    prefix = Path(step.data["prefix"])
    step.run("rm", "-rf", str(home))
    clean(prefix / "pkgs", step.told["tries"])
    if not step.succeeds(f"{prefix}/bin/conda", *shlex.split(step.data["command"])[1:]):
        failure = conda_failure(f"{step.output}\nconda: {step.ending()}")
        # Not every solver says what does not go together.
        asked = f" ({step.data['command']})" if isinstance(failure, Permanent) else ""
        raise type(failure)(f"{failure}{asked}")
    for record in home.glob("conda-meta/*.json"):
        for name in json.loads(read(record))["files"]:
            if not name.endswith(".pyc") and not os.path.lexists(home / name):
                raise Failure(f"{home / name} is missing")
    if (home / "bin/python").exists():
        step.run(f"{home}/bin/python", "-c", "import ctypes, sqlite3, ssl")


def clean(packages: Path, attempt: int) -> None:
    """Removes what may keep conda from succeeding, the more of it the more often it failed."""
    if attempt > 1:  # packages that are half unpacked
        for folder in packages.glob("*/"):
            shutil.rmtree(folder, ignore_errors=True)
    if attempt > 3:  # damaged archives of the right size, and a list that conda cannot read
        for archive in [*packages.glob("*.conda"), *packages.glob("*.bz2")]:
            remove(archive)
        remove(Path.home() / ".conda/environments.txt")


def look_at_env(step: Step) -> None:
    """Runs the environment's python."""
    python = Path(step.data["home"]) / "bin/python"
    if python.exists():
        step.run(str(python), "--version")


WORK["env"] = env
CHECKS["env"] = look_at_env
