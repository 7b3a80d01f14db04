"""Somebody elsewhere, who is told how this machine is: also behind the verdict."""

import atexit
import http.client
import time
import urllib.request
from pathlib import Path

from guest.step import RUNTIME, STEPS, WORK, Step, read

PAUSES = (0, 2, 5, 15, 30, 60)


def report(step: Step) -> None:
    """Tells it once; whether anybody listens changes nothing here."""
    step.warning = post(step)


def post(step: Step) -> str:
    """Posts status.json, and says why it could not."""
    headers = {"Content-Type": "application/json"}
    if step.data["token"]:
        headers["Authorization"] = f"Bearer {read(Path(step.data['token'])).strip()}"
    body = read(RUNTIME / "status.json").encode()
    request = urllib.request.Request(step.data["url"], body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20):
            return ""
    except (OSError, http.client.HTTPException) as error:
        return f"not told: {error}"


def report_end() -> None:
    """Tells the verdict, several times if need be."""
    for step in STEPS:
        if step.kind == "report":
            for pause in PAUSES:
                time.sleep(pause)
                if not post(step):
                    return


WORK["report"] = report
atexit.register(report_end)
