"""conda's own words for what went wrong."""

import re
from pathlib import Path

from guest.download import is_html
from guest.step import Failure, Faults, Offline, Permanent, diagnose

# As conda 25 and 26 say it; the first that matches is what happened.
# <https://github.com/conda/conda/blob/main/conda/exceptions.py>
CONDA_FAULTS: Faults = (
    (Permanent, r"^.*(No space left on device|errno: 28).*"),
    (
        Permanent,
        r"^(PackagesNotFound|\w*Unsatisfiable|InvalidMatchSpec|CondaValueError|ArgumentError"
        r"|CondaToS|UnavailableInvalidChannel|NoChannels|NoWritable)\w*: .*(\n+ +- .*)*",
    ),
    (Permanent, r"^CondaHTTPError: HTTP 401 .*"),
    (Offline, r"^CondaHTTPError: HTTP (000|408|425|429|5\d\d) .*"),
    (Offline, r"^(CondaSSLError|\('Connection broken).*"),
    # A login page, or half of it, where a channel's list of packages should be.
    (Offline, r"gateways/repodata[\s\S]*\n +(?P<why>[\w.]*(JSON|EOF|Native|Conn|Time|Proto).*)"),
    # The last exception of a report; it and all before it are indented.
    (Failure, r"ERROR REPORT[\s\S]*\n +(?P<why>[\w.]*(Error|Exception): .*)"),
    (Failure, r"^[\w.]*(Error|Exception|Interrupt)(: |\().*(\n\w.*)*"),
)


def conda_failure(output: str) -> Failure:
    """What conda's output means."""
    saved = re.search(r"ChecksumMismatch[\s\S]* saved to: (\S+)", output)
    if saved and Path(saved[1]).exists() and is_html(Path(saved[1])):
        return Offline(f"{saved[1]} is a web page: does this network want a login?")
    return diagnose(output, CONDA_FAULTS)
