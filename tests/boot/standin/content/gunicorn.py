"""A one-process gunicorn: enough of its command line to serve a WSGI application."""
import argparse
import importlib
import os
import shlex
import signal
import socket
import socketserver
import sys
import threading
import wsgiref.simple_server

__version__ = "@VERSION@"


class Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    """A WSGI server on a TCP address, a unix socket or a socket that systemd opened."""

    daemon_threads = True
    allow_reuse_address = True

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.describe()

    def describe(self):
        """Fill in what WSGI wants to know, which a unix socket cannot tell."""
        inet = self.socket.family in (socket.AF_INET, socket.AF_INET6)
        address = self.socket.getsockname() if inet else ("localhost", 80)
        self.server_name, self.server_port = address[0], address[1]
        self.setup_environ()


class Handler(wsgiref.simple_server.WSGIRequestHandler):
    """Quiet, and able to name a client that came through a unix socket."""

    def address_string(self):
        return self.client_address[0] if self.client_address else "unix"

    def get_environ(self):
        if not self.client_address:
            self.client_address = ("127.0.0.1", 0)
        return super().get_environ()

    def log_message(self, *ignored):
        """gunicorn writes no access log unless asked."""


def parser():
    """The options that are acted on; gunicorn's others are taken and ignored."""
    options = argparse.ArgumentParser(prog="gunicorn")
    options.add_argument("app", nargs="?")
    options.add_argument("-b", "--bind", action="append")
    options.add_argument("-c", "--config")
    options.add_argument("-m", "--umask", default="0")
    options.add_argument("-p", "--pid")
    options.add_argument("--chdir")
    options.add_argument("--check-config", action="store_true")
    options.add_argument("-v", "--version", action="version",
                         version="gunicorn (version %s)" % __version__)
    for name in ("-w --workers", "-k --worker-class", "--threads", "-t --timeout",
                 "--graceful-timeout", "--keep-alive", "--access-logfile", "--error-logfile",
                 "--log-file", "--log-level", "-n --name", "-u --user", "-g --group",
                 "--max-requests", "--max-requests-jitter", "--worker-tmp-dir",
                 "--forwarded-allow-ips", "-e --env", "--limit-request-line", "--backlog"):
        options.add_argument(*name.split())
    for name in ("--preload", "--reload", "--capture-output", "--proxy-protocol", "-D"):
        options.add_argument(name, action="store_true")
    return options


def read_config(path):
    """The bind and chdir of a gunicorn.conf.py."""
    found = {}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), found)
    return found


def load(name):
    """The WSGI callable that MODULE:NAME or MODULE:FACTORY() stands for."""
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    attribute = attribute or "application"
    if attribute.endswith("()"):
        return getattr(found, attribute[:-2])()
    return getattr(found, attribute)


def listen(address):
    """A Server for one --bind value."""
    if address.startswith("unix:"):
        path = address[5:]
        if os.path.exists(path):
            os.unlink(path)
        kind = type("UnixServer", (Server,), {"address_family": socket.AF_UNIX})
        return kind(path, Handler)
    host, _, port = address.rpartition(":")
    return Server((host or "127.0.0.1", int(port or 8000)), Handler)


def inherit():
    """A Server on the socket that systemd passed, if it passed one."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    server = Server(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=3)
    server.describe()
    return server


def notify_systemd():
    """Tell a Type=notify unit that requests are answered from now on."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"READY=1\nSTATUS=Gunicorn arbiter booted",
                           address.replace("@", "\0", 1))


def main():
    """Serve until SIGTERM."""
    arguments = parser().parse_args(
        shlex.split(os.environ.get("GUNICORN_CMD_ARGS", "")) + sys.argv[1:])
    config = read_config(arguments.config) if arguments.config else {}
    folder = arguments.chdir or config.get("chdir") or os.getcwd()
    os.chdir(folder)
    sys.path.insert(0, folder)
    try:
        application = load(arguments.app or config.get("wsgi_app") or "")
    except Exception as error:
        sys.stderr.write("%s: %s\nWorker failed to boot.\n" % (type(error).__name__, error))
        return 3
    if arguments.check_config:
        return 0
    return serve(application, arguments, config)


def serve(application, arguments, config):
    """Open every socket, answer on all of them, and leave with 0 on SIGTERM."""
    os.umask(int(arguments.umask, 8))
    binds = arguments.bind or config.get("bind") or ["127.0.0.1:8000"]
    binds = [binds] if isinstance(binds, str) else binds
    inherited = inherit()
    servers = [inherited] if inherited else [listen(address) for address in binds]
    if arguments.pid:
        with open(arguments.pid, "w", encoding="utf-8") as file:
            file.write("%d\n" % os.getpid())
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *ignored: done.set())
    for server in servers:
        server.set_app(application)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stderr.write("[INFO] Listening at: %s (%d)\n" % (" ".join(binds), os.getpid()))
    notify_systemd()
    done.wait()
    for address in binds:
        if address.startswith("unix:") and os.path.exists(address[5:]):
            os.unlink(address[5:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
