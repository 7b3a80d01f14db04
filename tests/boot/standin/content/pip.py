"""A pip that can say its version, list, and install pure wheels from a simple index.

It has the words and the patience of pip 26.3, which hides most of what an index answers.
"""
import configparser
import hashlib
import http.client
import importlib.metadata
import io
import os
import re
import socket
import sys
import sysconfig
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

__version__ = "@VERSION@"
RETRIED_STATUS = (500, 502, 503)
RESUMES = 5
ROOT_WARNING = (
    "WARNING: Running pip as the 'root' user can result in broken permissions and conflicting "
    "behaviour with the system package manager, possibly rendering your system unusable. It is "
    "recommended to use a virtual environment instead: https://pip.pypa.io/warnings/venv. Use the "
    "--root-user-action option if you know what you are doing and want to suppress this warning.\n")


def site_packages():
    """Where wheels are unpacked."""
    return sysconfig.get_paths()["purelib"]


def index_url(arguments):
    """The index from -i, PIP_INDEX_URL or /etc/pip.conf; None when nothing names one."""
    for option in ("-i", "--index-url"):
        if option in arguments:
            return arguments[arguments.index(option) + 1]
    config = configparser.ConfigParser()
    config.read(["/etc/pip.conf", os.path.expanduser("~/.config/pip/pip.conf")])
    return os.environ.get("PIP_INDEX_URL") or config.get("global", "index-url", fallback=None)


def requirements(arguments):
    """The requirements of an install command line, files given with -r included."""
    found, rest = [], iter(arguments)
    for argument in rest:
        if argument in ("-r", "--requirement"):
            with open(next(rest), encoding="utf-8") as file:
                found += [line.split("#")[0].strip() for line in file]
        elif argument in ("-i", "--index-url", "--retries", "--timeout", "--extra-index-url",
                          "--root-user-action"):
            next(rest)
        elif not argument.startswith("-"):
            found.append(argument)
    return [requirement for requirement in found if requirement]


class Failed(Exception):
    """What pip ends with, in its own words."""


def wanted(arguments, option, default):
    """An option's value, from the command line or from PIP_NAME."""
    if option in arguments:
        return arguments[arguments.index(option) + 1]
    return os.environ.get("PIP_" + option[2:].upper().replace("-", "_"), default)


def split(requirement):
    """The normalised name and the exact version (or None) of a requirement."""
    match = re.match(r"([A-Za-z0-9._-]+)\s*(?:==\s*([\w.]+))?", requirement)
    if not match:
        raise Failed("ERROR: Invalid requirement: %r" % requirement)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower(), match.group(2)


def installed(name, version):
    """Whether a distribution is there already, in the wanted version."""
    try:
        return version in (None, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


class Index:
    """Requests to a simple index, with pip's patience."""

    def __init__(self, url, arguments):
        self.url = url.rstrip("/")
        self.retries = int(wanted(arguments, "--retries", 5))
        self.timeout = float(wanted(arguments, "--timeout", os.environ.get("PIP_DEFAULT_TIMEOUT", 15)))

    def open(self, url, start=0, indent=""):
        """An answer; a connection is tried again aloud, a status that may pass in silence."""
        asked = urllib.request.Request(url, headers={"Range": "bytes=%d-" % start} if start else {})
        for left in range(self.retries, -1, -1):
            try:
                return urllib.request.urlopen(asked, timeout=self.timeout)
            except urllib.error.HTTPError as error:
                if error.code not in RETRIED_STATUS or not left:
                    raise
            except (OSError, http.client.HTTPException) as error:
                if not left:
                    raise
                sys.stderr.write(
                    "%sWARNING: Retrying (Retry(total=%d, connect=None, read=None, redirect=None, "
                    "status=None)) after connection broken by '%s': %s\n"
                    % (indent, left - 1, self.words(getattr(error, "reason", error), url),
                       urllib.parse.urlsplit(url).path))
            tried = self.retries - left
            time.sleep(0.25 * 2 ** tried if tried else 0)
        raise AssertionError("the last attempt returns or raises")

    def words(self, error, url):
        """A failed request as pip's library tells it."""
        parts = urllib.parse.urlsplit(url)
        if isinstance(error, socket.timeout):
            return ("ReadTimeoutError(\"HTTPConnectionPool(host='%s', port=%d): Read timed out. "
                    "(read timeout=%s)\")" % (parts.hostname, parts.port or 80, self.timeout))
        return repr(error)

    def links(self, name):
        """The wheels that the index has of a project; none for whatever else it answers."""
        page = "%s/%s/" % (self.url, name)
        try:
            with self.open(page) as answer:
                text = answer.read().decode()
        except (OSError, ValueError, http.client.HTTPException):
            return []
        return [urllib.parse.urljoin(page, link)
                for link in re.findall(r'href="([^"]+\.whl(?:#[^"]*)?)"', text)]

    def wheel(self, requirement, link):
        """The bytes of a wheel, resumed as often as pip does it."""
        url, _, digest = link.partition("#sha256=")
        page = url.rpartition("/")[0] + "/"
        data = b""
        for attempt in range(RESUMES + 1):
            try:
                answer = self.open(url, len(data), "  ")
            except urllib.error.HTTPError as error:
                raise status_error(requirement, link, page, error) from error
            except (OSError, http.client.HTTPException) as error:
                raise connection_error(url, getattr(error, "reason", error)) from error
            size = len(data) + int(answer.headers.get("Content-Length") or 0)
            print("  Downloading %s (%s)" % (os.path.basename(url), human_size(size)), flush=True)
            try:
                data += answer.read()
            except http.client.IncompleteRead as error:
                data += error.partial
            except OSError:
                pass
            if len(data) >= size:
                return checked(requirement, link, page, digest, data)
            sys.stderr.write("  WARNING: Connection interrupted while downloading.\n")
            if attempt < RESUMES:
                sys.stderr.write(
                    "  WARNING: Attempting to resume incomplete download (%s/%s, attempt %d)\n"
                    % (human_size(len(data)), human_size(size), attempt + 1))
        raise Failed(
            "error: incomplete-download\n\n\u00d7 Download failed after %d attempts because not "
            "enough bytes were received (%s/%s)\n\u2570\u2500> URL: %s\n\nnote: This is an issue with "
            "network connectivity, not pip.\nhint: Use --resume-retries to configure resume attempt "
            "limit." % (RESUMES + 1, human_size(len(data)), human_size(size), link))


def human_size(size):
    """As in 0 bytes, 16 kB and 1.2 MB."""
    if size < 1000:
        return "%d bytes" % size
    return "%.1f MB" % (size / 1e6) if size >= 1e6 else "%.0f kB" % (size / 1e3)


def status_error(requirement, link, page, error):
    """An answer that is no wheel."""
    parts = urllib.parse.urlsplit(link)
    if error.code in RETRIED_STATUS:
        return Failed(
            "ERROR: Could not install packages due to an OSError: HTTPConnectionPool(host='%s', "
            "port=%d): Max retries exceeded with url: %s (Caused by ResponseError('too many %d error "
            "responses'))\n" % (parts.hostname, parts.port or 80, parts.path, error.code))
    sys.stderr.write("  ERROR: HTTP error %d while getting %s (from %s)\n" % (error.code, link, page))
    return Failed(
        "ERROR: Could not install requirement %s from %s because of HTTP error %d Client Error: %s "
        "for url: %s for URL %s (from %s)" % (
            requirement, link, error.code, error.reason, link.partition("#")[0], link, page))


def connection_error(url, error):
    """No connection, though the index's page came."""
    host = urllib.parse.urlsplit(url).netloc
    return Failed(
        "error: connection-failed\n\n\u00d7 Failed to connect to %s while fetching %s\n"
        "\u2570\u2500> %s\n\nhint: Are you connected to the Internet? If so, check whether your system "
        "can connect to %s before trying again. There may be a firewall or proxy that's preventing "
        "the connection." % (host, url, error, host))


def checked(requirement, link, page, digest, data):
    """The wheel, if it is what the index promised."""
    actual = hashlib.sha256(data).hexdigest()
    if digest in ("", actual):
        return data
    raise Failed(
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have "
        "updated the package versions, please update the hashes. Otherwise, examine the package "
        "contents carefully; someone may have tampered with them.\n    %s from %s:\n"
        "        Expected sha256 %s\n             Got        %s\n" % (requirement, link, digest, actual))


def install(requirement, index):
    """Install one requirement."""
    name, version = split(requirement)
    if installed(name, version):
        print("Requirement already satisfied: %s" % requirement)
        return
    links = index.links(name) if index else []
    versions = [os.path.basename(link).split("-")[1] for link in links]
    fitting = [link for link, one in zip(links, versions) if version in (None, one)]
    if not fitting:
        raise Failed(
            "ERROR: Could not find a version that satisfies the requirement %s (from versions: %s)\n"
            "ERROR: No matching distribution found for %s"
            % (requirement, ", ".join(versions) or "none", requirement))
    print("Collecting %s" % requirement, flush=True)
    data = index.wheel(requirement, fitting[-1])
    print("Installing collected packages: %s" % name)
    try:
        zipfile.ZipFile(io.BytesIO(data)).extractall(site_packages())
    except OSError as error:
        raise Failed("ERROR: Could not install packages due to an OSError: [Errno %s] %s\n"
                     % (error.errno, error.strerror)) from error
    print("Successfully installed %s" % "-".join(os.path.basename(fitting[-1]).split("-")[:2]))


def install_all(arguments):
    """pip install: the first failure is the end; a success is followed by two words of its own."""
    url = index_url(arguments)
    index = Index(url, arguments) if url else None
    if url:
        print("Looking in indexes: %s" % url, flush=True)
    try:
        for requirement in requirements(arguments):
            install(requirement, index)
    except Failed as error:
        sys.stderr.write("%s\n" % error)
        return 1
    if os.getuid() == 0 and wanted(arguments, "--root-user-action", "warn") != "ignore":
        sys.stderr.write(ROOT_WARNING)
    if index and not os.environ.get("PIP_DISABLE_PIP_VERSION_CHECK"):
        index.retries = 0
        index.links("pip")
    return 0


def main():
    """The pip command."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-V", "--version"):
        print("pip %s from %s (python %s)" % (
            __version__, os.path.dirname(__file__), sysconfig.get_python_version()))
        return 0
    if arguments[0] in ("list", "freeze"):
        for distribution in importlib.metadata.distributions():
            print("%s==%s" % (distribution.metadata["Name"], distribution.version))
        return 0
    if arguments[0] == "check":
        print("No broken requirements found.")
        return 0
    if arguments[0] != "install":
        sys.stderr.write('ERROR: unknown command "%s"\n' % arguments[0])
        return 1
    return install_all(arguments[1:])


if __name__ == "__main__":
    sys.exit(main())
