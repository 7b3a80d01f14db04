//! Two things that want the same at the same time.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;

use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;
use crate::traps::works;
use crate::verdict::{BOOT, ready, succeeds, tries, wait_for_step};
use crate::world::{HELLO, WEB_ONLY, World};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_bookworm("dpkg_is_busy_for_a_minute", dpkg_is_busy_for_a_minute),
    Scenario::on_bookworm("package_lists_are_busy_for_a_minute", package_lists_are_busy),
    Scenario::on_bookworm("a_second_copy_by_hand", a_second_copy_by_hand),
    Scenario::on_bookworm("a_copy_that_was_killed", a_copy_that_was_killed),
];

/// Holds a lock as apt does, from the machine's first moments.
const HOLDER: &str = "[Unit]\nDefaultDependencies=no\nAfter=systemd-remount-fs.service\n\
    [Service]\nExecStart=/usr/bin/python3 -c 'import fcntl, time; \
    file = open(\"PLACE\", \"w\"); fcntl.lockf(file, fcntl.LOCK_EX); \
    time.sleep(60); open(\"/released\", \"w\")'\n";

fn busy_for_a_minute(suite: Suite, lock: &str) -> u64 {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.machine("busy");
    machine.write("/var/lib/apt/lists/lock", "");
    machine.write("/etc/systemd/system/holder.service", HOLDER.replace("PLACE", lock));
    let wants = machine.path("/etc/systemd/system/sysinit.target.wants");
    fs::create_dir_all(&wants).unwrap();
    symlink("../holder.service", wants.join("holder.service")).unwrap();
    let machine = machine.boot(&world.network);
    let status = ready(&machine, &world);
    succeeds(&machine, "test -e /released");
    tries(&status, "web")
}

fn dpkg_is_busy_for_a_minute(suite: Suite) {
    let tries = busy_for_a_minute(suite, "/var/lib/dpkg/lock-frontend");
    assert_eq!(tries, 1, "apt waits for the lock");
}

/// As by apt-daily on a slow network. For this lock apt does not wait.
fn package_lists_are_busy(suite: Suite) {
    assert!(busy_for_a_minute(suite, "/var/lib/apt/lists/lock") > 1);
}

fn a_second_copy_by_hand(suite: Suite) {
    let spec = format!("{HELLO}run: [echo once >>/srv/run]\n");
    let mut world = World::with_installer(suite, &["--slow", "3"]).spec(&spec);
    let machine = world.boot("second");
    wait_for_step(&machine, "conda", "running");
    let said = thread::scope(|scope| {
        let by_hand = scope.spawn(|| succeeds(&machine, "bootseed-provision"));
        by_hand.join().unwrap()
    });
    assert!(said.contains("Waiting for another copy"), "{said}");
    // Both have said that it is ready, one after the other.
    machine.wait_boot_finished(BOOT);
    assert_eq!(machine.console().matches("bootseed: READY").count(), 2);
    works(&machine);
    succeeds(&machine, "test \"$(cat /srv/run)\" = once");
    assert_eq!(world.requests("installer.sh"), 1);
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
}

/// The program alone is killed, as by the kernel when memory runs out or with the SSH session that
/// it was started in; what it had started runs on. The next copy ends that before it begins.
fn a_copy_that_was_killed(suite: Suite) {
    // The first installer never ends, however long the web server takes.
    let mut world = World::new(suite).hooks(json!([{"hang_at": "base-link", "times": 1}]));
    let machine = world.boot("orphans");
    machine.wait_for_file("/opt/conda/install_tmp", BOOT);
    wait_for_step(&machine, "web", "done");
    succeeds(&machine, "pkill -KILL -f [p]er-boot/bootseed-provision");
    // On a busy host they take a moment to die.
    succeeds(&machine, "timeout 20 sh -c 'while pgrep -f [p]er-boot/bootseed; do sleep 0.1; done'");
    let starts = || machine.peek("/var/log/bootseed.log").matches("conda: running").count();
    let before = starts();
    let orphans = succeeds(&machine, "pgrep -f 'bash /opt/conda[.]sh'");
    machine.wait_boot_finished(BOOT);
    thread::scope(|scope| {
        let by_hand = scope.spawn(|| machine.exec(&["bootseed-provision"]));
        machine.wait("second start of the installer", BOOT, || (starts() > before).then_some(()));
        for orphan in orphans.split_whitespace() {
            succeeds(&machine, &format!("! test -e /proc/{orphan}"));
        }
        let _ = by_hand.join();
    });
    let machine = machine.power_cut().boot(&world.network);
    ready(&machine, &world);
    works(&machine);
}
