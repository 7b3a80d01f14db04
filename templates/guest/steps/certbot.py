"""certbot by pip: the distribution's own is too old for certificates of addresses."""

from pathlib import Path

from guest.packages import install
from guest.pip_faults import run_pip
from guest.step import WORK, Step


def certbot(step: Step) -> None:
    """Installs it in a virtual environment of its own."""
    install(step, step.data["system"])
    home = step.data["home"]
    if not Path(home, "bin/certbot").exists():
        step.run("python3", "-m", "venv", "--clear", home)
        run_pip(step, f"{home}/bin/python", ["-m", "pip", "install", step.data["package"]])


WORK["certbot"] = certbot
