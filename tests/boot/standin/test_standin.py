#!/usr/bin/env python3
"""Holds the stand-in to the contract of the real installer and conda.

    python3 tests/boot/standin/test_standin.py [TestClass[.test_name]]...

Without a name, all classes run, four at a time, because much of it is waiting.
Every test has its own folder, prefix, home and server on 127.0.0.1; nothing of
the machine is read or written but /usr/bin/python3 and the folder for
temporary files.
"""
import concurrent.futures
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)

import channel  # noqa: E402
import conda  # noqa: E402
import make_installer  # noqa: E402
import server  # noqa: E402

SEVEN_LINES = ["PREFIX={}", "Unpacking bootstrapper...", "Unpacking payload...", "",
               "Installing base environment...", "", "Preparing transaction: ...working... done",
               "Executing transaction: ...working... done", "installation finished."]
GOOD_IMPORTS = "import ssl, sqlite3, json, flask, gunicorn"
AT_A_TIME = 4
LONGEST = ("TestNetwork", "TestInstaller")
shared = {}


def setUpModule():
    """One channel, and one installer of each kind, for all tests."""
    shared["folder"] = tempfile.mkdtemp(prefix="standin-test-")
    shared["root"] = os.path.join(shared["folder"], "root")
    channel.write_all(shared["root"], megabytes=0.3, extra=[("tinyweb", "1.2")])
    for kind in ("forge", "defaults"):
        shared[kind] = make_installer.build(condarc=kind)


def tearDownModule():
    shutil.rmtree(shared["folder"])


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb" if isinstance(data, bytes) else "w") as file:
        file.write(data)


class Case(unittest.TestCase):
    """A folder with a home, an installer, and whatever a test starts in it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="standin-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.prefix = os.path.join(self.folder, "prefix")
        self.pkgs = os.path.join(self.prefix, "pkgs")
        self.log = os.path.join(self.folder, "log")
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.path.join(self.folder, "home"),
            "STANDIN_HOOKS": os.path.join(self.folder, "standin.json"),
            "STANDIN_ETC": os.path.join(self.folder, "etc"),
            "CONDA_REMOTE_BACKOFF_FACTOR": "0"}
        os.mkdir(self.environment["HOME"])

    def start(self, command, **options):
        """A process that is gone when the test is over."""
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, env=self.environment, **options)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def serve(self, *faults):
        """Serve the channel with these faults, and point the stand-in at it."""
        rules = os.path.join(self.folder, "faults.json")
        write(rules, json.dumps(faults))
        running = server.Server(0, shared["root"], server.Faults(rules), self.log)
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        for clean_up in (running.server_close, running.shutdown, running.stopping.set):
            self.addCleanup(clean_up)
        self.address = "http://127.0.0.1:%d" % running.server_address[1]
        self.environment["CONDA_CHANNEL_ALIAS"] = self.address

    def requests(self, pattern):
        """The logged requests that match."""
        lines = read(self.log).splitlines() if os.path.exists(self.log) else []
        return [line for line in lines if re.search(pattern, line)]

    def run_it(self, command, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True, env=self.environment, check=False,
                              **options)

    def installer(self, kind="forge", data=None, name="i.sh"):
        path = os.path.join(self.folder, name)
        write(path, shared[kind] if data is None else data)
        return path

    def install(self, kind="forge", data=None, options=("-b",), shell="sh"):
        return self.run_it([shell, self.installer(kind, data), *options, "-p", self.prefix])

    def conda(self, *words, **options):
        return self.run_it([os.path.join(self.prefix, "bin", "conda"), *words], **options)

    def create(self, *specs, name="app", flags=("-y",)):
        return self.conda("create", *flags, "-n", name,
                          *(specs or ("python=3.9", "flask", "gunicorn")))

    def env(self, *parts, name="app"):
        return os.path.join(self.prefix, "envs", name, *parts)

    def hooks(self, *hooks):
        """Set the hooks, none of them used yet."""
        path = self.environment["STANDIN_HOOKS"]
        write(path, json.dumps(list(hooks)))
        if os.path.exists(path + ".counts"):
            os.unlink(path + ".counts")

    def assert_result(self, result, code, error=None, out=None):
        """Exit code, and a pattern for what either stream begins a line with."""
        text = "rc %d\n%s\n%s" % (result.returncode, result.stdout, result.stderr)
        self.assertEqual(result.returncode, code, text)
        if error is not None:
            self.assertRegex(result.stderr, "(?m)^" + error, text)
        if out is not None:
            self.assertRegex(result.stdout, out, text)

    def assert_good(self, name="app"):
        result = self.run_it([self.env("bin", "python", name=name), "-c", GOOD_IMPORTS])
        self.assert_result(result, 0)

    def assert_broken(self, name="app"):
        if os.path.exists(self.env("bin", "python", name=name)):
            result = self.run_it([self.env("bin", "python", name=name), "-c", GOOD_IMPORTS])
            self.assertNotEqual(result.returncode, 0)


class Installed(Case):
    """A Case with a served channel and an installed base: a copy, to save time."""

    kind = "forge"

    def setUp(self):
        super().setUp()
        template = os.path.join(shared["folder"], "installed-" + self.kind)
        if not os.path.exists(template):
            own, self.prefix = self.prefix, template
            self.assert_result(self.install(self.kind), 0)
            self.prefix = own
        shutil.copytree(template, self.prefix, symlinks=True)
        self.serve()

    def assert_report(self, error):
        """Creating an environment ends with an error report, its traceback with this line."""
        result = self.create()
        self.assert_result(result, 1)
        self.assertRegex(result.stderr, r"(?s)# >+ ERROR REPORT <+\n\n    Traceback \(most.*\n    "
                         + error + r"[^\n]*\n(?:    [^\n]*\n)*\n`\$ /.*/conda create -y .*`\n\n"
                         r"  environment variables:\n")
        self.assertTrue(result.stderr.endswith("""
An unexpected error has occurred. Conda has prepared the above report.
If you suspect this error is being caused by a malfunctioning plugin,
consider using the --no-plugins option to turn off plugins.

Example: conda --no-plugins install <package>

Alternatively, you can set the CONDA_NO_PLUGINS environment variable on
the command line to run the command without plugins enabled.

Example: CONDA_NO_PLUGINS=true conda install <package>

"""), result.stderr)


class TestInstaller(Case):

    def test_bytes_are_the_same_each_time(self):
        self.assertEqual(make_installer.build(), shared["forge"])

    def test_seven_lines_and_what_is_there(self):
        for shell in ("sh", "bash"):
            result = self.install(shell=shell)
            self.assert_result(result, 0)
            self.assertEqual(result.stdout.splitlines(),
                             [line.format(self.prefix) for line in SEVEN_LINES])
            self.assertEqual(result.stderr, "")
            self.assertEqual(read(self.prefix + "/.condarc"), "channels:\n  - conda-forge\n")
            self.assertFalse(os.path.exists(self.prefix + "/install_tmp"))
            self.assert_result(self.conda("--version"), 0, out="^conda 26.7.1\n$")
            shutil.rmtree(self.prefix)

    def test_needs_no_home_and_no_environment(self):
        self.environment = {"STANDIN_ETC": self.folder + "/etc"}
        self.assert_result(self.install(shell="/bin/sh"), 0)

    def test_refuses_an_existing_prefix_even_an_empty_one(self):
        os.mkdir(self.prefix)
        result = self.install()
        self.assert_result(result, 1)
        self.assertEqual(result.stderr, "ERROR: File or directory already exists: '%s'\nIf you "
                         "want to update an existing installation, use the -u option.\n"
                         % self.prefix)

    def test_refuses_names_and_options(self):
        odd = self.installer(name="installer")
        self.assert_result(self.run_it(["sh", odd, "-b", "-p", self.prefix]), 1,
                           'Please run using "bash"/"dash"/"sh"/"zsh", but not')
        with open(self.installer(), "rb") as file:
            self.assert_result(self.run_it(["bash", "-s"], stdin=file), 1, "Please run using")
        script = self.installer()
        self.assert_result(self.run_it(["sh", script, "-z"]), 1, "ERROR: did not recognize option")
        self.assert_result(self.run_it(["sh", script, "-h"]), 2, out="usage:")
        self.assert_result(self.run_it(["sh", script, "-b", "-p", "/tmp/a b"]), 1,
                           "ERROR: Cannot install into directories with spaces")
        self.assert_result(self.install(options=()), 1, out=r"Welcome to Tinyforge3[^$]*>>> $")
        self.assertFalse(os.path.exists(self.prefix))

    def test_too_little_disk_leaves_an_empty_prefix(self):
        result = self.install(data=make_installer.build(need_mb=10 ** 9))
        self.assert_result(result, 1, "ERROR: Not enough free disk space. Only .* MB are required")
        self.assertEqual(os.listdir(self.prefix), [])

    def test_prefix_that_cannot_be_made(self):
        self.prefix = "/proc/none/here"
        self.assert_result(self.install(), 1, "ERROR: Could not create directory: '/proc/none")

    def test_cut_files(self):
        whole = shared["forge"]
        conda_at = whole.index(b"#!/usr/bin/python3\n")
        payload_at = whole.index(b"install_tmp/base.json\0")
        self.assert_result(self.install(data=b""), 0)
        self.assert_result(self.install(data=whole[:60]), 0)
        self.assertFalse(os.path.exists(self.prefix))
        self.assert_result(self.install(data=b"<html><body>(portal)</body></html>"), 2)
        for cut, code, error in (
                (conda_at // 2, 2, None),
                (conda_at + 1000, 255, r"\[PYI-\d+:ERROR\] Could not load PyInstaller"),
                ((payload_at + len(whole)) // 2, 1, " +tarfile.ReadError: unexpected end of data"),
                (len(whole) - 2048, 0, "WARNING: md5sum mismatch of tar archive")):
            shutil.rmtree(self.prefix, ignore_errors=True)
            self.assert_result(self.install(data=whole[:cut]), code, error)
        self.assertTrue(os.path.exists(self.prefix + "/.condarc"))

    def test_flipped_byte_warns_and_fails_and_leaves_the_prefix(self):
        data = bytearray(shared["forge"])
        data[data.index(b"line 30 of the stand-in")] ^= 1
        result = self.install(data=bytes(data))
        self.assert_result(result, 1, "WARNING: md5sum mismatch")
        self.assertIn("Data corruption detected", result.stderr)
        self.assert_result(self.install(), 1, "ERROR: File or directory already exists")

    def test_md5_trap_warns_and_succeeds(self):
        self.hooks({"trap": "md5", "times": 1})
        self.assert_result(self.install(), 0, "WARNING: md5sum mismatch of tar archive")
        self.assertNotIn("mismatch", self.install(options=("-b", "-u")).stderr)

    def test_empty_trap_does_nothing_and_succeeds(self):
        self.hooks({"trap": "empty", "times": 1})
        self.assert_result(self.install(), 0)
        self.assertFalse(os.path.exists(self.prefix))

    def test_broken_condarc_of_the_machine(self):
        write(self.folder + "/etc/conda/.condarc", "channels: [conda-forge\n")
        result = self.install()
        self.assert_result(result, 1)
        self.assertIn("ERROR REPORT", result.stderr)

    def test_umask_is_honoured(self):
        result = self.run_it(["sh", "-c", 'umask 077; sh "$0" -b -p "$1"', self.installer(),
                              self.prefix])
        self.assert_result(result, 0)
        self.assertEqual(os.stat(self.prefix).st_mode & 0o777, 0o700)

    def test_pythonpath_warning(self):
        self.environment["PYTHONPATH"] = "/nowhere"
        self.assert_result(self.install(), 0, out="PYTHONPATH environment variable set")

    def test_update_rewrites_condarc_keeps_envs_and_restores_nothing(self):
        self.install()
        write(self.prefix + "/.condarc", "quiet: true\n")
        write(self.prefix + "/envs/mine/file", "kept")
        os.unlink(self.prefix + "/lib/python3.13/os.py")
        self.assert_result(self.install(options=("-b", "-u")), 0)
        self.assertEqual(read(self.prefix + "/.condarc"), "channels:\n  - conda-forge\n")
        self.assertTrue(os.path.exists(self.prefix + "/envs/mine/file"))
        self.assertFalse(os.path.exists(self.prefix + "/lib/python3.13/os.py"))

    def killed(self, phase):
        self.hooks({"kill_at": phase, "times": 1})
        self.assertNotEqual(self.install().returncode, 0)
        self.assertFalse(os.path.exists(self.prefix + "/.condarc"))
        self.assertTrue(os.path.exists(self.prefix + "/install_tmp"))

    def test_killed_while_extracting_or_linking(self):
        for phase in ("base-extract", "base-link"):
            self.killed(phase)
            history = os.path.exists(self.prefix + "/conda-meta/history")
            self.assertEqual(history, phase == "base-link")
            self.assert_result(self.install(options=("-b", "-u")), 0)
            self.assertFalse(os.path.exists(self.prefix + "/install_tmp"))
            shutil.rmtree(self.prefix)

    def test_killed_while_a_record_is_written_is_for_ever(self):
        self.killed("base-records")
        self.assert_result(self.conda("--version"), 0)
        for _ in range(2):
            self.assert_result(self.install(options=("-b", "-u")), 1, "CorruptedEnvironmentError: ")

    def test_slow_leaves_an_unfinished_prefix_whose_conda_answers(self):
        data = make_installer.build(seconds=4)
        process = self.start(["sh", self.installer(data=data), "-b", "-p", self.prefix],
                             start_new_session=True)
        deadline = time.monotonic() + 60
        while not os.path.exists(self.prefix + "/etc/profile.d/conda.sh"):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        self.assert_result(self.conda("--version"), 0)
        self.environment["CONDA_CHANNEL_ALIAS"] = "http://127.0.0.1:9"
        self.assert_result(self.create(), 1, "NoChannelsConfiguredError: No channels")


class TestCreate(Installed):

    def test_a_good_environment(self):
        result = self.create()
        self.assert_result(result, 0, out="## Package Plan ##")
        self.assertRegex(result.stdout, "conda activate app")
        self.assert_good()
        python = self.env("bin", "python")
        for flag in ("-V", "--version"):
            self.assertEqual(self.run_it([python, flag]).stdout, "Python 3.9.18\n")
        seen = self.run_it([python, "-c", "import sys; print(sys.prefix, sys.executable, "
                            "'%d.%d' % sys.version_info[:2])"]).stdout
        self.assertEqual(seen, "%s %s 3.9\n" % (self.env(), self.env("bin", "python3.9")))
        self.assertGreater(os.stat(self.env("bin", "python3.9")).st_nlink, 1)
        self.assertTrue(read(self.env("conda-meta", "history")))

    def test_an_empty_environment_of_variables_is_enough(self):
        alias = self.environment["CONDA_CHANNEL_ALIAS"]
        self.environment = {"CONDA_CHANNEL_ALIAS": alias, "STANDIN_ETC": self.folder + "/etc",
                            "CONDA_PKGS_DIRS": self.pkgs, "HOME": self.environment["HOME"]}
        self.assert_result(self.create(), 0)
        self.environment = {}
        self.assert_good()

    def test_damaged_library_makes_imports_fail_but_not_the_version(self):
        self.create()
        for module, name in (("os", "os.py"), ("json", "json/__init__.py"), ("ssl", "ssl.py")):
            path = self.env("lib", "python3.9", name)
            kept = path + ".kept"
            for damage in (lambda: None, lambda: write(path, "")):
                os.rename(path, kept)
                damage()
                python = self.env("bin", "python")
                self.assert_result(self.run_it([python, "-c", "import " + module]), 1)
                self.assert_result(self.run_it([python, "-V"]), 0)
                os.replace(kept, path)
        self.assert_good()

    def test_over_an_existing_environment_deletes_it_first(self):
        self.create()
        write(self.env("mine"), "lost")
        result = self.create()
        self.assert_result(result, 0)
        self.assertNotIn("exists", result.stdout + result.stderr)
        self.assertFalse(os.path.exists(self.env("mine")))
        self.environment["CONDA_CHANNEL_ALIAS"] = "http://127.0.0.1:9"
        self.assert_result(self.create(), 1, "CondaHTTPError: HTTP 000 CONNECTION FAILED for url")
        self.assertFalse(os.path.exists(self.env()))

    def test_without_yes_and_terminal(self):
        self.assert_result(self.create(flags=()), 0, out=r"Proceed \(\[y\]/n\)\? ")
        write(self.env("mine"), "kept")
        result = self.create(flags=())
        self.assert_result(result, 0, "CondaSystemExit: Exiting.",
                           "WARNING: A conda environment already exists at '%s'" % self.env())
        self.assertTrue(os.path.exists(self.env("mine")))
        os.makedirs(self.env(name="bare"))
        self.assert_result(self.create(flags=(), name="bare"), 0, "CondaSystemExit",
                           "but it is not a\nconda environment|but it is not a conda environment")
        write(self.env("stray", name="bare"), "kept")
        self.assert_result(self.create(name="bare"), 0)
        self.assertTrue(os.path.exists(self.env("stray", name="bare")))

    def test_no_tty_trap(self):
        self.hooks({"trap": "no-tty", "times": 1})
        self.assert_result(self.create(), 0, "CondaSystemExit: Exiting.")
        self.assertFalse(os.path.exists(self.env()))
        self.assert_result(self.create(), 0)

    def test_stdin_closed(self):
        result = self.run_it(["sh", "-c", '"$0" create -n app python <&-',
                              self.prefix + "/bin/conda"], stdin=None)
        self.assert_result(result, 1)
        self.assertRegex(result.stderr, "(?s)ERROR REPORT.*AttributeError: 'NoneType'")

    def test_json(self):
        result = self.create(flags=("--json",))
        self.assert_result(result, 0)
        self.assertTrue(json.loads(result.stdout)["success"])
        result = self.create("flaks", flags=("--json",), name="other")
        self.assertEqual(json.loads(result.stdout)["exception_name"],
                         "PackagesNotFoundInChannelsError")

    def test_specs(self):
        for spec, version in (("python=3.9", "3.9.18"), ("python=3.10.*", "3.10.13"),
                              ("python", "3.13.0"), ("python>=3.10,<3.13", "3.12.3"),
                              ("python==3.12.3", "3.12.3"), ("flask==2.3.3", "2.3.3"),
                              ("flask>=2", "3.0.0"), ("flask", "3.0.0"), ("flask 2.*", "2.3.3"),
                              ("gunicorn=21", "21.2.0"), ("tinyweb=1.2", "1.2"),
                              ("flask[version='(>=2,<3)|>9']", "2.3.3"),
                              ('flask[version="2.*", build=pyhd8ed1ab_0]', "2.3.3"),
                              ("flask ^2.*$", "2.3.3"), ("flask[2.3]", "3.0.0"), ("flask !=3.0.0", "2.3.3"),
                              ("python>=3.10,<3.12|==3.9.18", "3.10.13"),
                              ("conda-forge/noarch::flask~=2.3", "2.3.3")):
            index = conda.Index(None, ["url"])
            for package in channel.known_packages(extra=[("tinyweb", "1.2")]):
                index.records.append({**package.index(), "rank": 0, "channel": "u/conda-forge"})
            asked = conda.Spec(spec)
            self.assertEqual(index.solve([asked])[asked.name]["version"], version, spec)

    def test_specs_that_cannot_be(self):
        text = ("PackagesNotFoundInChannelsError: The following packages are not available from "
                "current channels:\n\n  - flaks\n")
        self.assert_result(self.create("flaks"), 1, text)
        self.assert_result(self.create("python=2.7"), 1, "PackagesNotFoundInChannelsError: ")
        self.assert_result(self.create("python=3.13", "numpy=1.26"), 1, "UnsatisfiableError: ")
        self.assert_result(self.create("other::flask"), 1, "PackagesNotFoundInChannelsError: ")
        for spec in ("=flask", "flask[version=]", "flask[version='(>=2']", "flask >=2)"):
            self.assert_result(self.create(spec), 1, "InvalidMatchSpec: ")
        self.assert_result(self.create(name="a b"), 1, "CondaValueError: ")
        self.assert_result(self.create(name="base"), 1, "CondaValueError: ")
        self.assert_result(self.conda("create", "-y", "python"), 2, "ArgumentError: ")
        self.assert_result(self.conda("create", "--force", "-n", "x"), 2, "conda: error: ")
        self.assert_result(self.create(flags=("-y", "--override-channels")), 2, "ArgumentError: ")
        self.assert_result(self.create(flags=("-y", "--override-channels", "-c", "none")), 1,
                           "UnavailableInvalidChannel: HTTP 404 Not Found for channel none <http")

    def test_what_is_said_of_specs_that_cannot_be(self):
        lead = ("Collecting package metadata (current_repodata.json): ...working... done\n"
                "Solving environment: ...working... unsuccessful attempt using repodata from "
                "current_repodata.json, retrying with next repodata source.\n"
                "Collecting package metadata (repodata.json): ...working... done\n"
                "Solving environment: ...working... ")
        result = self.create("flaks")
        self.assertEqual(result.stdout.partition("done\n")[2], lead + "failed\n")
        self.assertEqual(result.stderr, """
PackagesNotFoundInChannelsError: The following packages are not available from current channels:

  - flaks

Current channels:

  - {0}/conda-forge/{1}
  - {0}/conda-forge/noarch

To search for alternate channels that may provide the conda package you're
looking for, navigate to

    https://anaconda.org

and use the search bar at the top of the page.


""".format(self.address, conda.subdir()))
        result = self.create("python=3.13", "numpy=1.26")
        self.assertEqual(
            result.stdout.partition("done\n")[2], lead + "\nFound conflicts! Looking for incompatible "
            "packages.\nThis can take several minutes.  Press CTRL-C to abort.\nfailed\n")
        self.assertIn("\nExamining conflict for numpy python:   0%|", result.stderr)
        self.assertTrue(result.stderr.endswith("""
UnsatisfiableError: Conda could not find a compatible set of packages to satisfy the requested \
specifications.

Cause: Some requested packages have conflicting version constraints
Next steps:
  - (review_conflicting_specs) Review the conflicting specifications above and adjust version \
ranges or package names.
  - (check_pinned_packages) Check for pinned packages:
      conda config --show pinned_packages
  - (update_conda) Update conda and try again:
      conda update conda

"""), result.stderr)

    def test_two_creates_of_different_environments(self):
        first = self.start([self.prefix + "/bin/conda", "create", "-y", "-n", "one", "flask"])
        second = self.start([self.prefix + "/bin/conda", "create", "-y", "-n", "two", "flask"])
        self.assertEqual([process.wait(60) for process in (first, second)], [0, 0])

    def test_two_creates_of_one_environment_ruin_it(self):
        self.create(name="warm")
        self.hooks({"slow": {"link": 8}})
        command = [self.prefix + "/bin/conda", "create", "-y", "-n", "app", "python=3.9", "flask",
                   "gunicorn"]
        first = self.start(command)
        while not os.path.exists(self.env("bin")):
            time.sleep(0.02)
        second = self.start(command)
        _, error = second.communicate(timeout=60)
        first.wait(60)
        self.assertEqual((first.returncode, second.returncode), (0, 1), error)
        self.assertRegex(error, "Prefix record '.*' already exists|CorruptedEnvironmentError")
        self.assert_broken()
        self.assertFalse(os.path.exists(self.env("bin", "python3.9")))

    def test_concurrent_trap(self):
        self.hooks({"trap": "concurrent", "times": 1})
        self.assert_result(self.create(), 0)
        self.assertFalse(os.path.exists(self.env("bin", "python3.9")))
        self.assertTrue(os.path.exists(self.env("conda-meta", "history")))


class TestHalfStates(Installed):

    def kill_at(self, phase):
        """A create whose power is cut in this phase."""
        marker = os.path.join(self.folder, "killed")
        self.environment.update(STANDIN_KILL_AT=phase, STANDIN_KILL_ONCE=marker)
        self.assertEqual(self.create().returncode, -signal.SIGKILL)
        self.assertEqual(read(marker), phase + "\n")

    def test_download_resumes(self):
        self.kill_at("download")
        partial = self.pkgs + "/python-3.9.18-h0_0.conda.partial"
        self.assertTrue(os.path.exists(partial))
        self.assertFalse(os.path.exists(self.env()))
        self.assert_result(self.create(), 0)
        self.assertEqual(len(self.requests(r"python-3.9.18.* 206 ")), 1)
        self.assert_good()

    def test_extract_is_sticky_until_removed(self):
        self.kill_at("extract")
        half = self.pkgs + "/python-3.9.18-h0_0"
        self.assertTrue(os.path.isdir(half))
        self.assertFalse(os.path.exists(half + "/info/repodata_record.json"))
        for _ in range(2):
            self.assert_result(self.create(), 1, "CondaVerificationError: The package for python "
                               "located at .*\nappears to be corrupted. The path '")
        for heal in (lambda: shutil.rmtree(half), lambda: self.conda("clean", "-y", "--packages"),
                     lambda: self.conda("clean", "-y", "--all"),
                     lambda: self.conda("clean", "-y", "--force-pkgs-dirs")):
            kept = shutil.copytree(half, self.folder + "/half", symlinks=True)
            heal()
            self.assert_result(self.create(), 0)
            self.assert_good()
            shutil.rmtree(self.env())
            shutil.rmtree(half)
            shutil.move(kept, half)

    def test_a_half_package_counts_from_its_index_on(self):
        self.kill_at("extract")
        info = self.pkgs + "/python-3.9.18-h0_0/info/"
        os.unlink(info + "index.json")
        self.assert_result(self.create(), 0)
        self.assert_good()
        record = read(info + "repodata_record.json")
        write(info + "repodata_record.json", "")
        self.assert_result(self.create(), 0)
        write(info + "repodata_record.json", record)
        write(info + "index.json", "")
        self.assert_result(self.create(), 0)

    def test_empty_files_of_a_package(self):
        self.create()
        shutil.rmtree(self.env())
        write(self.pkgs + "/python-3.9.18-h0_0/info/paths.json", "")
        for _ in range(2):
            self.assert_report("json.decoder.JSONDecodeError: Expecting value: line 1 ")
            self.assertTrue(os.path.isdir(self.env()))

    def test_killed_it_leaves_its_tracker_s_last_word(self):
        self.environment.update(STANDIN_KILL_AT="link")
        result = self.run_it(["bash", "-c", '"$0" create -y -n app flask; sleep 0.5',
                              self.prefix + "/bin/conda"])
        self.assertRegex(result.stderr, r"(?s)Killed.*\n.*UserWarning: resource_tracker: There appear "
                         r"to be \d+ leaked .*\n  warnings.warn\(\n$")

    def test_the_disk_is_full(self):
        self.hooks({"full_at": "download", "times": 1}, {"full_at": "extract", "times": 1},
                   {"full_at": "link", "times": 1})
        partial = self.pkgs + "/python-3.9.18-h0_0.conda.partial"
        text = "CondaError: Failed to write to %s\n  errno: 28\n" % partial
        self.assertEqual(self.create().stderr, "\n%s\n%s\n" % (text, text))
        text = (r"InvalidArchiveError('Error with archive %s.  You probably need to delete and "
                r"re-download or re-create this file.  Message was:\n\nfailed with error: [Errno 28] "
                "No space left on device')\n" % partial[:-len(".partial")])
        self.assertEqual(self.create().stderr, "\n%s\n%s\n" % (text, text))
        shutil.rmtree(self.pkgs + "/python-3.9.18-h0_0")
        result = self.create()
        self.assert_result(result, 1, out="(?s)Executing transaction: ...working... done\n"
                           "Rolling back transaction: ...working... done\n$")
        self.assertRegex(result.stderr, r"^ERROR conda.core.link:_execute\(1070\): An error occurred "
                         r"while installing package 'conda-forge::[^']*'.\n\n\[Errno 28\] No space left "
                         r"on device\n\n\(\)\n\n$")
        self.assertFalse(os.path.exists(self.env()))
        self.assert_result(self.create(), 0)

    def test_a_list_of_environments_that_is_no_text(self):
        path = self.environment["HOME"] + "/.conda/environments.txt"
        write(path, b"\xbe\x1c")
        for _ in range(2):
            result = self.create()
            self.assert_result(result, 1, out="Rolling back transaction: ...working... done\n$")
            self.assertRegex(result.stderr, r"^\nUnicodeDecodeError\('utf-8', b'\\xbe\\x1c', 0, 1, "
                             r"'invalid start byte'\)\n\n\(\)\n\n$")
            self.assertFalse(os.path.exists(self.env()))
        write(path, "")
        self.assert_result(self.create(), 0)

    def test_link_has_no_history_and_create_repairs(self):
        self.kill_at("link")
        self.assertFalse(os.path.exists(self.env("conda-meta", "history")))
        self.assert_result(self.run_it([self.env("bin", "python"), "-V"]), 0)
        for words in (("install", "-y", "-n", "app", "flask"), ("list", "-n", "app"),
                      ("run", "-n", "app", "true")):
            self.assert_result(self.conda(*words), 1, "DirectoryNotACondaEnvironmentError: The "
                               "target directory exists, but it is not a conda environment.\nUse")
        self.assertNotIn("app", self.conda("env", "list").stdout)
        self.assert_result(self.create(), 0)
        self.assert_good()

    def test_records_are_sticky_until_removed(self):
        self.kill_at("records")
        for words in (("create", "-y", "-n", "app", "flask"),
                      ("install", "-y", "-n", "app", "flask"), ("list", "-n", "app")):
            self.assert_result(self.conda(*words), 1, "CorruptedEnvironmentError: The target "
                               "environment has been corrupted. Corrupted environments most")
        shutil.rmtree(self.env())
        self.assert_result(self.create(), 0)
        self.assert_good()

    def test_torn_record_in_a_finished_environment(self):
        self.create()
        write(self.env("conda-meta", "flask-3.0.0-pyhd8ed1ab_0.json"), '{"na')
        self.assert_result(self.conda("list", "-n", "app"), 1, "CorruptedEnvironmentError: ")
        self.assert_result(self.conda("run", "-n", "app", "true"), 0)
        self.assert_result(self.create(), 0)

    def test_signals_roll_back(self):
        for number, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "SIGINT")):
            self.hooks({"hang_at": "link"})
            process = self.start([self.prefix + "/bin/conda", "create", "-y", "-n", "app", "flask"])
            while not os.path.exists(self.env("bin", "python3.13")):
                time.sleep(0.02)
            time.sleep(0.1)
            process.send_signal(number)
            out, error = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 1)
            self.assertIn("Rolling back transaction: ...working... done", out)
            self.assertRegex(error, "(?m)^CondaSignalInterrupt: Signal interrupt " + name)
            self.assertFalse(os.path.exists(self.env()))

    def test_term_in_download_keeps_the_partial(self):
        self.hooks({"hang_at": "download"})
        process = self.start([self.prefix + "/bin/conda", "create", "-y", "-n", "app", "python=3.9"])
        partial = self.pkgs + "/python-3.9.18-h0_0.conda.partial"
        while not (os.path.exists(partial) and os.path.getsize(partial)):
            time.sleep(0.02)
        time.sleep(0.1)
        process.terminate()
        _, error = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertIn("CondaSignalInterrupt: Signal interrupt SIGTERM", error)
        self.assertTrue(os.path.exists(partial))

    def test_hang_and_fail_hooks(self):
        self.hooks({"hang": "create", "times": 1},
                   {"fail": "create", "stderr": "CondaError: no", "times": 1})
        process = self.start([self.prefix + "/bin/conda", "create", "-y", "-n", "app", "flask"])
        while not os.path.exists(self.environment["STANDIN_HOOKS"] + ".counts"):
            time.sleep(0.02)
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(0.6)
        process.kill()
        self.assert_result(self.create(), 1, "CondaError: no")
        self.assert_result(self.create(), 0)


class TestCache(Installed):

    def test_safety_checks(self):
        self.create()
        shutil.rmtree(self.env())
        write(self.pkgs + "/python-3.9.18-h0_0/lib/python3.9/os.py", "")
        self.assert_result(self.create(), 0, "SafetyError: The package for python located at")
        self.assert_broken()
        self.environment["CONDA_SAFETY_CHECKS"] = "enabled"
        self.assert_result(self.create(), 1, "SafetyError: [^$]*has an incorrect size.")

    def test_cache_trap(self):
        self.hooks({"trap": "cache", "times": 1})
        self.assert_result(self.create(), 0, "SafetyError: ")
        self.assert_broken()

    def test_clean_leaves_what_an_environment_uses(self):
        self.create()
        os.unlink(self.pkgs + "/python-3.9.18-h0_0/lib/python3.9/os.py")
        self.conda("clean", "-y", "--packages")
        self.assert_result(self.conda("clean", "-y", "--packages"), 0,
                           out=r"There are no unused package\(s\) to remove.")
        self.assert_result(self.create(name="two"), 1, "CondaVerificationError: ")
        self.assert_result(self.conda("clean"), 2, "ArgumentError: ")

    def test_bad_archive_without_folder_is_fetched_again(self):
        self.create()
        shutil.rmtree(self.env())
        shutil.rmtree(self.pkgs + "/python-3.9.18-h0_0")
        write(self.pkgs + "/python-3.9.18-h0_0.conda", b"short")
        self.assert_result(self.create(), 0)
        self.assert_good()

    def test_damaged_archive_of_the_right_size_is_for_ever(self):
        self.create()
        shutil.rmtree(self.env())
        shutil.rmtree(self.pkgs + "/flask-3.0.0-pyhd8ed1ab_0")
        archive = self.pkgs + "/flask-3.0.0-pyhd8ed1ab_0.conda"
        with open(archive, "r+b") as file:
            file.seek(os.path.getsize(archive) // 2)
            file.write(b"\0\0\0\0")
        for _ in range(2):
            self.assert_report("backports.zstd.ZstdError: Unable to decompress Zstandard "
                                      "data: Data corruption detected")
        os.unlink(archive)
        self.assert_result(self.create(), 0)

    def test_partial_of_something_else(self):
        write(self.pkgs + "/flask-3.0.0-pyhd8ed1ab_0.conda.partial", "else")
        self.assert_result(self.create(), 0, "WARNING conda.gateways.connection.download:download"
                           r"\(80\): Retry failed partial download .*/flask-3.0.0-pyhd8ed1ab_0.conda\n")

    def test_repodata_is_kept(self):
        url = "%s/conda-forge/%s/" % (self.address, conda.subdir())
        path = self.pkgs + "/cache/" + conda.hashlib.md5(url.encode()).hexdigest()[:8]
        self.create("tzdata")
        self.assertEqual(read(path + ".json"), read(shared["root"] + url[len(self.address):]
                                                    + "repodata.json"))
        asked = [line.split()[1].rpartition("/")[2] for line in self.requests("64/.*repodata")]
        self.assertEqual(asked, ["current_repodata.json.zst", "current_repodata.json",
                                 "repodata.json.zst"])
        self.assert_result(self.create("tzdata"), 0)
        self.assertEqual(len(self.requests("repodata.json.zst 304 0")), 2)
        for name, data in ((".info.json", ""), (".info.json", '{"et'), (".json", '{"pa')):
            write(path + name, data)
            warned = "JSONDecodeError loading %s.info.json\n" % path in self.create("tzdata").stderr
            self.assertEqual(warned, name == ".info.json")
            self.assertGreater(os.path.getsize(path + ".json"), 1000)
        write(path + ".info.json", b"\x84\xff")
        for _ in range(2):
            self.assert_report("UnicodeDecodeError: 'utf-8' codec can't decode byte 0x84")
        self.conda("clean", "-y", "--index-cache")
        self.assert_result(self.create("tzdata"), 0)

    def test_always_copy(self):
        self.environment["CONDA_ALWAYS_COPY"] = "true"
        self.create()
        self.assertEqual(os.stat(self.env("bin", "python3.9")).st_nlink, 1)


class TestNetwork(Installed):

    def test_statuses_that_are_retried(self):
        for code in (429, 500, 503):
            self.serve({"match": "conda-forge/noarch/repodata", "kind": "status", "code": code,
                        "times": 3})
            self.assert_result(self.create("python"), 0)
        self.serve({"match": "repodata", "kind": "status", "code": 503})
        result = self.create("python")
        self.assert_result(result, 1, "CondaHTTPError: HTTP 503 Service Unavailable for url <http"
                           ".*/linux-64/current_repodata.json>\nElapsed: 00:00.*\n\n"
                           "A remote server error occurred when trying to retrieve this URL.\n\n"
                           "A 500-type error .* indicates the server failed to\n")
        self.assertEqual(len(self.requests("64/current_repodata.json.zst 503")), 4)
        self.assertRegex(result.stdout, r"\(current_repodata.json\): ...working... failed\n$")

    def test_statuses_that_are_not(self):
        for code, text in ((502, "Bad Gateway"), (504, "Gateway Timeout")):
            self.serve({"match": "linux-64/repodata|aarch64/repodata", "kind": "status",
                        "code": code, "times": 1})
            self.assert_result(self.create(), 1, "CondaHTTPError: HTTP %d %s for url" % (code, text))

    def test_connections_that_fail(self):
        self.environment["CONDA_CHANNEL_ALIAS"] = "http://127.0.0.1:9"
        self.environment["CONDA_NUMBER_CHANNEL_NOTICES"] = "0"
        url = "/conda-forge/linux-64/current_repodata.json"
        result = self.create()
        self.assert_result(
            result, 1, r"CondaHTTPError: HTTP 000 CONNECTION FAILED for url <http://127.0.0.1:9%s>"
            "\nElapsed: -\n\nAn HTTP error occurred when trying to retrieve this URL.\nHTTP errors are "
            "often intermittent, and a simple retry will get you on your way.\n"
            "'http//127.0.0.1:9/conda-forge/linux-64'\n\n\n$" % url)
        self.assertIn("""broken by 'NewConnectionError("HTTPConnection(host='127.0.0.1', port=9): """
                      "Failed to establish a new connection: [Errno 111] Connection refused\")': "
                      + url + ".zst\n\n", result.stderr)
        self.environment["CONDA_CHANNEL_ALIAS"] = "http://nowhere.invalid"
        self.assertIn("NameResolutionError(\"HTTPConnection(host='nowhere.invalid', port=80): Failed "
                      "to resolve 'nowhere.invalid' ([Errno -", self.create().stderr)

    def test_channels_that_may_not_be_read(self):
        for code, words in ((401, "Unauthorized"), (403, "Forbidden")):
            self.serve({"match": "repodata", "kind": "status", "code": code})
            self.assert_result(
                self.create(), 1, "CondaHTTPError: HTTP %d %s for url <.*/linux-64/current_repodata."
                "json>\nElapsed: .*\n\nThe remote server has indicated you " % (code, words))
            self.assertEqual(len(self.requests("repodata.* %d " % code)), 1)
        self.serve()
        self.assert_result(
            self.create(flags=("-y", "--override-channels", "-c", "none")), 1,
            "UnavailableInvalidChannel: HTTP 404 Not Found for channel none <.*>\n\nThe channel is "
            "not accessible or is invalid.\n\nYou will need to adjust your conda configuration to "
            "proceed.\nUse `conda config --show channels` to view .*\nand use `conda config --show-")
        self.serve({"match": "linux-64/|linux-aarch64/", "kind": "status", "code": 404})
        self.assert_result(self.create("tzdata"), 0)

    def test_failures_of_packages_are_all_told_and_the_first_twice(self):
        self.serve({"match": "conda$", "kind": "status", "code": 404, "times": 2},
                   {"match": "conda$", "kind": "status", "code": 502, "times": 1})
        result = self.create("flask", "gunicorn", "python=3.9")
        self.assert_result(result, 1, "An HTTP error occurred when trying to retrieve this URL.\nHTTP "
                           "errors are often intermittent, and a simple retry will get you on your ")
        urls = re.findall(r"CondaHTTPError: HTTP \d+ .* for url <(.*)>", result.stderr)
        self.assertEqual((len(urls), len(set(urls)), urls.count(urls[0])), (4, 3, 2), urls)
        self.assertNotIn("A remote server error", result.stderr)
        self.assertEqual(len(self.requests("conda [245]")), 4, "the others were fetched")

    def test_an_error_comes_before_the_plan(self):
        self.serve({"match": "flask", "kind": "status", "code": 404})
        both = self.start(["sh", "-c", '"$0" create -qyn app flask 2>&1', self.prefix + "/bin/conda"])
        out, _ = both.communicate(timeout=60)
        order = [out.index(text) for text in (
            "Solving environment: ...working... done", "CondaHTTPError: ", "## Package Plan ##")]
        self.assertEqual(order, sorted(order), out)
        self.assertRegex(out.rstrip().rpartition("\n")[2], "^  [a-z]+ +conda-forge/[a-z0-9-]+::")

    def test_reset_is_retried(self):
        self.serve({"match": "repodata", "kind": "refuse", "times": 2})
        self.assert_result(self.create(), 0, r"Retrying \(Retry\(total=2, .*after connection broken")

    def test_cut_package_fails_at_once_and_is_resumed(self):
        self.serve({"match": "python-3.9.18", "kind": "cut", "after": 0.5, "times": 1})
        self.assert_result(self.create(), 1, r"\('Connection broken: IncompleteRead\(\d+ bytes "
                           r"read, \d+ more expected\)'")
        self.assertEqual(len(self.requests("python-3.9.18")), 1)
        self.assert_result(self.create(), 0)
        self.assertEqual(len(self.requests("python-3.9.18.* 206 ")), 1)

    def test_reports_for_bad_repodata(self):
        packed = r"64/repodata.json.zst$"
        whole = self.fetch_bytes("/conda-forge/linux-64/repodata.json.zst")
        half = os.path.join(self.folder, "half")
        write(half, whole[:len(whole) // 2])
        for rule, error in (
                ({"match": packed, "kind": "cut"},
                 r"urllib3.exceptions.ProtocolError: \('Connection broken: IncompleteRead\(\d+ bytes"),
                ({"match": packed, "kind": "corrupt"},
                 r"json.decoder.JSONDecodeError: Expecting ',' delimiter: line \d+ column \d+"),
                ({"match": packed, "kind": "body", "text": ""},
                 "EOFError: Compressed file ended before the end-of-stream marker was reached"),
                ({"match": packed, "kind": "body", "file": "half"}, "EOFError: Compressed file "),
                ({"match": "repodata", "kind": "body", "text": "<html><title>Login</title>\n</html>"},
                 r"json.decoder.JSONDecodeError: Expecting value: line 1 column 1 \(char 0\); got "
                 '"<html><title>Login</title>"')):
            self.serve(rule)
            self.assert_report(error)
        self.environment["CONDA_REMOTE_READ_TIMEOUT_SECS"] = "2"
        self.serve({"match": packed, "kind": "slow", "rate": 0.2})
        self.assert_report("urllib3.exceptions.ReadTimeoutError")
        self.serve()
        self.assert_result(self.create(), 0)

    def test_repodata_that_is_not_compressed(self):
        self.serve({"match": "zst$", "kind": "body", "text": "<html>"},
                   {"match": "linux-64/repodata.json$", "kind": "cut", "times": 1})
        result = self.create()
        self.assert_result(result, 1, "WARNING .*Could not decompress .*linux-64/current_repodata.json"
                           ".zst as zstd. Fall back to .json")
        self.assertRegex(result.stderr, "CondaHTTPError: HTTP 000 CONNECTION FAILED for url <.*/lin")
        self.assert_result(self.create(), 0)

    def fetch_bytes(self, path):
        with urllib.request.urlopen(self.address + path, timeout=5) as answer:
            return answer.read()

    def test_a_page_instead_of_a_package(self):
        self.serve({"match": "flask", "kind": "body", "text": "<html>", "times": 1})
        self.assert_result(self.create(), 1, "ChecksumMismatchError: Conda detected a mismatch")

    def test_wrong_bytes(self):
        self.serve({"match": "flask", "kind": "corrupt", "times": 1})
        self.assert_result(self.create(), 1, "ChecksumMismatchError: Conda detected a mismatch")
        self.assert_result(self.create(), 0)

    def test_stalled_body_and_first_byte(self):
        self.environment["CONDA_REMOTE_READ_TIMEOUT_SECS"] = "2"
        self.serve({"match": "python-3.9.18", "kind": "slow", "rate": 0.2, "times": 1})
        self.assert_result(self.create(), 1, "CondaHTTPError: HTTP 000 CONNECTION FAILED for url")
        self.serve({"match": "repodata", "kind": "hang", "times": 1})
        self.assert_result(self.create(), 0, r"Retrying \(Retry\(total=2")

    def test_waits_of_conda_and_its_lock(self):
        """0 + 2 + 4 s for a dead server, 10 s for a lock: side by side to save time."""
        del self.environment["CONDA_REMOTE_BACKOFF_FACTOR"]
        self.environment["CONDA_NUMBER_CHANNEL_NOTICES"] = "0"
        started = time.monotonic()
        command = [self.prefix + "/bin/conda", "create", "-y", "-n"]
        cache = os.path.join(self.folder, "held")
        self.environment["CONDA_PKGS_DIRS"] = cache
        self.create("nothing-like-this")
        files = [open(os.path.join(cache, "cache", name), "a")
                 for name in os.listdir(cache + "/cache")]
        for file in files:
            self.addCleanup(file.close)
            fcntl.lockf(file, fcntl.LOCK_EX, 1, conda.LOCK_BYTE)
        locked = self.start([*command, "a", "flask"])
        del self.environment["CONDA_PKGS_DIRS"]
        self.environment["CONDA_CHANNEL_ALIAS"] = "http://127.0.0.1:9"
        refused = self.start([*command, "b", "flask"])
        _, error = refused.communicate(timeout=60)
        self.assertGreater(time.monotonic() - started, 5)
        self.assertRegex(error, "(?m)^CondaHTTPError: HTTP 000 CONNECTION FAILED for url <")
        _, error = locked.communicate(timeout=60)
        self.assertRegex(error, "(?m)^LockError: Failed to acquire lock.")
        self.assertEqual((refused.returncode, locked.returncode), (1, 1))
        self.assertGreater(time.monotonic() - started, 10)


class TestTerms(Installed):
    kind = "defaults"

    def accept(self, *words):
        return self.conda("tos", "accept", *words)

    def test_not_accepted(self):
        result = self.create()
        self.assert_result(result, 1, "CondaToSNonInteractiveError: Terms of Service have not been "
                           "accepted for the following channels. Please accept or remove")
        self.assertEqual(result.stdout, "")
        for name in ("main", "r"):
            self.assertIn("conda tos accept --override-channels --channel %s/pkgs/%s\n"
                          % (self.address, name), result.stderr)
        for words in (("install", "-y", "flask"), ("search", "flask"),
                      ("env", "remove", "-y", "-n", "x")):
            self.assert_result(self.conda(*words), 1, "CondaToSNonInteractiveError: ")
        for words in (("info", "--base"), ("config", "--show"), ("env", "list"),
                      ("clean", "-y", "--index-cache")):
            self.assert_result(self.conda(*words), 0)

    def test_ways_around_it(self):
        self.assert_result(
            self.create(flags=("-y", "--override-channels", "-c", "conda-forge")), 0)
        self.assert_result(self.create(flags=("-y", "-c", "conda-forge"), name="b"), 1, "CondaToS")
        self.assert_result(self.conda("--no-plugins", "create", "-y", "-n", "c", "flask"), 0)
        write(self.folder + "/etc/conda/.condarc", "channels:\n  - conda-forge\n")
        self.assert_result(self.create(name="d"), 1, "CondaToSNonInteractiveError: ")
        self.environment["CONDA_CHANNELS"] = "conda-forge"
        self.assert_result(self.create(name="e"), 1, "CondaToSNonInteractiveError: ")
        del self.environment["CONDA_CHANNELS"]
        write(self.folder + "/etc/conda/.condarc", "channels: #!final\n  - conda-forge\n")
        self.assert_result(self.create(name="f"), 0)
        os.unlink(self.folder + "/etc/conda/.condarc")
        write(self.prefix + "/.condarc", "channels:\n  - conda-forge\n")
        self.assert_result(self.create(name="g"), 0)

    def test_auto_accept(self):
        self.environment["CONDA_PLUGINS_AUTO_ACCEPT_TOS"] = "accept"
        self.assert_result(self.create(), 1, "CustomValidationError: Parameter auto_accept_tos = "
                           "'accept' declared in <<merged>> is invalid.\nThe value 'accept' cannot")
        self.environment["CONDA_PLUGINS_AUTO_ACCEPT_TOS"] = "yes"
        self.assert_result(self.create(flags=("-y", "-q")), 0,
                           out="2 channel Terms of Service accepted")
        self.assertTrue(os.listdir(self.environment["HOME"] + "/.conda/tos"))
        self.conda("tos", "reject")
        self.assert_result(self.create(name="b"), 1, "CondaToSRejectedError ?")

    def test_ci(self):
        self.environment["CI"] = "true"
        self.assert_result(self.create(), 0, out="CI detected...")

    def test_accept_for_one_user_or_for_all(self):
        self.assert_result(self.accept("--override-channels", "--channel",
                                       self.address + "/pkgs/main"), 0,
                           out="^accepted Terms of Service for %s/pkgs/main\n$" % self.address)
        result = self.create()
        self.assert_result(result, 1, "CondaToSNonInteractiveError")
        self.assertNotIn("pkgs/main", result.stderr)
        result = self.accept("--system")
        self.assertEqual(len(re.findall("accepted Terms of Service for", result.stdout)), 2)
        self.environment["HOME"] = self.folder + "/other"
        self.assert_result(self.create(), 0)

    def test_newer_terms_are_open_again(self):
        self.accept("--site")
        newer = {**channel.TERMS, "version": "2026-01-01T00:00:00+00:00"}
        self.serve({"match": "terms", "kind": "body", "text": json.dumps(newer)})
        self.assert_result(self.create(), 1, "CondaToSNonInteractiveError")

    def test_failed_accept_is_code_0_and_is_remembered(self):
        self.serve({"match": "terms.json", "kind": "status", "code": 503})
        result = self.accept("--system")
        self.assert_result(result, 0, out="^Terms of Service not found for ")
        self.assertEqual(result.stderr, "")
        asked = len(self.requests("terms.json"))
        self.assertEqual(asked, 8)
        self.serve()
        self.accept("--system")
        self.assert_result(self.accept("--system", "--ignore-cache"), 0, out="^accepted Terms")

    def test_failure_is_cached_for_an_hour(self):
        port = self.address.rpartition(":")[2]
        self.hooks({"trap": "tos", "times": 2})
        self.assert_result(self.accept("--system"), 0, out="^Terms of Service not found for .*" + port)
        self.assert_result(self.accept("--system"), 0, out="^Terms of Service not found for ")
        self.assertEqual(self.requests("terms.json"), [])
        self.assert_result(self.create(), 0)
        cache = self.environment["HOME"] + "/.cache/conda-anaconda-tos"
        for name in os.listdir(cache):
            self.assertTrue(name.endswith(".cache"))
            self.assertEqual(read(os.path.join(cache, name)), "")
            os.utime(os.path.join(cache, name), (1, 1))
        self.assert_result(self.create(name="b"), 1, "CondaToSNonInteractiveError")

    def test_short_name_is_not_found(self):
        self.assert_result(self.accept("--override-channels", "--channel", "main"), 0,
                           out="^Terms of Service not found for .*/main\n$")


class TestCommands(Installed):

    def test_install_list_remove(self):
        self.create("python=3.9", "flask")
        self.assert_result(self.conda("install", "-y", "-n", "app", "flask"), 0,
                           out="# All requested packages already installed.")
        self.assert_result(self.conda("install", "-y", "-n", "app", "gunicorn", "flask=2"), 0)
        self.assert_good()
        listed = self.conda("list", "-n", "app", "--json")
        versions = {entry["name"]: entry["version"] for entry in json.loads(listed.stdout)}
        self.assertEqual((versions["python"], versions["flask"]), ("3.9.18", "2.3.3"))
        for words in (("install", "-y", "-n", "x", "flask"), ("list", "-n", "x"),
                      ("run", "-n", "x", "true")):
            self.assert_result(self.conda(*words), 1,
                               "EnvironmentLocationNotFound: Not a conda environment: ")
        self.assertRegex(self.conda("env", "list").stdout, "^\n?# conda environments:\n#\n# \\* -> active"
                         "\n# \\+ -> frozen\nbase .*\napp +%s\n" % self.env())
        for path in ("envs/.conda_envs_dir_test", ".installer.info", "_conda"):
            self.assertTrue(os.path.exists(os.path.join(self.prefix, path)), path)
        self.assert_result(self.conda("remove", "-y", "-n", "app", "gunicorn"), 0)
        self.assert_broken()
        self.assert_result(self.conda("env", "remove", "-y", "-n", "app"), 0)
        self.assertFalse(os.path.exists(self.env()))

    def test_install_needs_the_server_and_keeps_the_environment(self):
        self.create()
        self.serve({"match": "repodata", "kind": "status", "code": 503})
        self.assert_result(self.conda("install", "-y", "-n", "app", "flask"), 1, "CondaHTTPError")
        self.assert_good()

    def test_run_passes_the_code_on(self):
        self.create()
        for script, code in (("exit 42", 42), ("kill -9 $$", 137), ("exit 0", 0)):
            result = self.conda("run", "-n", "app", "sh", "-c", script)
            self.assert_result(result, code)
        result = self.conda("run", "-n", "app", "no-such-command")
        self.assert_result(result, 127, r"ERROR conda.cli.main_run:execute\(148\): `conda run ")
        self.assert_result(self.conda("run", "-p", self.env(), "python", "-V"), 0, out="3.9.18")

    def test_config(self):
        self.assertEqual(self.conda("config", "--show", "channels").stdout,
                         "channels:\n  - conda-forge\n")
        for _ in range(2):
            result = self.conda("config", "--system", "--set", "auto_activate", "false")
            self.assert_result(result, 0)
            self.assertEqual(result.stdout + result.stderr, "")
        self.assertIn("auto_activate: False", read(self.prefix + "/.condarc"))
        self.assert_result(self.conda("config", "--system", "--set", "x", "1"), 1,
                           "CondaKeyError: 'x': unknown parameter")
        self.assert_result(self.conda("config", "--set", "always_yes", "maybe"), 1,
                           "CustomValidationError: ")
        self.assert_result(self.conda("config", "--system", "--set", "channels", "x"), 1,
                           "CondaKeyError: 'channels': invalid parameter")
        self.assert_result(self.conda("config", "--system", "--remove", "channels", "defaults"), 1,
                           "CondaKeyError: 'channels': value 'defaults' not present in config")
        self.assert_result(self.conda("config", "--system", "--add", "channels", "conda-forge"), 0,
                           "Warning: 'conda-forge' already in 'channels' list")
        write(self.prefix + "/.condarc", "chanels: [a]\n")
        self.assert_result(self.create(), 1, "NoChannelsConfiguredError: ")
        path = self.environment["HOME"] + "/.condarc"
        write(path, "channels: [a\n b: :\n")
        self.assert_report(
            'ruamel.yaml.parser.ParserError: while parsing a flow sequence\n'
            '      in "%s", line 1, column 11\n    expected' % path)
        self.assert_result(self.conda("info", "--base"), 1)

    def test_merging_puts_the_stronger_file_first(self):
        write(self.folder + "/etc/conda/condarc.d/a.yml", "channels: [conda-forge]\nquiet: true\n")
        write(self.prefix + "/.condarc", "channels: [defaults]\nquiet: false\n")
        shown = self.conda("config", "--show", "channels", "quiet").stdout
        self.assertEqual(shown, "channels:\n  - defaults\n  - conda-forge\nquiet: False\n")

    def test_environment_files(self):
        path = self.folder + "/environment.yml"
        write(path, "name: app\nchannels: [conda-forge]\nprefix: /nowhere\ndependencies:\n"
              "  - python=3.9\n  - flask\n  - gunicorn\n  - pip\n  - pip:\n    - tinyjson\n")
        self.environment["PIP_INDEX_URL"] = self.address + "/simple"
        self.assert_result(self.conda("env", "create", "-f", path), 0)
        self.assert_good()
        self.assert_result(self.run_it([self.env("bin", "python"), "-c", "import tinyjson"]), 0)
        write(self.env("mine"), "lost")
        self.assert_result(self.conda("env", "create", "-f", path), 0)
        self.assertFalse(os.path.exists(self.env("mine")))
        write(self.env("mine"), "kept")
        write(path, "name: app\ndependencies: [python=3.9, pip, {pip: [nothing-like-this]}]\n")
        result = self.conda("env", "update", "--prune", "-f", path)
        self.assert_result(result, 1, "CondaEnvException: Pip failed")
        self.assertIn("Pip subprocess error:\n", result.stderr)
        self.assertTrue(os.path.exists(self.env("mine")))
        self.assertFalse(os.path.exists(self.env("bin", "flask")))
        write(path, "name: b\nchannels: [conda-forge, nodefaults]\ndependencies: [flask]\n")
        self.assert_result(self.conda("env", "create", "-f", path), 1, "UnavailableInvalidChannel: "
                           "HTTP 404 Not Found for channel nodefaults")
        for text in ("dependencies: [flask]\n", "a: [\n"):
            write(path, text)
            self.assert_result(self.conda("env", "create", "-f", path), 2, "ArgumentError: The env")

    def pip(self, *words):
        return self.run_it([self.env("bin", "pip"), "install", *words])

    def test_pip(self):
        self.create("python=3.9", "pip")
        self.environment.update(PIP_INDEX_URL=self.address + "/simple", PIP_RETRIES="1")
        root = "WARNING: Running pip as the 'root' user can result in broken permissions"
        wheel = "tinyjson-1.0-py3-none-any.whl"
        for requirement, versions in (("nothing", "none"), ("tinyjson==9", "1.0")):
            result = self.pip(requirement)
            self.assert_result(result, 1, out="^Looking in indexes: http")
            self.assertEqual(result.stderr, "ERROR: Could not find a version that satisfies the "
                             "requirement {0} (from versions: {1})\nERROR: No matching distribution "
                             "found for {0}\n".format(requirement, versions))
        none = "ERROR: Could not find a version that satisfies the requirement tinyjson .from versions"
        for rule, error in (
                ({"match": "simple/tinyjson/$", "kind": "status", "code": 503}, none),
                ({"match": "simple/tinyjson/$", "kind": "body", "text": "<html>"}, none),
                ({"match": "simple/tinyjson/$", "kind": "refuse"}, r"WARNING: Retrying \(Retry\(total=0, "
                 "connect=None, .* after connection broken by 'ConnectionResetError.*\n" + none),
                ({"match": wheel, "kind": "status", "code": 404},
                 "  ERROR: HTTP error 404 while getting .*\nERROR: Could not install requirement "),
                ({"match": wheel, "kind": "status", "code": 503},
                 "ERROR: Could not install packages due to an OSError: HTTPConnectionPool.*too many 503"),
                ({"match": wheel, "kind": "corrupt"},
                 "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."),
                ({"match": wheel, "kind": "cut", "after": 0},
                 "error: incomplete-download\n\n. Download failed after 6 attempts because")):
            self.serve(rule)
            self.environment["PIP_INDEX_URL"] = self.address + "/simple"
            result = self.pip("tinyjson")
            self.assert_result(result, 1, error)
            self.assertNotIn(root, result.stderr)
        self.serve({"match": wheel, "kind": "cut", "times": 2})
        self.environment["PIP_INDEX_URL"] = self.address + "/simple"
        result = self.pip("tinyjson")
        self.assert_result(result, 0, r"  WARNING: Attempting to resume incomplete download \(")
        self.assertEqual(len(self.requests(wheel + " 206")), 2)
        self.assertEqual(root in result.stderr, os.getuid() == 0)
        self.assertEqual(len(self.requests("/simple/pip/")), 1)
        self.environment["PIP_ROOT_USER_ACTION"] = "ignore"
        self.assertEqual(self.pip("tinyjson").stderr, "")

    def test_activate(self):
        shutil.rmtree(self.prefix)
        self.install()
        self.create()
        script = ('set -eu; . "%s/etc/profile.d/conda.sh"; conda activate app; python -V; '
                  'echo "$CONDA_DEFAULT_ENV $CONDA_PREFIX"; conda deactivate; '
                  'echo "${CONDA_PREFIX-none}"' % self.prefix)
        for shell in ("bash", "dash"):
            self.assertEqual(self.run_it([shell, "-c", script]).stdout,
                             "Python 3.9.18\napp %s\nnone\n" % self.env())
        self.assert_result(self.conda("activate", "app"), 1,
                           "CondaError: Run 'conda init' before 'conda activate'")
        hook = self.run_it(["bash", "-c", 'eval "$(%s/bin/conda shell.posix hook)"; echo '
                            '"$CONDA_DEFAULT_ENV"' % self.prefix])
        self.assertEqual(hook.stdout, "base\n")


class TestServing(Installed):
    """The web part of an environment: gunicorn and flask as a unit would run them."""

    APP = ("from flask import Flask, jsonify\napp = Flask(__name__)\n\n"
           "@app.route('/hi/<name>')\ndef hi(name):\n    return jsonify(hello=name)\n")

    def setUp(self):
        super().setUp()
        self.create()
        write(self.folder + "/site/web.py", self.APP)

    def gunicorn(self, address):
        self.environment = {}
        process = self.start([self.env("bin", "gunicorn"), "--workers", "2", "--bind", address,
                              "web:app"], cwd=self.folder + "/site")
        self.assertIn("Listening at", process.stderr.readline())
        return process

    def test_tcp(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % free.getsockname()[1]
        process = self.gunicorn(address)
        with urllib.request.urlopen("http://%s/hi/you" % address, timeout=5) as answer:
            self.assertEqual(json.load(answer), {"hello": "you"})
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen("http://%s/none" % address, timeout=5)
        process.terminate()
        self.assertEqual(process.wait(30), 0)

    def test_unix_socket(self):
        path = self.folder + "/app.sock"
        self.gunicorn("unix:" + path)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"GET /hi/me HTTP/1.0\r\n\r\n")
            self.assertIn(b'{"hello": "me"}', client.makefile("rb").read())

    def test_missing_module_fails(self):
        result = self.run_it([self.env("bin", "gunicorn"), "nothing:app"])
        self.assert_result(result, 3, "Worker failed to boot.")


class TestServer(Case):

    def start_server(self, port, *more):
        """The program itself, as a boot test starts it."""
        return self.start([sys.executable, os.path.join(HERE, "server.py"), "--port", str(port),
                           "--root", shared["root"], *more])

    def fetch(self, path, **headers):
        request = urllib.request.Request(self.address + path, headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()

    def test_range_decoding_and_log(self):
        self.serve()
        name = "/simple/tinyjson/index%2ehtml"
        self.assertEqual(self.fetch(name)[1], self.fetch("/simple/tinyjson/")[1])
        whole = self.fetch("/pkgs/r/terms.json")[1]
        self.assertEqual(self.fetch("/pkgs/r/terms.json", Range="bytes=4-"), (206, whole[4:]))
        self.assertEqual(self.fetch("/pkgs/r/terms.json", Range="bytes=0-3"), (206, whole[:4]))
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.fetch("/pkgs/r/terms.json", Range="bytes=%d-" % len(whole))
        caught.exception.close()
        self.assertEqual(caught.exception.code, 416)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.fetch("/../../../../etc/passwd")
        caught.exception.close()
        self.assertIn("GET /pkgs/r/terms.json 200 %d" % len(whole), read(self.log).splitlines())

    def test_what_is_known_is_not_sent_again(self):
        self.serve()
        with urllib.request.urlopen(self.address + "/pkgs/r/terms.json", timeout=5) as answer:
            known = {"If-None-Match": answer.headers["ETag"]}
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.fetch("/pkgs/r/terms.json", **known)
        caught.exception.close()
        self.assertEqual(caught.exception.code, 304)

    def test_refuse_for_a_while_and_clean_end(self):
        rules = os.path.join(self.folder, "faults.json")
        write(rules, json.dumps([{"match": ".*", "kind": "refuse", "seconds": 0.5}]))
        process = self.start_server(0, "--faults", rules)
        self.address = "http://" + process.stdout.readline().split()[-1]
        with self.assertRaises(OSError):
            self.fetch("/pkgs/r/terms.json")
        time.sleep(0.6)
        self.assertEqual(self.fetch("/pkgs/r/terms.json")[0], 200)
        process.terminate()
        self.assertEqual(process.wait(30), 0)

    def test_up_after(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = self.start_server(port, "--up-after", "3")
        time.sleep(0.3)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1).close()
        self.assertIn("listening", process.stdout.readline())
        socket.create_connection(("127.0.0.1", port), 1).close()


def run_class(name):
    """One class in a process of its own: (tests run, passed or not, what it printed)."""
    result = subprocess.run([sys.executable, os.path.abspath(__file__), name], check=False,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, universal_newlines=True)
    count = re.search(r"(?m)^Ran (\d+) test", result.stdout)
    failed = sum(map(int, re.findall(r"(?:failures|errors)=(\d+)", result.stdout)))
    return int(count.group(1)) if count else 0, failed, result


def main():
    """Every class, and one closing line for all of them."""
    names = [name for name, value in globals().items()
             if name.startswith("Test") and isinstance(value, type)]
    names.sort(key=lambda name: (name not in LONGEST, name))
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for name, (count, bad, result) in zip(names, pool.map(run_class, names)):
            bad = max(bad, int(result.returncode != 0))
            print("%-16s %d tests, %d failed" % (name, count, bad))
            if bad:
                print(result.stdout)
            passed, failed = passed + max(0, count - bad), failed + bad
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        unittest.main()
    sys.exit(main())
