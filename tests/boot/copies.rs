//! Two things that want the same at the same time.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;

use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;
use crate::traps::works;
use crate::verdict::{BOOT, ready, succeeds, tries};
use crate::world::{HELLO, WEB_ONLY, World};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_bookworm("dpkg_is_busy_for_a_minute", dpkg_is_busy_for_a_minute),
    Scenario::on_bookworm("a_second_copy_by_hand", a_second_copy_by_hand),
];

/// Holds dpkg's lock as apt does, from the machine's first moments.
const HOLDER: &str = "[Unit]\nDefaultDependencies=no\nAfter=systemd-remount-fs.service\n\
    [Service]\nExecStart=/usr/bin/python3 -c 'import fcntl, time; \
    file = open(\"/var/lib/dpkg/lock-frontend\", \"w\"); fcntl.lockf(file, fcntl.LOCK_EX); \
    time.sleep(60); open(\"/released\", \"w\")'\n";

fn dpkg_is_busy_for_a_minute(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.machine("busy");
    machine.write("/etc/systemd/system/holder.service", HOLDER);
    let wants = machine.path("/etc/systemd/system/sysinit.target.wants");
    fs::create_dir_all(&wants).unwrap();
    symlink("../holder.service", wants.join("holder.service")).unwrap();
    let machine = machine.boot(&world.network);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "web"), 1, "apt waits for the lock");
    succeeds(&machine, "test -e /released");
}

fn a_second_copy_by_hand(suite: Suite) {
    let spec = format!("{HELLO}run: [echo once >>/srv/run]\n");
    let mut world = World::with_installer(suite, &["--slow", "3"]).spec(&spec);
    let machine = world.boot("second");
    machine.wait_for_console("conda: running", BOOT);
    let said = thread::scope(|scope| {
        let by_hand = scope.spawn(|| succeeds(&machine, "bootseed-provision"));
        by_hand.join().unwrap()
    });
    assert!(said.contains("Another copy is at work"), "{said}");
    // Both have said that it is ready, one after the other.
    machine.wait_boot_finished(BOOT);
    assert_eq!(machine.console().matches("bootseed: READY").count(), 2);
    works(&machine);
    succeeds(&machine, "test \"$(cat /srv/run)\" = once");
    assert_eq!(world.requests("installer.sh"), 1);
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
}
