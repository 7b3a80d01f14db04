//! Time to ready: the web chain and the conda chain run side by side.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;
use crate::verdict::{BOOT, ready};
use crate::world::{HELLO, World, conda_only};

pub(crate) const SCENARIOS: &[Scenario] =
    &[Scenario::on_bookworm("both_chains_take_as_long_as_one", both_chains_take_as_long_as_one)];

/// The longer chain by so much, and what the program itself takes.
const LIMIT: fn(f64, f64) -> f64 = |web, conda| 1.15 * web.max(conda) + 3.0;

/// From cloud-init starting the program until the machine is ready, with slow servers.
fn time_to_ready(suite: Suite, name: &str, spec: &str) -> f64 {
    let slow = json!([{"slow": {"repodata": 4, "download": 4, "extract": 4, "link": 4}}]);
    let mut world = World::with_installer(suite, &["--slow", "8"]).spec(spec).hooks(slow);
    let machine =
        world.boot_with(name, &json!([{"match": "[.]deb$", "kind": "slow", "rate": 150000}]));
    machine.wait_for_console("bootseed: STEP", BOOT);
    let start = Instant::now();
    machine.wait_for_console("bootseed: READY", BOOT);
    let took = start.elapsed();
    ready(&machine, &world);
    took.as_secs_f64()
}

/// All three at the same time, so that the host is as busy for one as for the others.
fn both_chains_take_as_long_as_one(suite: Suite) {
    let (conda, web) = (conda_only(), "hostname: web\nweb: {server: nginx}\n");
    let times = thread::scope(|scope| {
        [("w", web), ("c", conda), ("both", HELLO)]
            .map(|(name, spec)| scope.spawn(move || time_to_ready(suite, name, spec)))
            .map(|run| run.join().expect("it becomes ready"))
    });
    let [web, conda, both] = times;
    let limit = LIMIT(web, conda);
    eprintln!(
        "time to ready: web {web:.1} s, conda {conda:.1} s, one after the other {:.1} s; \
         measured {both:.1} s, limit {limit:.1} s",
        web + conda
    );
    assert!(web > 5.0 && conda > 5.0, "the servers are too fast for this test");
    assert!(both <= limit, "{both:.1} s is more than {limit:.1} s");
    assert!(Duration::from_secs_f64(both) < BOOT);
}
