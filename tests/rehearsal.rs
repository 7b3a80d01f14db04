//! `bootseed boot`, with programs in place of QEMU: what is handed to the machine, what becomes of
//! what it says, and what a computer lacks. Real machines are in `tests/boot`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use bootseed::iso9660;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A computer with a QEMU of the test's own. It says what the script says, which finds the words
/// that it was called with in `called`, a line for each start.
struct Computer(TempDir);

impl Computer {
    fn new(script: &str) -> Computer {
        let computer = Computer(tempfile::tempdir().unwrap());
        for folder in ["bin", "made"] {
            fs::create_dir(computer.path(folder)).unwrap();
        }
        let called = computer.path("called").display().to_string();
        let qemu = format!("#!/bin/sh\necho \"$*\" >>'{called}'\n{script}\n");
        computer.program(&format!("qemu-system-{}", std::env::consts::ARCH), &qemu);
        computer.program("qemu-img", "#!/bin/sh\n[ $1 != info ] || echo '{\"format\": \"raw\"}'\n");
        fs::write(computer.path("image"), "an image").unwrap();
        computer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        let file = self.path("bin").join(name);
        fs::write(&file, script).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// `bootseed` in a folder of its own, with the programs of this computer before the others.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("TMPDIR", self.path("made"));
        command
    }

    /// `bootseed boot` with the image.
    fn boot(&self, arguments: &[&str]) -> Output {
        let words = [&["boot", "--image", "image", "--json"], arguments].concat();
        let output = self.command(&words).output().unwrap();
        let left: Vec<_> = fs::read_dir(self.path("made")).unwrap().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
        output
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn verdict(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr)))
}

/// What a machine says that is ready.
const READY: &str = "echo 'bootseed: READY http://192.0.2.1/'
echo 'Cloud-init v. 22.4.2 finished at Sun, 22 Nov 2026 00:00:00 +0000.'
exec sleep 60";

/// Keeps the seed, the last of the drives.
const KEEP_SEED: &str = "for word; do case $word in *file=*) seed=${word##*file=};; esac; done
cp \"$seed\" seed.iso";

/// Tells of an event; the monitor is at QEMU's standard input. What was said before has arrived.
fn event(text: &str) -> String {
    format!("sleep 1; echo '{{\"event\": {text}}}' >&0; sleep 1")
}

fn restart() -> String {
    event("\"RESET\", \"data\": {\"guest\": true}")
}

#[test]
fn what_is_rehearsed_is_what_render_prints() {
    let computer = Computer::new(&format!("{KEEP_SEED}\n{READY}"));
    let parts = "parts: [{kind: script, content: \"#!/bin/sh\\necho 안녕\\n\"}]\n";
    fs::write(computer.path("spec.yaml"), parts).unwrap();
    let of_presets = ["--preset", "static", "--set", "hostname=lab-7"];
    for spec in [&["spec.yaml"][..], &of_presets, &[&of_presets[..], &["spec.yaml"]].concat()] {
        let output = computer.boot(spec);
        assert_eq!(verdict(&output)["verdict"], "ready");
        assert_eq!(output.status.code(), Some(0));
        let seed = iso9660::read(&fs::read(computer.path("seed.iso")).unwrap()).unwrap();
        let (_, given) = seed.iter().find(|(name, _)| *name == "user-data").unwrap();
        let rendered = computer.command(&[&["render"], spec].concat()).output().unwrap();
        assert_eq!(text(given), text(&rendered.stdout), "{spec:?}");
        let mime = rendered.stdout.starts_with(b"Content-Type: multipart/mixed");
        assert_eq!(mime, spec.contains(&"spec.yaml"), "with a script it is a message");
    }
}

#[test]
fn the_time_is_up_for_a_machine_that_talks_all_the_time() {
    let computer = Computer::new("exec yes 'eth0: link becomes ready'");
    let start = Instant::now();
    let output = computer.boot(&["--timeout", "2s"]);
    assert_eq!(verdict(&output)["verdict"], "timeout");
    assert_eq!(output.status.code(), Some(1));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn a_machine_that_restarts_is_followed() {
    let stopped = "echo 'bootseed: FAILED at verify: terminated'";
    let computer = Computer::new(&format!("{stopped}\n{}\n{READY}", restart()));
    let output = computer.boot(&["--preset", "static"]);
    let verdict = verdict(&output);
    assert_eq!((&verdict["verdict"], &verdict["restarts"]), (&json!("ready"), &json!(1)));
    assert!(text(&output.stderr).contains("the machine restarts"), "{}", text(&output.stderr));
}

#[test]
fn the_restart_of_power_state_is_waited_for() {
    let ready = READY.replace("exec sleep 60", "sleep 2");
    let computer = Computer::new(&format!("{ready}\n{}\n{READY}", restart()));
    let restarts = "cloud_config: {power_state: {mode: reboot}}\n";
    for (spec, count) in [(restarts, 1), ("hostname: lab\n", 0)] {
        for parts in ["", "parts: [{kind: boothook, content: \"#!/bin/sh\"}]\n"] {
            fs::write(computer.path("spec.yaml"), format!("{spec}{parts}")).unwrap();
            let verdict = verdict(&computer.boot(&["spec.yaml"]));
            assert_eq!(
                (&verdict["verdict"], &verdict["restarts"]),
                (&json!("ready"), &json!(count))
            );
        }
    }
}

#[test]
fn a_machine_that_goes_off_is_not_ready() {
    let computer = Computer::new("sleep 0.5");
    assert_eq!(verdict(&computer.boot(&[]))["verdict"], "off");
}

/// QEMU's words and its end on computers whose KVM is there and does not work.
const BROKEN_KVM: &[(&str, &str)] = &[
    // A computer that is a VM itself.
    ("echo '{\"event\": \"STOP\"}' >&0; sleep 9", "stopped the machine"),
    ("echo 'Could not access KVM kernel module: Permission denied' >&2; exit 1", "Permission"),
    // A register of the processor that this computer's KVM does not know.
    (
        "echo 'qemu-system-x86_64: error: failed to set MSR 0x10a to 0xd' >&2
        echo 'qemu-system-x86_64: kvm_buf_set_msrs: Assertion ret == cpu->kvm_msr_buf->nmsrs failed.' >&2
        kill -ABRT $$",
        "nmsrs",
    ),
    ("kill -SEGV $$", "SIGSEGV"),
    ("echo \"unable to find CPU model 'host'\" >&2; exit 1", "CPU model"),
    (
        "echo '{\"event\": \"STOP\"}' >&0; sleep 0.05
        echo 'KVM internal error. Suberror: 1' >&2; echo 'EAX=00000000 EBX=00000000' >&2; sleep 9",
        "Suberror",
    ),
    // A processor that starts, and starts again.
    (
        "while sleep 0.05; do echo '{\"event\": \"RESET\", \"data\": {\"guest\": true}}' >&0; done",
        "restarts again and again",
    ),
    // An assertion fails while the machine runs.
    ("echo 'Linux version 6.12'; sleep 0.3; kill -ABRT $$", "SIGABRT"),
];

/// Where there is no KVM at all, it must not be tried.
#[test]
fn kvm_that_does_not_work_is_done_without() {
    let there = fs::File::options().read(true).write(true).open("/dev/kvm").is_ok();
    for (broken, reason) in BROKEN_KVM {
        let kvm = format!("case \"$*\" in *'-accel kvm'*) {broken}; exec sleep 60;; esac");
        let computer = Computer::new(&format!("{kvm}\n{READY}"));
        let output = computer.boot(&["--preset", "static"]);
        assert_eq!(verdict(&output)["verdict"], "ready", "{broken}");
        let called = fs::read_to_string(computer.path("called")).unwrap();
        let accelerators = |line: &str| Some(line.split("-accel ").nth(1)?.get(..3)?.to_string());
        let tried: Vec<_> = called.lines().filter_map(accelerators).collect();
        assert_eq!(tried, if there { vec!["kvm", "tcg"] } else { vec!["tcg"] }, "{called}");
        let said = text(&output.stderr);
        let lines: Vec<_> = said.lines().filter(|line| line.contains("KVM does not")).collect();
        assert_eq!(lines.len(), usize::from(there), "{broken}: {said}");
        assert!(!there || lines[0].contains(reason), "{broken}: {said}");
    }
}

/// A machine that has said a word is not started again because somebody ends QEMU.
#[test]
fn qemu_that_is_killed_while_the_machine_runs_is_the_end() {
    let computer = Computer::new("echo 'Linux version 6.12'; sleep 0.3; kill -KILL $$");
    assert_eq!(verdict(&computer.boot(&[]))["verdict"], "broken");
    assert_eq!(fs::read_to_string(computer.path("called")).unwrap().lines().count(), 1);
}

#[test]
fn a_kernel_that_gives_up_is_not_waited_for() {
    let panic = "Kernel panic - not syncing: no working init found.";
    let said = format!("echo '[    1.2] {panic}'");
    let verdict = verdict(&Computer::new(&format!("{said}\nexec sleep 60")).boot(&[]));
    assert_eq!((&verdict["verdict"], &verdict["reason"]), (&json!("broken"), &json!(panic)));
    // Some kernels are told to restart the machine then.
    let computer = Computer::new(&format!("{said}\n{}\n{READY}", restart()));
    assert_eq!(self::verdict(&computer.boot(&[]))["verdict"], "ready");
}

#[test]
fn a_qemu_that_fails_is_named_with_what_it_said() {
    let computer = Computer::new("echo 'qemu: cannot set up guest memory' >&2; exit 1");
    let verdict = verdict(&computer.boot(&["--memory", "900G"]));
    assert_eq!(verdict["verdict"], "broken");
    assert_eq!(verdict["reason"], "QEMU ended with exit status: 1");
    assert_eq!(verdict["console"], json!(["qemu: cannot set up guest memory"]));
}

/// What it says on standard error, when it cannot even begin.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty());
    said
}

#[test]
fn what_the_computer_lacks_is_named() {
    let computer = Computer::new(READY);
    let boot = ["boot", "--image", "image"];
    let said = refusal(computer.command(&boot).env("PATH", ""));
    assert!(
        said.contains("the program qemu-system-") && said.contains("sudo apt install"),
        "{said}"
    );
    fs::remove_file(computer.path("bin/qemu-img")).unwrap();
    let said = refusal(computer.command(&boot).env("PATH", computer.path("bin")));
    assert!(said.contains("qemu-img") && said.contains("sudo apt install qemu-utils"), "{said}");
}

/// As root, another user is asked for.
#[test]
fn a_container_needs_root() {
    let computer = Computer::new(READY);
    fs::set_permissions(computer.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let program = computer.path("bin/bootseed");
    // What this process itself had open for writing might not be started yet.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_bootseed")).arg(&program).status();
    assert!(copied.unwrap().success());
    let program = program.to_str().unwrap();
    let id = Command::new("id").arg("-u").output().unwrap();
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let words = if id.stdout == b"0\n" { &nobody[..] } else { &["env"] };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args([program, "boot", "--root", "/"]);
    let said = refusal(command.current_dir("/"));
    assert!(said.contains("this needs root's rights") && said.contains("sudo"), "{said}");
    assert!(said.contains("--image"), "{said}");
}
