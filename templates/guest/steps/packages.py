"""Debian packages that the owner asks for."""

from guest.packages import install
from guest.step import STATE, WORK, Step, note, read


def packages(step: Step) -> None:
    """Installs the packages, once: the owner may remove one afterwards."""
    done, wanted = STATE / "packages.done", " ".join(step.data["packages"])
    if read(done) != wanted:
        install(step, step.data["packages"])
        note(done, wanted)


WORK["packages"] = packages
