"""Downloads: resumed where they stopped, and not used before their checksum is right."""

import http.client
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import List

from guest.status import progress
from guest.step import Failure, Offline, Permanent, Step, remove

SILENCE = 60  # seconds without a byte
WRONG: List[str] = []  # checksums


def download(step: Step, url: str, file: Path, sha256: str) -> None:
    """Brings a file here and makes sure that it is the right one."""
    try:
        fetch(step, url, file)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # It is here: nothing comes after its end.
            raise http_failure(url, error.code) from error
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "errno", 0) == 28:
            raise
        raise Offline(f"{url}: {error}") from error
    actual = step.run("sha256sum", str(file)).split()[0]
    if actual != sha256:
        raise wrong_file(url, file, actual, sha256)


def fetch(step: Step, url: str, file: Path) -> None:
    """Downloads what is missing of a file."""
    have = file.stat().st_size
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=SILENCE) as answer:
        have = have if answer.status == 206 else 0
        total = have + int(answer.headers["Content-Length"] or 0)
        with file.open("ab" if have else "wb") as target:
            # Whatever has arrived, so that nothing is lost when it stops.
            for chunk in iter(lambda: answer.read1(2**20), b""):
                target.write(chunk)
                progress(step, target.tell(), total)
                if time.monotonic() > step.end:
                    raise Failure(f"{url}: took too long, {target.tell()} of {total} bytes")
    if file.stat().st_size < total:
        raise Offline(f"{url}: cut off after {file.stat().st_size} of {total} bytes")


def http_failure(url: str, status: int) -> Failure:
    """What the status of an answer means."""
    passing = status >= 500 or status in (408, 425, 429)
    return (Offline if passing else Failure)(f"{url}: HTTP status {status}")


def wrong_file(url: str, file: Path, actual: str, wanted: str) -> Failure:
    """Removes a file, and says what it is."""
    page, often = is_html(file), actual in WRONG
    WRONG.append(actual)
    remove(file)
    if page:
        return Offline(f"{url} is a web page: does this network want a login?")
    # What is wrong in the same way twice is wrong on the server.
    return (Permanent if often else Failure)(f"{url} has SHA-256 {actual}, not {wanted}")


def is_html(file: Path) -> bool:
    """Whether a file begins like a web page."""
    with file.open("rb") as source:
        return b"<html" in source.read(2**16).lower()
