"""The web server: installed, configured, enabled, running, answering."""

import urllib.request
from pathlib import Path

from guest.packages import install
from guest.step import CHECKS, STATE, WORK, Failure, Faults, Step, diagnose, remove

WEB_FAULTS: Faults = ((Failure, r"^.*(\[emerg\]|AH\d{5}:|Syntax error).*"),)


def web(step: Step) -> None:
    """Brings the web server up."""
    service = step.data["service"]
    install(step, step.data["packages"])
    if not (STATE / "ready").exists():
        remove(Path(step.data["default_site"]))
    for command in step.data["configure"]:
        step.run(*command, faults=WEB_FAULTS)
    step.run("systemctl", "unmask", service)
    step.run("systemctl", "enable", service)
    if not step.succeeds("systemctl", "restart", service):
        journal = step.run("journalctl", "-u", service, "-n9", "-ocat")
        raise diagnose(journal, WEB_FAULTS)
    answers(step)


def look_at_web(step: Step) -> None:
    """Brings the web server up again if it does not answer."""
    try:
        answers(step)
    except OSError:
        web(step)


def answers(step: Step) -> None:
    """Makes sure that the site which answers is this one."""
    request = urllib.request.Request(step.data["url"], headers=step.data["headers"])
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=20) as answer:
        if b'"steps"' not in answer.read():
            raise OSError(f"{step.data['url']} is answered by something else")


WORK["web"] = web
CHECKS["web"] = look_at_web
