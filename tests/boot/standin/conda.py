#!/usr/bin/python3
"""A stand-in for conda 26.7.1 that keeps its outside: commands, messages, exit
codes, files, and above all the half states that a kill or a fault leaves.

Installed as PREFIX/bin/conda, and as PREFIX/_conda while the stand-in installer
runs. Hooks for the tests (hang, kill, slow, trap) come from /etc/standin.json,
or from the file that STANDIN_HOOKS names, and from STANDIN_KILL_AT with
STANDIN_KILL_ONCE (STANDIN_ETC stands for /etc); README.md beside this file lists them.
"""
import argparse
import contextlib
import datetime
import errno
import fcntl
import hashlib
import http.client
import json
import os
import platform
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import traceback
import urllib.parse
import urllib.request

import yaml

VERSION = "26.7.1"
ETC = os.environ.get("STANDIN_ETC", "/etc")
TOS_CACHE_SECONDS = 3600
RETRIED_STATUS = (413, 429, 500, 503)
LOCK_TRIES = 10
LOCK_BYTE = 21
CHUNK = 65536
WITH_WORKERS = ("extract", "link", "records")
SIDE_BY_SIDE = 5
BLOCKED_BY_TOS = ("create", "install", "update", "upgrade", "remove", "search", "rename",
                  "env create", "env update", "env remove")
SETTINGS = {
    "always_copy": False, "always_yes": False, "auto_activate": True, "auto_update_conda": True,
    "changeps1": True, "channel_alias": "http://127.0.0.1:8800", "channel_priority": "flexible",
    "channels": [], "create_default_packages": [], "custom_channels": {}, "default_channels": [],
    "envs_dirs": [], "extra_safety_checks": False, "notify_outdated_conda": True,
    "number_channel_notices": 5, "offline": False, "pip_interop_enabled": False,
    "pkgs_dirs": [], "proxy_servers": {}, "quiet": False, "remote_backoff_factor": 1,
    "remote_connect_timeout_secs": 9.15, "remote_max_retries": 3,
    "remote_read_timeout_secs": 60.0, "report_errors": None, "safety_checks": "warn",
    "show_channel_urls": None, "solver": "libmamba", "ssl_verify": True,
    "plugins.auto_accept_tos": False,
}
ALIASES = {"auto_activate_base": "auto_activate"}
CHOICES = {"channel_priority": ("strict", "flexible", "disabled"),
           "safety_checks": ("disabled", "warn", "enabled"),
           "solver": ("libmamba", "classic", "rattler")}
BOOLEANS = {"yes": True, "true": True, "on": True, "1": True, "y": True,
            "no": False, "false": False, "off": False, "0": False, "n": False, "": False}


# ---------------------------------------------------------------- errors

class CondaError(Exception):
    """An error as conda prints it: class name, message, exit code 1 unless told."""

    def __init__(self, name, message, code=1, **details):
        super().__init__(message)
        self.name, self.message, self.code, self.details = name, message, code, details


class Several(CondaError):
    """What went wrong with packages side by side: conda prints the first of it twice."""

    def __init__(self, errors):
        super().__init__("CondaMultiError", "\n".join(error.message for error in errors))
        self.errors = errors[:1] + errors


class Stalled(CondaError):
    """A body that stopped coming."""


def foreign(dotted):
    """An exception of a library that conda uses, by its full name: it ends in an error report."""
    module, _, name = dotted.rpartition(".")
    return type(name, (Exception,), {"__module__": module})


class Interrupted(BaseException):
    """SIGTERM or SIGINT; not an Exception, so that nothing but clean-up catches it."""


def argument_error(message):
    return CondaError("ArgumentError", message, 2)


def system_exit(message="Exiting."):
    """conda leaves with code 0 here: not having done anything is no error to it."""
    return CondaError("CondaSystemExit", message, 0)


# ---------------------------------------------------------------- hooks

def hooks_path():
    return os.environ.get("STANDIN_HOOKS", "/etc/standin.json")


def read_hooks():
    """The list of hooks; none when there is no file."""
    try:
        with open(hooks_path(), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return []


def take_hook(key, value):
    """The first hook whose `key` is `value` and that has uses left, counted as used.

    The counts lie beside the hook file, because every conda is a new process.
    """
    for number, hook in enumerate(read_hooks()):
        if hook.get(key) == value and count_use(number, hook.get("times")):
            return hook
    return None


def count_use(number, limit):
    """Count one more use of a hook; False when it had all its uses."""
    with open(hooks_path() + ".counts", "a+", encoding="utf-8") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        file.seek(0)
        counts = json.loads(file.read() or "{}")
        used = counts.get(str(number), 0)
        if limit is not None and used >= limit:
            return False
        counts[str(number)] = used + 1
        file.seek(0)
        file.truncate()
        file.write(json.dumps(counts))
        return True


def setting_of_hooks(key, default):
    """An uncounted hook, such as {"rewrite": {...}}."""
    for hook in read_hooks():
        if key in hook:
            return hook[key]
    return default


def hang():
    """Do nothing until a signal comes."""
    while True:
        time.sleep(60)


def slow_seconds(phase):
    """How long a phase is to be stretched."""
    return float(setting_of_hooks("slow", {}).get(phase, 0))


def stretch(phase, total):
    """Sleep one of `total` shares of the time that a phase is stretched by."""
    seconds = slow_seconds(phase)
    if seconds:
        time.sleep(seconds / max(1, total))


def kill_wanted(phase):
    """Whether a test wants the power cut in this phase, now."""
    marker = os.environ.get("STANDIN_KILL_ONCE")
    if os.environ.get("STANDIN_KILL_AT") == phase and not (marker and os.path.exists(marker)):
        if marker:
            write_text(marker, phase + "\n")
        return True
    return take_hook("kill_at", phase) is not None


def middle_of(phase):
    """The one point half-way through a phase where hooks may kill or hang."""
    if kill_wanted(phase):
        if phase in WITH_WORKERS:
            outlive()
        os.kill(os.getpid(), signal.SIGKILL)
    if take_hook("hang_at", phase):
        hang()


def outlive():
    """Start what is left of a conda that is killed: the tracker of its workers has a last word."""
    ours, theirs = os.pipe()
    if os.fork():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.close(theirs)
    os.read(ours, 1)
    time.sleep(0.2)
    os.write(2, (
        "%s/lib/python3.13/multiprocessing/resource_tracker.py:301: UserWarning: resource_tracker: "
        "There appear to be 1 leaked semaphore objects to clean up at shutdown: {'/mp-standin'}\n"
        "  warnings.warn(\n" % own_prefix()).encode())
    os._exit(0)


def disk_full(phase):
    """The one point of a phase where a hook may let the disk be full."""
    if take_hook("full_at", phase):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def command_hooks(command):
    """Hooks that stand for a whole command: hang, or fail with a given text."""
    hook = take_hook("hang", command)
    if hook:
        if hook.get("child"):
            subprocess.Popen(["sleep", "86399"], start_new_session=True)
        hang()
    hook = take_hook("fail", command)
    if hook:
        sys.stderr.write("\n%s\n\n" % hook.get("stderr", "CondaError: injected failure"))
        raise SystemExit(hook.get("rc", 1))


# ---------------------------------------------------------------- files

def home():
    """The home folder; from passwd when HOME is unset."""
    return os.path.expanduser("~")


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write_text(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def remove_tree(path):
    """rm -rf."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def list_folder(path):
    """The names in a folder; none when there is no such folder."""
    return os.listdir(path) if os.path.isdir(path) else []


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(CHUNK), b""):
            digest.update(piece)
    return digest.hexdigest()


def writable_folder(path):
    """Whether files can be made in a folder, which is made when it is missing."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError:
        return False
    return os.access(path, os.W_OK)


# ---------------------------------------------------------------- settings

def convert(key, value, source):
    """A value in the type of its setting, or conda's complaint about it."""
    default = SETTINGS[key]
    try:
        if isinstance(default, bool):
            return value if isinstance(value, bool) else BOOLEANS[str(value).lower()]
        if isinstance(default, (int, float)):
            return type(default)(value)
    except (KeyError, TypeError, ValueError):
        kind = "boolified" if isinstance(default, bool) else "converted to a number"
        raise invalid_setting(key, value, source, "The value %r cannot be %s." % (value, kind))
    if key in CHOICES and value not in CHOICES[key]:
        raise invalid_setting(key, value, source, "%r is not one of %s." % (
            value, ", ".join(CHOICES[key])))
    if isinstance(default, list):
        return [value] if isinstance(value, str) else list(value or [])
    if isinstance(default, dict):
        return dict(value or {})
    return value


def invalid_setting(key, value, source, why):
    name = key.rpartition(".")[2]
    return CondaError("CustomValidationError", "Parameter %s = %r declared in %s is invalid.\n%s"
                      % (name, value, source, why))


class Settings:
    """The merged settings: condarc files from /etc to the user's, environment, options."""

    def __init__(self, prefix, options=None):
        self.prefix = prefix
        self.options = options or {}
        self.sources = []
        for path in self.files():
            self.add_file(path)
        self.add_environment()
        if self.options.get("channels"):
            self.sources.append(("cmd_line", {"channels": self.options["channels"]}, set()))

    def files(self):
        """The condarc files that exist, the strongest last."""
        patterns = [ETC + "/conda/.condarc", ETC + "/conda/condarc", ETC + "/conda/condarc.d/",
                    self.prefix + "/.condarc", self.prefix + "/condarc",
                    self.prefix + "/condarc.d/", home() + "/.conda/.condarc",
                    home() + "/.conda/condarc", home() + "/.condarc",
                    os.environ.get("CONDA_PREFIX", "") + "/.condarc",
                    os.environ.get("CONDARC", "")]
        found = []
        for pattern in patterns:
            names = [pattern]
            if pattern.endswith("/"):
                names = [pattern + name for name in sorted(list_folder(pattern))
                         if name.endswith((".yml", ".yaml"))]
            found += [name for name in names if os.path.isfile(name) and name not in found]
        return found

    def add_file(self, path):
        """Read one condarc; broken YAML ends every conda command in an error report."""
        try:
            text = read_text(path)
            with open(path, encoding="utf-8") as file:
                data = yaml.safe_load(file) or {}
        except PermissionError:
            return
        except yaml.YAMLError as error:
            kind = type(error)
            raise foreign("ruamel.%s.%s" % (kind.__module__, kind.__name__))(error) from error
        final = set(re.findall(r"^([\w.]+):.*#!final", text, re.M))
        for key, value in (data.pop("plugins", None) or {}).items():
            data["plugins." + key] = value
        data = {ALIASES.get(key, key): value for key, value in data.items()}
        self.sources.append((path, data, final))

    def add_environment(self):
        """CONDA_* variables, which conda names <<merged>> in its complaints."""
        data = {}
        for key, default in SETTINGS.items():
            text = os.environ.get("CONDA_" + key.upper().replace(".", "_"))
            if text is None:
                continue
            split_at = os.pathsep if key.endswith("_dirs") else ","
            data[key] = [part for part in text.split(split_at) if part] \
                if isinstance(default, list) else text
            convert(key, data[key], "<<merged>>")
        self.sources.append(("<<merged>>", data, set()))

    def values(self, key):
        """(source, value) of every place that has the key, weakest first, up to a #!final."""
        found = []
        for source, data, final in self.sources:
            if key in data and data[key] is not None:
                found.append(convert(key, data[key], source))
                if key in final:
                    break
        return found

    def get(self, key):
        """The value of a setting: lists are merged, the strongest first."""
        found = self.values(key)
        default = SETTINGS[key]
        if isinstance(default, list):
            merged = []
            for value in reversed(found):
                merged += [item for item in value if item not in merged]
            return merged
        if isinstance(default, dict):
            return {name: item for value in found for name, item in value.items()}
        return found[-1] if found else default

    def yes(self):
        return self.options.get("yes") or self.options.get("json") or self.get("always_yes")

    def quiet(self):
        return self.options.get("quiet") or self.options.get("json") or self.get("quiet")

    def channel_names(self):
        """The channels in force; -c alone with --override-channels, and none is an error."""
        if self.options.get("override_channels"):
            if not self.options.get("channels"):
                raise argument_error("At least one -c / --channel flag must be supplied "
                                     "when using --override-channels.")
            return self.options["channels"]
        names = self.get("channels")
        if not names:
            raise CondaError(
                "NoChannelsConfiguredError",
                "No channels are configured. Configure at least one channel, for example with\n"
                "    conda config --system --append channels conda-forge")
        return names

    def channel_urls(self, names):
        """Channel names as addresses; `defaults` stands for several."""
        urls = []
        for name in names:
            for url in self.default_channels() if name == "defaults" else [name]:
                url = self.channel_url(url)
                if url not in urls:
                    urls.append(url)
        return urls

    def default_channels(self):
        return self.get("default_channels") or ["pkgs/main", "pkgs/r"]

    def channel_url(self, name):
        if "://" in name:
            return name.rstrip("/")
        base = self.get("custom_channels").get(name.split("/")[0], self.get("channel_alias"))
        return "%s/%s" % (base.rstrip("/"), name.strip("/"))

    def package_cache(self):
        """The first package cache that can be written to."""
        folders = self.get("pkgs_dirs") or [self.prefix + "/pkgs", home() + "/.conda/pkgs"]
        for folder in folders:
            if writable_folder(folder):
                return folder
        raise CondaError("NoWritablePkgsDirError",
                         "No writeable pkgs directories configured.\n"
                         + "".join("  - %s\n" % folder for folder in folders))

    def environment_folders(self):
        own = [self.prefix + "/envs", home() + "/.conda/envs"]
        return self.get("envs_dirs") + own


# ---------------------------------------------------------------- HTTP

class Reply:
    """An answer whose body can be read piece by piece."""

    def __init__(self, connection, answer, about, started):
        self.connection, self.answer, self.about = connection, answer, about
        self.status, self.reason, self.started = answer.status, answer.reason, started

    def pieces(self):
        """The body; a stalled one is Stalled, a cut one IncompleteRead."""
        expected = int(self.answer.headers.get("Content-Length") or 0)
        got = 0
        with contextlib.closing(self.connection):
            while True:
                try:
                    piece = self.answer.read(CHUNK)
                except socket.timeout as error:
                    raise connection_failed(self.about, Stalled) from error
                except ConnectionError:
                    break
                if not piece:
                    break
                got += len(piece)
                yield piece
        if got < expected:
            raise http.client.IncompleteRead(b"." * got, expected - got)


class About:
    """What messages say that a request was for: repodata has words of its own."""

    def __init__(self, url, repodata=False):
        self.url, self.repodata = url, repodata

    def hint(self):
        """The line that names the folder when no connection could be made."""
        folder = self.url.rpartition("/")[0].replace("://", "//", 1)
        return "'%s'\n" % folder if self.repodata else ""


INTERMITTENT = (
    "An HTTP error occurred when trying to retrieve this URL.\n"
    "HTTP errors are often intermittent, and a simple retry will get you on your way.\n")
OF_REPODATA = {
    401: "The remote server has indicated you are using invalid credentials for this channel.\n\n"
         "You may need to:\n"
         "  (a) Remove or update the invalid token from your configuration, or\n"
         "  (b) Provide conda with a valid token directly.\n\n"
         "Further configuration help can be found at <https://conda.io/docs/config.html>.\n",
    403: "The remote server has indicated you do not have permission to access this resource.\n\n"
         "This may mean:\n"
         "  (a) You are not authenticated. Check if authentication is required for this channel\n"
         "      and verify your credentials are correctly configured.\n"
         "  (b) You do not have access to this private channel or package. Contact the\n"
         "      channel owner to request access.\n\n"
         "Further configuration help can be found at <https://conda.io/docs/config.html>.\n",
    500: "A remote server error occurred when trying to retrieve this URL.\n\n"
         "A 500-type error (e.g. 500, 501, 502, 503, etc.) indicates the server failed to\n"
         "fulfill a valid request.  The problem may be spurious, and will resolve itself if you\n"
         "try your request again.  If the problem persists, consider notifying the maintainer\n"
         "of the remote server.\n",
}


def connection_failed(about, kind=CondaError):
    return kind(
        "CondaHTTPError", "HTTP 000 CONNECTION FAILED for url <%s>\nElapsed: -\n\n%s%s"
        % (about.url, INTERMITTENT, about.hint()), status_code=0)


def http_error(reply):
    """CondaHTTPError for an answer that is no success."""
    words = INTERMITTENT
    if reply.about.repodata:
        words = OF_REPODATA.get(500 if reply.status >= 500 else reply.status, words)
    return CondaError(
        "CondaHTTPError", "HTTP %d %s for url <%s>\nElapsed: 00:%09.6f\n\n%s"
        % (reply.status, reply.reason, reply.about.url, time.monotonic() - reply.started, words),
        status_code=reply.status)


def words_of_urllib3(error, parts, timeout):
    """How a failed request is told by the library that conda uses."""
    host = "host='%s', port=%d" % (parts.hostname, parts.port or 80)
    if isinstance(error, ConnectionRefusedError):
        return ('NewConnectionError("HTTPConnection(%s): Failed to establish a new connection: %s")'
                % (host, error))
    if isinstance(error, socket.gaierror):
        return ('NameResolutionError("HTTPConnection(%s): Failed to resolve \'%s\' (%s)")'
                % (host, parts.hostname, error))
    if isinstance(error, socket.timeout):
        return ('ReadTimeoutError("HTTPConnectionPool(%s): Read timed out. (read timeout=%s)")'
                % (host, timeout))
    return repr(error)


class Http:
    """Requests with conda's own patience: some faults are waited out, others not."""

    def __init__(self, settings):
        self.retries = settings.get("remote_max_retries")
        self.backoff = settings.get("remote_backoff_factor")
        self.connect_timeout = settings.get("remote_connect_timeout_secs")
        self.read_timeout = settings.get("remote_read_timeout_secs")

    def open(self, url, headers=None, about=None):
        """A reply, after up to remote_max_retries more tries: 0, 2, 4 ... seconds apart."""
        about = about or About(url)
        for attempt in range(self.retries + 1):
            left = self.retries - attempt - 1
            try:
                reply = self.once(url, headers or {}, about)
            except (OSError, http.client.HTTPException) as error:
                if left < 0:
                    raise connection_failed(about) from error
                parts = urllib.parse.urlsplit(url)
                sys.stderr.write(
                    "Retrying (Retry(total=%d, connect=None, read=None, redirect=None, "
                    "status=None)) after connection broken by '%s': %s\n\n"
                    % (left, words_of_urllib3(error, parts, self.read_timeout), parts.path))
            else:
                if reply.status not in RETRIED_STATUS or left < 0:
                    return reply
                reply.connection.close()
            if attempt:
                time.sleep(self.backoff * 2 ** attempt)
        raise AssertionError("the last attempt returns or raises")

    def once(self, url, headers, about):
        """One request, through a proxy when the environment names one."""
        started = time.monotonic()
        parts = urllib.parse.urlsplit(rewritten(url))
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        proxy = urllib.request.getproxies().get(parts.scheme)
        target = parts.path or "/"
        if proxy and parts.scheme == "http" and not urllib.request.proxy_bypass(parts.hostname):
            connection = kind(urllib.parse.urlsplit(proxy).netloc, timeout=self.connect_timeout)
            target = urllib.parse.urlunsplit(parts)
        else:
            connection = kind(parts.netloc, timeout=self.connect_timeout)
        try:
            connection.connect()
            connection.sock.settimeout(self.read_timeout)
            connection.request("GET", target, headers={"User-Agent": "conda/" + VERSION, **headers})
            return Reply(connection, connection.getresponse(), about, started)
        except BaseException:
            connection.close()
            raise

    def body(self, url):
        """(reply, bytes) of a small document."""
        reply = self.open(url)
        return reply, b"".join(reply.pieces())


def rewritten(url):
    """The address to ask in a network without the real one (hook "rewrite")."""
    for old, new in setting_of_hooks("rewrite", {}).items():
        if url.startswith(old):
            return new + url[len(old):]
    return url


# ---------------------------------------------------------------- Terms of Service

class Terms:
    """The conda-anaconda-tos plugin."""

    def __init__(self, settings):
        self.settings = settings
        self.http = Http(settings)
        self.cache_folder = os.path.join(
            os.environ.get("XDG_CACHE_HOME") or home() + "/.cache", "conda-anaconda-tos")

    def folders(self):
        """Where answers are kept, in the order they are looked up."""
        return {"site": ETC + "/conda/tos", "system": self.settings.prefix + "/conda-meta/tos",
                "user": home() + "/.conda/tos"}

    @staticmethod
    def key(url):
        return hashlib.sha256(url.encode()).hexdigest()

    def remote(self, url, ignore_cache=False):
        """terms.json of a channel, or None; both answers are remembered for an hour."""
        path = os.path.join(self.cache_folder, self.key(url) + ".cache")
        if not ignore_cache and self.fresh(path):
            text = read_text(path)
            return json.loads(text) if text else None
        text = "" if take_hook("trap", "tos") else self.ask(url)
        with contextlib.suppress(OSError):
            os.makedirs(self.cache_folder, exist_ok=True)
            write_text(path, text)
        return json.loads(text) if text else None

    @staticmethod
    def fresh(path):
        try:
            return time.time() - os.path.getmtime(path) < TOS_CACHE_SECONDS
        except OSError:
            return False

    def ask(self, url):
        """The text of terms.json; empty for any failure, whatever its kind."""
        try:
            reply, data = self.http.body(url + "/terms.json")
            if reply.status != 200:
                return ""
            json.loads(data)
            return data.decode()
        except (CondaError, ValueError, http.client.HTTPException):
            return ""

    def stored(self, url):
        """The newest answer for a channel in the first folder that has one, or None."""
        for folder in self.folders().values():
            own = os.path.join(folder, self.key(url))
            with contextlib.suppress(OSError):
                names = sorted(name for name in os.listdir(own) if name.endswith(".json"))
                if names:
                    return json.loads(read_text(os.path.join(own, names[-1])))
        return None

    def store(self, url, terms, accepted, where="user"):
        """Write an answer where everyone can read it."""
        own = os.path.join(self.folders()[where], self.key(url))
        path = os.path.join(own, terms["version"].replace(":", "-") + ".json")
        try:
            os.makedirs(own, exist_ok=True)
            write_text(path, json.dumps({**terms, "base_url": url, "tos_accepted": accepted}))
        except OSError as error:
            raise CondaError("CondaToSPermissionError", "Unable to read/write path (%s). "
                             "Please check permissions." % path) from error

    def check(self, urls):
        """Let a command go on only when every channel's terms are accepted."""
        open_terms = []
        for url in urls:
            terms, answer = self.remote(url), self.stored(url)
            if answer and not answer["tos_accepted"]:
                raise CondaError("CondaToSRejectedError", "Terms of Service have been rejected "
                                 "for the following channels. Please remove them:\n    - %s" % url)
            if terms and (not answer or answer["version"] < terms["version"]):
                open_terms.append((url, terms))
        if open_terms:
            self.accept_unasked(open_terms)

    def accept_unasked(self, open_terms):
        """Accept when CI or auto_accept_tos says so; else tell what to type."""
        if BOOLEANS.get(os.environ.get("CI", "").lower()):
            print("CI detected...")
        elif not self.settings.get("plugins.auto_accept_tos"):
            raise terms_not_accepted([url for url, _ in open_terms])
        for url, terms in open_terms:
            print("Terms of Service for %s:\n%s" % (url, terms["text"]))
            self.store(url, terms, True)
        print("%d channel Terms of Service accepted" % len(open_terms))


def terms_not_accepted(urls):
    bullets = "".join("    - %s\n" % url for url in urls)
    commands = "".join(
        "    conda tos accept --override-channels --channel %s\n" % url for url in urls)
    return CondaError(
        "CondaToSNonInteractiveError",
        "Terms of Service have not been accepted for the following channels. "
        "Please accept or remove them before proceeding:\n" + bullets
        + "\nTo accept these channels' Terms of Service, run the following commands:\n" + commands)


def terms_plugin_installed(prefix):
    return os.path.exists(os.path.join(prefix, "share", "conda-anaconda-tos"))


def command_tos(settings, arguments):
    """conda tos accept|reject|list: exit code 0 even when nothing was found."""
    terms = Terms(settings)
    where = "system" if arguments.system else "site" if arguments.site else "user"
    for url in settings.channel_urls(settings.channel_names()):
        found = terms.remote(url, arguments.ignore_cache)
        if arguments.action == "list":
            answer = terms.stored(url)
            print("%s  %s" % (url, "-" if not answer else
                              "accepted" if answer["tos_accepted"] else "rejected"))
        elif not found:
            print("Terms of Service not found for %s" % url)
        else:
            terms.store(url, found, arguments.action == "accept", where)
            print("%sed Terms of Service for %s" % (arguments.action, url))
    return 0


# ---------------------------------------------------------------- versions and specs

def version_key(version):
    """Compare 3.9 < 3.10; letters sort before numbers."""
    return [(1, int(part), "") if part.isdigit() else (0, 0, part)
            for part in re.findall(r"\d+|[a-z]+", version.lower())]


OPERATORS = {
    ">=": lambda left, right: left >= right, "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right, "<": lambda left, right: left < right,
    "==": lambda left, right: left == right, "!=": lambda left, right: left != right,
}


BRACKET_PAIR = re.compile(r"""([a-zA-Z0-9_-]+?)=(["']?)([^'"]*?)(\2)(?:[, ]|$)""")


class Spec:
    """One MatchSpec: a name and conditions on the version, the build and the channel."""

    def __init__(self, text):
        self.text = text.strip()
        body, self.fields = self.brackets(self.text)
        channel, _, body = body.rpartition("::")
        match = re.fullmatch(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(.*)", body)
        if not match:
            raise self.invalid("Invalid package name")
        self.name, rest = match.group(1).lower(), match.group(2).strip()
        self.build, self.fits = self.fields.get("build"), lambda version: True
        self.channel = self.fields.get("channel", channel)
        if rest or "version" in self.fields:
            self.parse(rest)

    def invalid(self, why):
        return CondaError("InvalidMatchSpec", "Invalid spec '%s': %s" % (self.text, why))

    def brackets(self, text):
        """name[key=value, key='value']: what is around, and what is between.

        What is between parentheses outside of brackets is dropped, as by conda.
        """
        match = re.match(r".*(\[.*\])", text)
        found = match.group(1) if match else ""
        fields = {key: value for key, _, value, _ in BRACKET_PAIR.findall(found[1:-1])}
        if not all(fields.values()):
            raise self.invalid("key-value mismatch in brackets")
        return re.sub(r"(.*)\(.*\)", r"\1", text.replace(found, "")), fields

    def parse(self, rest):
        """name=1.2=build, name 1.2 build, name==1.2, name>=1,<2, name=1.2|1.3."""
        exact = re.fullmatch(r"=?([\w.*!+|]+)[=\s]+([\w*]+)", rest)
        if exact:
            rest, self.build = "==" + exact.group(1).lstrip("="), exact.group(2)
        elif re.fullmatch(r"=[^=<>!~].*", rest):
            rest = ",".join(part if part.endswith("*") else part + ".*" if part[:1].isdigit()
                            else part for part in rest[1:].split(","))
        tokens = re.findall(r"\s*(\^[^$]*[$]|[()|,]|[^()|,]+)", self.fields.get("version", rest))
        self.fits = self.choice(tokens)
        if tokens:
            raise self.invalid("Invalid version '%s'" % rest)

    def choice(self, tokens):
        """Conditions between |; a comma binds them closer."""
        found = [self.both(tokens)]
        while tokens[:1] == ["|"]:
            del tokens[0]
            found.append(self.both(tokens))
        return lambda version: any(fits(version) for fits in found)

    def both(self, tokens):
        found = [self.one(tokens)]
        while tokens[:1] == [","]:
            del tokens[0]
            found.append(self.one(tokens))
        return lambda version: all(fits(version) for fits in found)

    def one(self, tokens):
        token = tokens.pop(0).strip() if tokens else ""
        if token != "(":
            return self.condition(token)
        inside = self.choice(tokens)
        if tokens[:1] != [")"]:
            raise self.invalid("unmatched parentheses")
        del tokens[0]
        return inside

    def condition(self, text):
        """One condition as a function of a version."""
        if text.startswith("^") and text.endswith("$"):
            return lambda version: bool(re.match(text, version))
        match = re.fullmatch(r"(==|!=|>=|<=|~=|>|<|=)?\s*([\w.+!]+?)?(\.?\*)?", text)
        if not match or not (match.group(2) or match.group(3)):
            raise self.invalid("Invalid version '%s'" % text)
        operator, wanted, star = match.groups()
        if not wanted:
            return lambda version: True
        if star or operator == "=":
            inside = operator != "!="
            return lambda version: (version + ".").startswith(wanted + ".") == inside
        if operator == "~=":
            family = wanted.rpartition(".")[0] + "."
            return lambda version: (version.startswith(family)
                                    and version_key(version) >= version_key(wanted))
        compare = OPERATORS[operator or "=="]
        return lambda version: compare(version_key(version), version_key(wanted))

    def matches(self, record):
        """Whether a repodata record fits."""
        if record["name"] != self.name or self.build not in (None, "*", record["build"]):
            return False
        place = "/%s/%s/" % (record["channel"], record["subdir"])
        return "/%s/" % (self.channel or record["subdir"]) in place and self.fits(record["version"])


# ---------------------------------------------------------------- repodata and solving

def subdir():
    """The platform's folder in a channel."""
    machine = "aarch64" if platform.machine() in ("aarch64", "arm64") else "64"
    return os.environ.get("CONDA_SUBDIR") or "linux-" + machine


@contextlib.contextmanager
def repodata_lock(path):
    """conda's lock on a repodata cache file: fcntl, so it dies with its holder."""
    with open(path, "a", encoding="utf-8") as file:
        for attempt in range(LOCK_TRIES + 1):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, LOCK_BYTE)
                break
            except OSError as error:
                if attempt == LOCK_TRIES:
                    raise CondaError("LockError", "Failed to acquire lock.") from error
                time.sleep(1)
        yield


ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class NotZstd(Exception):
    """Something else under the name of a zstd file."""


def unpack_zstd(data):
    """What is in a zstd frame of blocks that are not compressed: channel.py writes no others."""
    if not ZSTD_MAGIC.startswith(data[:4]):
        raise NotZstd("Unable to decompress Zstandard data: Unknown frame descriptor")
    at, text, last = 9, b"", False
    while not last:
        head = int.from_bytes(data[at:at + 3], "little")
        last, size = head & 1, head >> 3
        if len(data) < at + 3 + size or len(data) < 12:
            raise EOFError("Compressed file ended before the end-of-stream marker was reached")
        text += data[at + 3:at + 3 + size]
        at += 3 + size
    return text


def parse_repodata(data):
    """The JSON of the bytes, or the complaint of conda's parser."""
    text = data.decode(errors="replace")
    try:
        if "\ufffd" in text:
            raise json.JSONDecodeError("Expecting ',' delimiter", text, text.index("\ufffd"))
        return json.loads(text)
    except json.JSONDecodeError as error:
        got = "" if error.pos else '; got "%s"' % text.partition("\n")[0]
        raise foreign("json.decoder.JSONDecodeError")("%s%s" % (error, got)) from error


class Repodata:
    """The repodata of one folder of a channel, and what pkgs/cache keeps of it."""

    def __init__(self, settings, url):
        self.url, self.http = url, Http(settings)
        folder = os.path.join(settings.package_cache(), "cache")
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, hashlib.md5(url.encode()).hexdigest()[:8])

    def latest(self, source):
        """The index, or None; repodata.json takes the place of another that is missing."""
        with repodata_lock(self.path + ".lock"):
            state = self.state()
            for name in dict.fromkeys((source, "repodata.json")):
                data = self.fetch(name, state if name == "repodata.json" else {})
                if data is not None:
                    return data
        return None

    def state(self):
        """What was noted of the text in the cache; nothing when it is another text, or torn."""
        path = self.path + ".info.json"
        try:
            state = json.loads(read_text(path))
            size = os.path.getsize(self.path + ".json")
        except FileNotFoundError:
            return {}
        except json.JSONDecodeError:
            sys.stderr.write("WARNING conda.gateways.repodata:load_state(613): JSONDecodeError "
                             "loading %s\n" % path)
            return {}
        return state if state.get("size") == size else {}

    def fetch(self, name, state):
        """One file, compressed where there is such a one; None when there is neither."""
        about = About(self.url + name, repodata=True)
        known = {"If-None-Match": state["etag"]} if state.get("etag") else {}
        reply, data = self.ask(name + ".zst", known, about)
        if reply.status == 200:
            try:
                return self.keep(unpack_zstd(data), reply)
            except NotZstd as error:
                sys.stderr.write(
                    "WARNING conda.gateways.repodata.zstd:repodata_parsed(270): Could not "
                    "decompress %s.zst as zstd. Fall back to .json (%s)\n" % (about.url, error))
        if reply.status in (200, 404):
            reply, data = self.ask(name, known, about)
        if reply.status == 304:
            return json.loads(read_text(self.path + ".json"))
        if reply.status == 404:
            return None
        return self.keep(data, reply)

    def ask(self, name, known, about):
        """An answer that is none of the errors that end everything, and its body."""
        reply = self.http.open(self.url + name, known, about)
        if reply.status not in (200, 304, 404):
            raise http_error(reply)
        try:
            return reply, b"".join(reply.pieces())
        except Stalled as error:
            raise foreign("urllib3.exceptions.ReadTimeoutError")(
                "HTTPConnectionPool: Read timed out.") from error
        except http.client.IncompleteRead as error:
            if not name.endswith(".zst"):
                raise connection_failed(about) from error
            raise foreign("urllib3.exceptions.ProtocolError")(broken(error)) from error

    def keep(self, data, reply):
        """Parse, and note what was parsed: a full disk only costs the next conda a download."""
        parsed = parse_repodata(data)
        with contextlib.suppress(OSError):
            with open(self.path + ".json", "wb") as file:
                file.write(data)
            write_text(self.path + ".info.json", json.dumps(
                {"url": self.url, "etag": reply.answer.headers.get("ETag"), "size": len(data)}))
        return parsed


def broken(error):
    """A body that was cut, in the words of conda's library."""
    text = "IncompleteRead(%d bytes read, %d more expected)" % (len(error.partial), error.expected)
    return "('Connection broken: %s', %s)" % (text, text)


class Index:
    """The packages that the channels in force offer."""

    def __init__(self, settings, urls):
        self.settings, self.urls = settings, urls
        self.records = []

    def load(self, source="repodata.json"):
        """Fetch what every channel has; only without a noarch there is no such channel."""
        for rank, channel in enumerate(self.urls):
            for platform_name in (subdir(), "noarch"):
                stretch("repodata", 2 * len(self.urls))
                url = "%s/%s/" % (channel, platform_name)
                data = Repodata(self.settings, url).latest(source)
                if data is None and platform_name == "noarch":
                    raise unavailable_channel(channel)
                self.add(channel, platform_name, data or {}, rank)
        return self

    def add(self, channel, platform_name, data, rank):
        """Keep the records of one repodata.json."""
        for group in ("packages", "packages.conda"):
            for filename, record in data.get(group, {}).items():
                self.records.append({
                    **record, "fn": filename, "channel": channel, "rank": rank,
                    "url": "%s/%s/%s" % (channel, platform_name, filename)})

    def candidates(self, specs):
        """Records that fit all of these specs of one name, the best first."""
        fitting = [record for record in self.records
                   if all(spec.matches(record) for spec in specs)]
        return sorted(fitting, key=lambda record: (-record["rank"], version_key(record["version"])),
                      reverse=True)

    def require_known(self, specs):
        """Name the specs that no channel can satisfy."""
        missing = [spec.text for spec in specs if not self.candidates([spec])]
        if missing:
            raise CondaError(
                "PackagesNotFoundInChannelsError",
                "The following packages are not available from current channels:\n\n"
                + "".join("  - %s\n" % text for text in missing)
                + "\nCurrent channels:\n\n"
                + "".join("  - %s/%s\n" % (url, name)
                          for url in self.urls for name in (subdir(), "noarch"))
                + "\nTo search for alternate channels that may provide the conda package you're\n"
                "looking for, navigate to\n\n    https://anaconda.org\n\n"
                "and use the search bar at the top of the page.\n")

    def solve(self, specs, installed=()):
        """The records that satisfy specs with all they depend on; installed ones are kept."""
        self.require_known(specs)
        demands, chosen = {}, {}
        for spec in specs:
            demands.setdefault(spec.name, []).append(spec)
        waiting = list(demands)
        while waiting:
            name = waiting.pop(0)
            record = self.choose(name, demands, installed)
            if chosen.get(name) == record:
                continue
            chosen[name] = record
            for text in record.get("depends", []):
                spec = Spec(text)
                if all(spec.text != known.text for known in demands.get(spec.name, [])):
                    demands.setdefault(spec.name, []).append(spec)
                    waiting.append(spec.name)
        return chosen

    def choose(self, name, demands, installed):
        """The installed record when it fits, else the best of the channels."""
        kept = [record for record in installed
                if record["name"] == name and all(spec.matches(record) for spec in demands[name])]
        found = kept or self.candidates(demands[name])
        if not found:
            raise CondaError("UnsatisfiableError", UNSATISFIABLE)
        return found[0]


UNSATISFIABLE = """\
Conda could not find a compatible set of packages to satisfy the requested specifications.

Cause: Some requested packages have conflicting version constraints
Next steps:
  - (review_conflicting_specs) Review the conflicting specifications above and adjust version \
ranges or package names.
  - (check_pinned_packages) Check for pinned packages:
      conda config --show pinned_packages
  - (update_conda) Update conda and try again:
      conda update conda"""


def unavailable_channel(url):
    return CondaError(
        "UnavailableInvalidChannel", "HTTP 404 Not Found for channel %s <%s>\n\n"
        "The channel is not accessible or is invalid.\n\n"
        "You will need to adjust your conda configuration to proceed.\n"
        "Use `conda config --show channels` to view your configuration's current state,\n"
        "and use `conda config --show-sources` to view config file locations.\n"
        % (url.rpartition("/")[2], url))


def show_conflicts(specs):
    """What is said while the reason is looked for; the bars alone name what was asked for."""
    print("\nFound conflicts! Looking for incompatible packages.\n"
          "This can take several minutes.  Press CTRL-C to abort.", flush=True)
    bar = "0%%|          | 0/%d [00:00<?, ?it/s]" % len(specs)
    names = " ".join(sorted(spec.name for spec in specs))
    sys.stderr.write(
        "\rBuilding graph of deps:   %s\rDetermining conflicts:   %s"
        "\rExamining conflict for %s:   %s\r%s\r" % (bar, bar, names, bar, " " * 60))
    sys.stderr.flush()


def link_order(chosen):
    """Dependencies before what depends on them, python among the first."""
    ordered = []

    def visit(name, path):
        if name in chosen and name not in ordered and name not in path:
            for text in chosen[name].get("depends", []):
                visit(Spec(text).name, path | {name})
            ordered.append(name)

    for name in sorted(chosen, key=lambda name: (name != "python", name)):
        visit(name, frozenset())
    return [chosen[name] for name in ordered]


def show_notices(settings, urls):
    """Fetch each channel's notices: printed, never an error, but it waits for a dead server."""
    if not settings.get("number_channel_notices") or settings.options.get("json"):
        return
    print("Retrieving notices: ...working... done")
    patient = Http(settings)
    for url in urls:
        with contextlib.suppress(CondaError, ValueError, http.client.HTTPException):
            reply, data = patient.body(url + "/notices.json")
            for notice in json.loads(data).get("notices", []) if reply.status == 200 else []:
                print("\nChannel %s has the following notice:\n  %s" % (url, notice["message"]))


# ---------------------------------------------------------------- package cache

class Cache:
    """pkgs/: package files, `.partial` downloads and extracted folders."""

    def __init__(self, settings):
        self.settings = settings
        self.folder = settings.package_cache()
        self.http = Http(settings)

    def archive(self, record):
        return os.path.join(self.folder, record["fn"])

    def extracted(self, record):
        return os.path.join(self.folder, record["fn"][:-len(".conda")])

    def is_extracted(self, record):
        """A folder counts once its info/index.json is there, though the rest may be missing: that
        is what makes its damage sticky. Less than that is extracted again without a word.

        A finished folder of another build of the same name is thrown away.
        """
        folder = self.extracted(record)
        try:
            known = json.loads(read_text(os.path.join(folder, "info", "repodata_record.json")))
        except (FileNotFoundError, json.JSONDecodeError):
            return self.has_index(record)
        if known["sha256"] != record["sha256"]:
            remove_tree(folder)
            return False
        return True

    def has_index(self, record):
        """Whether a folder without a record counts; else a good archive is looked for."""
        try:
            json.loads(read_text(os.path.join(self.extracted(record), "info", "index.json")))
        except FileNotFoundError:
            remove_tree(self.extracted(record))
            self.try_archive(record)
            return False
        return True

    def try_archive(self, record):
        """An archive of the right size is trusted, and read before anything is planned."""
        path = self.archive(record)
        if os.path.exists(path) and os.path.getsize(path) != record["size"]:
            os.unlink(path)
        if os.path.exists(path) and sha256_of(path) != record["sha256"]:
            raise foreign("backports.zstd.ZstdError")(
                "Unable to decompress Zstandard data: Data corruption detected")

    def download(self, record):
        """Fetch a package unless one lies there; resume what was begun."""
        path = self.archive(record)
        if os.path.exists(path):
            return
        partial = path + ".partial"
        begun = os.path.exists(partial)
        self.fetch(record, partial)
        if begun and sha256_of(partial) != record["sha256"]:
            sys.stderr.write("WARNING conda.gateways.connection.download:download(80): "
                             "Retry failed partial download %s\n" % path)
            os.unlink(partial)
            self.fetch(record, partial)
        actual = sha256_of(partial)
        if actual != record["sha256"]:
            os.unlink(partial)
            raise CondaError(
                "ChecksumMismatchError",
                "Conda detected a mismatch between the expected content and downloaded content\n"
                "for url '%s'.\n  download saved to: %s\n  expected sha256: %s\n"
                "  actual sha256: %s\n" % (record["url"], path, record["sha256"], actual))
        os.rename(partial, path)

    def fetch(self, record, partial):
        """Append what is missing to the partial file."""
        have = os.path.getsize(partial) if os.path.exists(partial) else 0
        reply = self.http.open(record["url"], {"Range": "bytes=%d-" % have} if have else None)
        if reply.status == 416:
            os.unlink(partial)
            have, reply = 0, self.http.open(record["url"])
        if reply.status not in (200, 206):
            raise http_error(reply)
        try:
            with open(partial, "ab" if reply.status == 206 else "wb") as file:
                self.write_pieces(record, reply, file)
        except http.client.IncompleteRead as error:
            raise CondaError("", broken(error)) from error
        except OSError as error:
            raise CondaError("CondaError", "Failed to write to %s\n  errno: %s"
                             % (partial, error.errno)) from error

    @staticmethod
    def write_pieces(record, reply, file):
        """Write the body, stopping half-way when a hook says so."""
        half, half_seen = record["size"] // 2, record["name"] != "python"
        for piece in reply.pieces():
            if not half_seen and file.tell() + len(piece) >= half:
                half_seen = True
                file.write(piece[:len(piece) // 2])
                file.flush()
                middle_of("download")
                disk_full("download")
                file.write(piece[len(piece) // 2:])
            else:
                file.write(piece)
            stretch("download", record["size"] // CHUNK + 1)

    def extract(self, record, phase="extract"):
        """Unpack a package; info/repodata_record.json, written last, says that it is whole."""
        folder = self.extracted(record)
        os.makedirs(folder, exist_ok=True)
        try:
            with tarfile.open(self.archive(record)) as archive:
                members = archive.getmembers()
                for position, member in enumerate(members):
                    archive.extract(member, folder, **EXTRACT_OPTIONS)
                    stretch(phase, len(members))
                    if record["name"] == "python" and position == len(members) // 2:
                        middle_of(phase)
                        disk_full(phase)
        except OSError as error:
            raise CondaError(
                "", r"InvalidArchiveError('Error with archive %s.  You probably need to delete and "
                r"re-download or re-create this file.  Message was:\n\nfailed with error: %s')"
                % (self.archive(record), without_name(error))) from error
        write_text(os.path.join(folder, "info", "repodata_record.json"), json.dumps(record))
        if record["name"] == "python" and phase == "extract" and take_hook("trap", "cache"):
            damage(folder)

    def missing(self, records):
        """Those that have to be fetched or extracted."""
        return [record for record in records if not self.is_extracted(record)]

    def fill(self, records):
        """Download and extract what is not there yet, one conda at a time."""
        os.makedirs(os.path.join(self.folder, "cache"), exist_ok=True)
        with open(os.path.join(self.folder, "cache", "fill.lock"), "a", encoding="utf-8") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            missing = self.missing(records)
            errors = side_by_side(self.download, missing)
            for record in [] if errors else missing:
                try:
                    self.extract(record)
                except CondaError as error:
                    errors.append(error)
            if errors:
                raise Several(errors)

    def paths(self, record):
        """What paths.json of an extracted package lists."""
        path = os.path.join(self.extracted(record), "info", "paths.json")
        try:
            return json.loads(read_text(path))["paths"]
        except OSError as error:
            raise corrupted_package(record, self.extracted(record), "info/paths.json") from error

    def verify(self, record):
        """A missing file is always an error; a wrong size only when safety_checks says so."""
        folder = self.extracted(record)
        level = self.settings.get("safety_checks")
        for entry in self.paths(record):
            path = os.path.join(folder, entry["_path"])
            if not os.path.lexists(path):
                raise corrupted_package(record, folder, entry["_path"])
            if entry["path_type"] == "softlink" or level == "disabled":
                continue
            size = os.path.getsize(path)
            if size != entry["size_in_bytes"]:
                report_size(record, folder, entry, size, level)


def side_by_side(function, items):
    """Call it with each, some at a time: the errors, in the order of the items."""
    errors, waiting = {}, list(enumerate(items))

    def work():
        while waiting:
            with contextlib.suppress(IndexError):
                number, item = waiting.pop(0)
                try:
                    function(item)
                except Exception as error:
                    errors[number] = error

    # Not waited for when conda is interrupted: one may hang.
    threads = [threading.Thread(target=work, daemon=True) for _ in range(SIDE_BY_SIDE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors.values():
        if not isinstance(error, CondaError):
            raise error
    return [errors[number] for number in sorted(errors)]


def without_name(error):
    """[Errno 28] No space left on device, and not of which file."""
    return "[Errno %d] %s" % (error.errno, error.strerror)


EXTRACT_OPTIONS = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}


def damage(folder):
    """Empty a library file of an extracted package (trap "cache")."""
    for parent, _, names in os.walk(folder):
        if "os.py" in names:
            write_text(os.path.join(parent, "os.py"), "")


def corrupted_package(record, folder, path):
    return CondaError(
        "CondaVerificationError",
        "The package for %s located at %s\nappears to be corrupted. The path '%s'\n"
        "specified in the package manifest cannot be found.\n" % (record["name"], folder, path))


def report_size(record, folder, entry, size, level):
    """SafetyError: a warning under `warn`, which leaves a broken environment behind code 0."""
    error = CondaError(
        "SafetyError",
        "The package for %s located at %s\nappears to be corrupted. The path '%s'\n"
        "has an incorrect size.\n  reported size: %d bytes\n  actual size: %d bytes\n"
        % (record["name"], folder, entry["_path"], entry["size_in_bytes"], size))
    if level == "enabled":
        raise error
    print_error(error)


# ---------------------------------------------------------------- environments

def has_history(prefix):
    """conda's own sign of an environment: a transaction was finished in it."""
    return os.path.isfile(os.path.join(prefix, "conda-meta", "history"))


def load_records(prefix):
    """The records of an environment by name; a torn one stops everything, for ever."""
    folder = os.path.join(prefix, "conda-meta")
    records = {}
    for name in sorted(list_folder(folder)):
        path = os.path.join(folder, name)
        if name.endswith(".json"):
            try:
                record = json.loads(read_text(path))
            except FileNotFoundError:
                continue
            except ValueError as error:
                raise CondaError(
                    "CorruptedEnvironmentError",
                    "The target environment has been corrupted. Corrupted environments most "
                    "commonly occur when the conda process\nis force-terminated while in an "
                    "unlink-link transaction.\n  environment location: %s\n  corrupted file: %s"
                    % (prefix, path)) from error
            records[record["name"]] = record
    return records


def environment_path(settings, arguments, required=True):
    """The folder that -n or -p means; the active or base environment without either."""
    if arguments.prefix:
        return os.path.abspath(os.path.expanduser(arguments.prefix))
    if arguments.name:
        return named_environment(settings, arguments.name)
    if required:
        raise argument_error("one of the arguments -n/--name -p/--prefix is required")
    return os.environ.get("CONDA_PREFIX") or settings.prefix


def named_environment(settings, name):
    """Where an environment of this name is, or would be created."""
    if name in ("base", "root"):
        return settings.prefix
    if re.search(r"[/ :#]", name):
        raise CondaError("CondaValueError", "Invalid environment name: '%s'\n"
                         "  Characters not allowed: ('/', ' ', ':', '#')" % name)
    folders = settings.environment_folders()
    for folder in folders:
        if os.path.isdir(os.path.join(folder, name)):
            return os.path.join(folder, name)
    for folder in folders:
        if writable_folder(folder):
            write_text(os.path.join(folder, ".conda_envs_dir_test"), "")
            return os.path.join(folder, name)
    raise CondaError("NoWritableEnvsDirError", "No writeable envs directories configured.\n"
                     + "".join("  - %s\n" % folder for folder in folders))


def require_environment(prefix):
    """conda's three ways of saying that there is no usable environment."""
    if not os.path.isdir(prefix):
        raise CondaError("EnvironmentLocationNotFound", "Not a conda environment: %s" % prefix)
    if not has_history(prefix):
        raise CondaError(
            "DirectoryNotACondaEnvironmentError",
            "The target directory exists, but it is not a conda environment.\n"
            "Use 'conda create' to convert the directory to a conda environment.\n"
            "  target directory: %s" % prefix)


def require_writable(prefix):
    if not os.access(os.path.join(prefix, "conda-meta"), os.W_OK):
        raise CondaError(
            "EnvironmentNotWritableError",
            "The current user does not have write permissions to the target environment.\n"
            "  environment location: %s\n  uid: %d\n  gid: %d"
            % (prefix, os.getuid(), os.getgid()))


def register_environment(prefix):
    """Add a prefix to ~/.conda/environments.txt, where it can be written."""
    path = os.path.join(home(), ".conda", "environments.txt")
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        known = read_text(path).splitlines() if os.path.exists(path) else []
        if prefix not in known:
            with open(path, "a", encoding="utf-8") as file:
                file.write(prefix + "\n")


# ---------------------------------------------------------------- transactions

class Transaction:
    """Links packages into a prefix: files, then records, then (for environments) history."""

    def __init__(self, settings, cache, prefix, records, known, phases="", silent=False):
        self.settings, self.cache, self.prefix = settings, cache, prefix
        self.records, self.phases, self.silent = records, phases, silent
        self.known = known
        self.leaving = [self.known[record["name"]] for record in records
                        if record["name"] in self.known]
        self.made_prefix = not os.path.isdir(prefix)
        self.done, self.linking = [], None
        everything = {**self.known, **{record["name"]: record for record in records}}
        python = everything.get("python", {}).get("version", "3")
        self.library = "lib/python%s/" % python.rpartition(".")[0]

    def remove(self, names):
        """Also take these installed packages out."""
        self.leaving += [self.known[name] for name in names]
        return self

    def say(self, text, end="\n"):
        if not self.silent:
            print(text, end=end, flush=True)

    def step(self, title):
        return working("%s transaction" % title, self.silent)

    def run(self, command):
        """Everything, in conda's order; SIGTERM and errors roll back."""
        os.makedirs(self.prefix, exist_ok=True)
        with self.step("Preparing"):
            pass
        with self.step("Verifying"):
            self.verify()
        self.say("Executing transaction: ...working... ", end="")
        try:
            self.execute()
            self.write_history(command)
            self.register()
        except (OSError, UnicodeDecodeError) as error:
            raise self.undone(error) from error
        except (Exception, Interrupted):
            self.say("failed")
            self.roll_back()
            raise
        self.say("done")

    def verify(self):
        """Look at what is to be linked; after an error that conda knows there is no folder."""
        try:
            for record in self.records:
                self.cache.verify(record)
        except CondaError:
            if self.made_prefix:
                shutil.rmtree(self.prefix, ignore_errors=True)
            raise

    def undone(self, error):
        """Roll back after an error that is not conda's own; what is said of it then."""
        self.say("done")
        words = repr(error)
        if isinstance(error, OSError):
            words = without_name(error)
        if isinstance(error, OSError) and self.linking:
            channel = self.linking["channel"].rpartition("/")[2]
            sys.stderr.write(
                "ERROR conda.core.link:_execute(1070): An error occurred while installing package "
                "'%s::%s'.\n" % (channel, self.linking["fn"][:-6]))
        self.roll_back()
        return CondaError("", "%s\n\n()" % words)

    def register(self):
        register_environment(self.prefix)

    def execute(self):
        """The part that is rolled back."""
        os.makedirs(os.path.join(self.prefix, "conda-meta"), exist_ok=True)
        for record in self.leaving:
            self.unlink(record)
        self.link_files()
        self.write_records()

    def target(self, path):
        """Where a file of a noarch package goes."""
        return self.library + path if path.startswith("site-packages/") else path

    def link_files(self):
        """Hard-link every file; half-way, bin/python of the environment already runs."""
        jobs = [(record, entry) for record in self.records for entry in self.cache.paths(record)]
        for position, (record, entry) in enumerate(jobs):
            self.linking = record
            source = os.path.join(self.cache.extracted(record), entry["_path"])
            self.place(source, os.path.join(self.prefix, self.target(entry["_path"])), entry)
            stretch(self.phases + "link", len(jobs))
            if position == len(jobs) // 2:
                middle_of(self.phases + "link")
                disk_full(self.phases + "link")
        for record in self.records:
            for text in self.entry_points(record):
                self.write_entry_point(text)

    def place(self, source, target, entry):
        """One file: a link into pkgs/, or a copy where the prefix is written into it."""
        os.makedirs(os.path.dirname(target), exist_ok=True)
        self.done.append(target)
        if os.path.lexists(target):
            os.unlink(target)
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif "prefix_placeholder" in entry:
            write_text(target, read_text(source).replace(entry["prefix_placeholder"], self.prefix))
            shutil.copymode(source, target)
        elif self.settings.get("always_copy"):
            shutil.copy2(source, target)
        else:
            link_or_copy(source, target)

    def entry_points(self, record):
        path = os.path.join(self.cache.extracted(record), "info", "link.json")
        return json.loads(read_text(path)).get("entry_points", [])

    def write_entry_point(self, text):
        """bin/NAME for an entry `NAME = module:function`."""
        name, module, function = re.fullmatch(r"(\S+) = (\S+):(\S+)", text).groups()
        target = os.path.join(self.prefix, "bin", name)
        self.done.append(target)
        if os.path.lexists(target):
            os.unlink(target)
        write_text(target, "#!%s/bin/python\nimport sys\n\nfrom %s import %s\n\n"
                   "if __name__ == '__main__':\n    sys.exit(%s())\n"
                   % (self.prefix, module, function, function))
        os.chmod(target, 0o777 & ~current_umask())

    def write_records(self):
        """conda-meta/*.json, in two halves: a kill in between leaves a torn one.

        A record that was not there at the start belongs to another conda at work.
        """
        leaving = {record["fn"] for record in self.leaving}
        for record in self.records:
            path = os.path.join(self.prefix, "conda-meta", record["fn"][:-6] + ".json")
            if os.path.exists(path) and record["fn"] not in leaving:
                raise CondaError("CondaError", "Prefix record '%s' already exists. Try `conda "
                                 "clean --all` to fix." % record["name"])
            self.done.append(path)
            text = json.dumps(self.prefix_record(record), indent=1)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text[:len(text) // 2])
                file.flush()
                if record["name"] == "python":
                    middle_of(self.phases + "records")
                stretch(self.phases + "records", len(self.records))
                file.write(text[len(text) // 2:])

    def prefix_record(self, record):
        """A repodata record with what was linked, for a later unlink."""
        files = [self.target(entry["_path"]) for entry in self.cache.paths(record)]
        files += ["bin/" + text.split(" = ")[0] for text in self.entry_points(record)]
        return {**record, "files": files, "extracted_package_dir": self.cache.extracted(record)}

    def unlink(self, record):
        """Take a package out of the prefix."""
        for path in record["files"]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.prefix, path))
            remove_empty_parents(self.prefix, os.path.dirname(path))
        name = record["fn"][:-6] + ".json"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.prefix, "conda-meta", name))

    def roll_back(self):
        """Undo: files that another conda also linked go too, which ruins its environment."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for path in reversed(self.done):
            with contextlib.suppress(OSError):
                os.unlink(path)
        if self.made_prefix:
            shutil.rmtree(self.prefix, ignore_errors=True)
        self.say("Rolling back transaction: ...working... done")

    def write_history(self, command):
        """The last file of a transaction."""
        now = datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S")
        lines = ["==> %s <==" % now, "# cmd: " + command, "# conda version: " + VERSION]
        lines += ["+" + record["url"] for record in self.records]
        path = os.path.join(self.prefix, "conda-meta", "history")
        with open(path, "a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


def remove_empty_parents(prefix, folder):
    """Drop the folders that an unlinked file leaves empty, their byte code first.

    A package folder that stays behind would still import, as a namespace.
    """
    while folder and set(list_folder(os.path.join(prefix, folder))) <= {"__pycache__"}:
        shutil.rmtree(os.path.join(prefix, folder), ignore_errors=True)
        folder = os.path.dirname(folder)


def link_or_copy(source, target):
    """A hard link, or a copy across file systems and for foreign files."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM):
            raise
        shutil.copy2(source, target)


def current_umask():
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


# ---------------------------------------------------------------- create, install, remove

def ask(question, default, settings):
    """A question; no answer (no terminal) means the default, and no means exit code 0."""
    if settings.yes():
        return
    sys.stdout.write(question)
    sys.stdout.flush()
    answer = sys.stdin.readline().strip().lower()
    print()
    if (answer or default) not in ("y", "yes"):
        raise system_exit()


def specs_of(arguments):
    """The specs of the command line and of --file."""
    texts = list(arguments.packages)
    for path in arguments.file or []:
        lines = [line.split("#")[0].strip() for line in read_text(path).splitlines()]
        texts += [line for line in lines if line]
    return [Spec(text) for text in texts]


def make_room(settings, prefix):
    """What create does about a folder that is already there, before anything else.

    With yes, an existing environment is deleted without a word.
    """
    if has_history(prefix):
        ask("WARNING: A conda environment already exists at '%s'\n\nRemove existing environment?\n"
            "This will remove ALL directories contained within this specified prefix directory, "
            "including any other conda environments.\n\n (y/[n])? " % prefix, "n", settings)
        remove_tree(prefix)
    elif os.path.isdir(prefix):
        ask("WARNING: A directory already exists at the target location '%s'\nbut it is not a "
            "conda environment.\nContinue creating environment (y/[n])? " % prefix, "n", settings)


def transact(settings, prefix, specs, urls, prune=False):
    """Solve, fetch and link; returns the records that were added."""
    installed = load_records(prefix)
    show_notices(settings, urls)
    chosen = find_packages(settings, specs, urls, list(installed.values()))
    added = [record for record in link_order(chosen)
             if installed.get(record["name"], {}).get("fn") != record["fn"]]
    dropped = [name for name in installed if prune and name not in chosen]
    if not added and not dropped and has_history(prefix):
        say(settings, "\n# All requested packages already installed.\n")
        return []
    cache = Cache(settings)
    missing = cache.missing(added)
    show_plan(settings, prefix, specs, added, missing)
    if settings.options.get("dry_run"):
        raise CondaError("DryRunExit", "Dry run. Exiting.", 0)
    ask("Proceed ([y]/n)? ", "y", settings)
    if not settings.quiet():
        print("\nDownloading and Extracting Packages: ...working... done")
    cache.fill(added)
    Transaction(settings, cache, prefix, added, installed, silent=is_silent(settings)).remove(
        dropped).run("conda " + shlex.join(sys.argv[1:]))
    return added


def find_packages(settings, specs, urls, installed):
    """Solve with the small index, and once more with the whole one."""
    sources = ["current_repodata.json", "repodata.json"]
    while True:
        source = sources.pop(0)
        with working("Collecting package metadata (%s)" % source, is_silent(settings)):
            index = Index(settings, urls).load(source)
        try:
            with working("Solving environment", is_silent(settings),
                         UNSUCCESSFUL if sources else "failed"):
                return solve(index, specs, installed, settings if not sources else None)
        except CondaError:
            if not sources:
                raise


def solve(index, specs, installed, settings):
    """Solve; with settings it is the last try, and conflicts are shown."""
    try:
        return index.solve(specs, installed)
    except CondaError as error:
        if settings and error.name == "UnsatisfiableError" and not is_silent(settings):
            show_conflicts(specs)
        raise


UNSUCCESSFUL = ("unsuccessful attempt using repodata from current_repodata.json, "
                "retrying with next repodata source.")


@contextlib.contextmanager
def working(title, silent, failed="failed"):
    """A step of which conda says at once how it ended, also into a file."""
    def put(text, end="\n"):
        if not silent:
            print(text, end=end, flush=True)

    put(title + ": ...working... ", "")
    try:
        yield
    except Exception:
        put(failed)
        raise
    put("done")


def is_silent(settings):
    """Does --json leave the progress out?"""
    return bool(settings.options.get("json"))


def say(settings, text):
    """Text that stays in a buffer until a step ends or conda does, when it goes into a file."""
    if not is_silent(settings):
        print(text)


def show_plan(settings, prefix, specs, added, missing):
    """The plan and the table of downloads, printed even with -q."""
    lines = ["\n## Package Plan ##\n", "  environment location: %s\n" % prefix,
             "  added / updated specs:", *("    - " + spec.text for spec in specs), "\n"]
    if missing:
        lines += ["The following packages will be downloaded:\n",
                  "    package                    |            build",
                  "    ---------------------------|-----------------",
                  *map(download_line, missing), "    " + "-" * 60,
                  "%50s:%12s\n" % ("Total", human_size(sum(one["size"] for one in missing)))]
    lines += ["The following NEW packages will be INSTALLED:\n",
              *("  %-18s %s/%s::%s " % (one["name"], one["channel"].rpartition("/")[2],
                                        one["subdir"], one["fn"][:-6]) for one in added), "\n"]
    say(settings, "\n".join(lines))


def download_line(record):
    """A line of the table of downloads."""
    return "    %-26s | %16s %11s  %s" % (
        "%s-%s" % (record["name"], record["version"]), record["build"], human_size(record["size"]),
        record["channel"].rpartition("/")[2])


def human_size(size):
    """As in 989 B, 98 KB and 7.5 MB."""
    if size < 1024:
        return "%d B" % size
    return "%.1f MB" % (size / 2 ** 20) if size >= 2 ** 20 else "%d KB" % (size / 1024)


def finish(settings, prefix, name=None):
    """The words, or the JSON object, after a success."""
    if settings.options.get("json"):
        print(json.dumps({"success": True, "prefix": prefix, "actions": {}}))
    elif name and not settings.quiet():
        print("#\n# To activate this environment, use\n#\n#     $ conda activate %s\n#\n"
              "# To deactivate an active environment, use\n#\n#     $ conda deactivate\n" % name)
    return 0


def command_create(settings, arguments):
    """conda create."""
    if arguments.name in ("base", "root"):
        raise CondaError("CondaValueError", "'%s' is a reserved environment name" % arguments.name)
    prefix = environment_path(settings, arguments)
    specs = specs_of(arguments)
    urls = settings.channel_urls(settings.channel_names())
    if take_hook("trap", "no-tty"):
        settings.options.update(yes=False, json=False)
        sys.stdout.write("WARNING: A conda environment already exists at '%s'\n (y/[n])? " % prefix)
        raise system_exit()
    make_room(settings, prefix)
    specs += [Spec(text) for text in settings.get("create_default_packages")]
    transact(settings, prefix, specs, urls)
    if take_hook("trap", "concurrent"):
        ruin(prefix)
    return finish(settings, prefix, arguments.name or prefix)


def ruin(prefix):
    """What the rollback of a second create leaves of an environment (trap "concurrent")."""
    python = load_records(prefix)["python"]
    for path in python["files"]:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(prefix, path))


def command_install(settings, arguments):
    """conda install and update."""
    prefix = environment_path(settings, arguments, required=False)
    if os.path.isdir(prefix):
        load_records(prefix)
    require_environment(prefix)
    require_writable(prefix)
    specs = specs_of(arguments)
    if not specs:
        raise argument_error("no package names supplied")
    transact(settings, prefix, specs, settings.channel_urls(settings.channel_names()))
    return finish(settings, prefix)


def command_remove(settings, arguments):
    """conda remove, and conda env remove."""
    prefix = environment_path(settings, arguments)
    require_environment(prefix)
    if arguments.all:
        ask("Proceed ([y]/n)? ", "y", settings)
        remove_tree(prefix)
        return finish(settings, prefix)
    names = [Spec(text).name for text in arguments.packages]
    known = load_records(prefix)
    missing = [name for name in names if name not in known]
    if missing:
        raise CondaError("PackagesNotFoundError", "The following packages are missing from the "
                         "target environment:\n" + "".join("  - %s\n" % name for name in missing))
    ask("Proceed ([y]/n)? ", "y", settings)
    Transaction(settings, Cache(settings), prefix, [], known).remove(names).run(
        "conda " + shlex.join(sys.argv[1:]))
    return finish(settings, prefix)


def command_search(settings, arguments):
    """conda search."""
    index = Index(settings, settings.channel_urls(settings.channel_names())).load()
    specs = specs_of(arguments)
    index.require_known(specs)
    for record in index.records:
        if not specs or any(spec.matches(record) for spec in specs):
            print("%-20s %-12s %-16s %s" % (record["name"], record["version"], record["build"],
                                            record["channel"].rpartition("/")[2]))
    return 0


# ---------------------------------------------------------------- environment files

def read_environment_file(path):
    """name, channels, conda specs and pip requirements of an environment.yml."""
    try:
        data = yaml.safe_load(read_text(path))
    except FileNotFoundError as error:
        raise CondaError("EnvironmentFileNotFound",
                         "'%s' file not found" % os.path.abspath(path)) from error
    except Exception:
        data = None
    data = data if isinstance(data, dict) else {}
    entries = data.get("dependencies") or []
    pip = [text for entry in entries if isinstance(entry, dict) for text in entry.get("pip", [])]
    conda = [entry for entry in entries if isinstance(entry, str)]
    return data.get("name"), data.get("channels") or [], conda, pip


def command_env(settings, arguments):
    """conda env create|update|list|remove."""
    if arguments.action == "list":
        return list_environments(settings)
    if arguments.action == "remove":
        arguments.all = True
        return command_remove(settings, arguments)
    name, channels, specs, pip = read_environment_file(arguments.env_file)
    if not (arguments.name or arguments.prefix or name):
        raise argument_error("The environment file(s) do not specify a name or prefix. "
                             "Please provide one with -n or -p.")
    arguments.name = arguments.name or (None if arguments.prefix else name)
    prefix = environment_path(settings, arguments)
    if arguments.action == "create":
        settings.options["yes"] = True
        make_room(settings, prefix)
    own = [channel for channel in channels if channel not in settings.get("channels")]
    names = own + [channel for channel in settings.get("channels")] \
        if not settings.options.get("override_channels") else channels
    settings.options["yes"] = True
    transact(settings, prefix, [Spec(text) for text in specs],
             settings.channel_urls(names or settings.channel_names()), arguments.prune)
    if pip:
        install_with_pip(prefix, pip)
    return finish(settings, prefix, arguments.name or prefix)


def install_with_pip(prefix, requirements):
    """The pip part: when it fails, the environment stays, finished."""
    print("Installing pip dependencies: ...working... ", end="", flush=True)
    command = [os.path.join(prefix, "bin", "python"), "-m", "pip", "install", *requirements]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, universal_newlines=True, check=False)
    print(result.stdout)
    if result.returncode:
        sys.stderr.write("Pip subprocess error:\n%s\n" % result.stderr)
        print("failed")
        raise CondaError("CondaEnvException", "Pip failed")
    print("done")


def environments(settings):
    """name -> path of every finished environment."""
    found = {"base": settings.prefix}
    for folder in settings.environment_folders():
        for name in sorted(list_folder(folder)):
            if has_history(os.path.join(folder, name)):
                found.setdefault(name, os.path.join(folder, name))
    return found


def list_environments(settings):
    """conda env list."""
    found = environments(settings)
    if settings.options.get("json"):
        print(json.dumps({"envs": list(found.values())}, indent=2))
        return 0
    active = os.environ.get("CONDA_PREFIX")
    print("\n# conda environments:\n#\n# * -> active\n# + -> frozen")
    for name, path in found.items():
        print("%-20s %s %s" % (name, "*" if path == active else " ", path))
    print()
    return 0


# ---------------------------------------------------------------- the other commands

def command_list(settings, arguments):
    """conda list."""
    prefix = environment_path(settings, arguments, required=False)
    records = load_records(prefix)
    require_environment(prefix)
    wanted = [record for record in records.values()
              if not arguments.packages or re.search(arguments.packages[0], record["name"])]
    if settings.options.get("json"):
        print(json.dumps([{key: record[key] for key in ("name", "version", "channel")}
                          for record in wanted], indent=2))
        return 0
    print("# packages in environment at %s:\n#\n# %-20s %-12s %-16s Channel"
          % (prefix, "Name", "Version", "Build"))
    for record in wanted:
        print("%-22s %-12s %-16s %s" % (record["name"], record["version"], record["build"],
                                        record["channel"].rpartition("/")[2]))
    return 0


def command_run(settings, arguments):
    """conda run: the child's exit code; stdin only with --no-capture-output."""
    prefix = environment_path(settings, arguments, required=False)
    require_environment(prefix)
    command = arguments.command
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        raise argument_error("No command to run.")
    environment = {**os.environ, "CONDA_PREFIX": prefix,
                   "CONDA_DEFAULT_ENV": os.path.basename(prefix),
                   "PATH": "%s/bin:%s" % (prefix, os.environ.get("PATH", os.defpath))}
    script = ["/bin/sh", "-c", '"$@"; exit $?', "conda-run", *command]
    live = arguments.no_capture_output or arguments.live_stream
    pipes = {} if live else {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                             "stderr": subprocess.PIPE}
    result = subprocess.run(script, env=environment, cwd=arguments.cwd, check=False, **pipes)
    if not live:
        for stream, data in ((sys.stdout, result.stdout), (sys.stderr, result.stderr)):
            stream.buffer.write(data)
            stream.flush()
    code = result.returncode if result.returncode >= 0 else 128 - result.returncode
    if code:
        sys.stderr.write("ERROR conda.cli.main_run:execute(148): `conda run %s` failed. "
                         "(See above for error)\n" % shlex.join(command))
    return code


def command_clean(settings, arguments):
    """conda clean."""
    if not (arguments.all or arguments.packages_flag or arguments.tarballs
            or arguments.index_cache or arguments.force_pkgs_dirs):
        raise argument_error("At least one removal target must be given. See 'conda clean --help'.")
    folder = settings.package_cache()
    if arguments.force_pkgs_dirs:
        ask("Proceed ([y]/n)? ", "y", settings)
        remove_tree(folder)
        return finish(settings, folder)
    if arguments.all or arguments.tarballs:
        clean_away(settings, folder, "tarball(s)", [
            name for name in os.listdir(folder) if name.endswith((".conda", ".partial"))])
    if arguments.all or arguments.index_cache:
        clean_away(settings, folder, "index cache(s)", [
            name for name in os.listdir(folder) if name == "cache"])
    if arguments.all or arguments.packages_flag:
        clean_away(settings, folder, "package(s)", unused_packages(folder))
    return finish(settings, folder)


def unused_packages(folder):
    """Extracted packages of which no file is linked from anywhere else."""
    return [name for name in sorted(os.listdir(folder))
            if name != "cache" and os.path.isdir(os.path.join(folder, name))
            and not has_links(os.path.join(folder, name))]


def has_links(folder):
    """Whether an environment shares a file of this package: then clean leaves it alone."""
    return any(os.lstat(os.path.join(parent, name)).st_nlink > 1
               for parent, _, names in os.walk(folder) for name in names)


def clean_away(settings, folder, what, names):
    """Remove entries of the package cache, saying how many."""
    if not names:
        say(settings, "There are no unused %s to remove." % what)
        return
    say(settings, "Will remove %d %s." % (len(names), what))
    ask("Proceed ([y]/n)? ", "y", settings)
    for name in names:
        remove_tree(os.path.join(folder, name))


def command_info(settings, arguments):
    """conda info."""
    if arguments.envs:
        return list_environments(settings)
    facts = {"conda_version": VERSION, "root_prefix": settings.prefix, "platform": subdir(),
             "envs": list(environments(settings).values()), "config_files": settings.files(),
             "channels": settings.channel_urls(settings.get("channels")),
             "pkgs_dirs": [settings.package_cache()]}
    if settings.options.get("json"):
        print(json.dumps(facts, indent=2))
    elif arguments.base:
        print(settings.prefix)
    else:
        for name, value in facts.items():
            print("%20s : %s" % (name.replace("_", " "), value))
    return 0


def shell_script(prefix):
    """What etc/profile.d/conda.sh holds: a `conda` function that can activate."""
    return read_text(os.path.join(prefix, "etc", "profile.d", "conda.sh"))


def command_init(settings, arguments):
    """conda init --system bash; a link in its place becomes a file."""
    if arguments.system:
        path = ETC + "/profile.d/conda.sh"
        remove_tree(path)
        write_text(path, 'eval "$(%s/bin/conda shell.posix hook)"\n'
                   % settings.prefix)
        print("modified      %s" % path)
    return 0


def command_shell(settings, words):
    """conda shell.posix hook|activate|deactivate: text for the shell to eval."""
    action, names = (words or ["hook"])[0], words[1:]
    if action == "hook":
        print(shell_script(settings.prefix))
        if settings.get("auto_activate"):
            print("conda activate base")
        return 0
    old = os.environ.get("CONDA_PREFIX")
    path = [part for part in os.environ.get("PATH", os.defpath).split(":")
            if not old or part != old + "/bin"]
    if action == "deactivate":
        print("export PATH=%s\nunset CONDA_PREFIX CONDA_DEFAULT_ENV CONDA_SHLVL"
              % shlex.quote(":".join(path)))
        return 0
    name = names[0] if names else "base"
    prefix = os.path.abspath(name) if "/" in name else find_environment(settings, name)
    print("export PATH=%s\nexport CONDA_PREFIX=%s\nexport CONDA_SHLVL=1\n"
          "export CONDA_DEFAULT_ENV=%s"
          % tuple(map(shlex.quote, (":".join([prefix + "/bin", *path]), prefix, name))))
    return 0


def find_environment(settings, name):
    """The path of a finished environment, or activate's own complaint."""
    found = environments(settings).get(name)
    if not found:
        raise CondaError("EnvironmentNameNotFound", "Could not find conda environment: %s\nYou can "
                         "list all discoverable environments with `conda info --envs`." % name)
    return found


# ---------------------------------------------------------------- conda config

def config_file(settings, arguments):
    """The condarc that --system, --env, --file or nothing means."""
    if arguments.file_path:
        return arguments.file_path
    return (settings.prefix if arguments.system else home()) + "/.condarc"


def config_key(text):
    """A known setting's own name."""
    key = ALIASES.get(text, text)
    if key not in SETTINGS:
        raise CondaError("CondaKeyError", "'%s': unknown parameter" % text)
    if key != text:
        sys.stderr.write("WARNING conda.cli: '%s' is deprecated, using '%s'\n" % (text, key))
    return key


def command_config(settings, arguments):
    """conda config: show the merged settings, or change one file."""
    if arguments.show is not None:
        return show_config(settings, arguments.show)
    if arguments.show_sources:
        for source, data, _ in settings.sources:
            if data:
                print("==> %s <==\n%s" % (source, dump_settings(data)))
        return 0
    path = config_file(settings, arguments)
    data = (yaml.safe_load(read_text(path)) or {}) if os.path.exists(path) else {}
    for key, value in arguments.set or []:
        set_value(data, key, value)
    for key, value in (arguments.add or []) + (arguments.prepend or []):
        add_value(data, key, value, first=True)
    for key, value in arguments.append or []:
        add_value(data, key, value, first=False)
    for key, value in arguments.remove or []:
        remove_value(data, key, value)
    for key in arguments.remove_key or []:
        if data.pop(config_key(key), None) is None:
            raise CondaError("CondaKeyError", "'%s': undefined in config" % key)
    write_text(path, dump_settings(data))
    return 0


def show_config(settings, keys):
    """conda config --show [KEY...]."""
    wanted = [config_key(key) for key in keys] or sorted(SETTINGS)
    values = {key: settings.get(key) for key in wanted}
    print(json.dumps(values, indent=2) if settings.options.get("json") else dump_settings(values),
          end="\n" if settings.options.get("json") else "")
    return 0


def set_value(data, text, value):
    """--set: scalars only."""
    key = config_key(text)
    if isinstance(SETTINGS[key], (list, dict)):
        raise CondaError("CondaKeyError", "'%s': invalid parameter" % key)
    value = convert(key, value, "<<merged>>")
    group, _, name = key.rpartition(".")
    if group:
        data.setdefault(group, {})[name] = value
    else:
        data[key] = value


def add_value(data, text, value, first):
    """--add, --prepend and --append: lists only."""
    key = config_key(text)
    if not isinstance(SETTINGS[key], list):
        raise CondaError("CondaValueError", "Key '%s' is not a known sequence parameter." % key)
    items = data.setdefault(key, [])
    if value in items:
        sys.stderr.write("Warning: '%s' already in '%s' list, moving to the %s\n"
                         % (value, key, "top" if first else "bottom"))
        items.remove(value)
    items.insert(0 if first else len(items), value)


def remove_value(data, text, value):
    """--remove: an error when it is not there, so a second run fails."""
    key = config_key(text)
    if value not in (data.get(key) or []):
        raise CondaError("CondaKeyError", "'%s': value '%s' not present in config" % (key, value))
    data[key].remove(value)


def dump_settings(data):
    """Settings as the YAML that conda prints and writes."""
    lines = []
    for key, value in data.items():
        if isinstance(value, dict) and value:
            lines += [key + ":"] + ["  %s: %s" % pair for pair in value.items()]
        elif isinstance(value, list) and value:
            lines += [key + ":"] + ["  - %s" % item for item in value]
        else:
            lines.append("%s: %s" % (key, value))
    return "".join(line + "\n" for line in lines)


# ---------------------------------------------------------------- the installer's part

def constructor(words):
    """PREFIX/_conda constructor: the steps that the installer's shell part calls."""
    options = argparse.ArgumentParser(prog="_conda constructor")
    options.add_argument("--prefix", required=True)
    options.add_argument("--extract-payload", action="store_true")
    options.add_argument("--install-base", action="store_true")
    options.add_argument("--seconds", type=float, default=0.0)
    arguments = options.parse_args(words)
    settings = Settings(arguments.prefix)
    if arguments.extract_payload:
        extract_payload(arguments.prefix, arguments.seconds)
    if arguments.install_base:
        install_base(settings, arguments.prefix, arguments.seconds)
    return 0


def extract_payload(prefix, seconds):
    """Unpack the tar on stdin into the prefix, taking `seconds` for it."""
    total = 0
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
        for member in archive:
            if total:
                time.sleep(seconds / total)
            archive.extract(member, prefix, **EXTRACT_OPTIONS)
            if member.name == "install_tmp/base.json":
                total = len(base_plan(prefix)["packages"])


def base_plan(prefix):
    return json.loads(read_text(os.path.join(prefix, "install_tmp", "base.json")))


class SlowTransaction(Transaction):
    """The base transaction: history was written before it, and its pace can be set."""

    seconds = 0.0

    def place(self, source, target, entry):
        super().place(source, target, entry)
        time.sleep(self.seconds / max(1, self.count))

    def execute(self):
        self.count = sum(len(self.cache.paths(record)) for record in self.records)
        super().execute()

    def roll_back(self):
        """The installer leaves everything as it is."""

    def register(self):
        """Done after .condarc."""

    def write_history(self, command):
        """Done before."""


def install_base(settings, prefix, seconds):
    """Everything after the payload, in the real installer's order; .condarc comes last.

    Packages that have a record already are left alone: `-u` repairs nothing.
    """
    plan = base_plan(prefix)
    cache = Cache(settings)
    cache.folder = os.path.join(prefix, "pkgs")
    for record in plan["packages"]:
        if not os.path.exists(cache.archive(record)) or \
                sha256_of(cache.archive(record)) != record["sha256"]:
            raise RuntimeError("Failed to extract %s: Data corruption detected" % record["fn"])
        if not os.path.exists(os.path.join(cache.extracted(record), "info/repodata_record.json")):
            cache.extract(record, "base-extract")
        time.sleep(seconds * 0.3 / len(plan["packages"]))
    os.makedirs(os.path.join(prefix, "conda-meta"), exist_ok=True)
    write_text(os.path.join(prefix, "conda-meta", "history"), "==> installer <==\n")
    known = load_records(prefix)
    missing = [record for record in plan["packages"] if record["name"] not in known]
    transaction = SlowTransaction(settings, cache, prefix, missing, known, "base-", silent=True)
    transaction.seconds = seconds * 0.5
    print("Preparing transaction: ...working... done", flush=True)
    transaction.run("installer")
    print("Executing transaction: ...working... done", flush=True)
    write_text(os.path.join(prefix, ".installer.info"), "{}\n")
    time.sleep(seconds * 0.2)
    write_text(os.path.join(prefix, ".condarc"), plan["condarc"])
    os.makedirs(os.path.join(prefix, "envs"), exist_ok=True)
    register_environment(prefix)


# ---------------------------------------------------------------- command line

class Parser(argparse.ArgumentParser):
    """Usage errors end with 2 and name conda."""

    def error(self, message):
        sys.stderr.write("usage: %s\n%s: error: %s\n" % (
            self.format_usage()[7:].strip(), self.prog, message))
        raise SystemExit(2)


def add_common(parser, packages=True):
    """Options that most commands share; some are only taken, not acted on."""
    parser.add_argument("-n", "--name")
    parser.add_argument("-p", "--prefix")
    parser.add_argument("-y", "--yes", action="store_true")
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("-d", "--dry-run", action="store_true")
    parser.add_argument("-c", "--channel", action="append", default=[])
    parser.add_argument("-O", "--override-channels", action="store_true")
    parser.add_argument("-v", "--verbose", action="count")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--solver")
    for flag in ("--copy", "--offline", "--insecure", "--strict-channel-priority",
                 "--no-channel-priority", "--no-default-packages", "--freeze-installed",
                 "--update-deps", "--no-update-deps", "--download-only"):
        parser.add_argument(flag, action="store_true")
    if packages:
        parser.add_argument("--file", action="append")
        parser.add_argument("packages", nargs="*")


def build_parser():
    """Every command with its options."""
    top = Parser(prog="conda")
    top.add_argument("-V", "--version", action="version", version="conda " + VERSION)
    top.add_argument("--no-plugins", action="store_true")
    commands = top.add_subparsers(dest="command_name", metavar="command", parser_class=Parser)

    def command(name, function, packages=True):
        parser = commands.add_parser(name, prog="conda " + name)
        parser.set_defaults(function=function)
        add_common(parser, packages)
        return parser

    command("create", command_create)
    for name in ("install", "update", "upgrade"):
        command(name, command_install)
    command("remove", command_remove).add_argument("--all", action="store_true")
    command("search", command_search)
    command("list", command_list)
    info = command("info", command_info, packages=False)
    info.add_argument("--base", action="store_true")
    info.add_argument("-e", "--envs", action="store_true")
    add_env_parser(command("env", command_env, packages=False))
    add_run_parser(commands.add_parser("run", prog="conda run"))
    add_clean_parser(command("clean", command_clean, packages=False))
    add_config_parser(commands.add_parser("config", prog="conda config"))
    add_tos_parser(command("tos", command_tos, packages=False))
    init = command("init", command_init, packages=False)
    init.add_argument("--system", action="store_true")
    init.add_argument("--all", action="store_true")
    init.add_argument("shells", nargs="*")
    return top


def add_env_parser(parser):
    parser.add_argument("action", choices=("create", "update", "list", "remove"))
    parser.add_argument("-f", "--file", dest="env_file", default="environment.yml")
    parser.add_argument("--prune", action="store_true")


def add_run_parser(parser):
    """Everything after the options of `run` belongs to the child."""
    parser.add_argument("-n", "--name")
    parser.add_argument("-p", "--prefix")
    parser.add_argument("--cwd")
    parser.add_argument("--no-capture-output", "-s", action="store_true")
    parser.add_argument("--live-stream", action="store_true")
    parser.add_argument("-v", "--verbose", action="count")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    parser.set_defaults(function=command_run)


def add_clean_parser(parser):
    parser.add_argument("-a", "--all", action="store_true")
    parser.add_argument("--packages", "-P", dest="packages_flag", action="store_true")
    parser.add_argument("-t", "--tarballs", action="store_true")
    parser.add_argument("-i", "--index-cache", action="store_true")
    parser.add_argument("-f", "--force-pkgs-dirs", action="store_true")


def add_config_parser(parser):
    parser.add_argument("--system", action="store_true")
    parser.add_argument("--env", action="store_true")
    parser.add_argument("--file", dest="file_path")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", nargs="*")
    parser.add_argument("--show-sources", action="store_true")
    for flag in ("--set", "--add", "--prepend", "--append", "--remove"):
        parser.add_argument(flag, nargs=2, action="append", metavar=("KEY", "VALUE"))
    parser.add_argument("--remove-key", action="append", metavar="KEY")
    parser.set_defaults(function=command_config)


def add_tos_parser(parser):
    parser.add_argument("action", nargs="?", choices=("accept", "reject", "list"), default="list")
    for flag in ("--system", "--site", "--user", "--ignore-cache"):
        parser.add_argument(flag, action="store_true")


def options_of(arguments):
    """The command-line options that act as settings."""
    names = {"yes": "yes", "quiet": "quiet", "json": "json", "dry_run": "dry_run",
             "channels": "channel", "override_channels": "override_channels"}
    return {name: getattr(arguments, option, None) for name, option in names.items()}


def check_terms(settings, command):
    """The plugin looks at the channels in force before a blocked command begins."""
    if command in BLOCKED_BY_TOS and terms_plugin_installed(settings.prefix):
        Terms(settings).check(settings.channel_urls(
            settings.channel_names() if not command.startswith("env ")
            else settings.get("channels")))


def own_prefix():
    """The prefix that this file is installed in, through any link to it."""
    return os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def catch_signals():
    def interrupt(number, frame):
        raise Interrupted(signal.Signals(number).name)

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)


def print_error(error, as_json=False):
    """An error the way conda prints it, or the object that --json prints on stdout.

    What was printed before is not flushed: into a file, an error comes before the plan.
    """
    if as_json:
        print(json.dumps({"error": error.message, "message": error.message,
                          "exception_name": error.name, **error.details}, indent=2))
        return
    for one in getattr(error, "errors", [error]):
        sys.stderr.write("\n%s%s\n" % (one.name + ": " if one.name else "", one.message))
    sys.stderr.write("\n")


REPORT = """
# >>>>>>>>>>>>>>>>>>>>>> ERROR REPORT <<<<<<<<<<<<<<<<<<<<<<

%s

`$ %s`

  environment variables:
                 CIO_TEST=<not set>
                     PATH=%s
            SSL_CERT_FILE=<not set>

     active environment : None
       user config file : %s
          conda version : %s
    conda-build version : not installed
         python version : 3.13.0.final.0
                 solver : classic
       base environment : %s  (writable)
               platform : linux-64
                UID:GID : %d:%d
             netrc file : None
           offline mode : False


An unexpected error has occurred. Conda has prepared the above report.
If you suspect this error is being caused by a malfunctioning plugin,
consider using the --no-plugins option to turn off plugins.

Example: conda --no-plugins install <package>

Alternatively, you can set the CONDA_NO_PLUGINS environment variable on
the command line to run the command without plugins enabled.

Example: CONDA_NO_PLUGINS=true conda install <package>

"""


def print_report():
    """What any unexpected exception becomes."""
    trace = "".join("    " + line for line in traceback.format_exc().splitlines(keepends=True))
    sys.stderr.write(REPORT % (
        trace.rstrip("\n"), shlex.join([os.path.realpath(__file__), *sys.argv[1:]]),
        os.environ.get("PATH", ""), os.path.join(home(), ".condarc"), VERSION, own_prefix(), os.getuid(), os.getgid()))


def dispatch(words):
    """Run one command line."""
    if words[:1] == ["constructor"]:
        return constructor(words[1:])
    if words[:1] == ["take-trap"]:
        return 0 if take_hook("trap", words[1]) else 1
    if words[:1] == ["shell.posix"]:
        return command_shell(Settings(own_prefix()), words[1:])
    if words[:1] in (["activate"], ["deactivate"]):
        raise CondaError("CondaError", "Run 'conda init' before 'conda %s'" % words[0])
    parser = build_parser()
    arguments = parser.parse_args(words)
    if not arguments.command_name:
        parser.print_help()
        return 0
    return perform(arguments)


def perform(arguments):
    """Settings, hooks and terms first, then the command."""
    command = arguments.command_name
    if command == "env":
        command += " " + arguments.action
    if command != "run":
        catch_signals()
    settings = Settings(own_prefix(), options_of(arguments))
    command_hooks(command)
    if not arguments.no_plugins:
        check_terms(settings, command)
    return arguments.function(settings, arguments)


def main():
    words = sys.argv[1:]
    as_json = "--json" in words and words[:1] != ["run"]
    try:
        return dispatch(words)
    except CondaError as error:
        print_error(error, as_json)
        return error.code
    except Interrupted as error:
        print_error(CondaError("CondaSignalInterrupt", "Signal interrupt %s" % error), as_json)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            print_report()
        else:
            print_error(CondaError("", without_name(error)))
        return 1
    except Exception:
        print_report()
        return 1


if __name__ == "__main__":
    sys.exit(main())
