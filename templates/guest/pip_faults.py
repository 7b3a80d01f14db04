"""pip, and its own words for what went wrong."""

import re
import urllib.error
import urllib.request
from typing import List, Optional, Tuple

from guest.download import SILENCE, http_failure
from guest.step import Failure, Faults, Offline, Permanent, Step, diagnose

# As pip 26 says it; the first that matches is what happened.
# <https://github.com/pypa/pip/blob/main/src/pip/_internal/exceptions.py>
PIP_FAULTS: Faults = (
    (Permanent, r"^.*(No space left on device|errno: 28).*"),
    (Offline, r"^.*HTTPS?ConnectionPool\(.*Max retries.*"),
    (Offline, r"^error: (incomplete-download|connection-|read-timeout).*\n\s*(?P<why>.*)"),
    (Offline, r"^ERROR: (HTTP error (408|425|429|5\d\d)|.*(Connection|Read|Time)\w*Error).*"),
    (Permanent, r"^ERROR: (Could not find .*: (?!none)|Invalid requ|Cannot install|Resol).*"),
    (Offline, r"connection broken by[\s\S]*(?P<why>Could not find a version .*)"),
    (Permanent, r"lines? of output\][\s\S]*\n\s*(?P<why>\S.*)\n\s*\[end of output"),
    (Permanent, r"error: (subprocess-exited|metadata-gen|invalid-).*\s*(?P<why>.*)"),
    (Failure, r"^ *(ERROR|error): .*"),
)

# Where pip looks if nobody says otherwise.
DEFAULT_INDEX = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"


def run_pip(step: Step, python: str, words: List[str], cwd: str = "/") -> None:
    """Runs pip, which builds wheels on the disk rather than in memory."""
    if not step.succeeds(python, *words, cwd=cwd, TMPDIR="/var/tmp"):
        output = f"{step.output}\npip: {step.ending()}"
        raise pip_failure(output, step.run(python, "-c", DEFAULT_INDEX).strip())


def pip_failure(output: str, default_index: str = "") -> Failure:
    """What pip's output means; it names only an index that is not its default."""
    failure = diagnose(output, PIP_FAULTS)
    if isinstance(failure, Offline):
        return failure
    wrong = re.search(r"DO NOT MATCH THE HASHES[\s\S]* from (https?://[^\s#]+)", output)
    if wrong and b"<html" in probe(wrong[1])[1].lower():
        return Offline(f"{wrong[1]} is a web page: does this network want a login?")
    return ask_index(output, default_index) or failure


def ask_index(output: str, default_index: str) -> Optional[Failure]:
    """Is the package missing, or the index away? pip says the same of both."""
    name = re.search(r"requirement ([\w.-]+).*\(from versions: none\)", output)
    index = re.search(r"^Looking in indexes: ([^\s,]+)", output, re.MULTILINE)
    base = (index[1] if index else default_index).rstrip("/")
    if not name or not base:
        return None
    status, page = probe(f"{base}/{re.sub('[-_.]+', '-', name[1]).lower()}/")
    if status == 404:
        return Permanent(f"there is no package {name[1]} in {base}")
    if status != 200:
        return http_failure(base, status or 503)
    if b"<a " in page:
        return Permanent(f"no version of {name[1]} in {base} fits this Python")
    return Offline(f"{base} is a web page: does this network want a login?")


def probe(url: str) -> Tuple[int, bytes]:
    """The status of a URL, 0 if nobody answers, and how its content begins."""
    try:
        with urllib.request.urlopen(url, timeout=SILENCE) as answer:
            return answer.status, answer.read(100000)
    except urllib.error.HTTPError as error:
        return error.code, b""
    except OSError:
        return 0, b""
