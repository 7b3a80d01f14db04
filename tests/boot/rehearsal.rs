//! `bootseed boot`: the same first boots, as the owner of a machine rehearses them.

mod run;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::Scenario;
use crate::machine::{Machine, Suite, disk_image};
use crate::world::{HELLO, SERVER, WEB_ONLY, World};
use run::{Ended, Rehearsal};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_bookworm("rehearsal_in_a_vm_with_little_memory", in_a_vm_with_little_memory),
    Scenario::on_edges("rehearsal_in_a_container", in_a_container),
    Scenario::on_bookworm("rehearsal_of_a_tar", of_a_tar),
    Scenario::on_bookworm("rehearsal_that_fails", that_fails),
    Scenario::on_bookworm("rehearsal_with_restarts", with_restarts),
    Scenario::on_bookworm("rehearsal_on_a_terminal", on_a_terminal),
    Scenario::on_bookworm("rehearsal_in_a_container_that_is_ended", in_a_container_that_is_ended),
    Scenario::on_bookworm("rehearsal_in_a_vm_that_is_ended", in_a_vm_that_is_ended),
    Scenario::on_bookworm("rehearsal_in_a_vm_that_restarts", in_a_vm_that_restarts),
    Scenario::on_bookworm("rehearsal_in_a_vm_that_goes_off", in_a_vm_that_goes_off),
    Scenario::on_bookworm("rehearsal_of_foreign_user_data", of_foreign_user_data),
];

/// A run to its end, of the world's parameter file with what the world has for it.
fn rehearse(world: &World, name: &str, arguments: &[&str]) -> Ended {
    let user_data = file(world, "user-data", world.user_data());
    Rehearsal::start(world, name, &[&[&user_data[..]], arguments].concat()).end()
}

fn file(world: &World, name: &str, content: impl AsRef<[u8]>) -> String {
    let file = world.path(name);
    fs::write(&file, content).unwrap();
    file.display().to_string()
}

/// The step of this name and what became of it.
fn states(verdict: &Value) -> Vec<(&str, &str)> {
    let steps = verdict["steps"].as_array().expect("steps");
    steps
        .iter()
        .map(|one| (one["step"].as_str().unwrap(), one["state"].as_str().unwrap()))
        .collect()
}

/// A root file system whose packages come from the server of the test.
fn root(world: &World) -> (Machine, String) {
    let machine = world.machine("root");
    let path = machine.path("/").display().to_string();
    (machine, path)
}

/// A parameter file over a preset, with settings and a script that leaves a trace.
fn in_a_container(suite: Suite) {
    let mut world = World::new(suite);
    world.serve(&json!([]));
    let (machine, root) = root(&world);
    let script = format!("#!/bin/sh\\ncurl -s {SERVER}/trace-of-the-script\\n");
    let parts = format!("parts: [{{kind: script, content: \"{script}\"}}]\n");
    let spec = file(&world, "spec.yaml", parts);
    let settings = [
        format!("conda.installer.x86_64.url={SERVER}/installer.sh"),
        format!("conda.installer.x86_64.sha256={}", world.installer_sum()),
        format!("conda.mirror={SERVER}"),
    ];
    let mut arguments = vec!["--preset", "hello_cju", &spec[..], "--root", &root, "--json"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let ended = Rehearsal::start(&world, "preset", &arguments).end();
    ended.is(0, "ready");
    let verdict = ended.verdict();
    let done = ["web", "conda", "env:hello_cju", "verify"].map(|step| (step, "done"));
    assert_eq!((states(&verdict), &verdict["restarts"]), (done.to_vec(), &json!(0)));
    assert_eq!(world.requests("trace-of-the-script"), 1, "{}", ended.report);
    assert!(!machine.path("/opt/conda").exists(), "the root file system is not written to");
}

fn of_a_tar(suite: Suite) {
    let world = World::new(suite).spec("hostname: tar\nrun: [[grep, -qx, tar, /etc/hostname]]\n");
    let (machine, root) = root(&world);
    let tar = world.path("root.tar");
    let packed = Command::new("tar").args(["-C", &root, "-cf"]).arg(&tar).arg(".").status();
    assert!(packed.unwrap().success());
    drop(machine);
    let before = fs::metadata(&tar).unwrap().modified().unwrap();
    let ended = rehearse(&world, "tar", &["--root", tar.to_str().unwrap(), "--json"]);
    ended.is(0, "ready");
    assert!(states(&ended.verdict()).contains(&("run:1", "done")), "{}", ended.report);
    assert_eq!(fs::metadata(&tar).unwrap().modified().unwrap(), before);
}

fn that_fails(suite: Suite) {
    let mut world = World::new(suite)
        .spec(&HELLO.replace("hello_cju", "x").replace("python: 3.9", "packages: [nosuchpackage]"));
    world.serve(&json!([]));
    let (_machine, root) = root(&world);
    let Ended { code, out, report } = rehearse(&world, "fails", &["--root", &root]);
    assert_eq!(code, Some(1), "{report}");
    assert!(out.contains("FAILED at env:x:"), "{report}");
    assert!(out.lines().any(|line| line.starts_with("web ") && line.contains("done")), "{report}");
    let console = report.split("The end of the console:").nth(1).expect("the console");
    assert!(console.contains("bootseed: FAILED at env:x:"), "{report}");
}

/// A restart before the machine is ready, in the middle of its steps, and the one of power_state.
fn with_restarts(suite: Suite) {
    let once = "test -e /srv/on || { touch /srv/on; reboot; sleep 60; }";
    let restarts = "cloud_config: {power_state: {mode: reboot}}";
    let spec = format!("{WEB_ONLY}run:\n  - [sh, -c, '{once}']\n{restarts}\n");
    let mut world = World::new(suite).spec(&spec);
    world.serve(&json!([]));
    let (_machine, root) = root(&world);
    let ended = rehearse(&world, "restarts", &["--root", &root, "--json"]);
    ended.is(0, "ready");
    let verdict = ended.verdict();
    let done = ["web", "run:1", "verify"].map(|step| (step, "done"));
    assert_eq!(states(&verdict), done, "{}", ended.report);
    assert_eq!(verdict["restarts"], 2, "{}", ended.report);
    assert_eq!(world.requests("nginx_"), 1, "the second boot has the disk of the first");
}

/// The steps are seen while they run, and Ctrl-C is pressed.
fn on_a_terminal(suite: Suite) {
    let mut world = World::with_installer(suite, &["--slow", "60"]);
    world.serve(&json!([]));
    let (_machine, root) = root(&world);
    let user_data = file(&world, "user-data", world.user_data());
    let arguments = [&user_data[..], "--root", &root];
    let mut run = Rehearsal::on_terminal(&world, "terminal", &arguments);
    run.wait("the step web", |run| run.out().contains("1/4 web: running"));
    run.wait("its end", |run| run.out().contains("1/4 web: done"));
    assert!(run.out().contains("2/4 conda: running") && run.out().contains("\u{1b}["));
    assert!(!run.out().contains("NOT READY"));
    let turned = run.out().len();
    run.wait("the display to move", |run| run.out().len() > turned + 200);
    run.press(b"\x03");
    let Ended { code, out, report } = run.end();
    assert_ne!(code, Some(0), "{report}");
    assert!(out.contains("NOT READY: interrupted"), "{report}");
}

/// By Ctrl-C in a shell, by the end of the session, and after the verdict.
fn in_a_container_that_is_ended(suite: Suite) {
    let mut world = World::with_installer(suite, &["--slow", "60"]);
    world.serve(&json!([]));
    let (machine, root) = root(&world);
    let user_data = file(&world, "user-data", world.user_data());
    for signal in ["-INT", "TERM", "-HUP"] {
        let arguments = [&user_data[..], "--root", &root, "--json"];
        let mut run = Rehearsal::start(&world, signal, &arguments);
        run.wait("the installer", |run| run.err().contains("conda: running"));
        run.signal(signal);
        run.end().is(1, "interrupted");
    }
    drop(machine);
    let mut world = world.spec(WEB_ONLY);
    world.serve(&json!([]));
    let (_machine, root) = self::root(&world);
    let user_data = file(&world, "user-data", world.user_data());
    let arguments = [&user_data[..], "--root", &root, "--keep"];
    let mut run = Rehearsal::start(&world, "keep", &arguments);
    run.wait("the invitation", |run| {
        run.err().contains("The machine stays on: http://127.0.0.1/ ")
    });
    run.wait("the verdict", |run| run.out().contains("READY http://"));
    assert_eq!(world.network.get("http://127.0.0.1/").0, 200);
    run.signal("-INT");
    let Ended { code, report, .. } = run.end();
    assert_eq!(code, Some(0), "{report}");
}

/// A disk image that needs no operating system: see `disk.s`.
fn disk(world: &World, mode: u8) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boot/rehearsal/disk.s");
    let (object, image) = (world.path("disk.o"), world.path(&format!("disk-{mode}")));
    let mode = format!("MODE={mode}");
    let mut assemble = Command::new("as");
    assemble.args(["--32", "--defsym", &mode, "-o"]).arg(&object).arg(source);
    let mut link = Command::new("ld");
    link.args(["-m", "elf_i386", "-Ttext", "0x7c00", "--oformat", "binary", "-o"]);
    link.arg(&image).arg(&object);
    for command in [&mut assemble, &mut link] {
        assert!(command.status().unwrap().success(), "{command:?}");
    }
    fs::File::options().write(true).open(&image).unwrap().set_len(1 << 20).unwrap();
    image.display().to_string()
}

fn in_a_vm_that_restarts(suite: Suite) {
    let world = World::new(suite).spec(WEB_ONLY);
    let image = disk(&world, 1);
    let before = fs::read(&image).unwrap();
    let ended = rehearse(&world, "restarts", &["--image", &image, "--json"]);
    ended.is(0, "ready");
    assert_eq!(ended.verdict()["restarts"], 1, "{}", ended.report);
    assert_eq!(fs::read(&image).unwrap(), before, "the image is not written to");
}

fn in_a_vm_that_goes_off(suite: Suite) {
    let world = World::new(suite).spec(WEB_ONLY);
    let ended = rehearse(&world, "off", &["--image", &disk(&world, 2)]);
    assert_eq!(ended.code, Some(1), "{}", ended.report);
    assert!(ended.out.contains("NOT READY: the machine switched itself off"), "{}", ended.report);
}

fn in_a_vm_that_is_ended(suite: Suite) {
    let world = World::new(suite).spec(WEB_ONLY);
    let image = disk(&world, 3);
    let user_data = file(&world, "user-data", world.user_data());
    for signal in ["-INT", "TERM", "-HUP"] {
        let arguments = [&user_data[..], "--image", &image, "--json"];
        let mut run = Rehearsal::start(&world, signal, &arguments);
        run.wait("its word", |run| run.err().contains("disk: running"));
        run.signal(signal);
        run.end().is(1, "interrupted");
    }
}

fn of_foreign_user_data(suite: Suite) {
    let mut world = World::new(suite);
    world.serve(&json!([]));
    let (_machine, root) = root(&world);
    let user_data = file(&world, "foreign", "#cloud-config\nhostname: other\n");
    Rehearsal::start(&world, "foreign", &[&user_data, "--root", &root, "--json"])
        .end()
        .is(1, "silent");
}

/// Starts QEMU with a clock that is a year behind, as on a board whose battery is empty. What its
/// session gets of the processors is more than the rest gets: no scenario takes longer.
const QEMU_OF_LAST_YEAR: &str = "#!/bin/sh\n\
    echo -6 >/proc/$$/autogroup\n\
    base=$(date -u -d '365 days ago' +%Y-%m-%dT%H:%M:%S)\n\
    PATH=${PATH#*:} exec qemu-system-x86_64 -rtc base=$base \"$@\"\n";

/// In the guest: the time that the server of the test has, in seconds.
const TIME: &str = "date -d \"$(curl -s -o /dev/null -D- http://10.0.2.2:8800/ | \
    sed -n 's/^Date: //p' | tr -d '\\r')\" +%s";

/// The clock is a year behind until apt has met it, and jumps while conda is being installed. It is
/// set to the computer's, as systemd lets none be behind its own age. At the end the machine must
/// have swap in use, an address by DHCP, and the time that the server has. All is asked in one
/// command: each takes a second of an emulated processor.
fn with_a_clock_that_jumps() -> String {
    let behind = "date -s @$(cat /sys/class/rtc/rtc0/since_epoch)";
    let jump = format!(
        "(until grep -qs 'not valid yet' /var/log/bootseed.log; do sleep 1; done; \
         date +%s >/srv/before; date -s @$({TIME}); date +%s >/srv/after) >/dev/null 2>&1 &"
    );
    let right = format!("late=$(($({TIME}) - $(date +%s))); test ${{late#-}} -lt 60");
    let holds = [
        ("swap in use", "grep /swap.img /proc/swaps"),
        ("address by DHCP", "ip -4 address show scope global dynamic | grep inet"),
        ("jump of a year", "expr $(cat /srv/after) - $(cat /srv/before) '>' 31500000"),
        ("right time", &right),
    ];
    let holds = holds.map(|(what, check)| format!("{check} || {{ echo no {what}; exit 1; }}\n"));
    let extra = json!({"cloud_config": {"bootcmd": [behind, jump]}, "run": [holds.concat()]});
    let extra = extra.as_object().unwrap();
    extra.iter().map(|(key, value)| format!("{key}: {value}\n")).collect()
}

/// A real kernel, the seed image that bootseed writes, the network by DHCP, swap in use, and the
/// page through the port of this computer. From a VM the server of the test is at QEMU's address
/// for its host.
fn in_a_vm_with_little_memory(suite: Suite) {
    let spec = format!("{HELLO}{}", with_a_clock_that_jumps());
    let mut world = World::new(suite).named("10.0.2.2").spec(&spec);
    world.serve(&json!([]));
    world.program("qemu-system-x86_64", QEMU_OF_LAST_YEAR);
    let image = disk_image();
    let before = fs::metadata(&image).unwrap().modified().unwrap();
    let user_data = file(&world, "user-data", world.user_data());
    let arguments = [&user_data[..], "--image", &image, "--memory", "700M", "--disk", "16G"];
    let arguments = [&arguments[..], &["--port", "8123", "--keep", "--json"]].concat();
    let mut run = Rehearsal::start(&world, "vm", &arguments);
    run.wait("the invitation", |run| run.err().contains("stays on: http://127.0.0.1:8123/ "));
    let (code, page) = world.network.get("http://127.0.0.1:8123/");
    assert_eq!(code, 200, "{page}");
    assert!(!page.contains("bootseed: STEP"), "the owner's page: {page}");
    run.signal("-INT");
    let ended = run.end();
    ended.is(0, "ready");
    let verdict = ended.verdict();
    assert!(states(&verdict).contains(&("run:1", "done")), "{verdict:#}");
    let steps = verdict["steps"].as_array().unwrap();
    let web = steps.iter().find(|step| step["step"] == "web").unwrap();
    assert!(web["tries"].as_u64() > Some(1), "apt took the wrong time: {verdict:#}");
    let longest = steps.iter().map(|step| step["seconds"].as_u64().unwrap()).max();
    assert!(longest < Some(3600), "the jump counted: {verdict:#}");
    assert_eq!(fs::metadata(Path::new(&image)).unwrap().modified().unwrap(), before);
}
