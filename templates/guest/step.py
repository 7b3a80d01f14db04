"""What a step is given to work with, and how it says what went wrong."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Tuple, Type

STATE = Path("/var/lib/bootseed")
RUNTIME = Path("/run/bootseed")  # in memory: the disk may be full
LOG = Path("/var/log/bootseed.log")


class Failure(Exception):
    """Another try may help: eight tries take three minutes."""

    tries = 8


class Permanent(Failure):
    """Another try would end the same."""

    tries = 1


class Offline(Failure):
    """The network, a server or a lock is away: 40 tries take more than half an hour."""

    tries = 40


# Kinds of failure, each with the words by which a tool tells of it. The reason is what the words
# match, or the group `why` in them.
Faults = Sequence[Tuple[Type[Failure], str]]


def diagnose(output: str, faults: Faults = ()) -> Failure:
    """The first of the faults that a command tells of, or else the last line of what it says."""
    for kind, words in faults:
        found = re.search(words, output, re.MULTILINE)
        if found:
            return kind(found.groupdict().get("why") or found.group())
    return Failure(output.strip().split("\n")[-1])


SCOPE = ["systemd-run", "-qG", "--scope"]


class Step:
    """A step: what machine.yaml says of it, how far it is, and what runs its commands."""

    def __init__(self, number: int, data: Dict[str, Any]) -> None:
        self.number, self.data = number, data
        self.kind = data["step"].split(":")[0]
        self.since = self.end = time.monotonic()
        self.output = self.warning = ""
        # What status.json has of it.
        self.told: Dict[str, Any] = {"step": data["step"], "state": "waiting", "tries": 0}
        self.told.update(seconds=0, reason="")

    def succeeds(self, *command: str, cwd: str = "/", **environment: str) -> bool:
        """Runs a command, and keeps what it says as the output."""
        limit = ["timeout", "-vk30", str(max(1, int(self.end - time.monotonic())))]
        # In a slice, so that after a failure nothing of it is left running.
        scope = [*SCOPE, f"--slice=bootseed-{self.number}"]
        # Into a file, because what the command leaves running may go on writing.
        with tempfile.TemporaryFile(dir=RUNTIME) as file:
            self.status = subprocess.call(
                [*limit, *scope, *command],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, **environment},
            )
            file.seek(max(0, file.tell() - 200000))
            self.output = file.read().decode("utf-8", "replace")
        add(LOG, f"$ {' '.join(command)}\n{self.output}")
        return self.status == 0

    def run(self, *command: str, faults: Faults = ()) -> str:
        """Runs a command that must succeed, and returns its output."""
        if not self.succeeds(*command):
            raise diagnose(f"{self.output}\n{command[0]}: {self.ending()}", faults)
        return self.output

    def ending(self) -> str:
        """How the last command ended, and its last words."""
        known = {124: "took too long", 137: "killed (out of memory?)"}
        return f"{known.get(self.status, f'exit status {self.status}')}: {diagnose(self.output)}"


STEPS: List[Step] = []

# What each kind of step does, and how it is looked at in the end.
WORK: Dict[str, Callable[[Step], None]] = {}
CHECKS: Dict[str, Callable[[Step], None]] = {}


def add(file: Path, text: str) -> None:
    """Writes to a console, or at the end of a file, where there is one and room on the disk."""
    try:
        with file.open("a", encoding="utf-8", errors="replace") as target:
            target.write(text)
    except OSError:
        pass


def read(path: Path) -> str:
    """The text of a file; an empty one if there is none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def remove(path: Path) -> None:
    """Removes a file, if it is there."""
    if os.path.lexists(path):
        path.unlink()


def note(path: Path, text: str = "") -> None:
    """Writes down that something is done, once it has reached the disk."""
    os.sync()
    path.write_text(text, encoding="utf-8")
    os.sync()
