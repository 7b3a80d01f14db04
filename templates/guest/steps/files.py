"""Files of accounts that did not exist yet when cloud-init wrote files."""

import hashlib
from pathlib import Path

from guest.step import WORK, Step, note, read


def files(step: Step) -> None:
    """Gives each file to its owner, once: the owner may change it afterwards."""
    for file in step.data["files"]:
        source, target = Path(file["from"]), Path(file["to"])
        user, _, group = file["owner"].partition(":")
        what = f"{hashlib.sha256(source.read_bytes()).hexdigest()} {file}"
        placed = source.with_name(f"{source.name}.placed")
        if read(placed) == what:
            continue
        folder = ["mkdir", "-p", str(target.parent)]
        # Below a home, a folder belongs to the owner of that home.
        if not step.succeeds("runuser", "-u", user, "--", *folder):
            step.run(*folder)
        owner = ["-o", user, "-g", group or user, "-m", file["mode"]]
        step.run("install", "-T", *owner, str(source), str(target))
        note(placed, what)


WORK["files"] = files
