//! What the owner asks for beside conda and the web server.

use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;
use crate::verdict::{failed, ready, step, succeeds};
use crate::world::World;

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_all("accounts_packages_services_commands", accounts_packages_and_so_on),
    Scenario::on_bookworm("a_command_fails", a_command_fails),
];

fn accounts_packages_and_so_on(suite: Suite) {
    let spec = json!({
        "hostname": "more",
        "users": [
            {"name": "bob", "password": "s3cret: 한글 $1", "groups": ["sudo"], "sudo": true},
            {"name": "eve", "ssh_authorized_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPlaceholderPlaceholderPlaceholderPlaceho eve"]},
        ],
        "packages": ["tree", "hello"],
        "services": ["nginx"],
        "run": ["echo line | tee -a /srv/run", ["printf", "%s|", "a b", "", "$HOME"]],
        "web": {"server": "nginx"},
    });
    let mut world = World::new(suite).spec(&spec.to_string());
    let machine = world.boot("more");
    let status = ready(&machine, &world);
    assert_eq!(status["steps"].as_array().unwrap().len(), 6, "{status:#}");
    // What crypt(3) makes of the password, with the hash as its salt, is the hash.
    let script = "import ctypes, ctypes.util, sys\n\
        crypt = ctypes.CDLL(ctypes.util.find_library('crypt') or 'libcrypt.so.1').crypt\n\
        crypt.restype = ctypes.c_char_p\n\
        shadow = dict(line.split(':')[:2] for line in open('/etc/shadow'))\n\
        made = crypt('s3cret: 한글 $1'.encode(), shadow['bob'].encode()).decode()\n\
        assert made == shadow['bob'], (made, shadow['bob'])\n\
        assert shadow['eve'][0] in '!*'\n";
    machine.machine().write("/srv/check.py", script);
    succeeds(&machine, "python3 /srv/check.py");
    succeeds(
        &machine,
        "runuser -u bob -- sudo -n true && grep -q Placeholder ~eve/.ssh/authorized_keys",
    );
    succeeds(&machine, "tree --version && hello");
    succeeds(&machine, "grep -F 'a b||$HOME|' /var/log/bootseed.log");
    succeeds(&machine, "test $(wc -l </srv/run) = 1");
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "test $(wc -l </srv/run) = 1");
}

fn a_command_fails(suite: Suite) {
    let spec = "hostname: fails\nweb: {server: nginx}\nrun: ['true', 'echo \"E: \\\"<b>\" >&2; exit 3', 'touch /srv/never']\n";
    let mut world = World::new(suite).spec(spec);
    let machine = world.boot("fails");
    let status = failed(&machine, &world, "run:2", &["E: '(b)"]);
    assert_eq!(step(&status, "run:2")["tries"], 1);
    assert_eq!(step(&status, "run:3")["state"], "waiting");
    succeeds(&machine, "! test -e /srv/never");
}
