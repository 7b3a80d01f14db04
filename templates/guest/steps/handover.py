"""conda, given to the account that is to install into it."""

import os
import pwd
from pathlib import Path

from guest.step import WORK, Permanent, Step


def handover(step: Step) -> None:
    """Gives all of the prefix to its owner, unless all of it is theirs.

    The files of an environment are links to those in `pkgs`, and to those of others: whoever owns
    one of them owns all."""
    prefix = Path(step.data["prefix"])
    try:
        owner = pwd.getpwnam(step.data["owner"])
    except KeyError:
        raise Permanent(f"no account {step.data['owner']}") from None
    # An environment that was made anew is root's.
    homes = [prefix, *(prefix / "envs" / name for name in step.data["environments"])]
    if all(home.lstat().st_uid == owner.pw_uid for home in homes):
        return
    give(prefix, 0, 0)  # Who is given it last shows that all the rest is given.
    for folder, folders, files in os.walk(prefix, topdown=False):
        for name in [*files, *folders]:
            give(Path(folder, name), owner.pw_uid, owner.pw_gid)
    for folder_above in prefix.parents:
        if Path(owner.pw_dir) in folder_above.parents:
            give(folder_above, owner.pw_uid, owner.pw_gid)
    give(prefix, owner.pw_uid, owner.pw_gid)


def give(path: Path, user: int, group: int) -> None:
    """Changes the owner of a file, or of a link itself."""
    os.chown(path, user, group, follow_symlinks=False)


WORK["handover"] = handover
