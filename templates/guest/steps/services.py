"""systemd services of the owner."""

import time

from guest.step import WORK, Failure, Step


def services(step: Step) -> None:
    """Starts each, whatever becomes of the others; each must still run a moment later."""
    failed = ""
    for service in step.data["services"]:
        if not step.succeeds("systemctl", "enable", "--now", "--", service):
            failed = f"{service}: {step.output}"
    time.sleep(2)
    for service in step.data["services"]:
        if step.succeeds("systemctl", "--quiet", "is-failed", "--", service):
            failed = f"{service}: {step.run('journalctl', '-u', service, '-n6', '-ocat')}"
    if failed:
        raise Failure(failed)


WORK["services"] = services
