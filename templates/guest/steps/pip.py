"""Packages that pip adds to a conda environment."""

import shlex
from pathlib import Path

from guest.pip_faults import run_pip
from guest.step import WORK, Step, note, read


def pip(step: Step) -> None:
    """Installs the packages, over what a try that was cut short may have left."""
    home = Path(step.data["home"])
    # A new environment begins without these two files.
    begun, done = home / ".bootseed-pip-begun", home / ".bootseed-pip"
    wanted = step.data["command"]
    if read(done) == wanted:
        return
    again = ["--ignore-installed"] if begun.exists() else []
    note(begun)
    run_pip(step, f"{home}/bin/python", shlex.split(wanted)[1:] + again)
    note(done, wanted)


WORK["pip"] = pip
