//! Conda on the machine: what it is asked for, what it cannot have, and what goes wrong on the way.

use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;
use crate::verdict::{failed, ready, step, succeeds, tries};
use crate::world::{HELLO, SERVER, World, conda_only};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_bookworm("create_hangs", create_hangs),
    Scenario::on_bookworm("a_package_does_not_exist", a_package_does_not_exist),
    Scenario::on_bookworm("the_channel_has_a_bad_day", the_channel_has_a_bad_day),
    Scenario::on_bookworm("the_disk_is_too_small", the_disk_is_too_small),
    Scenario::on_bookworm("another_conda_is_there", another_conda_is_there),
    Scenario::on_bookworm("a_configuration_of_conda_is_broken", a_configuration_of_conda_is_broken),
    Scenario::on_bookworm("memory_is_short", memory_is_short),
    Scenario::on_bookworm("a_prefix_deep_down", a_prefix_deep_down),
    Scenario::on_bookworm("terms_accepted_for_everybody", terms_accepted_for_everybody),
    Scenario::on_newer("conda_belongs_to_an_account", conda_belongs_to_an_account),
    Scenario::on_newer("pip_adds_to_an_environment", pip_adds_to_an_environment),
];

/// It may do there what root may, and nothing in it is left to root.
fn conda_belongs_to_an_account(suite: Suite) {
    let prefix = "/home/kim/apps/conda";
    let owned = conda_only().replace("/opt/conda", prefix);
    let mut world = World::new(suite).spec(&format!("{owned}users: [{{name: kim}}]\n"));
    let machine = world.boot("owner");
    let status = ready(&machine, &world);
    assert_eq!(step(&status, "handover")["state"], "done");
    let others = format!("test -z \"$(find {prefix}/.. ! -user kim -o ! -group kim)\"");
    succeeds(&machine, &others);
    let add =
        format!("{prefix}/bin/conda create -qyn mine --override-channels -c conda-forge python");
    succeeds(&machine, &format!("runuser -l kim -c '{add}' && {prefix}/envs/mine/bin/python -V"));
    succeeds(&machine, &others);
    // An environment that is made anew is root's at first.
    succeeds(&machine, &format!("rm -r {prefix}/envs/hello_cju && bootseed-provision"));
    succeeds(&machine, &format!("{others} && test -e {prefix}/envs/hello_cju"));
}

/// The one that hangs has a child in a session of its own, which a signal to the group misses.
fn create_hangs(suite: Suite) {
    let spec = conda_only().replace("conda:\n", "conda:\n  time_limit: 2\n");
    let mut world =
        World::new(suite).spec(&spec).hooks(json!([{"hang": "create", "times": 1, "child": true}]));
    let machine = world.boot("hangs");
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "env:hello_cju"), 2);
    let log = machine.read("/var/log/bootseed.log");
    assert!(log.contains("timeout: sending signal TERM"), "{log}");
    succeeds(&machine, "! pgrep -f '[s]leep 86399' && ! pgrep -f '[c]onda create'");
}

fn a_package_does_not_exist(suite: Suite) {
    let spec = "hostname: typo\nweb: {server: nginx}\nconda:\n  distribution: miniforge\n  \
                environments:\n  - {name: one, packages: [flaks, networkx-connect, resolver]}\n  - {name: two, packages: [flask]}\n";
    let mut world = World::new(suite).spec(spec);
    let machine = world.boot("typo");
    let status = failed(&machine, &world, "env:one", &["PackagesNotFound", "flaks"]);
    assert_eq!(tries(&status, "env:one"), 1, "no needless tries");
    assert_eq!(step(&status, "env:two")["state"], "done");
    assert_eq!(step(&status, "web")["state"], "done");
    let log = machine.read("/var/log/bootseed.log");
    assert!(log.contains("not available from current channels") && log.contains("  - flaks"));
    succeeds(&machine, "/opt/conda/envs/two/bin/python -c 'import flask'");
    succeeds(&machine, "! test -e /opt/conda/envs/one");
}

/// Conda tries none of these a second time.
fn the_channel_has_a_bad_day(suite: Suite) {
    let mut world = World::new(suite).spec(conda_only());
    let faults = json!([
        {"match": "noarch/repodata", "kind": "status", "code": 502, "times": 1},
        {"match": "noarch/repodata", "kind": "body", "text": "<html>Log in</html>", "times": 2},
        {"match": "cloud/.*python-3.9.*conda$", "kind": "cut", "times": 1},
        {"match": "cloud/.*tzdata.*conda$", "kind": "corrupt", "times": 1},
    ]);
    let machine = world.boot_with("channel", &faults);
    let status = ready(&machine, &world);
    assert!(tries(&status, "env:hello_cju") >= 4, "{status:#}");
}

fn the_disk_is_too_small(suite: Suite) {
    let mount = "cloud_config: {bootcmd: [[mount, -t, tmpfs, -o, size=900m, small, /opt]]}\n";
    let mut world = World::new(suite).spec(&format!("{HELLO}{mount}"));
    let machine = world.boot("small");
    let status = failed(&machine, &world, "conda", &["7200 MB needed", "900 MB free"]);
    assert_eq!(tries(&status, "conda"), 1);
    assert_eq!(world.requests("installer.sh"), 0, "refused before any download");
}

/// As on an image for deep learning, and with the owner's data on another disk. It is not bootseed's
/// to remove.
fn another_conda_is_there(suite: Suite) {
    let mut world = World::new(suite);
    world.serve(&json!([]));
    let machine = world.machine("foreign");
    machine.write("/opt/conda/bin/conda", "precious");
    let machine = machine.boot(&world.network);
    let status = failed(&machine, &world, "conda", &["/opt/conda is not empty"]);
    assert_eq!(tries(&status, "conda"), 1);
    assert_eq!(machine.read("/opt/conda/bin/conda"), "precious");
    succeeds(&machine, "mkdir /data && mv /opt/conda /data && mv /data/conda/bin /data/conda/mine");
    succeeds(&machine, "ln -s /data/conda /opt/conda");
    let machine = machine.reboot(&world.network);
    failed(&machine, &world, "conda", &["/opt/conda is not empty"]);
    assert_eq!(machine.read("/data/conda/mine/conda"), "precious");
    succeeds(&machine, "test -L /opt/conda");
}

/// It is conda's own words that say so, behind a download that was whole.
fn a_configuration_of_conda_is_broken(suite: Suite) {
    let mut world = World::new(suite).spec(conda_only());
    world.serve(&json!([]));
    let machine = world.impatient_machine("condarc");
    machine.write("/etc/conda/.condarc", "channels: [a\n b: :\n");
    let machine = machine.boot(&world.network);
    failed(&machine, &world, "conda", &["ParserError: while parsing a flow sequence"]);
}

fn memory_is_short(suite: Suite) {
    let lines = "MemTotal:  980000 kB\\nMemFree:  500000 kB\\nSwapTotal:  0 kB\\n";
    let tell =
        format!("[bash, -c, \"printf '{lines}' >/meminfo; mount --bind /meminfo /proc/meminfo\"]");
    let spec = conda_only().replace("swap: auto", "swap: 0");
    let mut world = World::new(suite).spec(&format!("{spec}cloud_config: {{bootcmd: [{tell}]}}\n"));
    let machine = world.boot("memory");
    let status = ready(&machine, &world);
    let warning = "WARNING: only 957 MB of memory and swap";
    assert_eq!(step(&status, "conda")["reason"], warning);
    assert!(machine.console().contains(warning));
}

fn a_prefix_deep_down(suite: Suite) {
    let spec =
        conda_only().replace("/opt/conda", "/data/apps/conda").replace("hello_cju", "한글+c");
    let mut world = World::new(suite).spec(&spec);
    let machine = world.boot("deep");
    ready(&machine, &world);
    succeeds(&machine, "/data/apps/conda/envs/한글+c/bin/python -V | grep 'Python 3.9'");
    succeeds(&machine, "bash -lc 'conda activate 한글+c && python -V' | grep 'Python 3.9'");
}

fn terms_accepted_for_everybody(suite: Suite) {
    let spec = conda_only().replace("conda:\n", "conda:\n  accept_anaconda_terms: true\n");
    let mut world = World::with_installer(suite, &["--condarc", "defaults"])
        .spec(&spec)
        .hooks(json!([{"trap": "tos", "times": 1}]));
    let machine = world.boot("terms");
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "terms"), 2, "conda said yes and had not done it");
    // Later, for the account that logs in, which may not count how often a hook was used.
    succeeds(&machine, "rm /etc/standin.json*");
    succeeds(
        &machine,
        "runuser -l debian -c 'conda create -yn own python=3.9 && conda install -yn own flask'",
    );
}

fn pip_adds_to_an_environment(suite: Suite) {
    let spec = conda_only().replace("python: 3.9", "python: 3.9\n      pip: [tinyjson]");
    let mut world = World::new(suite).spec(&spec);
    world.serve(&json!([]));
    let machine = world.machine("pip");
    machine.write("/etc/pip.conf", format!("[global]\nindex-url = {SERVER}/cloud/simple\n"));
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "/opt/conda/envs/hello_cju/bin/python -c 'import tinyjson'");
    // Without anybody's terms, too.
    succeeds(
        &machine,
        "runuser -l debian -c 'conda create -yn own python=3.9 && conda install -yn own flask'",
    );
}
