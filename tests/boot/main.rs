//! First boots with real systemd and real cloud-init.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod machine;
mod world;

use std::process::Command;
use std::time::Duration;

use machine::{Running, Suite};
use world::World;

const BOOT: Duration = Duration::from_secs(180);

/// What `bootseed render` prints with these arguments.
fn render(arguments: &[&str], settings: &[String]) -> Vec<u8> {
    let settings = settings.iter().flat_map(|setting| ["--set", setting]);
    let output = Command::new(env!("CARGO_BIN_EXE_bootseed"))
        .arg("render")
        .args(arguments)
        .args(settings)
        .output()
        .expect("bootseed runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Boots are left out unless everything has to be tested.
fn left_out() -> bool {
    let all = std::env::var_os("BOOTSEED_TEST_ALL").is_some();
    match machine::unavailable() {
        None if all => false,
        Some(why) if all => panic!("boots cannot be tested: {why}"),
        _ => {
            eprintln!("LEFT OUT: real boots; ./tests/all runs them");
            true
        }
    }
}

fn succeeds(machine: &Running, command: &str) {
    let output = machine.exec(&["sh", "-c", command]);
    assert!(
        output.status.success(),
        "{command}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn hello_cju_comes_up_and_stays_up() {
    if left_out() {
        return;
    }
    let world = World::new(Suite::Bookworm, &[], "[]");
    let machine = world.machine(Suite::Bookworm, "hello");
    machine.seed(render(&["--preset", "hello_cju"], &world.settings()), "i-1");
    let machine = machine.boot(&world.network);
    let status = machine.wait_boot_finished(BOOT);
    assert_eq!(status.word, "done", "{}", status.long);
    looks_ready(&machine, &world);
    let downloads =
        (world.requests("installer.sh"), world.requests("nginx"), world.requests(".conda"));

    let machine = machine.reboot(&world.network);
    machine.wait_for_console("bootseed: READY http://", BOOT);
    let status = machine.wait_boot_finished(BOOT);
    assert_eq!(status.word, "done", "{}", status.long);
    looks_ready(&machine, &world);
    let again = (world.requests("installer.sh"), world.requests("nginx"), world.requests(".conda"));
    assert_eq!(again, downloads, "nothing is downloaded twice");
}

fn looks_ready(machine: &Running, world: &World) {
    machine.wait_for_console("bootseed: READY http://", BOOT);
    let (code, page) = world.network.get("http://127.0.0.1/");
    assert_eq!(code, 200);
    assert!(page.contains("Welcome to nginx"), "{page}");
    succeeds(machine, "systemctl is-enabled nginx && systemctl is-active nginx");
    succeeds(machine, "/opt/conda/envs/hello_cju/bin/python -V | grep 'Python 3.9'");
    succeeds(machine, "test \"$(hostname)\" = hello-cju");
    succeeds(machine, "test \"$(readlink -f /etc/localtime)\" = /usr/share/zoneinfo/Asia/Seoul");
    succeeds(machine, "bash -lc 'conda activate hello_cju && python -V' | grep 'Python 3.9'");
    succeeds(machine, "grep '\"state\":\"ready\"' /var/lib/bootseed/status.json");
    succeeds(machine, "python3 -m json.tool /var/lib/bootseed/status.json");
}
