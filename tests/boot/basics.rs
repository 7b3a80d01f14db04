//! Nothing goes wrong, on the first boot and on those after it.

use serde_json::json;

use crate::Scenario;
use crate::machine::{Running, Suite};
use crate::verdict::{ready, succeeds};
use crate::world::{SERVER, World};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_all("comes_up_and_stays_up", comes_up_and_stays_up),
    Scenario::on_bookworm("an_image_with_other_parameters", an_image_with_other_parameters),
];

fn comes_up_and_stays_up(suite: Suite) {
    let mut world = World::new(suite);
    let machine = world.boot("hello");
    ready(&machine, &world);
    looks_right(&machine, &world);
    let (before, files) = (downloads(&world), files(&machine));

    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
    looks_right(&machine, &world);

    // A machine made from an image of this one.
    let machine = machine.poweroff();
    machine.seed(world.user_data(), "i-2");
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    looks_right(&machine, &world);
    assert_eq!(downloads(&world), before, "nothing is downloaded twice");
    let after = self::files(&machine);
    let changed: Vec<_> = after.iter().filter(|line| !files.contains(line)).collect();
    assert!(changed.is_empty() && after.len() == files.len(), "installed twice: {changed:#?}");
}

/// A machine made from an image of another that bootseed has set up: what is the same stays, what
/// is not is made anew.
fn an_image_with_other_parameters(suite: Suite) {
    const BEFORE: &str = "hostname: one\nusers: [{name: bob}]\nweb: {server: nginx}\n\
        conda:\n  distribution: miniforge\n  environments:\n  - {name: same, python: 3.9}\n  \
        - {name: other, python: 3.9}\n  - {name: pips, python: 3.9, pip: [tinyjson]}\n\
        files: [{path: /home/bob/note, content: before}, {path: /home/bob/own, content: before}]\n\
        packages: [tree]\nrun: [echo once >>/srv/run, echo before >>/srv/run]\n";
    let after = BEFORE
        .replace("other, python: 3.9", "other, python: 3.10")
        .replace(", pip: [tinyjson]", "")
        .replace("note, content: before", "note, content: after")
        .replace("[tree]", "[hello]")
        .replace("echo before", "echo after");
    let mut world = World::new(suite).spec(BEFORE);
    world.serve(&json!([]));
    let machine = world.machine("image");
    machine.write("/etc/pip.conf", format!("[global]\nindex-url = {SERVER}/cloud/simple\n"));
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "/opt/conda/envs/pips/bin/python -c 'import tinyjson'");
    succeeds(&machine, "touch /opt/conda/envs/same/mine; echo mine >/home/bob/own");

    let machine = machine.poweroff();
    world.spec = after;
    machine.seed(world.user_data(), "i-2");
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "/opt/conda/envs/other/bin/python -V | grep 'Python 3.10'");
    succeeds(&machine, "! /opt/conda/envs/pips/bin/python -c 'import tinyjson'");
    succeeds(&machine, "test -e /opt/conda/envs/same/mine && hello");
    succeeds(&machine, "test \"$(cat /home/bob/note /home/bob/own)\" = \"aftermine\"");
    succeeds(&machine, "test \"$(xargs </srv/run)\" = 'once before after'");
    assert_eq!(world.requests("installer.sh"), 1);
}

fn downloads(world: &World) -> [usize; 3] {
    ["installer.sh", ".deb", ".conda"].map(|what| world.requests(what))
}

/// What is on the machine: conda with the time of every file, the web server's files by content.
fn files(machine: &Running) -> Vec<String> {
    let list = "find /opt/conda -type f ! -name '*.pyc' -printf '%p %T@ %s\n' | sort
        find /etc/nginx /var/www -type f -exec sha256sum {} + | sort";
    succeeds(machine, list).lines().map(str::to_owned).collect()
}

fn looks_right(machine: &Running, world: &World) {
    let (_, page) = world.network.get("http://127.0.0.1/");
    assert!(page.contains("Welcome to nginx"), "{page}");
    for command in [
        "systemctl is-enabled nginx && systemctl is-active nginx",
        "/opt/conda/envs/hello_cju/bin/python -V | grep 'Python 3.9'",
        "test \"$(hostname)\" = hello-cju",
        "test \"$(readlink -f /etc/localtime)\" = /usr/share/zoneinfo/Asia/Seoul",
        "bash -lc 'conda activate hello_cju && python -V' | grep 'Python 3.9'",
        "! test -e /var/lib/bootseed/setup.html",
        "! systemctl --failed --no-legend | grep .",
    ] {
        succeeds(machine, command);
    }
}
