"""conda: a checked installer, run once."""

import os
import platform
import shutil
from pathlib import Path

from guest.conda_faults import conda_failure
from guest.download import download
from guest.step import WORK, Failure, Permanent, Step, note, read, remove

MB = 1024 * 1024


def conda(step: Step) -> None:
    """Installs conda. Its file .bootseed is written last, when all is good."""
    prefix = Path(step.data["prefix"])
    marker, installer = prefix / ".bootseed", Path(f"{prefix}.sh")
    source = step.data["installer"].get(platform.machine())
    if not source:
        raise Permanent(f"no installer for this CPU, {platform.machine()}")
    if read(marker) != source["sha256"]:
        make_room(step, prefix, installer, marker)
        download(step, source["url"], installer, source["sha256"])
        if not step.succeeds("bash", str(installer), "-b", "-p", str(prefix)):
            raise conda_failure(step.output)
        # The installer ends well also when it does not finish.
        if (prefix / "install_tmp").exists() or "mismatch" in step.output:
            raise Failure("installer did not finish")
        (prefix / ".condarc").write_text(step.data["condarc"], encoding="utf-8")
        if not step.succeeds(f"{prefix}/bin/conda", "list"):
            raise conda_failure(step.output)
        step.run("ln", "-sf", f"{prefix}/etc/profile.d/conda.sh", "/etc/profile.d/")
        note(marker, source["sha256"])
    remove(installer)


def make_room(step: Step, prefix: Path, installer: Path, marker: Path) -> None:
    """Removes what an earlier try left, and looks whether the disk and the memory are enough."""
    begun = installer.exists() or marker.exists()
    if prefix.exists() and os.listdir(prefix) and not begun:
        raise Permanent(f"disk: {prefix} is not empty")
    installer.parent.mkdir(parents=True, exist_ok=True)
    installer.touch()
    step.run("rm", "-rf", str(prefix))
    free, needed = shutil.disk_usage(installer.parent).free // MB, step.data["disk_mb"]
    if free < needed and not installer.stat().st_size:
        raise Permanent(f"disk: {needed} MB needed, {free} MB free")
    sizes = dict(line.split(":") for line in read(Path("/proc/meminfo")).splitlines())
    memory = sum(int(sizes[name].split()[0]) // 1024 for name in ("MemTotal", "SwapTotal"))
    if memory < 1500:
        step.warning = f"WARNING: only {memory} MB of memory and swap"


WORK["conda"] = conda
