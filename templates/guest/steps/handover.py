"""conda, given to the account that is to install into it."""

import pwd
from pathlib import Path

from guest.step import STATE, WORK, Step, note, read, remove


def handover(step: Step) -> None:
    """Gives all of conda to its owner: its files are links to one another across environments."""
    done, owner = STATE / "handover.done", step.data["owner"]
    # What was made anew is root's.
    new = [path for path in step.data["made"] if Path(path).owner() != owner]
    if new or read(done) != owner:
        remove(done)
        # Without a group, the chown of uutils leaves that as it is.
        both = f"{owner}:{pwd.getpwnam(owner).pw_gid}"
        step.run("chown", "-h", both, *step.data["above"], step.data["prefix"])
        step.run("chown", "-hR", both, step.data["prefix"])
        note(done, owner)


WORK["handover"] = handover
