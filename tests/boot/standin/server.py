#!/usr/bin/env python3
"""Serves a folder on 127.0.0.1 with the faults that a test asks for.

    server.py --port P --root DIR [--faults FILE.json] [--log FILE] [--up-after SECONDS]

The faults file is a list of rules; the first rule that matches a request's path
and is not used up decides:

    {"match": REGEX, "kind": KIND, "times": N, ...}      times left out: for good

    status   answer with "code" (and "headers")
    cut      promise the whole body, send the share "after" of it (0..1), hang up
    refuse   reset the connection; with "seconds": only for that long after the first request
    slow     send the body at "rate" bytes a second
    body     answer 200 with "file" (beside the faults file) or "text" instead
    corrupt  flip one byte in the middle of the body
    hang     never answer (at most "seconds", 3600 unless told)

The log has one line a request: METHOD path status bytes. Port 0 takes a free one;
the line "listening on 127.0.0.1:PORT" on stdout says that requests are answered.
--up-after leaves the port closed for that long.
"""
import argparse
import hashlib
import http.server
import json
import os
import posixpath
import re
import signal
import socket
import struct
import sys
import threading
import time
import urllib.parse

CHUNK = 65536


class Faults:
    """The rules, how often each was used, and since when."""

    def __init__(self, path):
        self.folder = os.path.dirname(os.path.abspath(path)) if path else ""
        self.rules = []
        if path:
            with open(path, encoding="utf-8") as file:
                self.rules = json.load(file)
        self.used = [0] * len(self.rules)
        self.first = {}
        self.lock = threading.Lock()

    def take(self, path):
        """The rule for this request, counted as used; None when there is none."""
        with self.lock:
            for number, rule in enumerate(self.rules):
                if re.search(rule["match"], path) and self.in_force(number, rule):
                    self.used[number] += 1
                    return rule
        return None

    def in_force(self, number, rule):
        """Whether a rule has uses left, and its time is not over."""
        if rule["kind"] == "refuse" and "seconds" in rule:
            now = time.monotonic()
            if now - self.first.setdefault(number, now) >= rule["seconds"]:
                return False
        return "times" not in rule or self.used[number] < rule["times"]

    def replacement(self, rule):
        """The bytes that a "body" rule answers with."""
        if "file" not in rule:
            return rule.get("text", "").encode()
        with open(os.path.join(self.folder, rule["file"]), "rb") as file:
            return file.read()


def requested_range(header, size):
    """(first, end) of a Range header, None without one, False when it cannot be served."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header or "")
    if not match or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size)
    end = min(size, int(last) + 1) if last else size
    return (int(first), end) if int(first) < end else False


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""

    def do_GET(self):
        path = self.path.split("?")[0]
        rule = self.server.faults.take(path) or {"kind": "none"}
        self.sent, self.answered = 0, 0
        try:
            getattr(self, "kind_" + rule["kind"])(rule)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        self.server.write_log("%s %s %d %d" % (self.command, path, self.answered, self.sent))

    do_HEAD = do_GET

    def kind_none(self, rule):
        self.send_found(self.find())

    def kind_slow(self, rule):
        self.send_found(self.find(), rate=rule["rate"])

    def kind_cut(self, rule):
        self.send_found(self.find(), share=rule.get("after", 0.5))

    def kind_corrupt(self, rule):
        data = bytearray(self.find() or b"")
        if data:
            data[len(data) // 2] ^= 0xFF
        self.send_found(bytes(data) or None)

    def kind_body(self, rule):
        self.send_found(self.server.faults.replacement(rule))

    def kind_status(self, rule):
        self.send_whole(rule["code"], b"injected fault\n", rule.get("headers", {}))

    def kind_refuse(self, rule):
        """Reset: closing with linger 0 sends RST instead of an orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())
        self.close_connection = True

    def kind_hang(self, rule):
        self.server.stopping.wait(rule.get("seconds", 3600))
        self.close_connection = True

    def find(self):
        """The bytes of the file that the path names; %2b and the like are decoded."""
        path = posixpath.normpath(urllib.parse.unquote(self.path.split("?")[0]))
        full = os.path.join(self.server.root, path.lstrip("/"))
        if os.path.isdir(full):
            full = os.path.join(full, "index.html")
        try:
            with open(full, "rb") as file:
                return file.read()
        except OSError:
            return None

    def send_whole(self, code, data, headers):
        self.answered = code
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.send_body(data, None)

    def send_found(self, data, rate=None, share=None):
        """A file, or the part of it that was asked for; `share` of that when it is cut."""
        if data is None:
            self.send_whole(404, b"not found\n", {})
            return
        tag = '"%s"' % hashlib.md5(data).hexdigest()
        if self.headers.get("If-None-Match") == tag:
            self.send_whole(304, b"", {"ETag": tag})
            return
        part = requested_range(self.headers.get("Range"), len(data))
        if part is False:
            self.send_whole(416, b"", {"Content-Range": "bytes */%d" % len(data)})
            return
        self.answered = 206 if part else 200
        self.send_response(self.answered)
        if part:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (part[0], part[1] - 1, len(data)))
            data = data[part[0]:part[1]]
        # pip reads no index without it.
        if self.path.endswith("/"):
            self.send_header("Content-Type", "text/html")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if share is not None:
            data = data[:int(len(data) * share)]
            self.close_connection = True
        self.send_body(data, rate)

    def send_body(self, data, rate):
        """Send bytes, at most `rate` a second; HEAD gets none."""
        if self.command == "HEAD":
            return
        step = CHUNK if rate is None else max(1, min(CHUNK, int(rate / 10)))
        for start in range(0, len(data), step):
            piece = data[start:start + step]
            self.wfile.write(piece)
            self.sent += len(piece)
            if rate and self.server.stopping.wait(len(piece) / rate):
                self.close_connection = True
                return

    def log_message(self, *ignored):
        """The log has its own format."""


class Server(http.server.ThreadingHTTPServer):
    """The listening socket and what every connection shares."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port, root, faults, log):
        self.root, self.faults, self.log = root, faults, log
        self.log_lock = threading.Lock()
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", port), Handler)

    def write_log(self, line):
        if self.log:
            with self.log_lock, open(self.log, "a", encoding="utf-8") as file:
                file.write(line + "\n")

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is part of the tests."""


def stop(*ignored):
    """SIGTERM ends the program in good order wherever it is."""
    raise SystemExit(0)


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--root", required=True)
    options.add_argument("--faults")
    options.add_argument("--log")
    options.add_argument("--up-after", type=float, default=0.0, metavar="SECONDS")
    arguments = options.parse_args()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    faults = Faults(arguments.faults)
    time.sleep(arguments.up_after)
    server = Server(arguments.port, arguments.root, faults, arguments.log)
    print("listening on 127.0.0.1:%d" % server.server_address[1], flush=True)
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.stopping.set()
        server.server_close()


if __name__ == "__main__":
    sys.exit(main())
