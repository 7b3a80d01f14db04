#!/usr/bin/python3 -I
"""Gets this machine its certificate, as /etc/bootseed/machine.yaml says: sudo bootseed-https

A timer starts it. HTTP goes on until there is a certificate, and whatever becomes of it."""

import fcntl
import http.client
import ipaddress
import json
import os
import re
import secrets
import socket
import ssl
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Set

import yaml

RUNTIME = Path("/run/bootseed")
SWITCH = Path("/etc/bootseed/https.conf")  # the web server's, which turns it on
CHALLENGES = Path("/var/lib/bootseed/acme/.well-known/acme-challenge")
RESOLVERS = [Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf")]
PATIENCE = 3600  # seconds for a name to point here
PAUSE = 15
BEGIN = time.monotonic()
A, AAAA = 1, 28  # kinds of addresses in the DNS

# In the words of certbot 1.21 to 5.8; the first that matches is what happened.
WORDS = (
    r"Type: +(?P<kind>\w+)\s+Detail: (?P<why>.*)",
    r"unexpected error occurred:\n(?P<why>.*)",
    r"^(?P<why>(?!Ask for help|Saving debug log|.*logfile).*\S.*)\s*(Ask for help.*)?\Z",
    r"(?P<why>.*)",
)


class NotYet(Exception):
    """Why there is no certificate, or no HTTPS."""


def main() -> int:
    """Waits, asks, turns it on; and says what came of that."""
    os.umask(0o022)
    machine = yaml.safe_load(Path("/etc/bootseed/machine.yaml").read_text(encoding="utf-8"))
    data = next(step for step in machine["steps"] if step["step"] == "https")
    try:
        names = data["names"] or [own_address()]
        if data["names"] and not SWITCH.exists():
            wait(names)
        issue(data, names)
        turn_on(data, names)
    except NotYet as why:
        tell("failed", f"{why}; HTTP goes on, and in an hour it is tried again")
        return 1
    tell("done", f"https://{names[0]}/")
    return 0


def tell(state: str, reason: str) -> None:
    """Says how far it is: on the console, and in status.json as `https`."""
    visible = "".join(letter if letter.isprintable() else " " for letter in reason)[:400]
    file = RUNTIME / "https.json"
    told: Dict[str, Any] = {"step": "https", "state": state, "reason": visible}
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if {**told, "seconds": before.get("seconds")} != before:
        for console in ("/var/log/bootseed.log", "/dev/console"):
            say(Path(console), f"bootseed: HTTPS {state}: {visible}\n")
    told["seconds"] = int(time.monotonic() - BEGIN)
    put(file, told)
    with (RUNTIME / "lock").open("w") as lock:
        try:
            # While the machine is set up, the file is that of its program.
            now = 0 if state in ("done", "failed") else fcntl.LOCK_NB
            fcntl.flock(lock, fcntl.LOCK_EX | now)
        except BlockingIOError:
            return
        status = RUNTIME / "status.json"
        if status.exists():
            known = json.loads(status.read_text(encoding="utf-8"))
            put(status, {**known, "https": told})


def say(console: Path, text: str) -> None:
    """Writes to a console, where there is one."""
    try:
        with console.open("a", encoding="utf-8") as target:
            target.write(text)
    except OSError:
        pass


def put(file: Path, value: Dict[str, Any]) -> None:
    """Replaces a file; nobody sees half of it."""
    new = file.with_suffix(".half")
    new.write_text(json.dumps(value), encoding="utf-8")
    new.replace(file)


def wait(names: List[str]) -> None:
    """Waits until all names point here: an authority bears few requests in vain."""
    own = own_addresses()
    while True:
        why = [reason for reason in (elsewhere(name, own) for name in names) if reason]
        if not why:
            return
        if time.monotonic() - BEGIN > PATIENCE:
            raise NotYet(why[0])
        tell("waiting", why[0])
        time.sleep(PAUSE)


def elsewhere(name: str, own: Set[str]) -> str:
    """Where a name points, if that is not here."""
    try:
        found = look_up(name, A) + look_up(name, AAAA)
    except NotYet as why:
        return str(why)
    others = [address for address in found if address not in own and not is_here(address, name)]
    if others:
        return f"{name} points to {', '.join(others)}, which is not this machine"
    return "" if found else f"{name} has no address in the DNS"


def own_addresses() -> Set[str]:
    """Those that this machine has, and those that its cloud says it has."""
    data = Path("/run/cloud-init/instance-data.json")
    text = data.read_text(encoding="utf-8") if data.exists() else ""
    public = re.findall('"(?:public.ipv4|publicIpAddress)": "([^"]+)', text)
    own = subprocess.run(["hostname", "-I"], stdout=subprocess.PIPE, text=True).stdout.split()
    return {*public, *own}


def own_address() -> str:
    """The address by which the world knows this machine."""
    known = sorted(map(ipaddress.ip_address, own_addresses()), key=lambda one: one.version)
    public = [str(one) for one in known if one.version == 4 and one.is_global]
    if not public:
        raise NotYet(f"no public address is known, only {', '.join(map(str, known))}")
    return public[0]


def look_up(name: str, kind: int) -> List[str]:
    """The addresses of a name in the DNS, whatever /etc/hosts says."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    number = secrets.token_bytes(2)
    query = number + struct.pack("!5H", 0x100, 1, 0, 0, 0) + labels + struct.pack("!xHH", kind, 1)
    file = next(file for file in RESOLVERS if file.exists() or file == RESOLVERS[-1])
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for server in re.findall(r"^nameserver\s+(\S+)", text, re.MULTILINE):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.settimeout(5)
            try:
                asked.sendto(query, (server, 53))
                answer = asked.recv(4096)
                if answer[:2] == number:
                    return addresses(answer, len(query))
            except (OSError, IndexError, ValueError, struct.error):
                continue
    raise NotYet("no name server answers")


def addresses(answer: bytes, end: int) -> List[str]:
    """The addresses in an answer of the DNS, behind its question (RFC 1035, 4.1)."""
    found = []
    for _ in range(int.from_bytes(answer[6:8], "big")):
        while 0 < answer[end] < 192:
            end += answer[end] + 1
        end += 2 if answer[end] else 1
        kind, length = struct.unpack("!H6xH", answer[end : end + 10])
        end += 10
        if kind in (A, AAAA):
            family = socket.AF_INET if kind == A else socket.AF_INET6
            found.append(socket.inet_ntop(family, answer[end : end + length]))
        end += length
    return found


def is_here(address: str, name: str) -> bool:
    """Does this machine answer at an address? A firewall may let it reach itself or not."""
    token = secrets.token_hex(16)
    CHALLENGES.mkdir(parents=True, exist_ok=True)
    file = CHALLENGES / token
    file.write_text(token, encoding="utf-8")
    connection = http.client.HTTPConnection(address, 80, timeout=5)
    try:
        connection.request("GET", f"/.well-known/acme-challenge/{token}", headers={"Host": name})
        return connection.getresponse().read(100) == token.encode()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
        file.unlink()


def issue(data: Dict[str, Any], names: List[str]) -> None:
    """Has certbot ask for a certificate, unless there is one that is good for some time."""
    if not SWITCH.exists():
        tell("running", "asking for a certificate")
    kind = "-d" if data["names"] else "--ip-address"
    command = data["command"] + [word for name in names for word in (kind, name)]
    done = run(command)
    if done.returncode:
        raise NotYet(reason(done.stdout))


def reason(output: str) -> str:
    """What certbot says went wrong."""
    for words in WORDS:
        found = re.search(words, output.strip(), re.MULTILINE)
        if found:
            known = found.groupdict()
            return f"{known['kind']}: {known['why']}" if known.get("kind") else known["why"]
    return output


def turn_on(data: Dict[str, Any], names: List[str]) -> None:
    """Has the web server answer on port 443, and send visitors there if they can reach it."""
    whole = data["switch"] + data["redirect"].replace("NAME", names[0])
    if SWITCH.exists() and SWITCH.read_text(encoding="utf-8") == whole:
        return
    configure(data, data["switch"])
    for _ in range(20):
        if speaks_tls("127.0.0.1", names[0]):
            break
        time.sleep(0.5)
    else:
        configure(data, "")
        raise NotYet("nothing answers on port 443 of this machine")
    for address in look_up(names[0], A) if data["names"] else names:
        if is_here(address, names[0]) and not speaks_tls(address, names[0]):
            raise NotYet("port 443 is closed, in the firewall or security group of the cloud")
    configure(data, whole)


def configure(data: Dict[str, Any], text: str) -> None:
    """Gives the web server another configuration; the one before comes back if it refuses it."""
    before = SWITCH.read_text(encoding="utf-8") if SWITCH.exists() else ""
    switch(text)
    done = run(data["test"])
    if done.returncode:
        switch(before)
        raise NotYet(f"the web server does not take it: {done.stdout.strip()}")
    run(["systemctl", "reload", data["service"]])


def switch(text: str) -> None:
    """Replaces the web server's file, or removes it."""
    new = SWITCH.with_suffix(".half")
    new.write_text(text, encoding="utf-8")
    os.sync()
    new.replace(SWITCH)
    if not text:
        SWITCH.unlink()


def speaks_tls(address: str, name: str) -> bool:
    """Is there TLS at an address, with whatever certificate?"""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((address, 443), 5) as plain:
            context.wrap_socket(plain, server_hostname=name).close()
        return True
    except OSError:
        return False


def run(command: List[str]) -> "subprocess.CompletedProcess[str]":
    """Runs a command, and notes what it says."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    say(Path("/var/log/bootseed.log"), f"$ {' '.join(command)}\n{done.stdout}")
    return done


if __name__ == "__main__":
    sys.exit(main())
