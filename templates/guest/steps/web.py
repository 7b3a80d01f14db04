"""The web server: installed, configured, enabled, running, answering."""

import re
import urllib.request
from pathlib import Path

from guest.packages import install
from guest.step import CHECKS, STATE, WORK, Failure, Faults, Step, diagnose, remove


def web(step: Step) -> None:
    """Brings the web server up."""
    service = step.data["service"]
    faults: Faults = ((Failure, f"^.*({step.data['complaint']}).*"),)
    try:
        install(step, step.data["packages"], faults)
    except Failure:
        # dpkg starts the server, and does not always show why it could not.
        step.succeeds(*step.data["configure"][-1])
        if re.search(step.data["complaint"], step.output):
            raise diagnose(step.output, faults) from None
        raise
    finally:
        if not (STATE / "ready").exists():
            remove(Path(step.data["default_site"]))
    for command in step.data["configure"]:
        step.run(*command, faults=faults)
    step.run("systemctl", "unmask", service)
    step.run("systemctl", "enable", service)
    if not step.succeeds("systemctl", "restart", service):
        step.succeeds("journalctl", "--sync")
        journal = step.run("journalctl", "-u", service, "-n9", "-ocat")
        raise diagnose(journal, faults)
    answers(step)


def look_at_web(step: Step) -> None:
    """Brings the web server up again if it does not answer."""
    try:
        answers(step)
    except Failure:
        web(step)


def answers(step: Step) -> None:
    """Makes sure that the site which answers is this one."""
    url = step.data["url"]
    request = urllib.request.Request(url, headers=step.data["headers"])
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=20) as answer:
            text = answer.read()
    except OSError as error:
        raise Failure(f"{url}: {error}") from error
    if b'"steps"' not in text:
        raise Failure(f"{url} is answered by something else")


WORK["web"] = web
CHECKS["web"] = look_at_web
