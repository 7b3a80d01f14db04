"""HTTPS: what asks for the certificate, beside the other steps."""

from pathlib import Path

from guest.packages import install
from guest.step import WORK, Step


def https(step: Step) -> None:
    """Has bootseed-https started, now and by a timer; nothing waits for the certificate."""
    install(step, step.data["packages"])
    Path("/var/lib/bootseed/acme").mkdir(exist_ok=True)
    step.run("systemctl", "daemon-reload")
    step.run("systemctl", "enable", "--now", "bootseed-https.timer")
    step.run("systemctl", "start", "--no-block", "bootseed-https.service")


WORK["https"] = https
