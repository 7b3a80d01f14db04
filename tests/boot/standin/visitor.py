#!/usr/bin/env python3
"""A visitor with a real browser: Chromium without a window, driven over WebDriver.

    visitor.py URL PICTURE [FIELD=TEXT...]

Opens the page, fills the fields of its form in and submits it, if any are named, waits a moment for
what the page does by itself, takes a picture (PNG), and prints the text that can be seen.
"""
import base64
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PORT = 9515
DRIVER = "http://127.0.0.1:%d/session" % PORT
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--window-size=900,600"]
TOLD = """const table = document.querySelector("table[cellpadding]");
return !table || table.rows.length > 0"""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def ask(url, body=None):
    """Sends a command, and returns its value."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)["value"]


def begin(profile):
    """The address of a new session, once the driver listens."""
    options = {"args": [*FLAGS, "--user-data-dir=" + profile]}
    wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
    for _ in range(600):
        try:
            return DRIVER + "/" + ask(DRIVER, wanted)["sessionId"]
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit("chromedriver does not start")


def visit(session, url, picture, fields):
    """What is seen there."""
    ask(session + "/url", {"url": url})
    for field in fields:
        name, text = field.split("=", 1)
        wanted = {"using": "css selector", "value": "[name=%s]" % name}
        found = ask(session + "/element", wanted)[ELEMENT]
        ask("%s/element/%s/value" % (session, found), {"text": text})
    if fields:
        button = ask(session + "/element", {"using": "css selector", "value": "button"})[ELEMENT]
        ask("%s/element/%s/click" % (session, button), {})
    # The page of a machine's state has rows once it has asked for it; others have no such table.
    while not ask(session + "/execute/sync", {"script": TOLD, "args": []}):
        time.sleep(0.5)
    time.sleep(2)
    with open(picture, "wb") as file:
        file.write(base64.b64decode(ask(session + "/screenshot")))
    script = {"script": "return document.body.innerText", "args": []}
    print(ask(session + "/execute/sync", script))


def main():
    url, picture, *fields = sys.argv[1:]
    with tempfile.TemporaryDirectory() as profile:
        words = ["chromedriver", "--port=%d" % PORT]
        driver = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            session = begin(profile)
            visit(session, url, picture, fields)
            urllib.request.urlopen(urllib.request.Request(session, method="DELETE"), timeout=300)
        finally:
            driver.kill()
            driver.wait()


if __name__ == "__main__":
    main()
