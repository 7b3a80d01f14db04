//! The network is late, slow, or hands out something else than what was asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;
use crate::verdict::{failed, ready, step, succeeds, tries, wait_for_step};
use crate::world::{SERVER, WEB_ONLY, World, conda_only};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_edges("installer_is_refused_twice", installer_is_refused_twice),
    Scenario::on_bookworm("installer_stops_half_way", installer_stops_half_way),
    Scenario::on_bookworm("installer_is_unreachable_at_first", installer_is_unreachable_at_first),
    Scenario::on_bookworm("installer_comes_slowly", installer_comes_slowly),
    Scenario::on_edges("installer_is_another_file", installer_is_another_file),
    Scenario::on_bookworm("another_file_once_after_other_trouble", another_file_once),
    Scenario::on_bookworm("a_login_page_instead_of_everything", a_login_page_at_first),
    Scenario::on_bookworm("a_login_page_instead_of_the_installer", a_login_page_for_long),
    Scenario::on_bookworm("the_network_is_away_for_half_an_hour", the_network_is_away_for_long),
    Scenario::on_bookworm("a_source_that_is_not_needed_is_dead", a_source_is_dead),
    Scenario::on_edges("packages_are_unreachable_at_first", packages_are_unreachable_at_first),
    Scenario::on_edges("names_come_late", names_come_late),
    Scenario::on_bookworm("the_clock_is_behind_at_first", the_clock_is_behind_at_first),
    Scenario::on_bookworm("the_clock_is_ahead_at_first", the_clock_is_ahead_at_first),
];

fn installer_is_refused_twice(suite: Suite) {
    let mut world = World::new(suite);
    let faults = json!([{"match": "installer.sh", "kind": "status", "code": 503, "times": 2}]);
    let machine = world.boot_with("503", &faults);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "conda"), 3);
}

fn installer_stops_half_way(suite: Suite) {
    let mut world = World::new(suite).spec(conda_only());
    let faults = json!([
        {"match": "installer.sh", "kind": "cut", "times": 1},
        {"match": "installer.sh", "kind": "status", "code": 503, "times": 1},
    ]);
    let machine = world.boot_with("cut", &faults);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "conda"), 3);
    let size = fs::metadata(world.path("installer.sh")).unwrap().len();
    let error = "injected fault\n".len() as u64;
    assert_eq!(world.bytes("installer.sh"), size + error, "it went on where it had stopped");
}

fn installer_is_unreachable_at_first(suite: Suite) {
    let mut world = World::new(suite).spec(conda_only());
    let faults = json!([{"match": "installer.sh", "kind": "refuse", "seconds": 30}]);
    let machine = world.boot_with("late", &faults);
    let status = ready(&machine, &world);
    assert!(tries(&status, "conda") > 2, "{status:#}");
}

fn installer_comes_slowly(suite: Suite) {
    let mut world = World::with_installer(suite, &["--filler", "0.7"]).spec(conda_only());
    let faults = json!([{"match": "installer.sh", "kind": "slow", "rate": 65536}]);
    let machine = world.boot_with("slow", &faults);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "conda"), 1);
    assert!(step(&status, "conda")["seconds"].as_u64().unwrap() >= 10, "{status:#}");
}

/// The other file would leave a trace if it were run.
fn installer_is_another_file(suite: Suite) {
    let mut world = World::new(suite);
    let other = "#!/bin/sh\necho executed >/dev/console\ntouch /executed\n";
    let faults = json!([{"match": "installer.sh", "kind": "body", "text": other}]);
    let machine = world.boot_with("other", &faults);
    let sum = succeeds(&machine, &format!("printf %s '{other}' | sha256sum | cut -d' ' -f1"));
    let sums = [world.installer_sum(), sum.trim(), "/installer.sh"];
    failed(&machine, &world, "conda", &sums);
    assert!((1..=3).contains(&world.requests("installer.sh")));
    succeeds(&machine, "! test -e /executed && ! test -e /opt/conda");
    succeeds(&machine, "systemctl is-active nginx");
}

/// It is the first file with a wrong sum, though not the first try.
fn another_file_once(suite: Suite) {
    let mut world = World::new(suite).spec(conda_only());
    let machine = world.boot_with(
        "mixed",
        &json!([
            {"match": "installer.sh", "kind": "status", "code": 503, "times": 3},
            {"match": "installer.sh", "kind": "body", "text": "something else", "times": 1},
        ]),
    );
    assert_eq!(tries(&ready(&machine, &world), "conda"), 5);
}

/// Until somebody logs in, from another computer in the room.
fn a_login_page_for_long(suite: Suite) {
    let mut world = World::new(suite);
    let page = "<!doctype html>\n<html><title>Log in</title></html>\n";
    let faults = json!([{"match": "installer.sh", "kind": "body", "text": page, "times": 12}]);
    world.serve(&faults);
    let machine = world.impatient_machine("portal").boot(&world.network);
    assert_eq!(tries(&ready(&machine, &world), "conda"), 13);
}

/// The servers hang up at once, which a machine notices at once.
fn the_network_is_away_for_long(suite: Suite) {
    let mut world = World::new(suite);
    world.serve(&json!([
        {"match": "installer.sh", "kind": "status", "code": 429, "times": 9},
        {"match": "installer.sh", "kind": "refuse", "times": 21},
        {"match": "/debian", "kind": "status", "code": 503, "times": 60},
    ]));
    let machine = world.impatient_machine("away").boot(&world.network);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "conda"), 31);
    assert!(tries(&status, "web") > 8, "{status:#}");
    let pauses = machine.read("/pauses");
    let longest = pauses.lines().filter(|line| *line == "60").count();
    assert!(longest > 25, "the pauses add up to half an hour: {pauses}");
}

/// As on a restored machine until the network gives the time. Without signatures, as here, apt does
/// not look at the clock: what it says is said in its place.
fn the_clock_is_ahead_at_first(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.impatient_machine("ahead");
    let apt = "#!/bin/bash\necho x >>/asked\n[ $(wc -l </asked) -lt 20 ] || exec /usr/bin/apt-get \"$@\"\n\
        echo 'E: Release file for http://archive.example.org/debian/dists/bookworm/InRelease is expired \
        (invalid since 1789d 3h 9min 5s). Updates for this repository will not be applied.'\n\
        exit 100\n";
    machine.program("/usr/local/sbin/apt-get", apt);
    let machine = machine.boot(&world.network);
    let status = ready(&machine, &world);
    assert!(tries(&status, "web") > 8, "{status:#}");
}

/// What is needed can be had from the others.
fn a_source_is_dead(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.machine("source");
    let source = format!("deb [trusted=yes] {SERVER}/nowhere x main\n");
    machine.write("/etc/apt/sources.list.d/dead.list", source);
    let address = "#!/bin/sh\n[ \"$1\" = -I ] || exec /bin/hostname \"$@\"\necho 2001:db8::1\n";
    machine.program("/usr/local/sbin/hostname", address);
    let machine = machine.boot(&world.network);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "web"), 1, "{status:#}");
    assert_eq!(status["message"], "READY http://[2001:db8::1]/");
}

/// As in a network whose first answer to everything is its login page.
fn a_login_page_at_first(suite: Suite) {
    let mut world = World::new(suite);
    let page = "<html><title>Log in</title></html>\n";
    let faults = json!([{"match": "", "kind": "body", "text": page, "times": 2}]);
    let machine = world.boot_with("portal", &faults);
    ready(&machine, &world);
}

fn packages_are_unreachable_at_first(suite: Suite) {
    let mut world = World::new(suite);
    let faults = json!([{"match": "/debian", "kind": "refuse", "seconds": 30}]);
    let machine = world.boot_with("apt", &faults);
    let status = ready(&machine, &world);
    assert!(tries(&status, "web") > 1, "{status:#}");
    assert_eq!(tries(&status, "conda"), 1, "it does not wait for apt");
}

fn names_come_late(suite: Suite) {
    let mut world = World::new(suite).named("mirror.example.org");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boot/standin/names.py");
    world.serve(&json!([]));
    let machine = world.machine("names");
    machine.write("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    let machine = machine.boot(&world.network);
    for step in ["web", "conda"] {
        wait_for_step(&machine, step, "retrying");
    }
    let _names = world.network.spawn(&["/usr/bin/python3", program]);
    let status = ready(&machine, &world);
    assert!(tries(&status, "web") > 1 && tries(&status, "conda") > 1, "{status:#}");
}

/// A machine here has the host's clock, so the archive is ahead instead: to apt it is the same.
fn the_clock_is_behind_at_first(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    let path = world.path(&format!("debian/dists/{suite}/Release"));
    let release = fs::read_to_string(path).unwrap();
    let date = release.lines().find(|line| line.starts_with("Date: ")).unwrap();
    let year = date.split(' ').nth(4).unwrap();
    let later = (year.parse::<u32>().unwrap() + 1).to_string();
    fs::write(world.path("Release"), release.replace(date, &date.replace(year, &later))).unwrap();
    let faults = json!([{"match": "Release", "kind": "body", "file": "Release", "times": 3}]);
    world.serve(&faults);
    let machine = world.machine("clock");
    // What asks for the time gets a wrong one, and is noted.
    let date = "#!/bin/sh\ntr '\\0' ' ' </proc/$PPID/cmdline >>/asked\nexec /bin/date -d 1999-01-01 \"$@\"\n";
    machine.write("/usr/local/sbin/date", date);
    fs::set_permissions(machine.path("/usr/local/sbin/date"), fs::Permissions::from_mode(0o755))
        .unwrap();
    let program = String::from_utf8(world.user_data()).unwrap();
    for clock in ["SECONDS", "EPOCH", "%(", "/etc/localtime"] {
        assert!(!program.contains(clock), "{clock} depends on the clock");
    }
    let machine = machine.boot(&world.network);
    let status = ready(&machine, &world);
    assert!(!machine.read("/asked").contains("bootseed"), "{}", machine.read("/asked"));
    assert!(tries(&status, "web") > 1, "{status:#}");
    assert!(machine.read("/var/log/bootseed.log").contains("not valid yet"));
}
