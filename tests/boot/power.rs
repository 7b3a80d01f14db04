//! The power is cut: every process ends at the same instant. The next boot goes on and ends ready.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::Scenario;
use crate::machine::{Machine, Running, Suite};
use crate::traps::works;
use crate::verdict::{BOOT, failed, ready, state_of, succeeds, tries};
use crate::world::{HELLO, WEB_ONLY, World, conda_only};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_bookworm("ten_cuts_at_random_moments", ten_cuts_at_random_moments),
    Scenario::on_newer("cut_while_the_installer_runs", cut_while_the_installer_runs),
    Scenario::on_bookworm("cut_in_each_phase_of_conda", cut_in_each_phase_of_conda),
    Scenario::on_bookworm("cut_while_an_old_conda_is_removed", cut_while_an_old_conda_is_removed),
    Scenario::on_bookworm("cut_while_apt_unpacks", cut_while_apt_unpacks),
    Scenario::on_bookworm("cut_while_a_package_is_configured", cut_while_configured),
    Scenario::on_bookworm("cut_at_the_end_of_unpacking", cut_at_the_end_of_unpacking),
    Scenario::on_bookworm("a_package_asks_on_the_terminal", a_package_asks_on_the_terminal),
    Scenario::on_bookworm("cut_while_cloud_init_writes_files", cut_while_writing_files),
    Scenario::on_bookworm("package_lists_are_torn", package_lists_are_torn),
    Scenario::on_bookworm("it_reboots_once_though_it_failed", it_reboots_once_though_it_failed),
    Scenario::on_edges("runcmd_reboots_once", runcmd_reboots_once),
    Scenario::on_edges("a_script_reboots_once", a_script_reboots_once),
];

/// A machine with an account and a command beside the rest, which must both be there once.
const WITH_MORE: &str = "users: [{name: bob, groups: [sudo], sudo: true}]\n\
                         run: [echo once >>/srv/run]\n";

fn once(machine: &Running) {
    succeeds(machine, "test $(grep -c ^bob: /etc/passwd) = 1 && id bob | grep sudo");
    succeeds(machine, "test $(grep -c ^bob: /etc/shadow) = 1");
    succeeds(machine, "cat /srv/run | tr '\\n' ' ' | grep -x 'once '");
    succeeds(machine, "! dpkg --audit | grep .");
}

fn cut_while_the_installer_runs(suite: Suite) {
    let mut world = World::with_installer(suite, &["--slow", "6"]);
    let machine = world.boot("installer");
    machine.wait_for_file("/opt/conda/install_tmp", BOOT);
    let machine = machine.power_cut();
    assert!(machine.path("/opt/conda").exists(), "a half-installed prefix");
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    works(&machine);
    let size = fs::metadata(world.path("installer.sh")).unwrap().len();
    assert_eq!(world.bytes("installer.sh"), size, "it was not downloaded again");
}

fn cut_in_each_phase_of_conda(suite: Suite) {
    let phases = ["base-extract", "base-link", "base-records", "download", "extract", "link"];
    let phases = [&phases[..], &["records"]].concat();
    let hooks: Vec<_> = phases.iter().map(|phase| json!({"hang_at": phase, "times": 1})).collect();
    let mut world = World::new(suite).hooks(json!(hooks));
    let mut machine = world.boot("phases");
    for (number, phase) in phases.iter().enumerate() {
        // A hook that is used counts; then conda hangs, as if the cut came just there.
        let used = format!("\"{number}\": 1");
        machine.wait(phase, BOOT, || {
            machine.machine().read("/etc/standin.json.counts").contains(&used).then_some(())
        });
        machine = machine.power_cut().boot(&world.network);
    }
    ready(&machine, &world);
    works(&machine);
}

/// The mark by which bootseed knows its own conda is gone first, by chance.
fn cut_while_an_old_conda_is_removed(suite: Suite) {
    let mut old = World::new(suite).spec(conda_only());
    let machine = old.boot("old");
    ready(&machine, &old);
    let machine = machine.power_cut();
    let mut world = World::with_installer(suite, &["--slow", "1"]).spec(conda_only());
    world.serve(&json!([]));
    machine.seed(world.user_data(), "i-2");
    let remove = "#!/bin/bash\nif [ \"$*\" = '-rf /opt/conda' ] && [ ! -e /cut ]; then\n\
        /bin/rm -rf /opt/conda/.bootseed /opt/conda/envs\ntouch /cut\nsleep 99\nfi\n\
        exec /bin/rm \"$@\"\n";
    machine.program("/usr/local/sbin/rm", remove);
    let machine = machine.boot(&world.network);
    machine.wait_for_file("/cut", BOOT);
    let machine = machine.power_cut().boot(&world.network);
    ready(&machine, &world);
    works(&machine);
}

/// Puts a program before one of dpkg's own that does something first when a test of the shell holds.
fn put_before(machine: &Machine, program: &str, when: &str, what: &str) {
    let real = format!("{program}.real");
    fs::rename(machine.path(program), machine.path(&real)).unwrap();
    let script = format!("#!/bin/bash\nif {when}; then {what}; fi\nexec {real} \"$@\"\n");
    machine.write(program, script);
    succeeds_on_disk(machine, &["chmod", "755", program]);
}

fn succeeds_on_disk(machine: &Machine, words: &[&str]) {
    let status = std::process::Command::new("chroot").arg(machine.path("/")).args(words).status();
    assert!(status.unwrap().success(), "{words:?}");
}

fn cut_by_apt(suite: Suite, program: &str, when: &str, state: &str) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.machine("apt");
    let once = format!("{when} && [ ! -e /slowed ] && touch /slowed");
    put_before(&machine, program, &once, "sleep 5");
    let machine = machine.boot(&world.network);
    machine.wait_for_file("/slowed", BOOT);
    thread::sleep(Duration::from_millis(500));
    let machine = machine.power_cut();
    let packages = machine.read("/var/lib/dpkg/status") + &updates(&machine);
    assert!(packages.contains(state), "no package is {state}");
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "! dpkg --audit | grep .");
}

/// Is this dpkg-deb the one that unpacks this package?
fn unpacks(package: &str) -> String {
    format!("[[ \"$*\" = *fsys-tarfile*/{package}_* ]]")
}

/// What dpkg has written down and not yet put into its status file.
fn updates(machine: &Machine) -> String {
    let files = fs::read_dir(machine.path("/var/lib/dpkg/updates")).unwrap().flatten();
    files.map(|file| fs::read_to_string(file.path()).unwrap_or_default()).collect()
}

fn cut_while_apt_unpacks(suite: Suite) {
    cut_by_apt(suite, "/usr/bin/dpkg-deb", &unpacks("nginx"), "half-installed");
}

/// Is nginx being configured?
const CONFIGURES: &str =
    "[[ $DPKG_MAINTSCRIPT_NAME = postinst && $DPKG_MAINTSCRIPT_PACKAGE = nginx* ]]";

fn cut_while_configured(suite: Suite) {
    cut_by_apt(suite, "/usr/bin/deb-systemd-helper", CONFIGURES, "half-configured");
}

/// For an instant dpkg has noted that all is unpacked, and not yet that nothing has to be
/// reinstalled: it refuses to configure what is found like that, and apt takes it for the newest.
fn cut_at_the_end_of_unpacking(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.machine("unpacked");
    let once = format!("{CONFIGURES} && [ ! -e /slowed ] && touch /slowed");
    put_before(&machine, "/usr/bin/deb-systemd-helper", &once, "sleep 5");
    let machine = machine.boot(&world.network);
    machine.wait_for_file("/slowed", BOOT);
    let machine = machine.power_cut();
    let mark = "sed -i 's/ ok half-configured$/ reinstreq unpacked/' status updates/*";
    succeeds_on_disk(&machine, &["sh", "-c", &format!("cd /var/lib/dpkg && {mark}")]);
    let packages = machine.read("/var/lib/dpkg/status") + &updates(&machine);
    assert!(packages.contains(" reinstreq unpacked"), "no package is like that");
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "! dpkg --audit | grep .");
}

/// Nobody is there to answer, and no terminal to ask on.
fn a_package_asks_on_the_terminal(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.machine("asks");
    let ask = "touch /asked; read -r answer </dev/tty || true";
    put_before(&machine, "/usr/bin/deb-systemd-helper", CONFIGURES, ask);
    let machine = machine.boot(&world.network);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "web"), 1);
    machine.wait_for_file("/asked", BOOT);
}

fn cut_while_writing_files(suite: Suite) {
    let files = "files: [{path: /home/bob/note, content: hello, mode: '0600'}]\n\
                 cloud_config: {write_files: [{path: /srv/pipe, content: x}]}\n";
    let mut world = World::new(suite).spec(&format!("{HELLO}{WITH_MORE}{files}"));
    world.serve(&json!([]));
    let machine = world.machine("files");
    // Nobody reads from this pipe: cloud-init waits, and nothing has begun.
    succeeds_on_disk(&machine, &["mkfifo", "/srv/pipe"]);
    let machine = machine.boot(&world.network);
    machine.wait_for_file("/var/lib/bootseed/files/1", BOOT);
    thread::sleep(Duration::from_millis(500));
    let machine = machine.power_cut();
    fs::remove_file(machine.path("/srv/pipe")).unwrap();
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    works(&machine);
    once(&machine);
    succeeds(&machine, "test \"$(stat -c '%U %a' /home/bob/note)\" = 'bob 600'");
}

/// As by a power cut whose last writes are lost. apt takes them for what the server has.
fn package_lists_are_torn(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    let machine = world.boot("torn");
    ready(&machine, &world);
    let tear = "cd /var/lib/apt/lists && rm -f /var/cache/apt/*.bin && \
        for file in *Packages*; do truncate -s $(($(stat -c %s \"$file\") / 2)) \"$file\"; done";
    succeeds(&machine, tear);
    let machine = machine.power_cut();
    world.spec += "packages: [tree]\n";
    machine.seed(world.user_data(), "i-2");
    let machine = machine.boot(&world.network);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "packages"), 1);
    let torn = "grep -q 'E: Unable to locate package tree' /var/log/bootseed.log";
    succeeds(&machine, torn);
    succeeds(&machine, "tree --version");
}

/// The owner's own commands and scripts are for once, whatever becomes of the machine meanwhile.
fn it_reboots_once_in(suite: Suite, name: &str, more: &str) {
    let mut world = World::new(suite).spec(&format!("hostname: again\n{more}"));
    let machine = world.boot(name).wait_until_rebooted(&world.network, BOOT);
    ready(&machine, &world);
    thread::sleep(Duration::from_secs(15));
    assert!(machine.is_on(), "it has rebooted again");
    succeeds(&machine, "test $(wc -l </srv/times) = 1");
}

fn runcmd_reboots_once(suite: Suite) {
    let runcmd = "cloud_config: {runcmd: ['echo x >>/srv/times; sync', reboot, sleep 20]}\n";
    it_reboots_once_in(suite, "runcmd", runcmd);
}

fn a_script_reboots_once(suite: Suite) {
    let script = "#!/bin/sh\\necho x >>/srv/times\\nsync\\nreboot\\nsleep 20\\n";
    it_reboots_once_in(
        suite,
        "script",
        &format!("parts: [{{kind: script, content: \"{script}\"}}]\n"),
    );
}

/// What the owner wants of cloud-init for once is not repeated on a machine that cannot be ready.
fn it_reboots_once_though_it_failed(suite: Suite) {
    let spec = "hostname: again\nrun: ['echo E\\: no; false']\n\
        cloud_config: {power_state: {mode: reboot, timeout: 30}}\n";
    let mut world = World::new(suite).spec(spec);
    let machine = world.boot("reboots").wait_until_rebooted(&world.network, BOOT);
    failed(&machine, &world, "run:1", &["E: no"]);
    thread::sleep(Duration::from_secs(15));
    assert!(machine.is_on(), "it has rebooted again");
}

/// The moments are the same on every run of a suite, counted from the beginning of a step. What is
/// cut sleeps for longer than that, so that a host of any speed is in the middle of it: conda must
/// not be done while `web` is cut, which runs beside it.
fn ten_cuts_at_random_moments(suite: Suite) {
    let mut seed = 20261122 + suite as u64;
    eprintln!("ten cuts on {suite}: seed {seed}");
    let mut random = move || {
        // Knuth's linear congruential generator (MMIX).
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        seed >> 33
    };
    let slow = json!([{"slow": {"download": 2, "extract": 2, "link": 2, "records": 2}}]);
    let mut world = World::with_installer(suite, &["--slow", "8"])
        .spec(&format!("{HELLO}{WITH_MORE}"))
        .hooks(slow);
    world.serve(&json!([]));
    let machine = world.machine("cuts");
    put_before(&machine, "/usr/bin/dpkg-deb", &unpacks("nginx*"), "sleep 3");
    let mut machine = machine.boot(&world.network);
    // A step runs even if it finds that it is done.
    for (step, cuts) in [("web", 3), ("conda", 3), ("env:hello_cju", 4)] {
        let mut in_the_middle = 0;
        for _ in 0..cuts {
            machine.wait(step, BOOT, || state_of(&machine, step));
            thread::sleep(Duration::from_millis(random() % 3000));
            let done = state_of(&machine, step).is_some_and(|state| state == "done");
            in_the_middle += u32::from(!done);
            machine = machine.power_cut().boot(&world.network);
        }
        eprintln!("on {suite} {in_the_middle} of {cuts} cuts fell into {step}");
        assert!(in_the_middle > 0, "no cut fell into {step}");
    }
    ready(&machine, &world);
    works(&machine);
    once(&machine);
    // Its command has run, and does not run again after a cut later on.
    let machine = machine.power_cut().boot(&world.network);
    ready(&machine, &world);
    once(&machine);
}
