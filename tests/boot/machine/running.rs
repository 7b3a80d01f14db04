//! A machine that is switched on: its console, commands in it, and its end.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::cgroup::{Cgroup, Janitor};
use super::console::Console;
use super::files::read_lossy;
use super::{Machine, Network};

/// Between two looks at a machine. Looking takes the time of the machines beside it.
const PAUSE: Duration = Duration::from_millis(50);

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
    pub(super) machine: Option<Machine>,
    pub(super) nspawn: Child,
    pub(super) console: Console,
    pub(super) readers: Vec<JoinHandle<()>>,
    pub(super) cgroup: Cgroup,
    /// `None` only once it is switched off.
    pub(super) janitor: Option<Janitor>,
    pub(super) start: Instant,
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

    /// Waits until the machine has a file or folder.
    pub fn wait_for_file(&self, path: &str, limit: Duration) {
        self.wait(path, limit, || self.has(path).then_some(()));
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
            thread::sleep(PAUSE);
        }
    }

    /// Runs a command in the machine, as root, in an environment like a service's.
    pub fn exec<S: AsRef<OsStr>>(&self, words: &[S]) -> Output {
        let leader = self.leader().expect("the machine is on").to_string();
        Command::new("timeout")
            .args(["--kill-after=5", "900", "nsenter", "--target", &leader, "--all", "--"])
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

    /// The text of a file as the machine sees it, without running anything in it; empty when there
    /// is none. No part of the path may be an absolute link.
    pub fn peek(&self, path: &str) -> String {
        let root = self.leader().map(|pid| format!("/proc/{pid}/root{path}"));
        root.map(|path| read_lossy(Path::new(&path))).unwrap_or_default()
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
        self.wait_until_off(Duration::from_secs(300))
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
    pub(super) fn leader(&self) -> Option<u32> {
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
            thread::sleep(PAUSE);
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
