"""The order of the steps, the tries of each, and the verdict."""

import contextlib
import fcntl
import os
import re
import socket
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import List, Optional, Type

import yaml

from guest.status import say, tell
from guest.step import (
    LOG,
    RUNTIME,
    SCOPE,
    STATE,
    STEPS,
    WORK,
    Failure,
    Permanent,
    Step,
    add,
    note,
    read,
)

SEMAPHORES = Path("/var/lib/cloud/instance/sem")

# Lanes of a group run side by side; the next group begins when all of them have ended.
LANES = (["files"], ["system", "conda"], ["owner"])


def main() -> int:
    """Sets this machine up, and says in the end whether it is ready."""
    os.umask(0o022)
    os.environ.update(HOME="/root", LC_ALL="C.UTF-8", PIP_ROOT_USER_ACTION="ignore")
    os.environ.update(DEBIAN_FRONTEND="noninteractive", NEEDRESTART_MODE="a")
    for name in ("PYTHONPATH", "CONDARC"):
        os.environ.pop(name, None)
    for folder in (RUNTIME, STATE):
        folder.mkdir(parents=True, exist_ok=True)
    with (RUNTIME / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another copy.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(OSError):  # it is there, or the disk is full
            (STATE / "status.json").symlink_to(RUNTIME / "status.json")
        os.sync()  # this program, and what it is to do
        # From systemd 254 on it must be told to leave a `$` in a command alone.
        if b"--expand-environment" in subprocess.check_output(["systemd-run", "--help"]):
            SCOPE.append("--expand-environment=no")
        stop("bootseed.slice")  # of a copy that was killed
        machine = yaml.safe_load(read(Path("/etc/bootseed/machine.yaml")))
        STEPS.extend(Step(number, data) for number, data in enumerate(machine["steps"], 1))
        try:
            run_all(machine["family"])
            say("ready", f"READY {reachable_at(machine['address'])}")
            return 0
        except OSError as error:
            say("failed", f"FAILED at the end: {error}")
        except Failure as failure:
            say("failed", f"FAILED at {failure}")
    return 1


def stop(slice_name: str) -> None:
    """Ends everything that runs in a slice."""
    subprocess.call(["systemctl", "stop", slice_name])


def run_all(family: str) -> None:
    """Runs all steps, and fails as the first of them that fails."""
    release = read(Path("/etc/os-release"))
    if not re.search(f"^ID(_LIKE)?=.*{family}", release, re.MULTILINE):
        name = "".join(re.findall('PRETTY_NAME="(.*)"', release))
        raise Permanent(f"the start: this is {name}; choose an image of Ubuntu or Debian")
    for lanes in LANES:
        threads = [threading.Thread(target=run_lane, args=[lane]) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # The owner's scripts come next. If they reboot, cloud-init must not begin again.
    if SEMAPHORES.exists():
        note(SEMAPHORES / "bootseed")
    for step in STEPS:
        if step.told["state"] != "done":  # A lane may have broken off, too.
            raise Failure(f"{step.told['step']}: {step.told['reason'] or step.told['state']}")
    note(STATE / "ready")  # From now on the web server shows the owner's pages.


def run_lane(lane: str) -> None:
    """Runs the steps of one lane, each if those that it needs are done."""
    for step in STEPS:
        states = {other.told["step"]: other.told["state"] for other in STEPS}
        needed = [states[name] == "done" for name in step.data.get("needs", [])]
        too_late = lane == "owner" and "failed" in states.values()
        if step.data["lane"] == lane and all(needed) and not too_late:
            run_step(step)


def run_step(step: Step) -> None:
    """Tries a step until it succeeds, or until it has failed too often in the same way."""
    step.since = time.monotonic()
    failed: List[Type[Failure]] = []
    while True:
        tries = len(failed) + 1
        tell(step, state="running", tries=tries)
        failure = failure_of(step)
        if not failure:
            return tell(step, step.warning, state="done")
        stop(f"bootseed-{step.number}.slice")
        failed.append(type(failure))
        if failed.count(type(failure)) >= failure.tries:
            return tell(step, str(failure), state="failed")
        tell(step, str(failure), state="retrying")
        # A program, so that whoever is in a hurry can end the pause: pkill sleep
        subprocess.call(["sleep", str(2**tries if tries < 6 else 60)])


def failure_of(step: Step) -> Optional[Failure]:
    """Tries a step. However it fails, it is a Failure."""
    step.end = time.monotonic() + 60 * step.data["limit"]
    try:
        WORK[step.kind](step)
    except Failure as failure:
        return failure
    except Exception as error:
        add(LOG, traceback.format_exc())
        return (Permanent if getattr(error, "errno", 0) == 28 else Failure)(repr(error))
    return None


def reachable_at(url: str) -> str:
    """The address of this machine, in a URL if something is served there."""
    data = read(Path("/run/cloud-init/instance-data.json"))
    public = re.findall('"(?:public.ipv4|publicIpAddress)": "([^"]+)', data)
    own = subprocess.run(["hostname", "-I"], stdout=subprocess.PIPE, text=True).stdout.split()
    address = [*public, *own, socket.gethostname()][0]
    return url.replace("ADDRESS", f"[{address}]" if ":" in address and "/" in url else address)


if __name__ == "__main__":
    sys.exit(main())
