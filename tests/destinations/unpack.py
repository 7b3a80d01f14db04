"""What cloud-init itself makes of user-data: run in a root file system that has cloud-init.

In: user-data files as arguments. Out: a JSON line for each, with

- `raises`: what cloud-init gives up with, if it does,
- `config`: the merged cloud-config,
- `others`: for every other part its type, name and bytes in base64,
- `done`: what its handlers do: how, name and bytes in base64. A script that the kernel would not
  run is not among them.

One line of base64 that begins as gzip does is undone before, by the function of the data sources of
Hetzner and EC2. Nothing is executed. The handlers are those of `cloudinit/stages.py`.
"""
import base64
import json
import logging
import os
import sys
import tempfile

from cloudinit import handlers, helpers, subp, user_data, util
from cloudinit.handlers.boot_hook import BootHookPartHandler
from cloudinit.handlers.cloud_config import CloudConfigPartHandler
from cloudinit.handlers.jinja_template import JinjaTemplatePartHandler
from cloudinit.handlers.shell_script import ShellScriptPartHandler
from cloudinit.settings import PER_ALWAYS, PER_INSTANCE, PER_ONCE

try:
    from cloudinit.handlers.shell_script_by_frequency import (
        ShellScriptByFreqPartHandler,
    )
except ImportError:
    ShellScriptByFreqPartHandler = None


try:
    from cloudinit.util import maybe_b64decode
except ImportError:
    from cloudinit.sources.helpers.hetzner import maybe_b64decode


def packed(payload):
    if payload is None:
        payload = b""
    if not isinstance(payload, bytes):
        payload = payload.encode("utf-8", "surrogateescape")
    return base64.b64encode(payload).decode()


class Configs(CloudConfigPartHandler):
    """Notes which parts were merged, and which patches."""

    def __init__(self, paths, done):
        super().__init__(paths)
        self.done = done

    def _merge_part(self, payload, headers):
        super()._merge_part(payload, headers)
        self.done.append(["cloud-config", None, packed(payload)])

    def _merge_patch(self, payload):
        super()._merge_patch(payload)
        self.done.append(["json-patch", None, packed(payload)])


def all_handlers(paths, done):
    configs = Configs(paths, done)
    scripts = ShellScriptPartHandler(paths)
    hooks = BootHookPartHandler(paths, None)
    subs = [configs, scripts]
    # Since 23.3: <https://github.com/canonical/cloud-init/pull/4385>
    with open(sys.modules["cloudinit.stages"].__file__) as file:
        if "boothook_handler,\n                ]" in file.read():
            subs.append(hooks)
    found = [configs, scripts, hooks]
    found.append(JinjaTemplatePartHandler(paths, sub_handlers=subs))
    if ShellScriptByFreqPartHandler:
        for frequency in (PER_ALWAYS, PER_INSTANCE, PER_ONCE):
            found.append(ShellScriptByFreqPartHandler(frequency, paths))
    return found


def unpack(data):
    folder = tempfile.mkdtemp()
    paths = helpers.Paths({"cloud_dir": folder, "run_dir": folder})
    merged = os.path.join(folder, "merged")
    paths.get_ipath = lambda name=None: {
        "cloud_config": merged,
        "boothooks": folder + "/boothooks",
    }.get(name)
    paths.get_ipath_cur = lambda name=None: "%s/%s" % (folder, name)
    for name in ("instance-data.json", "instance-data-sensitive.json"):
        with open(os.path.join(folder, name), "w") as file:
            json.dump({"v1": {"region": "local"}}, file)
    others, done = [], []
    written = util.write_file

    def write(name, content, *args, **kwargs):
        """A script that is written is one that is done, if it can be run."""
        written(name, content, *args, **kwargs)
        where = os.path.relpath(name, folder).split(os.sep)
        if where[0] in ("scripts", "boothooks"):
            with open(name, "rb") as file:
                content = file.read()
            if content.startswith(b"#!"):
                how = "-".join(where[1:-1]) or where[0]
                done.append([how, where[-1], packed(content)])

    util.write_file, subp.subp = write, lambda *args, **kwargs: None
    try:
        message = user_data.UserDataProcessor(paths).process(data)
    except Exception as error:
        util.write_file = written
        return {"raises": "%s: %s" % (type(error).__name__, error)}
    known = {}
    for handler in all_handlers(paths, done):
        known.update({name: handler for name in handler.list_types()})
    walked = {
        "handlers": known,
        "data": None,
        "frequency": PER_INSTANCE,
        "excluded": [],
        "handlerdir": folder,
        "handlercount": 0,
    }
    configs = known["text/cloud-config"]
    handlers.call_begin(configs, None, PER_INSTANCE)

    def callback(data, name, payload, headers):
        content_type = headers["Content-Type"]
        if content_type not in ("text/cloud-config", "text/cloud-config-jsonp"):
            others.append([content_type, name, packed(payload)])
        if content_type == "text/part-handler":
            return
        handlers.walker_callback(data, name, payload, headers)

    handlers.walk(message, callback, walked)
    handlers.call_end(configs, None, PER_INSTANCE)
    util.write_file = written
    with open(merged) as file:
        config = util.load_yaml(file.read(), default={})
    return {"raises": None, "config": config, "others": others, "done": done}


import cloudinit.stages  # noqa: E402, for the list of its handlers

logging.disable(logging.CRITICAL)
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        data = file.read()
        data = maybe_b64decode(data) if data.startswith(b"H4sI") else data
        print(json.dumps(unpack(data), default=str))
