"""What cloud-init itself makes of user-data: run in a root file system that has cloud-init.

In: user-data files as arguments. Out: a JSON line for each, with the merged cloud-config, and for
every other part its type, name and bytes in base64. Nothing is executed: the parts are walked as
cloud-init's handlers do, and the cloud-configs go through its own handler.
"""
import base64
import json
import os
import sys
import tempfile

from cloudinit import handlers, helpers, user_data, util
from cloudinit.handlers.cloud_config import CloudConfigPartHandler
from cloudinit.settings import PER_ALWAYS, PER_INSTANCE


def unpack(data):
    folder = tempfile.mkdtemp()
    paths = helpers.Paths({"cloud_dir": folder, "run_dir": folder})
    message = user_data.UserDataProcessor(paths).process(data)
    merged = os.path.join(folder, "merged")
    paths.get_ipath = lambda name=None: merged
    configs = CloudConfigPartHandler(paths)
    configs.handle_part(None, handlers.CONTENT_START, None, None, PER_INSTANCE, None)
    others = []

    def walk(_, content_type, name, payload, headers=None):
        if content_type in ("text/cloud-config", "text/cloud-config-jsonp"):
            configs.handle_part(None, content_type, name, payload, PER_INSTANCE, headers)
        else:
            payload = payload if isinstance(payload, bytes) else payload.encode()
            others.append([content_type, name, base64.b64encode(payload).decode()])

    for part in message.walk():
        if part.get_content_maintype() == "multipart":
            continue
        content_type = part.get_content_type()
        walk(None, content_type, part.get_filename(), util.fully_decoded_payload(part), dict(part))
    configs.handle_part(None, handlers.CONTENT_END, None, None, PER_ALWAYS, None)
    with open(merged) as file:
        config = util.load_yaml(file.read(), default={})
    return {"config": config, "others": others}


for name in sys.argv[1:]:
    with open(name, "rb") as file:
        print(json.dumps(unpack(file.read()), sort_keys=True))
