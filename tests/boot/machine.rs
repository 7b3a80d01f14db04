//! Real machines for the boot tests: real systemd and real cloud-init, booted by
//! `systemd-nspawn` from a Debian root file system, in about four seconds.
//!
//! ```ignore
//! let network = Network::new();
//! let _mirror = network.spawn(&["python3", "-m", "http.server", "8000", "--directory", mirror]);
//! let mut machine = Machine::unpack(Suite::Bookworm, "first");
//! machine.apt_source("http://127.0.0.1:8000");
//! machine.seed("#cloud-config\npackages: [nginx]\n", "i-1");
//! let running = machine.boot(&network);
//! let status = running.wait_boot_finished(Duration::from_secs(60));
//! assert_eq!(status.word, "done");
//! let running = running.power_cut().boot(&network);
//! ```
//!
//! How the pieces are kept apart, so that many machines boot side by side:
//!
//! - Every [`Network`] is a network namespace that nothing leads out of. The
//!   servers of a test and its machines live in it and meet on 127.0.0.1; nothing
//!   of the host is touched and no port can clash.
//! - Every machine's disk is an overlay over one tree that all machines of a suite
//!   share and nobody writes to. Unpacking is a mount.
//! - Every boot, and every network's servers, have a control group. It is what is
//!   killed, so nothing that was started can be forgotten.
//!
//! How everything is cleared away, also when the test program is killed: each of
//! these things has a [`Janitor`], a shell that waits for the end of its standard
//! input and then clears up. Dropping the thing closes the pipe, and so does the
//! kernel when the test program dies in whatever way.
//!
//! What a machine here is not: it has the host's kernel and clock, no block device,
//! and no right to configure its network or to use swap. A power cut is SIGKILL for every process at the
//! same instant: half-done work stays half done, but nothing that was written is
//! lost with the page cache.
//!
//! Needs root and the packages that `systemd-nspawn`, `mmdebstrap` and
//! `apt-ftparchive` come in: see [`unavailable`].

// A test program that uses this module need not use all of it, and it is private
// there. All of it is test code: it fails by panicking, and reports to standard error.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A Debian release that machines are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Debian 11: cloud-init 20.4.1, systemd 247.
    Bullseye,
    /// Debian 12: cloud-init 22.4.2, systemd 252.
    Bookworm,
    /// Debian 13: cloud-init 25.1.4, systemd 257.
    Trixie,
}

impl Suite {
    /// All suites, oldest first.
    pub const ALL: [Suite; 3] = [Suite::Bullseye, Suite::Bookworm, Suite::Trixie];
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Suite::Bullseye => "bullseye",
            Suite::Bookworm => "bookworm",
            Suite::Trixie => "trixie",
        })
    }
}

/// Why no machine can be booted here, or `None` when all that is needed is there.
pub fn unavailable() -> Option<String> {
    const PROGRAMS: [(&str, &str); 5] = [
        ("systemd-nspawn", "systemd-container"),
        ("mmdebstrap", "mmdebstrap"),
        ("apt-ftparchive", "apt-utils"),
        ("ip", "iproute2"),
        ("curl", "curl"),
    ];
    let uid = Command::new("id").arg("-u").output().expect("id runs");
    if uid.stdout != b"0\n" {
        return Some("booting machines takes root".to_owned());
    }
    if cgroup2_mount().is_none() {
        return Some("there is no control group file system (cgroup2) here".to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let lacking: Vec<_> = PROGRAMS
        .iter()
        .filter(|(program, _)| !std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
        .map(|(_, package)| *package)
        .collect();
    (!lacking.is_empty()).then(|| format!("not installed: {}", lacking.join(" ")))
}

/// The folder of the apt repository for a suite, made by `apt-repo` when it is not
/// there yet. A server in the [`Network`] hands it to the machines.
pub fn apt_repository(suite: Suite) -> PathBuf {
    let folder = cache().join(format!("apt-{suite}"));
    run_script("apt-repo", &[&suite.to_string(), text(&folder)]);
    folder
}

// ---------------------------------------------------------------- network ----

/// A network namespace of the test's own: loopback, and an eth0 that leads nowhere.
///
/// Machines that are in one network at the same time share its ports, as two
/// programs on one machine do; those that both serve on port 80 take one each.
pub struct Network {
    name: String,
    folder: PathBuf,
    cgroup: Cgroup,
    spawned: AtomicUsize,
    _janitor: Janitor,
}

impl Network {
    /// The address of eth0, from a range for documentation. It is what a machine
    /// finds when it looks for its own address; tests reach it there, too.
    pub const ADDRESS: &str = "192.0.2.10";

    /// Makes the namespace. Dropping it ends what was spawned in it.
    pub fn new() -> Self {
        let name = unique_name();
        let folder = machines_folder().join(format!("{name}-network"));
        let cgroup = Cgroup::new(&name);
        let janitor = Janitor::new(&format!(
            "{}; ip netns delete '{name}'; rm -rf '{}'",
            cgroup.clear_script(),
            folder.display()
        ));
        fs::create_dir_all(&folder).expect("a folder for the network");
        must_run(Command::new("ip").args(["netns", "add", &name]));
        for line in [
            "link set lo up",
            "link add eth0 type veth peer name far-end",
            "link set far-end up",
            "link set eth0 up",
            &format!("address add {}/24 dev eth0", Network::ADDRESS),
        ] {
            must_run(Command::new("ip").args(["-n", &name]).args(line.split(' ')));
        }
        Network { name, folder, cgroup, spawned: AtomicUsize::new(0), _janitor: janitor }
    }

    /// The namespace as a file, as `--network-namespace-path` wants it.
    pub fn path(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.name)
    }

    /// A command that will run in this network, and end with it.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.cgroup.command("nsenter");
        command.arg(format!("--net={}", self.path().display())).arg("--").arg(program);
        command
    }

    /// Starts a server in this network. It ends when the returned value or the
    /// network is dropped.
    pub fn spawn<S: AsRef<OsStr>>(&self, words: &[S]) -> Server {
        let number = self.spawned.fetch_add(1, Ordering::Relaxed);
        let log = self.folder.join(format!("server-{number}.log"));
        let output = File::create(&log).expect("a log file for the server");
        let child = self
            .command(&words[0])
            .args(&words[1..])
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a second handle"))
            .stderr(output)
            .spawn()
            .expect("the server starts");
        Server { child, log }
    }

    /// Asks for a page from within this network. The status is 0 when no server
    /// answered, and then the body says why.
    pub fn get(&self, url: &str) -> (u16, String) {
        let output = self
            .command("curl")
            .args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20"])
            .args(["--write-out", "\n%{http_code}", url])
            .output()
            .expect("curl runs");
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = answer.rsplit_once('\n').expect("curl writes the status last");
        match status.parse().expect("a status is a number") {
            0 => (0, String::from_utf8_lossy(&output.stderr).into_owned()),
            status => (status, body.to_owned()),
        }
    }

    /// Waits until something answers, with whatever status.
    pub fn wait_until_answers(&self, url: &str, limit: Duration) {
        let start = Instant::now();
        while self.get(url).0 == 0 {
            assert!(start.elapsed() < limit, "{url} does not answer within {limit:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A process that [`Network::spawn`] started.
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// What it wrote to standard output and standard error so far.
    pub fn output(&self) -> String {
        read_lossy(&self.log)
    }

    /// Ends it now, as for a server that goes away in the middle of a scenario.
    pub fn stop(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// ---------------------------------------------------------------- machine ----

/// A machine that is switched off: a disk that can be prepared, looked at, and booted.
pub struct Machine {
    suite: Suite,
    /// Says which machine it is, in names and reports.
    name: String,
    /// The disk, the overlay's other folders, and a console log for each boot.
    folder: PathBuf,
    boots: usize,
    _janitor: Janitor,
}

impl Machine {
    /// A new machine with the suite's root file system on its disk. The root file
    /// system is built first when it is not there yet, which takes about a minute.
    pub fn unpack(suite: Suite, name: &str) -> Self {
        let base = base_tree(suite);
        let name = format!("{}-{suite}-{name}", unique_name());
        let folder = machines_folder().join(&name);
        // The guest may write a last file while it dies: hence the second try.
        let janitor = Janitor::new(&format!(
            "for try in 1 2 3 4 5 6 7 8 9; do umount '{0}/disk'; rm -rf --one-file-system '{0}' && \
             break; sleep 0.2; done",
            folder.display()
        ));
        for part in ["disk", "changes", "work"] {
            fs::create_dir_all(folder.join(part)).expect("folders for the machine");
        }
        must_run(Command::new("mount").args(["-t", "overlay", "bootseed-test", "-o"]).args([
            &format!(
                "lowerdir={},upperdir={},workdir={}",
                base.display(),
                folder.join("changes").display(),
                folder.join("work").display()
            ),
            text(&folder.join("disk")),
        ]));
        let machine = Machine { suite, name, folder, boots: 0, _janitor: janitor };
        machine.configure("99-bootseed-test.cfg", CLOUD_CONFIG);
        machine.write(SWAPON, "#!/bin/sh\necho \"swapon $*\" >>/var/log/swapon-calls\n");
        must_run(Command::new("chmod").arg("755").arg(machine.path(SWAPON)));
        machine
    }

    /// The suite it was made from.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Where a path of the machine is on the host. It is the disk alone: what the
    /// machine has in /run or /tmp is seen through [`Running::read`].
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join("disk").join(path.trim_start_matches('/'))
    }

    /// The text of a file on the disk; empty when there is none. Links are followed
    /// as the machine does: cloud-init's /var/lib/cloud/instance is an absolute one.
    pub fn read(&self, path: &str) -> String {
        let output = Command::new("chroot").arg(self.path("/")).args(["cat", "--", path]).output();
        String::from_utf8_lossy(&output.expect("chroot runs").stdout).into_owned()
    }

    /// Puts a file on the disk, with its folders.
    pub fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("its folders");
        fs::write(&path, contents).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Writes a file for cloud-init into /etc/cloud/cloud.cfg.d; names are read in
    /// alphabetical order, and this module's own settings are in `99-bootseed-test.cfg`.
    pub fn configure(&self, file: &str, yaml: &str) {
        self.write(&format!("/etc/cloud/cloud.cfg.d/{file}"), yaml);
    }

    /// Hands the machine its user-data, as bytes exactly as they are, through the
    /// NoCloud seed folder. A new instance-id is a new machine for cloud-init.
    pub fn seed(&self, user_data: impl AsRef<[u8]>, instance_id: &str) {
        const SEED: &str = "/var/lib/cloud/seed/nocloud";
        self.write(&format!("{SEED}/user-data"), user_data);
        self.write(&format!("{SEED}/meta-data"), format!("instance-id: {instance_id}\n"));
    }

    /// Makes the repository at this address the only one that apt knows.
    pub fn apt_source(&self, url: &str) {
        self.write(
            "/etc/apt/sources.list",
            format!("deb [trusted=yes] {url} {} main\n", self.suite),
        );
    }

    /// Switches it on. Returns as soon as its first process runs.
    pub fn boot(mut self, network: &Network) -> Running {
        self.boots += 1;
        let cgroup = Cgroup::new(&format!("{}-{}", self.name, self.boots));
        let janitor = Janitor::new(&cgroup.clear_script());
        let mut nspawn = cgroup
            .command("unshare")
            .args(["--mount", "--propagation=private", "--", "sh", "-c", START])
            .arg("start")
            .args(NSPAWN)
            .arg(format!("--directory={}", self.folder.join("disk").display()))
            .arg(format!("--machine={}", host_name(&self.name)))
            .arg(format!("--network-namespace-path={}", network.path().display()))
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("systemd-nspawn starts");
        let console = Console::new(&self.folder.join(format!("console-{}.log", self.boots)));
        let readers = vec![
            console.follow(nspawn.stdout.take().expect("it is piped")),
            console.follow(nspawn.stderr.take().expect("it is piped")),
        ];
        let running = Running {
            machine: Some(self),
            nspawn,
            console,
            readers,
            cgroup,
            janitor: Some(janitor),
            start: Instant::now(),
        };
        running.wait("its first process", Duration::from_secs(20), || running.leader());
        running
    }
}

/// cloud-init's settings on a test machine, as an image builder would set them.
/// The network is there already, and on bullseye a service fails that tries to
/// configure it. The sources stay as [`Machine::apt_source`] wrote them, or
/// cloud-init would put Debian's mirrors in their place. Making RSA host keys
/// takes a second. With the Ec2 data source, trixie reacts to new network devices,
/// for which it needs udev, which does not run in a container.
const CLOUD_CONFIG: &str = "\
datasource_list: [NoCloud, None]
network: {config: disabled}
apt: {preserve_sources_list: true}
ssh_genkeytypes: [ed25519]
updates: {network: {when: [boot-new-instance]}}
";

/// A container has no swap: `swapon` would say that it is not permitted, and from
/// trixie on cloud-init counts that as an error. This one, which comes first in
/// every service's PATH, only notes in /var/log/swapon-calls that it was asked.
const SWAPON: &str = "/usr/local/sbin/swapon";

/// Becomes `systemd-nspawn`, in a mount namespace of its own. What `systemd-nspawn`
/// keeps in /run/systemd/nspawn then goes with it: on the host it would stay when it
/// is killed, and where /run is on a disk, as in some containers, for good.
const START: &str = "\
mkdir -p /run/systemd/nspawn && \
mount -t tmpfs bootseed-test /run/systemd/nspawn && \
exec systemd-nspawn \"$@\"";

/// How every machine is started.
///
/// - `register`, `keep-unit`: no systemd need run on the host. The machine's
///   control groups are then made below the one that `systemd-nspawn` is in,
///   under fixed names: two machines in one control group would end each other's
///   services, which is one reason why each has its own.
/// - `console`: read-only gives the machine a real /dev/console, so that what
///   services write there is seen. With `pipe` it has none and the text is lost.
/// - `timezone`, `resolv-conf`: `systemd-nspawn` would write both into the
///   machine at each boot, over what cloud-init has set.
const NSPAWN: [&str; 9] = [
    "--boot",
    "--quiet",
    "--register=no",
    "--keep-unit",
    "--console=read-only",
    "--timezone=off",
    "--resolv-conf=off",
    "--link-journal=no",
    "--setenv=SYSTEMD_COLORS=0",
];

/// What `cloud-init status` says when it has nothing more to do.
#[derive(Debug)]
pub struct CloudStatus {
    /// `done`, `error`, `disabled`.
    pub word: String,
    /// 0 fine; 1 error; 2 degraded, which only cloud-init 23.4 and later report.
    pub exit: Option<i32>,
    /// All that `cloud-init status --long` printed.
    pub long: String,
    /// From switching on until then.
    pub took: Duration,
}

/// A machine that is switched on. Dropping it is a power cut, and the disk goes too;
/// when the test is failing, a report goes to standard error first.
pub struct Running {
    /// `None` only once the machine was handed back.
    machine: Option<Machine>,
    nspawn: Child,
    console: Console,
    readers: Vec<JoinHandle<()>>,
    cgroup: Cgroup,
    /// `None` only once it is switched off.
    janitor: Option<Janitor>,
    start: Instant,
}

impl Running {
    /// The machine, for its disk.
    pub fn machine(&self) -> &Machine {
        self.machine.as_ref().expect("the machine is here until it is handed back")
    }

    /// All that it wrote to its console since it was switched on, without colours.
    pub fn console(&self) -> String {
        self.console.text()
    }

    /// Waits for a line on the console that contains the text, and returns the line.
    pub fn wait_for_console(&self, text: &str, limit: Duration) -> String {
        self.wait(&format!("{text:?} on the console"), limit, || {
            self.console().lines().find(|line| line.contains(text)).map(str::to_owned)
        })
    }

    /// Waits until cloud-init has done all it had to do in this boot.
    pub fn wait_boot_finished(&self, limit: Duration) -> CloudStatus {
        // The file is made at the end, in a /run that is new in each boot. To look
        // for it costs nothing; `cloud-init status` is a Python program.
        self.wait("cloud-init to write its result", limit, || {
            self.has("/run/cloud-init/result.json").then_some(())
        });
        self.wait("cloud-init to end", limit, || {
            let output = self.exec(&["cloud-init", "status", "--long"]);
            let long = String::from_utf8_lossy(&output.stdout).into_owned();
            let word = long.lines().find_map(|line| line.strip_prefix("status: "))?.to_owned();
            (word != "running").then(|| CloudStatus {
                word,
                exit: output.status.code(),
                took: self.start.elapsed(),
                long,
            })
        })
    }

    /// Waits until `probe` has an answer. The test fails when the time is up or the
    /// machine goes off.
    pub fn wait<T>(&self, what: &str, limit: Duration, probe: impl Fn() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            // Looked at first, so that the last words of a machine still count.
            let off = !self.is_on();
            if let Some(answer) = probe() {
                return answer;
            }
            let name = &self.machine().name;
            assert!(!off, "{name}: went off while the test waited for {what}\n{}", self.console());
            assert!(start.elapsed() < limit, "{name}: no {what} within {limit:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs a command in the machine, as root, in an environment like a service's.
    pub fn exec<S: AsRef<OsStr>>(&self, words: &[S]) -> Output {
        let leader = self.leader().expect("the machine is on").to_string();
        Command::new("timeout")
            .args(["--kill-after=5", "120", "nsenter", "--target", &leader, "--all", "--"])
            .args(words)
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LANG", "C.UTF-8")
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .expect("nsenter runs")
    }

    /// Runs a line of shell in the machine and returns what it wrote, to either output.
    pub fn shell(&self, line: &str) -> String {
        let output = self.exec(&["sh", "-c", &format!("exec 2>&1\n{line}")]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The text of a file as the machine sees it, /run and /tmp included; empty when
    /// there is none.
    pub fn read(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.exec(&["cat", "--", path]).stdout).into_owned()
    }

    /// Whether the machine has a file, without running anything in it. No part of
    /// the path may be an absolute link, which would be followed on the host.
    fn has(&self, path: &str) -> bool {
        self.leader().is_some_and(|pid| Path::new(&format!("/proc/{pid}/root{path}")).exists())
    }

    /// Whether it is still on. It may have switched itself off.
    pub fn is_on(&self) -> bool {
        // A process that has ended stays as a zombie until it is waited for.
        let status = read_lossy(Path::new(&format!("/proc/{}/status", self.nspawn.id())));
        status.lines().any(|line| line.starts_with("State:") && !line.starts_with("State:\tZ"))
    }

    /// Waits until it has switched itself off, as `power_state` makes it do.
    pub fn wait_until_off(self, limit: Duration) -> Machine {
        self.wait_for_end(limit);
        self.power_cut()
    }

    /// Waits until it reboots by itself, as `power_state: {mode: reboot}` makes it do,
    /// and boots it: `systemd-nspawn` ends then, and says by its exit code that it
    /// is to be started again.
    pub fn wait_until_rebooted(mut self, network: &Network, limit: Duration) -> Running {
        self.wait_for_end(limit);
        let exit = self.nspawn.wait().expect("it has ended").code();
        assert_eq!(exit, Some(133), "it went off, and not for a reboot");
        self.power_cut().boot(network)
    }

    /// Takes its power away: every process is killed at the same instant.
    pub fn power_cut(mut self) -> Machine {
        self.switch_off();
        self.machine.take().expect("it is handed back once")
    }

    /// Shuts it down in order.
    pub fn poweroff(self) -> Machine {
        self.exec(&["systemctl", "poweroff"]);
        self.wait_until_off(Duration::from_secs(60))
    }

    /// Shuts it down in order and boots it again.
    pub fn reboot(self, network: &Network) -> Running {
        self.poweroff().boot(network)
    }

    /// Prints what is needed to understand a scenario that failed.
    pub fn dump(&self) {
        eprintln!("{}", self.report());
    }

    /// What [`Running::dump`] prints.
    pub fn report(&self) -> String {
        let mut report = format!("======== {}\n", self.machine().name);
        let mut add = |title: &str, text: &str| {
            let lines: Vec<_> = text.lines().collect();
            report += &format!("-------- {title}\n");
            for line in &lines[lines.len().saturating_sub(60)..] {
                report += &format!("{line}\n");
            }
        };
        add("console", &self.console());
        for file in ["/var/lib/bootseed/status.json", "/var/log/bootseed.log"] {
            add(file, &self.machine().read(file));
        }
        if self.leader().is_some() {
            add("cloud-init status", &self.shell("cloud-init status --long"));
            add("failed units", &self.shell("systemctl --failed --no-legend"));
            add("journal", &self.shell("journalctl --boot --no-pager --lines 60"));
        }
        report
    }

    /// The machine's first process, while the machine is on.
    fn leader(&self) -> Option<u32> {
        let nspawn = self.nspawn.id();
        let children = read_lossy(Path::new(&format!("/proc/{nspawn}/task/{nspawn}/children")));
        children.split_whitespace().filter_map(|pid| pid.parse().ok()).find(|pid| {
            // "NSpid: 4711 1": process 1 of an inner pid namespace.
            read_lossy(Path::new(&format!("/proc/{pid}/status"))).lines().any(|line| {
                line.starts_with("NSpid:") && line.split_whitespace().skip(2).last() == Some("1")
            })
        })
    }

    fn wait_for_end(&self, limit: Duration) {
        let start = Instant::now();
        while self.is_on() {
            assert!(start.elapsed() < limit, "{}: still on after {limit:?}", self.machine().name);
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn switch_off(&mut self) {
        drop(self.janitor.take());
        // The janitor has killed it; this only takes note of its end.
        let _ = self.nspawn.wait();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if thread::panicking() && self.machine.is_some() {
            self.dump();
        }
        self.switch_off();
    }
}

// ---------------------------------------------------------------- console ----

/// A machine's console: kept in memory for the test, and in a file for people.
#[derive(Clone)]
struct Console {
    text: Arc<Mutex<String>>,
    file: Arc<Mutex<File>>,
}

impl Console {
    fn new(file: &Path) -> Self {
        let file = File::create(file).expect("a file for the console");
        Console { text: Arc::default(), file: Arc::new(Mutex::new(file)) }
    }

    /// Copies from a pipe until its other end is closed.
    fn follow(&self, mut pipe: impl Read + Send + 'static) -> JoinHandle<()> {
        let console = self.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                let plain = String::from_utf8_lossy(&buffer[..length]).replace('\r', "");
                console.text.lock().expect("no reader panics").push_str(&plain);
                // A full disk spoils the copy for people, not the test.
                let _ = console.file.lock().expect("no reader panics").write_all(plain.as_bytes());
            }
        })
    }

    fn text(&self) -> String {
        self.text.lock().expect("no reader panics").clone()
    }
}

// ---------------------------------------------------------------- janitor ----

/// A shell that runs a script when this value is dropped, or when this program is
/// gone and could not drop anything.
struct Janitor {
    shell: Child,
    /// Held open: its end is the signal.
    pipe: Option<ChildStdin>,
}

impl Janitor {
    fn new(script: &str) -> Self {
        // A session of its own: Ctrl-C and a killed process group do not reach it.
        let mut shell = Command::new("setsid")
            .args(["sh", "-c", &format!("read -r _\n{script}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let pipe = shell.stdin.take();
        Janitor { shell, pipe }
    }
}

impl Drop for Janitor {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

/// A control group, by which processes are killed together, their children included.
struct Cgroup {
    folder: PathBuf,
}

impl Cgroup {
    fn new(name: &str) -> Self {
        let folder = cgroup2_mount().expect("a cgroup2 file system is mounted").join(name);
        fs::create_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        Cgroup { folder }
    }

    /// A command that moves itself into the group before it does anything else.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", "echo 0 >\"$1\" && shift && exec \"$@\"", "sh"])
            .arg(self.folder.join("cgroup.procs"))
            .arg(program);
        command
    }

    /// Shell text that kills all in the group, waits for their end, and removes it.
    /// Where the host mixes both versions of control groups, `systemd-nspawn` has
    /// made the same group in systemd's own hierarchy of version 1 as well.
    fn clear_script(&self) -> String {
        let name = self.folder.file_name().and_then(OsStr::to_str).expect("it was made from text");
        format!(
            "echo 1 >'{0}/cgroup.kill'
             for try in $(seq 200); do
               grep -q 'populated 0' '{0}/cgroup.events' && break
               sleep 0.02
             done
             for group in '{0}' /sys/fs/cgroup/*/'{name}'; do
               test -d \"$group\" && find \"$group\" -depth -type d -exec rmdir {{}} \\;
             done",
            self.folder.display()
        )
    }
}

/// Where control groups of version 2 are: alone in /sys/fs/cgroup, or in a folder there.
fn cgroup2_mount() -> Option<PathBuf> {
    read_lossy(Path::new("/proc/self/mountinfo"))
        .lines()
        .find(|line| line.contains(" - cgroup2 "))
        .and_then(|line| line.split(' ').nth(4))
        .map(PathBuf::from)
}

// ------------------------------------------------------------------ files ----

/// The folder of this file and of the scripts beside it.
fn scripts() -> PathBuf {
    // `file!` is relative to the package, or absolute: `join` takes both.
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(Path::new(file!()));
    here.parent().expect("a file is in a folder").to_owned()
}

/// Where built root file systems and repositories are kept between runs.
fn cache() -> PathBuf {
    match std::env::var_os("BOOTSEED_TEST_CACHE") {
        Some(folder) => std::path::absolute(folder).expect("there is a current folder"),
        None => scripts().join("../../target/boot-cache"),
    }
}

fn machines_folder() -> PathBuf {
    let folder = cache().join("machines");
    fs::create_dir_all(&folder).expect("a folder for machines");
    fs::canonicalize(folder).expect("it was just made")
}

/// The unpacked root file system that machines of a suite share and do not change.
/// It is unpacked once for each version of it.
fn base_tree(suite: Suite) -> PathBuf {
    let tar = PathBuf::from(run_script("rootfs", &[&suite.to_string()]).trim());
    let version = read_lossy(&tar.with_extension("stamp"));
    let prefix = format!("tree-{suite}-");
    let tree = machines_folder().join(format!("{prefix}{}", &version[..12]));

    let lock = OpenOptions::new()
        .create(true)
        .append(true)
        .open(machines_folder().join(format!("{suite}.lock")))
        .expect("a lock file");
    lock.lock().expect("the lock is had");
    if !tree.is_dir() {
        for entry in fs::read_dir(machines_folder()).expect("it can be listed").flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                fs::remove_dir_all(entry.path()).expect("an old version goes");
            }
        }
        let half = machines_folder().join(format!("{prefix}half"));
        fs::create_dir_all(&half).expect("a folder for the tree");
        must_run(Command::new("tar").arg("-xf").arg(&tar).arg("-C").arg(&half));
        fs::rename(&half, &tree).expect("the tree gets its name");
    }
    tree
}

fn run_script(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(scripts().join(name))
        .args(arguments)
        .env("BOOTSEED_TEST_CACHE", cache())
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("tests/boot/{name}: {error}"));
    assert!(
        output.status.success(),
        "tests/boot/{name}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn must_run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
}

/// A name that no other test program and no other machine of this one has.
fn unique_name() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("bootseed-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A machine's name for `systemd-nspawn`: at most 64 characters, no underscores.
fn host_name(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(63).collect();
    name.trim_end_matches('-').to_owned()
}

fn read_lossy(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of the tests are text")
}
