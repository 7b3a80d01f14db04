"""What real conda, pip and apt said when something went wrong, and what is made of it."""

import unittest
from pathlib import Path
from typing import List, NamedTuple, Type
from unittest import mock

from guest import conda_faults, pip_faults
from guest.packages.apt import APT_FAULTS
from guest.step import Failure, Offline, Permanent, diagnose
from guest.steps import app

WORDS = Path(__file__).parent / "words"


class Case(NamedTuple):
    """A recorded output, or a line, the kind of failure it means, and what a person must read."""

    output: str
    kind: Type[Failure]
    reason: str


# conda 26.7.1 with the classic solver, recorded under fault injection.
CONDA = [
    Case("502-repodata", Offline, "HTTP 502 Bad Gateway"),
    Case("503-always-pkg", Offline, "HTTP 503 Service Unavailable"),
    Case("504-pkg", Offline, "HTTP 504"),
    Case("429-pkg", Offline, "HTTP 429 Too Many Requests"),
    Case("408-pkg", Offline, "HTTP 408"),
    Case("dns", Offline, "HTTP 000 CONNECTION FAILED"),
    Case("refused", Offline, "HTTP 000 CONNECTION FAILED"),
    Case("reset-pkg", Offline, "HTTP 000 CONNECTION FAILED"),
    Case("drop-pkg", Offline, "HTTP 000 CONNECTION FAILED"),
    Case("sslclock", Offline, "CONNECTION FAILED"),
    Case("cut-pkg", Offline, "IncompleteRead"),
    Case("cut-repodata-zst", Offline, "ProtocolError: ('Connection broken"),
    Case("html-repodata-json", Offline, "JSONDecodeError"),
    Case("corrupt-repodata-zst", Offline, "JSONDecodeError"),
    Case("half-repodata-zst", Offline, "EOFError"),
    Case("empty-all", Offline, "EOFError"),
    Case("403-channel", Failure, "HTTP 403 Forbidden"),
    Case("404-pkg", Failure, "HTTP 404 Not Found"),
    Case("html-pkg", Failure, "ChecksumMismatchError"),
    Case("half-info", Failure, "CondaVerificationError"),
    Case("trunc-file2", Failure, "SafetyError"),
    Case("flip-archive-again", Failure, "ZstdError"),
    Case("garbage-cache", Failure, "UnicodeDecodeError"),
    Case("garbage-environments-txt", Failure, "UnicodeDecodeError"),
    Case("LockError: Failed to acquire lock.", Failure, "LockError: Failed to acquire lock"),
    Case("CondaSignalInterrupt: Signal interrupt SIGTERM", Failure, "CondaSignalInterrupt"),
    Case("broken-condarc", Failure, "ruamel.yaml.parser.ParserError"),
    Case("401-channel", Permanent, "HTTP 401 Unauthorized"),
    Case("404-channel", Permanent, "UnavailableInvalidChannel"),
    Case("nochannel", Permanent, "nosuchchannel"),
    Case("nopython", Permanent, "PackagesNotFound"),
    Case("nover", Permanent, "PackagesNotFound"),
    Case("badspec", Permanent, "InvalidMatchSpec"),
    Case("libmamba-missing", Permanent, "CondaValueError"),
    Case("unsat", Permanent, "UnsatisfiableError"),
    Case("enospc-env", Permanent, "No space left on device"),
    Case("enospc-repodata", Permanent, "errno: 28"),
    Case("enospc-extract-again", Permanent, "errno: 28"),
]

# pip 26.3. What it says alike of a missing package and of an index that is away is asked for.
PIP = [
    Case("pip-reset", Offline, "Could not find a version"),
    Case("pip-index-hang", Offline, "Could not find a version"),
    Case("pip-nocompiler", Offline, "Failed to connect to pypi.example.org"),
    Case("pip-stall", Offline, "not enough bytes were received"),
    Case("pip-whl-503", Offline, "503 error responses"),
    Case("pip-whl-404", Failure, "HTTP error 404"),
    Case("pip-whl-corrupt", Failure, "DO NOT MATCH THE HASHES"),
    Case("pip-nover", Permanent, "flask==99 (from versions: 3.1.3)"),
    Case("pip-conflict", Permanent, "click==1.0"),
    Case("pip-build-fail", Permanent, "Preparing metadata"),
    Case("pip-build-says", Permanent, "error: command 'gcc' failed: No such file or directory"),
    Case("pip-enospc", Permanent, "No space left on device"),
    Case("ERROR: Invalid requirement: 'a b'", Permanent, "Invalid requirement"),
]

FETCH = "E: Failed to fetch http://deb.example.org/nginx_1.deb  "
LIST = "W: Failed to fetch http://deb.example.org/dists/sid/InRelease  "

# apt 2.2 (Debian 11) to 3.3 (sid), and dpkg.
APT = [
    Case("E: You don't have enough free space in /var/cache/apt/archives/.", Permanent, "free sp"),
    Case("dpkg: error processing archive a.deb (--unpack):\n failed to write (No space left on "
         "device)\nE: Sub-process /usr/bin/dpkg returned an error code (1)", Permanent,
         "No space left"),
    Case("Need to get 429 kB of archives.\nE: Unable to locate package nginy", Permanent, "nginy"),
    Case("E: Package 'mongodb' has no installation candidate", Permanent, "mongodb"),
    Case("E: Version '9' for 'nginx' was not found", Permanent, "'9' for 'nginx'"),
    Case(f"{FETCH}503  Service Unavailable [IP: 127.0.0.1 80]", Offline, "503  Service"),
    Case(f"{FETCH}Could not connect to deb.example.org:80 (192.0.2.1). - connect (111)", Offline,
         "Could not connect"),
    Case(f"{FETCH}Connection timed out [IP: 192.0.2.1 80]", Offline, "timed out"),
    Case(f"{FETCH}Hash Sum mismatch", Offline, "Hash Sum mismatch"),
    Case(f"{FETCH}File has unexpected size (1 != 2). Mirror sync in progress?", Offline, "sync"),
    Case(f"{LIST}Temporary failure resolving 'deb.example.org'\nE: Unable to locate package nginx",
         Offline, "Temporary failure resolving"),
    Case(f"{LIST}Clearsigned file isn't valid, got 'NOSPLIT' (does the network require "
         "authentication?)\nE: Unable to locate package nginx", Offline, "authentication"),
    Case("E: Release file for http://deb.example.org is not valid yet (invalid for another 3h)",
         Offline, "not valid yet"),
    Case("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt)",
         Offline, "held by process"),
    Case(f"{FETCH}404  Not Found [IP: 127.0.0.1 80]", Failure, "404  Not Found"),
    Case("dpkg: error processing package nginx (--configure):\n installed nginx package "
         "post-installation script subprocess returned error exit status 1\nErrors were "
         "encountered\nE: Sub-process /usr/bin/dpkg returned an error code (1)", Failure,
         "post-installation script"),
    Case("E: Unable to correct problems, you have held broken packages.", Failure, "held broken"),
]  # fmt: skip


ACCESS = "fatal: unable to access 'http://127.0.0.1/a.git/': "

# git 2.47.
GIT = [
    Case("fatal: remote error: upload-pack: not our ref 1111", Permanent, "not our ref 1111"),
    Case("fatal: couldn't find remote ref v9", Permanent, "remote ref v9"),
    Case("fatal: repository 'http://127.0.0.1/a.git/' not found", Permanent, "not found"),
    Case(f"{ACCESS}Could not resolve host: nosuch.example", Offline, "Could not resolve host"),
    Case(
        f"{ACCESS}Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't connect to server",
        Offline,
        "Failed to connect",
    ),
    Case(f"{ACCESS}The requested URL returned error: 403", Failure, "error: 403"),
    Case(f"{ACCESS}The requested URL returned error: 503", Offline, "error: 503"),
    Case(
        "fatal: could not read Username for 'http://127.0.0.1': terminal prompts disabled",
        Permanent,
        "is it private",
    ),
]

TRACE = 'Traceback (most recent call last):\n  File "app.py", line 1, in <module>\n'

# What applications say before they end.
APP = [
    Case(
        f"{TRACE}ModuleNotFoundError: No module named 'flask'\n[2026] [7] [INFO] Exiting",
        Permanent,
        "ModuleNotFoundError: No module named 'flask'",
    ),
    Case(
        f"{TRACE}KeyError: 'A'\n\nDuring handling of the above exception, another exception "
        f"occurred:\n\n{TRACE}RuntimeError: set A",
        Permanent,
        "RuntimeError: set A",
    ),
    Case(
        f"{TRACE}django.core.exceptions.ImproperlyConfigured: no SECRET_KEY",
        Permanent,
        "ImproperlyConfigured: no SECRET_KEY",
    ),
    Case(
        f"{TRACE}sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: user\n"
        "[SQL: SELECT 1]",
        Permanent,
        "no such table: user",
    ),
    Case("Error: No such option: --nothing", Permanent, "No such option"),
]


def said(output: str) -> str:
    """A recorded output, or the line itself."""
    file = WORDS / f"{output}.txt"
    return file.read_text(encoding="utf-8") if " " not in output and file.exists() else output


class Words(unittest.TestCase):
    """The kind of each failure, and the sentence that a person reads."""

    def expect(self, case: Case, failure: Failure) -> None:
        """Compares one failure."""
        with self.subTest(case.output):
            self.assertIs(type(failure), case.kind, failure)
            self.assertIn(case.reason, str(failure))

    def test_conda(self) -> None:
        """What conda says."""
        for case in CONDA:
            self.expect(case, conda_faults.conda_failure(said(case.output)))

    def test_git(self) -> None:
        """What Git says."""
        for case in GIT:
            self.expect(case, app.git_failure("http://127.0.0.1/a.git", case.output))

    def test_applications(self) -> None:
        """What applications say."""
        for case in APP:
            self.expect(case, diagnose(case.output, app.APP_FAULTS))

    def test_pip(self) -> None:
        """What pip says, when nobody answers a question."""
        with mock.patch.object(pip_faults, "probe", return_value=(200, b"PK")):
            for case in PIP:
                self.expect(case, pip_faults.pip_failure(said(case.output)))

    def test_apt(self) -> None:
        """What apt and dpkg say."""
        for case in APT:
            self.expect(case, diagnose(case.output, APT_FAULTS))

    def test_every_recorded_output_has_its_case(self) -> None:
        """No file lies there unused."""
        used: List[str] = [case.output for case in CONDA + PIP] + ["pip-whl-html", *INDEX]
        files = sorted(file.stem for file in WORDS.glob("*.txt"))
        self.assertEqual(set(files) - set(used), set())


# Outputs in which pip says that it found nothing, whatever the reason.
INDEX = ["pip-403", "pip-503", "pip-html"]


class Index(unittest.TestCase):
    """A package that is missing, and an index that is away."""

    def test_the_index_is_asked(self) -> None:
        """The answer decides."""
        for answer, kind, reason in [
            ((404, b""), Permanent, "there is no package itsdangerous"),
            ((200, b'<a href="x">x</a>'), Permanent, "fits this Python"),
            ((503, b""), Offline, "HTTP status 503"),
            ((0, b""), Offline, "127.0.0.1"),
            ((200, b"<html>Login</html>"), Offline, "does this network want a login?"),
            ((403, b""), Failure, "HTTP status 403"),
        ]:
            for output in INDEX:
                with self.subTest(answer=answer), mock.patch.object(
                    pip_faults, "probe", return_value=answer
                ) as probe:
                    failure = pip_faults.pip_failure(said(output))
                    probe.assert_called_with("http://127.0.0.1:8100/simple/itsdangerous/")
                    self.assertIs(type(failure), kind)
                    self.assertIn(reason, str(failure))

    def test_a_login_page_in_place_of_a_wheel(self) -> None:
        """The wheel is looked at again."""
        with mock.patch.object(pip_faults, "probe", return_value=(200, b"<html>Login")):
            failure = pip_faults.pip_failure(said("pip-whl-html"))
        self.assertIs(type(failure), Offline)
