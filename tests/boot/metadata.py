#!/usr/bin/python3
"""A cloud's metadata service: hands out the files below a folder.

    metadata.py --root DIR --listen ADDRESS:PORT|SOCKET [--needs 'HEADER: VALUE']

GET gives a file as it is. A folder is a list of names, folders with a slash behind them, as on
EC2; or its file `.index`, where a cloud has another form. What comes behind `?` and a last slash
make no difference. With --needs, a GET without that header is refused, and PUT, by which EC2 and
Akamai give out a token, answers with VALUE. Every request goes to standard output.
"""

import argparse
import http.server
import os
import socketserver
import urllib.parse


def listing(folder):
    """What a folder is to a client."""
    index = os.path.join(folder, ".index")
    if os.path.isfile(index):
        return read(index)
    names = sorted(os.listdir(folder))
    slash = (name + "/" * os.path.isdir(os.path.join(folder, name)) for name in names)
    return "\n".join(slash).encode()


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Handler(http.server.BaseHTTPRequestHandler):
    """One request. `root` and `needs` are set from the command line."""

    root = ""
    needs = None

    def do_GET(self):
        if self.needs and self.headers.get(self.needs[0]) != self.needs[1]:
            return self.answer(401)
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        file = os.path.join(self.root, path.strip("/"))
        if os.path.isdir(file):
            return self.answer(200, listing(file))
        return self.answer(200, read(file)) if os.path.isfile(file) else self.answer(404)

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(*((200, self.needs[1].encode()) if self.needs else (403,)))

    def answer(self, status, body=b""):
        self.send_response(status)
        # As LXD does: with a type of text, its client would guess another charset.
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        print(status, self.command, self.path, flush=True)

    def log_message(self, format, *args):
        """Nothing: `answer` has said it."""


class OnSocket(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """HTTP on a Unix socket."""

    daemon_threads = True


def serve(listen):
    if listen.startswith("/"):
        os.makedirs(os.path.dirname(listen), exist_ok=True)
        return OnSocket(listen, Handler)
    address, port = listen.rsplit(":", 1)
    return http.server.ThreadingHTTPServer((address, int(port)), Handler)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--needs", type=lambda text: tuple(text.split(": ", 1)))
    arguments = parser.parse_args()
    Handler.root, Handler.needs = arguments.root, arguments.needs
    serve(arguments.listen).serve_forever()


main()
