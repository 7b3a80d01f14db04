"""The last look, at everything; on a later boot as well."""

import json
from pathlib import Path

from guest.step import CHECKS, STEPS, WORK, Permanent, Step, read, remove


def verify(step: Step) -> None:
    """Makes sure that cloud-init and every step did their part."""
    if step.data["cloud_init"]:
        look_at_cloud_init()
    for other in STEPS:
        if other.kind in CHECKS:
            other.end = step.end
            CHECKS[other.kind](other)


def look_at_cloud_init() -> None:
    """Fails with the first error of cloud-init, which tries again on the next boot.

    <https://docs.cloud-init.io/en/latest/explanation/failure_states.html>"""
    status = json.loads(read(Path("/run/cloud-init/status.json")) or "{}")
    stages = [stage for stage in status.get("v1", {}).values() if isinstance(stage, dict)]
    errors = [error for stage in stages for error in stage.get("errors", [])]
    if not errors:
        return
    for semaphore in Path("/var/lib/cloud/instance/sem").glob("config_*"):
        if semaphore.name != "config_scripts_user":  # The owner's own scripts ran.
            remove(semaphore)
    raise Permanent(f"cloud-init: {errors[0]}")


WORK["verify"] = verify
