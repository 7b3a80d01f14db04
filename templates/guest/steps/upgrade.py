"""The packages of the image, brought up to date."""

from guest.packages import upgrade_all
from guest.step import STATE, WORK, Step, note


def upgrade(step: Step) -> None:
    """Brings all packages up to date, once: later that is the owner's."""
    done = STATE / "upgrade.done"
    if not done.exists():
        upgrade_all(step)
        note(done)


WORK["upgrade"] = upgrade
