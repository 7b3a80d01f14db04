"""How far the steps are: on the console, and in status.json for the status page."""

import json
import threading
import time
from pathlib import Path
from typing import Any

from guest.step import LOG, RUNTIME, STEPS, Step, add

LOCK = threading.RLock()
CONSOLES = (LOG, Path("/dev/console"), Path("/dev/tty"))
START = time.monotonic()


def tell(step: Step, reason: str = "", **news: Any) -> None:
    """Tells something new of a step."""
    visible = "".join(letter if letter.isprintable() else " " for letter in reason)
    reason, seconds = " ".join(visible.split())[:400], int(time.monotonic() - step.since)
    with LOCK:
        step.told.update(news, reason=reason, seconds=seconds)
        how = "{step}: {state}, try {tries}, {seconds} s {reason}".format(**step.told)
        say("running", f"STEP {step.number}/{len(STEPS)} {how}")


def progress(step: Step, done: int, total: int) -> None:
    """A download goes on."""
    if time.monotonic() - step.since > step.told["seconds"] + 10:
        tell(step, f"{done // 10**6} of {total // 10**6} MB", done=done, total=total)


def say(state: str, message: str) -> None:
    """Says something of the machine."""
    told = [step.told for step in STEPS]
    seconds = int(time.monotonic() - START)
    status = {"version": 1, "state": state, "message": message, "seconds": seconds, "steps": told}
    with LOCK:
        for console in CONSOLES:
            add(console, f"bootseed: {message}\n")
        new = RUNTIME / "new"
        new.write_text(json.dumps(status), encoding="utf-8")
        new.replace(RUNTIME / "status.json")
