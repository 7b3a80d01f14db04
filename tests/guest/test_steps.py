"""The steps and the engine, without a machine."""

import contextlib
import hashlib
import http.server
import json
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any, ClassVar, Dict, List
from unittest import mock

import jsonschema
from guest import download, engine, status, step
from guest.step import STEPS, Failure, Offline, Permanent, Step
from guest.steps import app, conda, env, handover

SCHEMA = Path(__file__).parents[2] / "src/status.schema.json"
CONTENT = b"an installer\n" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT, with the fault that the path names."""

    asked: ClassVar[List[str]] = []

    def do_GET(self) -> None:
        """Answers as the path says."""
        Server.asked.append(self.headers.get("Range", ""))
        kind = self.path.strip("/")
        if kind.isdigit():
            self.send_error(int(kind))
            return
        have = int(self.headers.get("Range", "bytes=0-")[6:-1]) if kind != "whole" else 0
        body = b"<HTML>Login</HTML>" if kind == "login" else CONTENT
        if have >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if have else 200)
        self.send_header("Content-Length", str(len(body) - have))
        self.end_headers()
        body = body[have:]
        self.wfile.write(
            body[:100] if kind == "cut" else b"x" * len(body) if kind == "wrong" else body
        )

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class WithFolder(unittest.TestCase):
    """A folder in place of the machine's."""

    def setUp(self) -> None:
        """Makes it."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.this = Step(1, {"step": "conda", "limit": 1})
        self.this.end += 60
        for module, name in ((step, "RUNTIME"), (status, "RUNTIME"), (engine, "RUNTIME")):
            self.patch(mock.patch.object(module, name, self.folder))
        self.patch(mock.patch.object(step, "LOG", self.folder / "log"))
        self.patch(mock.patch.object(engine, "LOG", self.folder / "log"))
        self.patch(mock.patch.object(step, "STATE", self.folder))
        self.patch(mock.patch.object(engine, "STATE", self.folder))
        self.patch(mock.patch.object(status, "CONSOLES", (self.folder / "console",)))
        self.addCleanup(STEPS.clear)

    def patch(self, patcher: Any) -> None:
        """Replaces something for one test."""
        patcher.start()
        self.addCleanup(patcher.stop)

    def console(self) -> str:
        """What was said."""
        return step.read(self.folder / "console")


class Downloads(WithFolder):
    """Every way in which a download can go."""

    def setUp(self) -> None:
        """Starts a server."""
        super().setUp()
        server = http.server.HTTPServer(("127.0.0.1", 0), Server)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{server.server_port}"
        self.file = self.folder / "installer.sh"
        self.file.touch()
        sums = mock.patch.object(Step, "run", lambda _, __, file: self.sha256sum(Path(file)))
        self.patch(sums)
        download.WRONG.clear()
        Server.asked.clear()

    @staticmethod
    def sha256sum(file: Path) -> str:
        """What the program of that name prints."""
        return f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file}\n"

    def get(self, kind: str) -> None:
        """Downloads."""
        download.download(self.this, f"{self.base}/{kind}", self.file, SHA256)

    def test_a_download_is_resumed(self) -> None:
        """What is there is not asked for again."""
        with self.assertRaises(Offline) as cut:
            self.get("cut")
        self.assertIn("cut off after 100 of 13000 bytes", str(cut.exception))
        self.get("good")
        self.assertEqual(Server.asked, ["", "bytes=100-"])
        self.get("good")
        self.assertEqual(self.file.read_bytes(), CONTENT)

    def test_a_server_that_cannot_resume_sends_all(self) -> None:
        """Then the beginning is written again."""
        self.file.write_bytes(CONTENT[:50])
        self.get("whole")
        self.assertEqual(self.file.read_bytes(), CONTENT)

    def test_the_status_decides(self) -> None:
        """Which failures pass by themselves."""
        for code, kind in [(503, Offline), (429, Offline), (408, Offline), (404, Failure)]:
            with self.subTest(code), self.assertRaises(kind) as caught:
                self.get(str(code))
            self.assertIs(type(caught.exception), kind)

    def test_nobody_answers(self) -> None:
        """A name that does not resolve, a port that is closed."""
        for url in ("http://127.0.0.1:9/", "http://host.invalid/"):
            with self.subTest(url), self.assertRaises(Offline):
                download.download(self.this, url, self.file, SHA256)

    def test_a_wrong_file_is_removed(self) -> None:
        """Twice the same is for good; a login page is not."""
        for kind in (Failure, Permanent):
            self.file.touch()
            with self.assertRaises(kind) as caught:
                self.get("wrong")
            self.assertIs(type(caught.exception), kind)
            self.assertFalse(self.file.exists())
        self.file.touch()
        with self.assertRaises(Offline) as caught_page:
            self.get("login")
        self.assertIn("does this network want a login?", str(caught_page.exception))

    def test_progress_is_told(self) -> None:
        """As it comes in, but not at every byte."""
        STEPS.append(self.this)
        self.this.since -= 60
        self.get("good")
        self.assertEqual(self.this.told["total"], len(CONTENT))
        self.assertIn(self.this.told["done"], range(1, len(CONTENT) + 1))
        self.assertEqual(self.console().count("STEP 1/1 conda: waiting"), 1)

    def test_a_download_ends_with_its_time(self) -> None:
        """However much has come."""
        self.this.end = 0
        with self.assertRaises(Failure) as caught:
            self.get("good")
        self.assertIn("took too long", str(caught.exception))


class Handover(WithFolder):
    """conda and its owner."""

    def given(self, owners: Dict[str, str]) -> List[str]:
        """What is given when these folders are these accounts'."""
        self.this.data.update(prefix="/srv/conda", above=[], made=list(owners), owner="kim")
        runs: List[str] = []
        with mock.patch.object(Path, "owner", lambda path: owners[str(path)]):
            run = mock.patch.object(Step, "run", lambda _, *words: runs.append(" ".join(words)))
            group = mock.patch("pwd.getpwnam", return_value=mock.Mock(pw_gid=1000))
            with run, group, mock.patch.object(handover, "STATE", self.folder):
                handover.handover(self.this)
        return runs

    def test_all_of_it_is_given_once(self) -> None:
        """And again when something was made anew."""
        change = ["chown -h kim:1000 /srv/conda", "chown -hR kim:1000 /srv/conda"]
        self.assertEqual(self.given({"/srv/conda": "root", "/srv/conda/envs/a": "root"}), change)
        self.assertEqual(self.given({"/srv/conda": "kim", "/srv/conda/envs/a": "kim"}), [])
        self.assertEqual(self.given({"/srv/conda": "kim", "/srv/conda/envs/a": "root"}), change)


class Engine(WithFolder):
    """Tries, pauses, lanes and verdicts."""

    def run_step(self, failures: List[Failure]) -> "tuple[Dict[str, Any], List[str]]":
        """Runs a step that fails in these ways and then succeeds."""
        pauses: List[str] = []
        left = list(failures)

        def work(_: Step) -> None:
            if left:
                raise left.pop(0)

        def call(command: List[str], **_: Any) -> int:
            if command[0] == "sleep":
                pauses.append(command[1])
            return 0

        one = Step(1, {"step": "x", "limit": 1})
        with mock.patch.dict(step.WORK, {"x": work}), mock.patch("subprocess.call", call):
            engine.run_step(one)
        return one.told, pauses

    def test_how_often_a_step_is_tried(self) -> None:
        """Once, eight times in three minutes, 40 times in more than half an hour."""
        for kind, tries, seconds in [(Permanent, 1, 0), (Failure, 8, 182), (Offline, 40, 2102)]:
            told, pauses = self.run_step([kind("why")] * 50)
            with self.subTest(kind):
                self.assertEqual((told["state"], told["tries"]), ("failed", tries))
                self.assertEqual(sum(map(int, pauses)), seconds)
                self.assertEqual(told["reason"], "why")

    def test_each_kind_of_failure_has_its_own_tries(self) -> None:
        """After an hour without a network, a lock has its eight tries."""
        told, _ = self.run_step([Offline("o")] * 39 + [Failure("f")] * 7)
        self.assertEqual(told["state"], "done")
        told, _ = self.run_step([Failure("f"), Failure("f"), Permanent("p")])
        self.assertEqual((told["state"], told["tries"]), ("failed", 3))

    def test_what_an_exception_means(self) -> None:
        """A full disk is for good; anything else may pass."""
        for error, kind in [(OSError(28, "No space left"), Permanent), (KeyError("x"), Failure)]:
            with mock.patch.dict(step.WORK, {"conda": mock.Mock(side_effect=error)}):
                self.assertIs(type(engine.failure_of(self.this)), kind)

    def test_the_owners_lane_waits_for_success(self) -> None:
        """And a step waits for what it needs."""
        for failing, done in [
            ("", ["web", "conda", "env:a", "run:1"]),
            ("conda", ["web"]),
            ("env", ["web", "conda"]),
            ("web", ["conda", "env:a"]),
        ]:
            with self.subTest(failing):
                self.assertEqual(self.done_when(failing), done)

    def done_when(self, failing: str) -> List[str]:
        """The steps that are done when those of one kind fail; the machine fails with them."""

        def work(this: Step) -> None:
            if this.kind == failing:
                raise Permanent("no")

        lanes = {"web": "system", "conda": "conda", "env:a": "conda", "run:1": "owner"}
        needs = {"env:a": {"needs": ["conda"]}}
        STEPS[:] = [
            Step(number, {"step": name, "lane": lane, "limit": 1, **needs.get(name, {})})
            for number, (name, lane) in enumerate(lanes.items(), 1)
        ]
        works = {kind: work for kind in ("web", "conda", "env", "run")}
        with mock.patch.dict(step.WORK, works), mock.patch("subprocess.call"):
            said = self.run_all("ID=debian\n")
        expected = next((f"{name}: no" for name in lanes if failing and failing in name), "")
        self.assertEqual(said, expected)
        return [one.told["step"] for one in STEPS if one.told["state"] == "done"]

    def test_a_lane_that_breaks_off_is_no_success(self) -> None:
        """A machine is ready when every step says so, not when none has failed."""
        STEPS[:] = [Step(1, {"step": "web", "lane": "system", "limit": 1})]
        with mock.patch.object(engine, "run_lane"):
            self.assertEqual(self.run_all("ID=debian\n"), "web: waiting")

    def run_all(self, release: str) -> str:
        """Runs all steps on this system; why it failed, or nothing."""
        with mock.patch.object(engine, "note"), mock.patch.object(
            engine, "read", return_value=release
        ):
            try:
                engine.run_all("debian")
            except Failure as failure:
                return str(failure)
        return ""

    def test_the_address(self) -> None:
        """The public one of each cloud, in brackets where it must be."""
        for data, url, expected in [
            ('{"public-ipv4": "192.0.2.1"}', "http://ADDRESS:8080/", "http://192.0.2.1:8080/"),
            ('{"public_ipv4": "192.0.2.2"}', "ADDRESS", "192.0.2.2"),
            ('{"publicIpAddress": "192.0.2.3"}', "ADDRESS", "192.0.2.3"),
            ('{"public-ipv4": "2001:db8::1"}', "http://ADDRESS/", "http://[2001:db8::1]/"),
        ]:
            with mock.patch.object(engine, "read", return_value=data):
                self.assertEqual(engine.reachable_at(url), expected)

    def test_other_systems_are_refused(self) -> None:
        """By name."""
        amazon = 'NAME="Amazon Linux"\nID="amzn"\nID_LIKE="fedora"\nPRETTY_NAME="Amazon Linux 2"\n'
        self.assertIn("Amazon Linux 2", self.run_all(amazon))
        for fine in ("ID=debian\n", "NAME=x\nID=ubuntu\nID_LIKE=debian\n", 'ID_LIKE="a debian"\n'):
            self.assertEqual(self.run_all(fine), "")


class Told(WithFolder):
    """status.json and the console."""

    def test_the_status_file(self) -> None:
        """It is whole JSON, with the bytes of a download."""
        STEPS[:] = [self.this, Step(2, {"step": "verify", "limit": 1})]
        status.tell(self.this, "a\x1b[31m b\n  c", state="running", tries=1)
        self.this.since -= 100
        self.this.told["seconds"] = 0
        status.progress(self.this, 5 * 10**6, 10**7)
        written = json.loads(step.read(self.folder / "status.json"))
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        jsonschema.Draft7Validator(schema).validate(written)
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.Draft7Validator(schema).validate({**written, "state": "done"})
        first, second = written["steps"]
        self.assertEqual(first["reason"], "5 of 10 MB")
        self.assertEqual((first["done"], first["total"]), (5 * 10**6, 10**7))
        self.assertEqual((second["step"], second["state"]), ("verify", "waiting"))
        self.assertRegex(
            self.console(), r"bootseed: STEP 1/2 conda: running, try 1, \d+ s a \[31m b c\n"
        )

    def test_a_disk_that_is_full_does_not_stop_the_log(self) -> None:
        """Nothing is raised."""
        step.add(Path("/nonexistent/log"), "x")


class Environments(WithFolder):
    """What is checked of an environment, and what is cleared away."""

    def test_every_file_must_be_there(self) -> None:
        """The word of conda is not enough."""
        home, prefix = self.folder / "envs/a", self.folder
        data = {
            "step": "env:a",
            "prefix": str(prefix),
            "home": str(home),
            "command": "conda create",
        }
        this = Step(1, data)

        def create(*_: Any, **__: Any) -> bool:
            (home / "conda-meta").mkdir(parents=True, exist_ok=True)
            record = json.dumps({"files": ["lib/a.py", "lib/a.pyc"]})
            (home / "conda-meta/a.json").write_text(record)
            return True

        with mock.patch.object(Step, "succeeds", create), self.assertRaises(Failure) as caught:
            env.create(this, home)
        self.assertIn("lib/a.py is missing", str(caught.exception))

    def test_more_is_cleared_away_the_more_often_it_failed(self) -> None:
        """Folders first, then archives; a partial download stays."""
        packages = self.folder / "pkgs"
        (packages / "half").mkdir(parents=True)
        for name in ("a.conda", "b.tar.bz2", "c.conda.partial"):
            (packages / name).touch()
        left = []
        with mock.patch.object(Path, "home", return_value=self.folder):
            for attempt in (1, 2, 4):
                env.clean(packages, attempt)
                left.append(len(list(packages.iterdir())))
        self.assertEqual(left, [4, 3, 1])

    def test_a_folder_of_somebody_else_is_not_touched(self) -> None:
        """Nor is a disk that is too small filled."""
        prefix = self.folder / "conda"
        prefix.mkdir()
        (prefix / "mine").touch()
        this = Step(1, {"step": "conda", "limit": 1, "disk_mb": 1})
        self.patch(mock.patch.object(Step, "run"))
        with self.assertRaises(Permanent) as caught:
            conda.make_room(this, prefix, self.folder / "conda.sh", prefix / ".bootseed")
        self.assertIn("is not empty", str(caught.exception))
        this.data["disk_mb"] = 10**9
        with self.assertRaises(Permanent) as caught:
            conda.make_room(this, self.folder / "b", self.folder / "b.sh", prefix / ".bootseed")
        self.assertIn("MB needed", str(caught.exception))


class Projects(unittest.TestCase):
    """What a pyproject.toml says that an application needs."""

    def test_dependencies(self) -> None:
        """In any layout; of [project] alone."""
        for text, expected in (
            ('[project]\nname = "a"\ndependencies = ["flask>=3", \'b\']\n', ["flask>=3", "b"]),
            (
                "[project]\ndependencies = [\n"
                '    "uvicorn[standard]>=0.3",  # "x"\n    # "y",\n    "d @ git+https://e.org/d#egg=d",\n]\n'
                '[dependency-groups]\ndev = ["pytest"]\n',
                ["uvicorn[standard]>=0.3", "d @ git+https://e.org/d#egg=d"],
            ),
            ("[project]\ndependencies = []\n", []),
            (
                "[project] # a\ndependencies = [\"tomli ; python_version < '3.11'\"]  # web\n"
                'classifiers = [\n  "Python",\n]\n',
                ["tomli ; python_version < '3.11'"],
            ),
            ('[tool.black]\ndependencies = ["x"]\n', []),
            ("", []),
        ):
            self.assertEqual(app.dependencies(text), expected, text)

    def test_what_gunicorn_says_of_itself_is_no_reason(self) -> None:
        """Only what is left."""
        said = "[2026-01-01 00:00:00 +0000] [7] [INFO] Booting worker with pid: 7\n"
        self.assertEqual(app.complaints(f"{said}ValueError: x\n"), "ValueError: x\n")
        self.assertEqual(app.complaints(said), "it says nothing of why")


class Preparations(WithFolder):
    """The owner's commands before the first start of an application."""

    def setUp(self) -> None:
        """Makes the folders of an application."""
        super().setUp()
        for name in ("state", "home", "code"):
            (self.folder / name).mkdir()
        self.code = self.folder / "code"
        (self.code / "app.py").touch()
        self.this.data["folder"] = str(self.code)
        self.this.data["before_start"] = [["upgrade", False], ["seed", True], ["check", False]]
        for name, folder in (("STATE", "state"), ("HOME", "home")):
            place: Any = self.folder / folder
            place = place if name == "STATE" else str(place)
            patch = mock.patch.object(app, name, place)
            patch.start()
            self.addCleanup(patch.stop)

    def prepare(self, cut_at: str = "", arrives: str = "app.py", failing: str = "") -> List[str]:
        """Lays a file down and runs them until the power is cut; what was run."""
        ran: List[str] = []

        def run(_: Step, __: Dict[str, str], *command: str) -> bool:
            line = command[-1]
            self.this.output = ""
            if line == "upgrade" and (self.code / "data/half.db").exists():
                return False
            (self.code / "data").mkdir(exist_ok=True)
            (self.code / "data/half.db").touch()
            (self.folder / "home/.cache").touch()
            ran.append(line)
            if line == cut_at:
                raise KeyboardInterrupt
            return line != failing

        patch = mock.patch.object(app, "run_as_user", run)
        app.undo_cut_preparations(self.this)
        (self.code / arrives).touch()
        with patch, contextlib.suppress(KeyboardInterrupt):
            app.before_start(self.this, {})
        return ran

    def test_a_cut_leaves_nothing_of_the_first_run(self) -> None:
        """Whatever it is that is cut."""
        for cut in ("upgrade", "seed", "check"):
            self.prepare(cut)
        self.assertEqual(self.prepare(), ["upgrade", "seed", "check"])
        self.assertTrue((self.code / "app.py").exists())

    def test_what_succeeded_once_is_not_run_again(self) -> None:
        """After a command behind it failed, and was cut then; its results are still there."""
        self.this.data["before_start"] = [["seed", True], ["check", False]]
        with self.assertRaises(Permanent):
            self.prepare(failing="check")
        self.assertEqual(self.prepare("check"), ["check"])
        self.assertEqual(self.prepare(), ["check"])
        self.assertTrue((self.code / "data/half.db").exists())

    def test_files_of_a_newer_commit_stay(self) -> None:
        """After a cut machine.yaml may name another commit, whose files the first has not."""
        self.prepare("upgrade")
        self.prepare("seed", arrives="new.py")
        self.assertEqual(self.prepare(), ["upgrade", "seed", "check"])
        self.assertTrue((self.code / "new.py").exists())

    def test_what_the_owner_mended_stays(self) -> None:
        """After a command that failed."""
        (self.code / "data").mkdir()
        (self.code / "data/half.db").touch()
        with self.assertRaises(Permanent):
            self.prepare()
        (self.code / "data/half.db").rename(self.code / "data/mended.db")
        self.prepare()
        self.assertTrue((self.code / "data/mended.db").exists())

    def test_what_visitors_made_stays(self) -> None:
        """Once all have succeeded nothing is removed any more, and `once` is not run again."""
        self.prepare()
        (self.code / "data/half.db").rename(self.code / "data/whole.db")
        self.assertEqual(self.prepare("check"), ["upgrade", "check"])
        (self.code / "data/half.db").unlink()
        self.assertEqual(self.prepare(), ["upgrade", "check"])
        self.assertTrue((self.code / "data/whole.db").exists())


if __name__ == "__main__":
    unittest.main()
