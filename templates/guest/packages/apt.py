"""Debian packages, by apt."""

from pathlib import Path
from typing import Sequence

from guest.step import Failure, Faults, Offline, Permanent, Step, diagnose

APT = ["apt-get", "-qy", "-oDPkg::Lock::Timeout=600", "-oDpkg::Use-Pty=0"]
# A configuration that is there stays.
INSTALL = [*APT, "-oDpkg::Options::=--force-confold", "-f", "install"]

# In the words of apt 2.2 to 3.3 and dpkg.
APT_FAULTS: Faults = (
    (Permanent, r"^.*(No space left on device|have enough free space).*"),
    (Failure, r"^dpkg: error.*(\n .*)*"),
    (Offline, r"^E: (Could not get lock|Unable to (acquire|lock)).*"),
    (Failure, r"^E: Failed to fetch.*  40[0134] .*"),
    # A mirror that is away, busy, changing, or behind a login page.
    (Offline, r"^[WE]: (Failed to fetch|GPG error|The repo|Release file|Some index).*"),
    (Permanent, r"^E: (Unable to locate|Package .* no installation|Version .* not found).*"),
    (Failure, r"^E: .*"),
)


def install(step: Step, packages: Sequence[str], faults: Faults = ()) -> None:
    """Installs packages, also where the power was cut while that was done.

    The faults are those of what is installed."""
    states = ["dpkg-query", "-Wf${db:Status-Status}\n", *packages]
    if step.succeeds(*states) and set(step.output.split()) == {"installed"}:
        return
    step.succeeds("dpkg", "--configure", "-a")
    for fresh in (step.told["tries"] % 3 == 0, True):
        if fresh:
            # apt does not replace a list that is damaged, and finds nothing in it.
            for file in Path("/var/lib/apt/lists").glob("*_*"):
                file.unlink()
        # Some source may be away, and have the package.
        step.succeeds(*APT, "update")
        missing = step.output
        reinstall_damaged(step)
        if step.succeeds(*INSTALL, *packages):
            return
        failure = diagnose(f"{missing}\n{step.output}", (*faults, *APT_FAULTS))
        if not isinstance(failure, Permanent):
            break
    raise failure


def reinstall_damaged(step: Step) -> None:
    """Installs again what dpkg was unpacking when the power was cut, and then refuses."""
    step.succeeds("dpkg-query", "-Wf${db:Status-Abbrev} ${Package}\n")
    damaged = [line[4:] for line in step.output.splitlines() if line[2:3] == "R"]
    if damaged:
        step.succeeds(*INSTALL, "--reinstall", *damaged)
