//! What the owner asks for beside conda and the web server.

use std::process::Command;

use serde_json::json;

use crate::Scenario;
use crate::app::must;
use crate::machine::Suite;
use crate::verdict::{end_of_boot, failed, ready, step, succeeds, tries};
use crate::world::{WEB_ONLY, World};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_newer("accounts_packages_services_commands", accounts_packages_and_so_on),
    Scenario::on_all("accounts_whose_names_are_groups", accounts_whose_names_are_groups),
    Scenario::on_debians("an_archive_of_others", an_archive_of_others),
    Scenario::on_bookworm("a_command_fails", a_command_fails),
    Scenario::on_edges("cloud_init_cannot_write_a_file", cloud_init_cannot_write_a_file),
    Scenario::on_bookworm("a_folder_is_where_a_file_goes", a_folder_is_where_a_file_goes),
    Scenario::on_bookworm("a_service_dies", a_service_dies),
    Scenario::on_bookworm("a_full_disk_is_told", a_full_disk_is_told),
    Scenario::on_bookworm("it_cannot_note_that_it_is_ready", it_cannot_note_that_it_is_ready),
];

fn accounts_packages_and_so_on(suite: Suite) {
    let spec = json!({
        "distro": "debian",
        "hostname": "more",
        "locale": "ko_KR.UTF-8",
        "users": [
            {"name": "bob", "password": "s3cret: 한글 $1", "groups": ["sudo"], "sudo": true},
            {"name": "root", "ssh_authorized_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPlaceholderPlaceholderPlaceholderPlaceho root"]},
            {"name": "eve", "ssh_authorized_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPlaceholderPlaceholderPlaceholderPlaceho eve"]},
        ],
        "package_upgrade": true,
        "packages": ["tree", "hello"],
        "services": ["nginx"],
        "run": ["echo line | tee -a /srv/run", ["printf", "%s|", "a b", "", "$HOME"]],
        "web": {"server": "nginx"},
    });
    let mut world = World::new(suite).spec(&spec.to_string());
    let machine = world.boot("more");
    let status = ready(&machine, &world);
    assert_eq!(status["steps"].as_array().unwrap().len(), 7, "{status:#}");
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
    succeeds(&machine, "grep '^ssh-ed25519 .* root$' /root/.ssh/authorized_keys");
    succeeds(&machine, "test -e /var/lib/bootseed/upgrade.done");
    succeeds(&machine, "tree --version && hello");
    succeeds(
        &machine,
        "locale -a | grep -x ko_KR.utf8 && grep LANG=ko_KR.UTF-8 /etc/default/locale",
    );
    succeeds(&machine, "grep -F 'a b||$HOME|' /var/log/bootseed.log");
    succeeds(&machine, "test $(wc -l </srv/run) = 1");
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "test $(wc -l </srv/run) = 1");
}

/// An archive with a package, signed with a key that is made for it.
const ARCHIVE: &str = "\
mkdir -p others tool/DEBIAN tool/usr/bin gnupg
chmod 700 gnupg
printf '#!/bin/sh\necho of others\n' >tool/usr/bin/lab-tool
chmod 755 tool/usr/bin/lab-tool
printf 'Package: lab-tool\nVersion: 1\nArchitecture: all\nMaintainer: a\nDescription: a\n' \
  >tool/DEBIAN/control
dpkg-deb --root-owner-group -b tool others/lab-tool_1_all.deb
cd others
apt-ftparchive packages . >Packages
apt-ftparchive release . >../Release
gpg='gpg --homedir ../gnupg --batch --quiet --passphrase='
$gpg --quick-generate-key others@example.org rsa3072
$gpg --clearsign -o InRelease ../Release
$gpg --armor --export >../others.asc
gpgconf --homedir ../gnupg --kill all
";

fn an_archive_of_others(suite: Suite) {
    let spec = json!({
        "distro": "debian",
        "apt": {"sources": [
            {"name": "others", "source": "deb http://127.0.0.1:8800/others ./", "key_from": "others.asc"},
        ]},
        "packages": ["lab-tool"],
    });
    let mut world = World::new(suite).spec(&spec.to_string());
    must(Command::new("bash").args(["-ec", ARCHIVE]).current_dir(world.path("")));
    let machine = world.boot("others");
    ready(&machine, &world);
    assert_eq!(succeeds(&machine, "lab-tool"), "of others\n");
    // Without the key apt would take nothing from it.
    succeeds(
        &machine,
        "grep signed-by=/etc/apt/keyrings/others.asc /etc/apt/sources.list.d/others.list",
    );
}

/// Of each other, of themselves, of a list of the owner's, and of the image's own account.
fn accounts_whose_names_are_groups(suite: Suite) {
    let spec = json!({
        "distro": "debian",
        "hostname": "groups",
        "users": [
            {"name": "mina", "groups": ["mina", "lee", "debian"]},
            {"name": "lee", "groups": ["mina", "lab"]},
            {"name": "debian"},
        ],
        "files": [{"path": "/home/lee/a", "content": "hi"}],
        "cloud_config": {
            "groups": ["lab", {"class": ["mina", "debian", "www-data"]}],
            "users": [{"name": "lab"}, {"name": "guest", "primary_group": "guests"}],
        },
    });
    let mut world = World::new(suite).spec(&spec.to_string());
    let machine = world.boot("groups");
    ready(&machine, &world);
    for (name, groups) in [
        ("mina", "class debian lee mina"),
        ("lee", "lab lee mina"),
        ("lab", "lab"),
        ("guest", "guests"),
    ] {
        let found = succeeds(&machine, &format!("id -nG {name} | tr ' ' '\\n' | sort | xargs"));
        assert_eq!(found.trim(), groups, "{name} on {suite}");
    }
    succeeds(&machine, "test $(id -gn mina) = mina && test $(id -gn lab) = lab");
    succeeds(&machine, "test $(id -gn debian) = debian && id -nG debian | grep -w class");
    succeeds(&machine, "id -nG www-data | grep -w class && test $(stat -c %U:%G ~lee/a) = lee:lee");
}

fn a_command_fails(suite: Suite) {
    let spec = "hostname: fails\nweb: {server: nginx}\nrun: ['true', 'printf \"\\377\\000\\n\"; echo \"  E: \\\"<b>\" x >&2; echo bye; exit 3', 'touch /srv/never']\n";
    let mut world = World::new(suite).spec(spec);
    let machine = world.boot("fails");
    let status = failed(&machine, &world, "run:2", &["E: \"<b> x"]);
    assert_eq!(step(&status, "run:2")["tries"], 1);
    assert_eq!(step(&status, "run:3")["state"], "waiting");
    succeeds(&machine, "! test -e /srv/never");
}

/// Everything else is set up, and on the next boot so is this.
fn cloud_init_cannot_write_a_file(suite: Suite) {
    let files = "files: [{path: /srv/a, content: hi}, {path: /srv/b, content: hi}]\n";
    let mut world = World::new(suite).spec(&format!("{WEB_ONLY}{files}"));
    world.serve(&json!([]));
    let machine = world.machine("folder");
    machine.write("/srv/a/inside", "x");
    let machine = machine.boot(&world.network);
    let status = failed(&machine, &world, "verify", &["cloud-init: ", "Is a directory"]);
    assert_eq!(tries(&status, "verify"), 1);
    assert_eq!(step(&status, "web")["state"], "done");
    succeeds(&machine, "rm -r /srv/a");
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "test $(cat /srv/a /srv/b) = hihi");
}

/// It is for a home, so not cloud-init puts it there.
fn a_folder_is_where_a_file_goes(suite: Suite) {
    let spec = "hostname: home\nusers: [{name: bob}]\nfiles: [{path: /home/bob/a, content: hi}]\n";
    let mut world = World::new(suite).spec(spec);
    world.serve(&json!([]));
    let machine = world.impatient_machine("home");
    machine.write("/home/bob/a/inside", "x");
    let machine = machine.boot(&world.network);
    failed(&machine, &world, "files", &["/home/bob/a"]);
    succeeds(&machine, "test $(ls /home/bob/a) = inside");
}

/// One of them at once, one is none, and the third is not to blame.
fn a_service_dies(suite: Suite) {
    let unit = |command: &str| {
        format!("[Service]\nExecStart={command}\n[Install]\nWantedBy=multi-user.target\n")
    };
    let place = |name: &str| format!("/etc/systemd/system/{name}.service");
    let dies = "/bin/sh -c 'echo no such table; exit 3'";
    let spec = json!({
        "hostname": "services",
        "files": [
            {"path": place("dies"), "content": unit(dies)},
            {"path": place("lives"), "content": unit("/bin/sleep infinity")},
        ],
        "services": ["nosuch", "dies", "lives"],
    });
    let mut world = World::new(suite).spec(&spec.to_string());
    world.serve(&json!([]));
    let machine = world.impatient_machine("services").boot(&world.network);
    failed(&machine, &world, "services", &["dies: ", "no such table"]);
    succeeds(&machine, "systemctl is-enabled lives && systemctl is-active lives");
}

/// A file system of this kind over where the program keeps what outlasts a boot.
fn small(options: &str) -> String {
    let mount = format!("mount -t tmpfs -o {options} small /var/lib/bootseed");
    let fill = "cat /dev/zero >/var/lib/bootseed/full";
    format!("cloud_config: {{bootcmd: ['mkdir -p /var/lib/bootseed; {mount}; {fill} || true']}}\n")
}

fn a_full_disk_is_told(suite: Suite) {
    let spec = "hostname: full\nweb: {server: nginx}\nrun: ['echo x >/var/lib/bootseed/file || { echo; exit 1; }']\n";
    let mut world = World::new(suite).spec(&format!("{spec}{}", small("size=64k")));
    let machine = world.boot("full");
    failed(&machine, &world, "run:1", &["No space left on device"]);
}

/// Nothing has failed, and yet it would not know on its next boot.
fn it_cannot_note_that_it_is_ready(suite: Suite) {
    let spec = format!("hostname: full\nweb: {{server: nginx}}\n{}", small("nr_inodes=3,size=64k"));
    let mut world = World::new(suite).spec(&spec);
    let machine = world.boot("inodes");
    let status = end_of_boot(&machine, "failed", "FAILED at the end: ", "error");
    assert_eq!(step(&status, "web")["state"], "done");
}
