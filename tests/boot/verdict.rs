//! What must hold at the end of every boot, whatever the scenario: the console, the status file,
//! cloud-init's own status and the web server tell the same story.

use std::time::Duration;

use serde_json::Value;

use crate::machine::Running;
use crate::world::World;

/// Longest time that a boot may take. Giving up takes three minutes, and others boot beside it.
pub(crate) const BOOT: Duration = Duration::from_secs(900);

/// Waits until a step is in this state. The status file is asked: a login prompt that starts on the
/// console may swallow a line that is written in the same instant.
pub(crate) fn wait_for_step(machine: &Running, name: &str, state: &str) {
    let so = || (state_of(machine, name)? == state).then_some(());
    machine.wait(&format!("{name}: {state}"), BOOT, so);
}

/// The state that a step is in, once it is past `waiting`.
pub(crate) fn state_of(machine: &Running, name: &str) -> Option<String> {
    let status: Value = serde_json::from_str(&machine.peek("/run/bootseed/status.json")).ok()?;
    let state = text(&step(&status, name)["state"]).to_owned();
    (state != "waiting").then_some(state)
}

/// Waits for the end of the boot, which must be a machine that is ready.
pub(crate) fn ready(machine: &Running, world: &World) -> Value {
    let status = end_of_boot(machine, "ready", "READY ", "done");
    for step in status["steps"].as_array().expect("steps") {
        assert_eq!(step["state"], "done", "{status:#}");
    }
    let (code, page) = world.network.get(&world.site());
    if world.serves() {
        assert_eq!(code, 200, "the owner's page: {page}");
        assert!(!page.contains("still being set up"), "{page}");
    }
    status
}

/// Waits for the end of the boot, which must be a failure of this step for a reason with each of
/// these texts in it.
pub(crate) fn failed(machine: &Running, world: &World, step: &str, reasons: &[&str]) -> Value {
    let status = end_of_boot(machine, "failed", "FAILED at ", "error");
    let message = text(&status["message"]);
    assert!(message.starts_with(&format!("FAILED at {step}: ")), "{message}");
    let steps = status["steps"].as_array().expect("steps");
    let failed = steps.iter().find(|entry| entry["step"] == *step).expect("the step");
    assert_eq!(failed["state"], "failed", "{status:#}");
    for reason in reasons {
        assert!(message.contains(reason), "{reason:?} is not in {message:?}");
        assert!(text(&failed["reason"]).contains(reason), "{status:#}");
    }
    if step != "web" && world.serves() {
        let (code, page) = world.network.get(&world.site());
        assert_eq!(code, 200, "{page}");
        assert!(page.contains("/status.json"), "{page}");
    }
    status
}

/// What one step says of itself.
pub(crate) fn step<'a>(status: &'a Value, name: &str) -> &'a Value {
    let steps = status["steps"].as_array().expect("steps");
    steps.iter().find(|entry| entry["step"] == name).expect("the step is there")
}

/// How often a step was tried.
pub(crate) fn tries(status: &Value, name: &str) -> u64 {
    step(status, name)["tries"].as_u64().expect("a number")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// Waits for the last line on the console, and compares the status file and cloud-init with it.
pub(crate) fn end_of_boot(machine: &Running, state: &str, word: &str, cloud_init: &str) -> Value {
    let cloud = machine.wait_boot_finished(BOOT);
    let is_last = |line: &&str| {
        ["bootseed: READY ", "bootseed: FAILED "].iter().any(|begin| line.contains(begin))
    };
    let console = machine.console();
    let log = machine.peek("/var/log/bootseed.log");
    let mut said = console.lines().filter(is_last).collect::<Vec<_>>();
    if said.is_empty() {
        // A login prompt may have swallowed it.
        said.extend(log.lines().rfind(is_last));
    }
    let last = said.last().expect("a verdict on the console");
    assert_eq!(said.len(), 1, "one verdict: {said:?}");
    let last = last.split_once("bootseed: ").expect("it is in it").1.trim_end();
    assert!(last.starts_with(word), "{last}");
    let file = machine.read("/var/lib/bootseed/status.json");
    let status: Value = serde_json::from_str(&file).expect("the status is JSON");
    assert_eq!(status["state"], state, "{file}");
    assert_eq!(text(&status["message"]), last);
    // 2 is "degraded": some warning. It may be about a cloud that is only played here.
    let played = !cloud.long.contains("DataSourceNoCloud") && cloud.word == "done";
    let exit = match cloud.exit {
        Some(2) if played => 2,
        _ => i32::from(cloud_init == "error"),
    };
    assert_eq!((&cloud.word[..], cloud.exit), (cloud_init, Some(exit)), "{}", cloud.long);
    status
}

/// Runs a command in the machine; it must succeed.
pub(crate) fn succeeds(machine: &Running, command: &str) -> String {
    let output = machine.exec(&["bash", "-c", command]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {said}{errors}");
    said
}
