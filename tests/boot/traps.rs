//! Conda and its installer end with exit code 0 and are not done, or conda is killed in the middle
//! and leaves one of its half states behind. None is taken for success, each is repaired.

use serde_json::json;

use crate::Scenario;
use crate::machine::{Running, Suite};
use crate::verdict::{ready, succeeds, tries};
use crate::world::{World, conda_only};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_bookworm("conda_says_that_it_is_done", conda_says_that_it_is_done),
    Scenario::on_bookworm("an_environment_without_python", an_environment_without_python),
    Scenario::on_bookworm("an_environment_is_never_created_twice", never_created_twice),
    Scenario::on_bookworm("conda_is_killed_in_each_phase", conda_is_killed_in_each_phase),
];

/// An installer that does nothing, one that only warns of a damaged download, a create that asks
/// and leaves, and one whose package was damaged on the disk.
fn conda_says_that_it_is_done(suite: Suite) {
    let traps = ["empty", "md5", "no-tty", "cache"].map(|trap| json!({"trap": trap, "times": 1}));
    let mut world = World::new(suite).spec(conda_only()).hooks(json!(traps));
    let machine = world.boot("traps");
    let status = ready(&machine, &world);
    assert_eq!((tries(&status, "conda"), tries(&status, "env:hello_cju")), (3, 3), "{status:#}");
    let size = std::fs::metadata(world.path("installer.sh")).unwrap().len();
    assert_eq!(world.bytes("installer.sh"), size, "a good download is not repeated");
    works(&machine);
}

/// The rollback of a create beside it took python away.
fn an_environment_without_python(suite: Suite) {
    let hooks = json!([{"trap": "concurrent", "times": 1}]);
    let mut world = World::new(suite).spec(conda_only()).hooks(hooks);
    let machine = world.boot("concurrent");
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "env:hello_cju"), 2, "{status:#}");
    works(&machine);
}

/// What the owner put into a finished environment stays: `create` would remove it.
fn never_created_twice(suite: Suite) {
    let mut world = World::new(suite).spec(conda_only());
    let machine = world.boot("kept");
    ready(&machine, &world);
    succeeds(&machine, "touch /opt/conda/envs/hello_cju/own-file && bootseed-provision");
    let machine = machine.power_cut().boot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "test -e /opt/conda/envs/hello_cju/own-file");
}

/// As by the kernel when memory runs out.
fn conda_is_killed_in_each_phase(suite: Suite) {
    let phases = ["download", "extract", "link", "records"];
    let base = ["base-extract", "base-link", "base-records"];
    let hooks: Vec<_> =
        base.iter().chain(&phases).map(|phase| json!({"kill_at": phase, "times": 1})).collect();
    let mut world = World::new(suite).spec(conda_only()).hooks(json!(hooks));
    let machine = world.boot("killed");
    let status = ready(&machine, &world);
    assert_eq!((tries(&status, "conda"), tries(&status, "env:hello_cju")), (4, 5), "{status:#}");
    works(&machine);
}

/// Conda and the environment are whole: conda itself finds every package, and python its modules.
pub(crate) fn works(machine: &Running) {
    succeeds(machine, "/opt/conda/bin/conda list -n hello_cju | grep '^python .*3.9'");
    succeeds(machine, "/opt/conda/bin/conda list -n base | grep '^conda '");
    succeeds(
        machine,
        "cd / && /opt/conda/envs/hello_cju/bin/python -c 'import json, ssl, logging'",
    );
    succeeds(machine, "test -s /opt/conda/envs/hello_cju/conda-meta/history");
    succeeds(machine, "! test -e /opt/conda/install_tmp && test -e /opt/conda/.bootseed");
}
