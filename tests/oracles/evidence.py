"""What cloud-init 26.2 and the programs of its image do with the examples of the rules of lint.

Run in a root file system that has cloud-init, and may be changed. In: a JSON file with the bad and
the good example of each rule. Out: a line for each rule that has a function here, which is called as
the rule is, with `_` for `-`: `PROVED rule`, or `REFUTED rule: why`. A function gets both examples,
and fails where the machine does not do what the rule says.
"""
import contextlib
import io
import json
import logging
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

names, sys.argv = sys.argv[1], sys.argv[:1]
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cloudinit import cloud, distros, handlers, helpers, subp, util  # noqa: E402
from cloudinit.config import (  # noqa: E402
    cc_apt_configure,
    cc_bootcmd,
    cc_runcmd,
    cc_set_passwords,
    cc_ssh_import_id,
    cc_ubuntu_autoinstall,
    cc_users_groups,
    cc_write_files,
)
from cloudinit.config.schema import (  # noqa: E402
    SchemaValidationError,
    get_schema,
    validate_cloudconfig_schema,
)
from cloudinit.distros import ug_util  # noqa: E402
from cloudinit.log import loggers  # noqa: E402
from cloudinit.settings import PER_ALWAYS  # noqa: E402
from cloudinit.sources.DataSourceNone import DataSourceNone  # noqa: E402

run_a_program = subp.subp
import unpack  # noqa: E402, which runs no programs

subp.subp = run_a_program
logging.disable(logging.NOTSET)
loggers.define_extra_loggers()

IMAGE = {
    "default_user": {"name": "debian", "lock_passwd": True, "shell": "/bin/bash"},
    "paths": {},
}


def load(text):
    return util.load_yaml(text, default={}, allowed=(object,))


def merged(text):
    """The cloud-config that a machine makes of user-data, and what it does with other parts."""
    found = unpack.unpack(text.encode())
    subp.subp = run_a_program
    logging.disable(logging.NOTSET)
    return found


def machine():
    folder = tempfile.mkdtemp()
    paths = helpers.Paths({"cloud_dir": folder, "run_dir": folder})
    paths.get_ipath = paths.get_ipath_cur = lambda name=None: os.path.join(folder, name or "")
    distro = distros.fetch("debian")("debian", dict(IMAGE), paths)
    source = DataSourceNone({}, distro, paths)
    return cloud.Cloud(source, paths, {}, distro, helpers.Runners(paths))


@contextlib.contextmanager
def logged():
    """What is logged as a warning or worse."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    try:
        yield stream
    finally:
        logging.getLogger().removeHandler(handler)


@contextlib.contextmanager
def instead(holder, name, other):
    """With another function in the place of one."""
    own = getattr(holder, name)
    setattr(holder, name, other)
    try:
        yield
    finally:
        setattr(holder, name, own)


def verdict(text):
    """What the schema has against a document."""
    try:
        validate_cloudconfig_schema(
            util.load_yaml(text, default=None, allowed=(object,)),
            get_schema(),
            strict=True,
            log_deprecations=False,
        )
    except SchemaValidationError as error:
        return [str(problem) for problem in error.schema_errors]
    return []


def rejected(bad, good):
    assert verdict(bad), "the schema takes the bad one"
    assert not verdict(good), verdict(good)


def fails(module, config):
    """With what a module fails."""
    try:
        module.handle("test", load(config), machine(), [])
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)
    return None


def script(text):
    """The script that `runcmd` becomes."""
    own = machine()
    cc_runcmd.handle("runcmd", load(text), own, [])
    with open(own.get_ipath_cur("scripts") + "/runcmd") as file:
        return file.read()


# What a service has, and cloud-init gives to its scripts.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


def run(text, *programs, **options):
    """Runs a `runcmd` with other programs of these names, which note how they are called."""
    folder = tempfile.mkdtemp()
    for name in programs:
        with open(os.path.join(folder, name), "w") as file:
            file.write('#!/bin/sh\nprintf "%%s\\n" "%s $*" >>%s/called\n' % (name, folder))
        os.chmod(os.path.join(folder, name), 0o755)
    open(os.path.join(folder, "called"), "w").close()
    path = os.path.join(folder, "runcmd")
    with open(path, "w") as file:
        file.write(script(text))
    environment = dict(ENVIRONMENT, PATH=folder + ":" + ENVIRONMENT["PATH"])
    done = subprocess.run(
        ["sh", path],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options
    )
    with open(os.path.join(folder, "called")) as file:
        return done.returncode, done.stdout.decode(), file.read().splitlines()


def users(text):
    """Makes the accounts; what is warned of, and what /etc/shadow has then."""
    for name in ("ann", "bob"):
        if os.path.exists("/home/" + name):
            shutil.rmtree("/home/" + name)
        subprocess.run(["userdel", name], stderr=subprocess.DEVNULL)
    subprocess.run(["groupdel", "docker"], stderr=subprocess.DEVNULL)
    with logged() as said:
        cc_users_groups.handle("users_groups", load(text), machine(), [])
    with open("/etc/shadow") as file:
        shadow = dict(line.split(":")[:2] for line in file)
    return said.getvalue(), shadow


def passwords(text):
    """What is given to `chpasswd`: pairs, and whether they are hashes."""
    given = []
    users(text)
    own = machine()
    own.distro.chpasswd = lambda pairs, hashed: given.append((list(pairs), hashed))
    with logged():
        cc_set_passwords.handle("set_passwords", load(text), own, [])
    return given


def write_files(text):
    for item in load(text)["write_files"]:
        if "path" in item and os.path.exists(item["path"]):
            os.remove(item["path"])
    with logged() as said:
        failure = fails(cc_write_files, text)
    return failure, said.getvalue()


def kind(text):
    return handlers.type_from_starts_with(text)


def is_lost(text):
    return not merged(text).get("config") and not merged(text).get("done")


# The first characters, and YAML.


def missing_header(bad, good):
    assert kind(bad) is None and is_lost(bad)
    assert kind(good) == "text/cloud-config"


def byte_order_mark(bad, good):
    assert kind(bad) is None and is_lost(bad)
    assert merged(good)["config"]


def whitespace_before_header(bad, good):
    assert merged(bad)["config"] == merged(good)["config"] != {}


def key_behind_header(bad, good):
    assert "packages" not in merged(bad)["config"], "the line is no comment"
    assert merged(good)["config"]["packages"] == ["nginx"]


def invalid_yaml(bad, good):
    assert is_lost(bad) and not is_lost(good)


def no_map(bad, good):
    assert is_lost(bad) and not is_lost(good)


def duplicate_key(bad, good):
    assert merged(bad)["config"]["runcmd"] == ["systemctl enable --now cron"]
    assert len(merged(good)["config"]["runcmd"]) == 2


# The schema.

unknown_key = missing_key = wrong_type = bad_value = rejected


def scalar_for_list(bad, good):
    rejected(bad, good)
    assert "TypeError" in fails(cc_runcmd, bad)


def empty_key(bad, good):
    rejected(bad, good)
    assert fails(cc_runcmd, bad)
    nobody = util.mergemanydict([load("users:\n"), {"users": ["default"]}])
    found = ug_util.normalize_users_groups(nobody, machine().distro)[0]
    assert found == {}, "the image's own account is made"


def deprecated_key(bad, good):
    class Notes(logging.Handler):
        found = []

        def emit(self, record):
            self.found.append(record.levelname)

    log = logging.getLogger()
    log.addHandler(Notes())
    for text in (good, bad):
        assert "DEPRECATED" not in Notes.found, "of the good one"
        validate_cloudconfig_schema(load(text), get_schema(), log_deprecations=True)
    assert "DEPRECATED" in Notes.found


def command_becomes_map(bad, good):
    rejected(bad, good)
    assert "TypeError" in fails(cc_runcmd, bad)
    assert fails(cc_runcmd, good) is None


def non_string_command(bad, good):
    rejected(bad, good)
    assert "TypeError" in fails(cc_runcmd, bad)


def comment_cuts_command(bad, good):
    code, said, called = run(bad, "systemctl")
    assert code and not called and "nterminated" in said, (code, said)
    assert run(good, "systemctl")[2]


def unquoted_mode(bad, good):
    rejected(bad, good)
    write_files(bad)
    assert oct(os.stat("/etc/motd").st_mode & 0o7777) == "0o644"
    assert oct(os.stat("/etc/issue").st_mode & 0o7777) == "0o1204"


# Accounts and passwords.


def plain_text_in_passwd(bad, good):
    assert users(bad)[1]["ann"] == "hello"


def numeric_password(bad, good):
    said, shadow = users(bad)
    assert subprocess.run(
        ["perl", "-e", "exit(crypt('204', $ARGV[0]) ne $ARGV[0])", shadow["ann"]]
    ).returncode == 0, "204 is not the password"
    said, shadow = users(bad.replace("plain_text_passwd", "passwd"))
    assert shadow["ann"] in ("!", "*", ""), shadow["ann"]


def locked_password(bad, good):
    assert users(bad)[1]["ann"].startswith("!$6$")
    assert users(good)[1]["ann"].startswith("$6$")


def unlocked_without_password(bad, good):
    assert "ann" in users(bad)[0], "nobody is warned"
    assert users(good)[0] == ""


def hash_taken_as_text(bad, good):
    pairs, hashed = passwords(bad)[0]
    assert not hashed and pairs[0][1].startswith("$y$")
    assert all(hashed for _, hashed in passwords(good))


def password_with_space(bad, good):
    assert passwords(bad)[0][0] == [("ann", " secret")]
    assert passwords(good)[0][0][0][1].startswith("$6$")


def password_for_nobody(bad, good):
    with logged():
        assert fails(cc_set_passwords, bad), "chpasswd takes a name that nobody has"
    found = ug_util.normalize_users_groups(load(bad), machine().distro)[0]
    assert ug_util.extract_default(found) == (None, None)


def no_way_in(bad, good):
    for text, name in ((bad, None), (good, "debian")):
        found = ug_util.normalize_users_groups(load(text), machine().distro)[0]
        assert ug_util.extract_default(found)[0] == name, "whom the cloud's key is for"
    shadow = users(bad)[1]
    assert shadow["ann"].startswith("!"), "a password fits"
    assert not os.path.exists("/home/ann/.ssh")


def bad_ssh_key(bad, good):
    lines = load(bad)["ssh_authorized_keys"]
    read = ["ssh-keygen", "-l", "-f", "-"]
    for line in lines[1:]:
        asked = subprocess.run(read, input=line.encode(), capture_output=True)
        assert asked.returncode, "%s is a key" % line
    for line in load(good)["ssh_authorized_keys"]:
        assert subprocess.run(read, input=line.encode(), capture_output=True).returncode == 0


def ssh_import_id_none(bad, good):
    asked = []
    own = machine()
    users("users: [{name: ann}]")
    with instead(cc_ssh_import_id.subp, "subp", lambda args, **_: asked.append(args)):
        with instead(cc_ssh_import_id.subp, "which", lambda name: "/usr/bin/" + name):
            cc_ssh_import_id.handle("ssh_import_id", load(bad), own, [])
    assert any("None" in args for args in asked), asked


def incomplete_sudo_rule(bad, good):
    for text, sound in ((bad, False), (good, True)):
        own = machine()
        rule = load(text)["users"][1]["sudo"]
        with tempfile.NamedTemporaryFile() as file:
            own.distro.write_sudo_rules("ann", rule, file.name)
            asked = subprocess.run(["visudo", "-c", "-f", file.name], capture_output=True)
        assert (asked.returncode == 0) == sound, asked


def unknown_group_member(bad, good):
    assert "bob" in users(bad)[0]
    assert users(good)[0] == ""


def bad_hostname(bad, good):
    for text, sound in ((bad, False), (good, True)):
        name = load(text)["hostname"]
        with tempfile.TemporaryDirectory() as root:
            asked = subprocess.run(
                ["systemd-firstboot", "--root", root, "--hostname", name], capture_output=True
            )
        assert (asked.returncode == 0) == sound, asked


# Files.


def file_before_owner(bad, good):
    later = bad + "  - {path: /srv/later, content: hello}\n"
    users("users: []")
    failure, _ = write_files(later)
    assert failure and os.path.exists("/srv/notes") and not os.path.exists("/srv/later")
    assert pwd.getpwuid(os.stat("/srv/notes").st_uid).pw_name == "root"


def early_home_file(bad, good):
    users("users: []")
    assert write_files(bad)[0] is None
    subprocess.run(["useradd", "-m", "ann"], check=True, capture_output=True)
    assert os.stat("/home/ann").st_uid == 0 and not os.path.exists("/home/ann/.profile")


def undecodable_content(bad, good):
    later = bad + "  - {path: /srv/later, content: hello}\n"
    failure, said = write_files(later)
    assert failure or said, "nobody is warned"
    assert not os.path.exists("/srv/later")
    assert write_files(good) == (None, "")


def split_list_item(bad, good):
    failure, said = write_files(bad)
    assert failure is None and "path" in said.lower(), said
    assert os.stat("/etc/secret").st_mode & 0o777 == 0o644, "the mode is not lost"
    write_files(good)
    assert os.stat("/etc/secret").st_mode & 0o777 == 0o600


def guessed_root_home(bad, good):
    assert pwd.getpwnam("root").pw_dir == "/root"


# Other systems, envelopes and parts.


def foreign_cloud_config(bad, good):
    assert verdict(bad), "cloud-init knows its keys"


def autoinstall_outside_installer(bad, good):
    snaps = subp.SubpResult("core22  1\nsnapd  1\n", "")
    with logged() as said, instead(cc_ubuntu_autoinstall.subp, "subp", lambda *_, **__: snaps):
        cc_ubuntu_autoinstall.handle("autoinstall", load(bad), machine(), [])
    assert "Skipping autoinstall" in said.getvalue(), said.getvalue()


def leftover_template_syntax(bad, good):
    assert "{{" in merged(bad)["config"]["hostname"]


def not_looked_at(bad, good):
    assert load(bad)["runcmd"] and load(good)["runcmd"]


def passed_over(bad, good):
    assert is_lost(bad) and not is_lost(good)


def lists_lost_in_merge(bad, good):
    assert merged(bad)["config"]["packages"] == ["cron"]
    assert merged(good)["config"]["packages"] == ["nginx", "cron"]


def mixed_line_endings(bad, good):
    def written(text):
        return unpack.base64.b64decode(merged(text)["done"][0][2])

    assert b"\r" in written(bad) and b"\r" not in written(good)


# Commands.


def unclosed_heredoc(bad, good):
    _, _, called = run(bad, "systemctl")
    assert not called, "what is behind it runs"
    with open("/etc/motd") as file:
        assert "systemctl" in file.read()
    assert run(good, "systemctl")[2]


def shell_syntax_in_list(bad, good):
    code, said, called = run(bad, "chmod")
    assert called == ["chmod +x /opt/*.sh"] and "not found" in said, (said, called)


def exit_ends_runcmd(bad, good):
    assert run(bad, "modprobe", "systemctl")[2] == ["modprobe x"]
    assert len(run(good, "modprobe", "systemctl")[2]) == 2


def unset_home(bad, good):
    run(bad, "install.sh")
    os.makedirs("/~", exist_ok=True)
    code, said, called = run("runcmd: ['echo ~', 'echo $HOME/tools', 'echo \"[$USER]\"']")
    assert said == "~\n/tools\n[]\n", said


def bashism_in_sh(bad, good):
    assert os.path.realpath("/bin/sh").endswith("dash")
    code, said, _ = run("runcmd: ['source /etc/profile']")
    assert "source: not found" in said, said
    code, said, _ = run("runcmd: ['[[ a = a ]] && echo yes']")
    assert "[[: not found" in said, said


def upstart_command(bad, good):
    code, said, _ = run(bad)
    assert "restart: not found" in said, said


def command_without_effect(bad, good):
    run(bad, "systemctl")
    assert "EDITOR" not in subprocess.run(["env"], capture_output=True, text=True).stdout


def setup_in_bootcmd(bad, good):
    assert cc_bootcmd.meta["frequency"] == PER_ALWAYS
    stages = load(open("/etc/cloud/cloud.cfg").read())
    first = [one.replace("-", "_") for one in stages["cloud_init_modules"]]
    assert first.index("bootcmd") < first.index("write_files") < first.index("users_groups")
    assert "package_update_upgrade_install" not in first


def background_job(bad, good):
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write("#!/bin/sh\nsleep 3 &\n")
        file.flush()
        begun = time.monotonic()
        subprocess.run(["sh", file.name], stdout=subprocess.PIPE)
        assert time.monotonic() - begun > 2, "the output is at its end before the job is"


def waiting_for_itself(bad, good):
    os.makedirs("/run/cloud-init", exist_ok=True)
    status = {"v1": {"datasource": None, "stage": "modules-final"}}
    for stage in ("init-local", "init", "modules-config", "modules-final"):
        status["v1"][stage] = {"start": 1.0, "finished": None, "errors": [], "recoverable_errors": {}}
    with open("/run/cloud-init/status.json", "w") as file:
        json.dump(status, file)
    try:
        subprocess.run(["cloud-init", "status", "--wait"], capture_output=True, timeout=4)
    except subprocess.TimeoutExpired:
        return
    finally:
        os.remove("/run/cloud-init/status.json")
    raise AssertionError("it ends")


def unbounded_wait(bad, good):
    try:
        run(bad, timeout=3)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError("it ends")


def never_returns(bad, good):
    os.makedirs("/srv", exist_ok=True)
    try:
        run("runcmd: ['sleep 60', 'touch /srv/behind']", timeout=2)
    except subprocess.TimeoutExpired:
        assert not os.path.exists("/srv/behind")
        return
    raise AssertionError("it ends")


def interactive_program(bad, good):
    code, said, _ = run("runcmd: ['read answer || echo nobody answers']")
    assert said == "nobody answers\n", said


def interactive_install(bad, good):
    asked = run("runcmd: ['apt-get remove openssh-server']")[1]
    assert "Do you want to continue? [Y/n] Abort." in asked, asked


def apt_key(bad, good):
    assert shutil.which("apt-key") is None


def pip_system_wide(bad, good):
    found = subprocess.run("ls /usr/lib/python3*/EXTERNALLY-MANAGED", shell=True)
    assert found.returncode == 0


def apt_sources(text):
    """What is written for `apt: sources:` on an image of sid."""
    written = []

    def write(name, content, **_):
        written.append(content)

    sources = load(text)["apt"]["sources"]
    with instead(cc_apt_configure.util, "write_file", write):
        cc_apt_configure.add_apt_sources(
            sources, machine(), None, {"RELEASE": "sid"}, lambda _: False
        )
    return "\n".join(written)


def command_in_apt_source(bad, good):
    assert "$(lsb_release -cs)" in apt_sources(bad)


def codename_mismatch(bad, good):
    assert " bionic main" in apt_sources(bad) and " sid main" in apt_sources(good)


class Missing(BaseHTTPRequestHandler):
    """Answers everything with an error page."""

    def do_GET(self):
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<h1>Not found</h1>")

    def log_message(self, *_):
        pass


class CutOff(BaseHTTPRequestHandler):
    """Sends the first half of a script."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"echo first half\n")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(handler):
    """The address of a file at a server."""
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield "http://127.0.0.1:%d/tool" % server.server_port
    finally:
        server.shutdown()


def curl_without_fail(bad, good):
    with serving(Missing) as address, tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "tool")
        plain = subprocess.run(["curl", "-s", "-o", file, address])
        with open(file) as page:
            taken = plain.returncode == 0 and "Not found" in page.read()
        safe = subprocess.run(["curl", "-fs", "-o", file + "2", address])
    assert taken and safe.returncode != 0


def pipe_to_shell(bad, good):
    with serving(CutOff) as address:
        code, said, _ = run("runcmd: ['curl -fsSL %s | sh']" % address)
        assert code == 0 and "first half" in said, (code, said)
        code, said, _ = run("runcmd: ['curl -fsSL -o /srv/tool %s && sh /srv/tool']" % address)
        assert code != 0 and "first half" not in said, (code, said)


def sshd_unit_name(bad, good):
    for folder in ("/usr/lib/systemd/system/", "/lib/systemd/system/"):
        if os.path.exists(folder + "ssh.service"):
            assert not os.path.exists(folder + "sshd.service")
            with open(folder + "ssh.service") as file:
                assert "Alias=sshd.service" in file.read()
            return
    raise AssertionError("there is no ssh.service")


def main():
    with open(names) as file:
        examples = json.load(file)
    for rule, (bad, good) in examples.items():
        prove = globals().get(rule.replace("-", "_"))
        if prove is None:
            continue
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                prove(bad, good)
            print("PROVED", rule)
        except Exception as error:
            why = "%s: %s" % (type(error).__name__, error)
            print("REFUTED %s: %s" % (rule, why.replace("\n", " ")))


main()
