"""The owner's web application: its code, its packages, its service."""

import http.client
import json
import os
import pwd
import re
import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import Dict, List

from guest.download import download
from guest.packages import install
from guest.pip_faults import run_pip
from guest.step import (
    STATE,
    WORK,
    Failure,
    Faults,
    Offline,
    Permanent,
    Step,
    diagnose,
    note,
    read,
    remove,
)

VARIABLES = STATE / "app.env"
HOME = "/var/lib/app"
SLOWEST = 120  # seconds from the start to the first answer
IMPORT = "300"  # seconds to import it
CRASHES = 5

# The last exception is what happened.
APP_FAULTS: Faults = (
    (Permanent, r"[\s\S]*^(?P<why>[\w.]*(Error|Exception|Configured|NotFound|Exit)\b.*)"),
)

# As Git 2.30 to 2.47 say it.
GIT_FAULTS: Faults = (
    (Permanent, r"^fatal: (repository|could not read Username|Authentication).*"),
    (Permanent, r"^(fatal|error): .*(remote ref|not our ref|unadvertised|would be).*"),
    (Failure, r"^fatal: .* error: 40[03].*"),
    (Offline, r"^fatal: .*"),
    (Failure, r"^error: .*"),
)

# Prints the worker that gunicorn needs for an application, which is imported for it.
CHOOSE = (
    "import inspect, sys, gunicorn.util\n"
    "app = gunicorn.util.import_app(sys.argv[1])\n"
    "asgi = map(inspect.iscoroutinefunction, (app, getattr(app, '__call__', None)))\n"
    "print('uvicorn_worker.UvicornWorker' if any(asgi) else 'gthread')\n"
)


def app(step: Step) -> None:
    """Brings the application here and starts it; what was here before stays if that fails."""
    # In the environment, which may be made anew.
    marker = Path(step.data["home"]) / ".bootseed-app"
    wanted = json.dumps(step.data, sort_keys=True)
    if read(marker) == wanted:
        step.run("systemctl", "start", "app")
        wait_until_it_answers(step)
    else:
        before = commit(step) if marker.exists() else ""
        try:
            deploy(step)
        except Failure:
            if before:
                git(step, "checkout", "-q", before)
                step.succeeds("systemctl", "restart", "app")
            raise
        note(marker, wanted)


def deploy(step: Step) -> None:
    """Code, packages, preparations, service."""
    user, folder, root = step.data["user"], Path(step.data["folder"]), Path(step.data["root"])
    undo_cut_preparations(step)
    install(step, step.data["system"])
    if not step.succeeds("id", user):
        step.run("useradd", "-rUM", "-d", HOME, "-s", "/usr/sbin/nologin", user)
    for place in (str(folder), HOME):
        step.run("install", "-d", "-o", user, "-g", user, place)
    if "git" in step.data["source"]:
        check_out(step)
    else:
        unpack(step, folder)
    if not root.is_dir():
        raise Permanent(f"there is no folder {root}")
    add_packages(step, root)
    variables = environment(step)
    before_start(step, variables)
    start(step, variables)


def unpack(step: Step, folder: Path) -> None:
    """Lays the files of an archive over those that are there."""
    source = step.data["source"]
    archive = Path(source["file"])
    if "url" in source:
        archive.touch()
        download(step, source["url"], archive, source["sha256"])
    with tempfile.TemporaryDirectory(dir=folder.parent) as new:
        shutil.unpack_archive(str(archive), new)
        inside = list(Path(new).iterdir())
        # An archive has one folder at its top, which has the name of a version.
        alone = "url" in source and len(inside) == 1 and inside[0].is_dir()
        step.run("cp", "-rT", str(inside[0] if alone else new), str(folder))
    owner = f"{step.data['user']}:{step.data['user']}"
    step.run("chown", "-R", owner, str(folder))


def git(step: Step, *words: str) -> bool:
    """Runs Git on the code, as its owner."""
    user = ["runuser", "-u", step.data["user"], "--"]
    command = ["git", "-C", step.data["folder"], *words]
    return step.succeeds(*user, *command, HOME=HOME, GIT_TERMINAL_PROMPT="0")


def commit(step: Step) -> str:
    """The commit that is checked out, if there is one."""
    return step.output.strip() if git(step, "rev-parse", "-q", "--verify", "HEAD") else ""


def check_out(step: Step) -> None:
    """Fetches one commit, without history, and no more of it than is needed."""
    source = step.data["source"]
    commands = [["init", "-q"]]
    fetch = ["fetch", "-q", "--depth", "1"]
    if source["path"]:
        commands += [["config", "remote.origin.promisor", "true"]]
        commands += [["config", "remote.origin.partialclonefilter", "blob:none"]]
        commands += [["sparse-checkout", "set", source["path"]]]
        fetch += ["--filter=blob:none"]
    commands += [["config", "remote.origin.url", source["git"]]]
    commands += [[*fetch, "origin", source["commit"]], ["checkout", "-q", "FETCH_HEAD"]]
    for command in commands:
        if not git(step, *command):
            raise git_failure(source["git"], step.output)


def git_failure(url: str, output: str) -> Failure:
    """What Git's output means."""
    if "could not read Username" in output:
        return Permanent(f"{url} asks for a login: is it private, or is its name wrong?")
    return diagnose(output, GIT_FAULTS)


def add_packages(step: Step, root: Path) -> None:
    """Has pip add what the application needs."""
    home = Path(step.data["home"])
    if step.data["venv"] and not (home / "bin/pip").exists():
        step.run("python3", "-m", "venv", "--clear", str(home))
    wanted = step.data["packages"] + requirements(step, root)
    if wanted:
        words = ["-m", "pip", "install", "--no-input", *wanted]
        run_pip(step, f"{home}/bin/python", words, cwd=str(root))
    # conda may have been given to an account.
    if home.owner() != "root":
        both = f"{home.owner()}:{pwd.getpwnam(home.owner()).pw_gid}"
        step.run("chown", "-hR", both, str(home))


def requirements(step: Step, root: Path) -> List[str]:
    """What the code says that it needs, in the words of pip."""
    named = step.data["requirements"]
    file = "requirements.txt" if named is None else named
    if named or (file and (root / file).exists()):
        return ["-r", file]
    if named is not None:
        return []
    project = read(root / "pyproject.toml")
    if (root / "setup.py").exists() or "[build-system]" in project:
        return ["-e", "."]
    return dependencies(project)


def dependencies(project: str) -> List[str]:
    """Those of a pyproject.toml that makes no package: pip would not take it as one."""
    rest = re.split(r"^\[project\].*$", project, maxsplit=1, flags=re.MULTILINE)[1:]
    table = re.split(r"^\[", rest[0], maxsplit=1, flags=re.MULTILINE)[0] if rest else ""
    text = r"\"[^\"]*\"|'[^']*'"
    listed = re.search(rf"^dependencies\s*=\s*\[((?:\s|,|#.*|{text})*)\]", table, re.MULTILINE)
    found = re.findall(rf"#.*|{text}", listed[1]) if listed else []
    return [one[1:-1] for one in found if one[0] != "#"]


def environment(step: Step) -> Dict[str, str]:
    """The variables of the application; systemd reads them from a file."""
    data = step.data
    variables = {
        "HOME": HOME,
        "LANG": "C.UTF-8",
        "PATH": f"{data['home']}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONUNBUFFERED": "1",
        **data["environment"],
        **random_values(data["secrets"]),
    }
    if data["module"]:
        variables.setdefault("FLASK_APP", data["module"])
        # With it an app.run() that is not below __main__ does nothing when gunicorn imports it.
        variables.setdefault("FLASK_RUN_FROM_CLI", "true")
    else:
        variables["PORT"] = str(data["own_port"])
    return variables


def write_variables(variables: Dict[str, str]) -> None:
    """In the form of systemd.exec(5), readable for root alone."""
    lines = []
    for name, value in variables.items():
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'{name}="{quoted}"\n')
    VARIABLES.touch(mode=0o600)
    VARIABLES.write_text("".join(lines), encoding="utf-8")


def random_values(names: List[str]) -> Dict[str, str]:
    """Secrets that were made on this machine; one made from its image makes others."""
    file, machine = STATE / "app.secrets", read(Path("/var/lib/cloud/data/instance-id")).strip()
    known = json.loads(read(file) or "{}")
    known = known if known.get("of") == machine else {"of": machine}
    for name in names:
        known.setdefault(name, secrets.token_urlsafe(48))
    file.touch(mode=0o600)
    note(file, json.dumps(known))
    return {name: known[name] for name in names}


def run_as_user(step: Step, variables: Dict[str, str], *command: str) -> bool:
    """Runs a command as the application would be run."""
    user = ["runuser", "-u", step.data["user"], "--"]
    return step.succeeds(*user, *command, cwd=step.data["root"], **variables)


def undo_cut_preparations(step: Step) -> None:
    """Removes what the owner's commands made when they were cut, such as half a database."""
    begun = STATE / "app.begun"
    if begun.exists() and not (STATE / "app.prepared").exists():
        before = json.loads(read(STATE / "app.listed"))
        remove_others(step, before["files"])
        note(STATE / "app.once", before["once"])
        remove(begun)


def before_start(step: Step, variables: Dict[str, str]) -> None:
    """Runs the owner's commands; it is written down what was there before the first run."""
    begun, done = STATE / "app.begun", STATE / "app.prepared"
    if not done.exists():
        before = {"files": everything(step), "once": read(STATE / "app.once")}
        note(STATE / "app.listed", json.dumps(before))
        note(begun)
    try:
        for line, once in step.data["before_start"]:
            prepare(step, variables, line, once)
    except Failure:
        # Not a cut: what is there now is for the owner to look at, and to mend.
        remove(begun)
        raise
    note(done)
    remove(begun)


def prepare(step: Step, variables: Dict[str, str], line: str, once: bool) -> None:
    """Runs one of the owner's commands, if it may run only once and has not succeeded yet."""
    succeeded = STATE / "app.once"
    if once and line in read(succeeded).split("\0"):
        return
    if not run_as_user(step, variables, "bash", "-eo", "pipefail", "-c", line):
        raise Permanent(f"{line}: {diagnose(step.output, APP_FAULTS)}")
    if once:
        note(succeeded, f"{read(succeeded)}\0{line}")


def everything(step: Step) -> List[str]:
    """All that the application has, what is within a folder before the folder."""
    found = []
    for place in (step.data["folder"], HOME):
        for folder, folders, files in os.walk(place, topdown=False):
            found += [f"{folder}/{name}" for name in files + folders]
    return found


def remove_others(step: Step, known: List[str]) -> None:
    """Half a database is of no use; before the first start it holds nothing of a visitor's."""
    for path in map(Path, set(everything(step)).difference(known)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            remove(path)


def start(step: Step, variables: Dict[str, str]) -> None:
    """Starts the service, once it is known that the application can be imported."""
    if step.data["module"]:
        python = f"{step.data['home']}/bin/python"
        choose = ["timeout", "-k", "10", IMPORT, python, "-c", CHOOSE, step.data["module"]]
        since = time.monotonic()
        if not run_as_user(step, variables, *choose):
            if time.monotonic() - since >= int(IMPORT):
                raise Permanent("its import does not end: does it start a server by itself?")
            raise Permanent(str(diagnose(step.output, APP_FAULTS)))
        worker = step.output.split()[-1]
        variables = {**variables, "GUNICORN_CMD_ARGS": f"--worker-class {worker}"}
    write_variables(variables)
    step.run("systemctl", "daemon-reload")
    step.run("systemctl", "enable", "app")
    step.succeeds("systemctl", "restart", "app")
    wait_until_it_answers(step)


def wait_until_it_answers(step: Step) -> None:
    """Makes sure that the application answers, through the web server."""
    since = time.monotonic()
    status = answer(step)
    while not 0 < status < 500 or not is_steady(step):
        crashes = step.run("systemctl", "show", "-pNRestarts", "--value", "app")
        waited = time.monotonic() - since
        # 503: the web server waits for it, too.
        if int(crashes) > CRASHES or waited > (20 if status == 500 else SLOWEST):
            said = complaints(step.run("journalctl", "-b", "-uapp", "-n100", "-ocat"))
            what = {0: "no answer", 503: "it does not start"}.get(status, f"status {status}")
            raise Permanent(f"{step.data['health']}: {what}: {diagnose(said, APP_FAULTS)}")
        time.sleep(1)
        status = answer(step)


def complaints(said: str) -> str:
    """What gunicorn says of its own going on is no reason."""
    lines = [line for line in said.splitlines(keepends=True) if " [INFO] " not in line]
    return "".join(lines) or "it says nothing of why"


def is_steady(step: Step) -> bool:
    """Is it the application that answers, and not somebody else on its port?"""
    if step.data["module"]:
        return True
    before = step.run("systemctl", "show", "-pMainPID", "--value", "app")
    time.sleep(3)
    return before == step.run("systemctl", "show", "-pMainPID", "--value", "app") != "0\n"


def answer(step: Step) -> int:
    """The status that a visitor gets; 0 if there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", step.data["port"], timeout=30)
    try:
        connection.request("GET", step.data["health"], headers=step.data["headers"])
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


WORK["app"] = app
