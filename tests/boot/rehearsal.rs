//! `bootseed boot`: the same first boots, as the owner of a machine rehearses them.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Scenario;
use crate::machine::{Machine, Suite, disk_image};
use crate::world::{HELLO, World};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_bookworm("rehearsal_in_a_vm_with_little_memory", in_a_vm_with_little_memory),
    Scenario::on_all("rehearsal_in_a_container", in_a_container),
    Scenario::on_bookworm("rehearsal_that_fails", that_fails),
    Scenario::on_bookworm("rehearsal_that_is_interrupted", that_is_interrupted),
    Scenario::on_bookworm("rehearsal_of_foreign_user_data", of_foreign_user_data),
];

/// `bootseed boot` in the network of the test, with a folder of its own for what it makes.
fn command(world: &World, user_data: &[u8], arguments: &[&str]) -> Command {
    let (file, made) = (world.path("user-data"), world.path("made"));
    fs::write(&file, user_data).unwrap();
    fs::create_dir_all(&made).unwrap();
    let mut command = world.network.command(env!("CARGO_BIN_EXE_bootseed"));
    command.arg("boot").arg(file).args(arguments).env("TMPDIR", made);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn verdict(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let (out, err) = (&output.stdout, &output.stderr);
        panic!("{error}: {}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
    })
}

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

fn nothing_is_left(world: &World) {
    let left: Vec<_> = fs::read_dir(world.path("made")).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

fn in_a_container(suite: Suite) {
    let mut world = World::new(suite);
    world.serve(&json!([]));
    let (machine, root) = root(&world);
    let output =
        command(&world, &world.user_data(), &["--root", &root, "--json"]).output().unwrap();
    let verdict = verdict(&output);
    assert_eq!(
        (output.status.code(), &verdict["verdict"]),
        (Some(0), &json!("ready")),
        "{verdict:#}"
    );
    let done = ["web", "conda", "env:hello_cju", "verify"].map(|step| (step, "done"));
    assert_eq!(states(&verdict), done);
    assert!(!machine.path("/opt/conda").exists(), "the root file system is not written to");
    nothing_is_left(&world);
}

fn that_fails(suite: Suite) {
    let mut world = World::new(suite).spec(&HELLO.replace("hello_cju", "x").replace("3.9", "9.9"));
    world.serve(&json!([]));
    let (_machine, root) = root(&world);
    let output = command(&world, &world.user_data(), &["--root", &root]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("FAILED at env:x:"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("web ") && line.contains("done")), "{text}");
    nothing_is_left(&world);
}

fn that_is_interrupted(suite: Suite) {
    let mut world = World::with_installer(suite, &["--slow", "60"]);
    world.serve(&json!([]));
    let (_machine, root) = root(&world);
    let mut child = command(&world, &world.user_data(), &["--root", &root]).spawn().unwrap();
    let start = Instant::now();
    while world.requests("installer.sh") == 0 {
        assert!(start.elapsed() < Duration::from_secs(120), "the machine asks for the installer");
        std::thread::sleep(Duration::from_millis(100));
    }
    let pid = bootseed_of(&child);
    let killed = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    nothing_is_left(&world);
}

/// The process that the command became: each program before it has replaced itself by the next.
fn bootseed_of(child: &Child) -> String {
    let name = fs::read_to_string(format!("/proc/{}/comm", child.id())).unwrap();
    assert_eq!(name.trim(), "bootseed");
    child.id().to_string()
}

fn of_foreign_user_data(suite: Suite) {
    let mut world = World::new(suite);
    world.serve(&json!([]));
    let (_machine, root) = root(&world);
    let user_data = b"#cloud-config\nhostname: other\n";
    let output = command(&world, user_data, &["--root", &root, "--json"]).output().unwrap();
    let verdict = verdict(&output);
    assert_eq!((output.status.code(), &verdict["verdict"]), (Some(1), &json!("silent")));
    nothing_is_left(&world);
}

/// A real kernel, the seed image that bootseed writes, the network by DHCP, and swap in use. From a
/// VM the server of the test is at QEMU's address for its host.
fn in_a_vm_with_little_memory(suite: Suite) {
    let run = "\nrun:\n  - [grep, -q, /swap.img, /proc/swaps]\n  - [networkctl, status]\n";
    let mut world = World::new(suite).named("10.0.2.2").spec(&format!("{HELLO}{run}"));
    world.serve(&json!([]));
    let image = disk_image();
    let before = fs::metadata(&image).unwrap().modified().unwrap();
    let arguments = ["--image", &image, "--memory", "700M", "--disk", "16G", "--timeout", "15m"];
    let mut command = command(&world, &world.user_data(), &[&arguments[..], &["--json"]].concat());
    let output = command.output().unwrap();
    let verdict = verdict(&output);
    assert_eq!(
        (output.status.code(), &verdict["verdict"]),
        (Some(0), &json!("ready")),
        "{verdict:#}"
    );
    assert!(states(&verdict).contains(&("run:1", "done")), "swap is in use: {verdict:#}");
    assert_eq!(fs::metadata(Path::new(&image)).unwrap().modified().unwrap(), before);
    nothing_is_left(&world);
}
