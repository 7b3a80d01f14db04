//! A run of `bootseed boot`: what it says, how it is interrupted, and what must not be left of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::World;

/// The environment of everything that a run starts has this.
const MARK: &str = "BOOTSEED_TEST_REHEARSAL";

/// The longest that anything may take; a VM without KVM beside many others takes minutes.
const LIMIT: Duration = Duration::from_secs(2700);

/// What a machine in a container keeps of itself, looked at while it is on.
const KEPT: [&str; 2] = ["var/lib/bootseed/status.json", "var/log/bootseed.log"];

/// `bootseed boot`, running. Dropping it ends it; when the test is failing, a report goes to
/// standard error first.
pub(super) struct Rehearsal {
    child: Child,
    out: Arc<Mutex<Vec<u8>>>,
    err: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
    /// Where it makes its files.
    made: PathBuf,
    mark: String,
    /// The newest of the files in `KEPT`.
    kept: BTreeMap<&'static str, String>,
    /// The control groups that it made.
    groups: Vec<String>,
    /// The network namespaces before it.
    networks: Vec<String>,
}

/// A run that has ended, and of which nothing is left.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) report: String,
}

/// `bootseed boot` in the network of the test, with a folder of its own for what it makes.
fn command(world: &World, program: &str, name: &str) -> (Command, PathBuf, String) {
    let made = world.path(&format!("made-{name}"));
    fs::create_dir_all(&made).unwrap();
    let mark = made.display().to_string();
    let mut command = world.network.command(program);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", world.path("bin").display()));
    command.env("TMPDIR", &made).env(MARK, &mark).current_dir(world.path(""));
    (command, made, mark)
}

impl Rehearsal {
    /// Starts it in a session of its own: a signal reaches it alone, and the kernel gives it as much
    /// of the processors as any service of the machines beside it.
    pub(super) fn start(world: &World, name: &str, arguments: &[&str]) -> Rehearsal {
        let (mut command, made, mark) = command(world, "setsid", name);
        command.args([env!("CARGO_BIN_EXE_bootseed"), "boot"]).args(arguments);
        Rehearsal::of(command, made, mark)
    }

    /// Starts it on a terminal of its own.
    pub(super) fn on_terminal(world: &World, name: &str, arguments: &[&str]) -> Rehearsal {
        let (mut command, made, mark) = command(world, "script", name);
        let words = [&[env!("CARGO_BIN_EXE_bootseed"), "boot"], arguments].concat();
        let line: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
        let line = format!("stty cols 100 && exec {}", line.join(" "));
        command.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
        command.env("TERM", "xterm").process_group(0);
        Rehearsal::of(command, made, mark)
    }

    fn of(mut command: Command, made: PathBuf, mark: String) -> Rehearsal {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (Arc::default(), Arc::default());
        let readers = vec![
            keep(child.stdout.take().unwrap(), &out),
            keep(child.stderr.take().unwrap(), &err),
        ];
        let (kept, groups) = (BTreeMap::new(), Vec::new());
        let networks = networks();
        Rehearsal { child, out, err, readers, made, mark, kept, groups, networks }
    }

    /// What it has written to standard output.
    pub(super) fn out(&self) -> String {
        text(&self.out)
    }

    /// What it has written to standard error.
    pub(super) fn err(&self) -> String {
        text(&self.err)
    }

    /// Waits for something to be so.
    pub(super) fn wait(&mut self, what: &str, so: impl Fn(&Rehearsal) -> bool) {
        let start = Instant::now();
        while !so(self) {
            assert!(!self.has_ended(), "it ended before {what}");
            assert!(start.elapsed() < LIMIT, "no {what} within {LIMIT:?}");
            self.look();
        }
    }

    /// Sends a signal to the process, or with `-` before its name to the whole group, as a terminal
    /// does for Ctrl-C.
    pub(super) fn signal(&self, name: &str) {
        let (whole, name) = name.strip_prefix('-').map_or(("", name), |name| ("-", name));
        let target = format!("{whole}{}", self.child.id());
        let status = Command::new("kill").args(["-s", name, "--", &target]).status().unwrap();
        assert!(status.success());
    }

    /// Presses keys on its terminal.
    pub(super) fn press(&mut self, keys: &[u8]) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(keys).and_then(|()| stdin.flush()).unwrap();
    }

    /// Waits for its end, after which nothing may be left.
    pub(super) fn end(mut self) -> Ended {
        let start = Instant::now();
        while !self.has_ended() {
            assert!(start.elapsed() < LIMIT, "it does not end within {LIMIT:?}");
            self.look();
        }
        let code = self.child.wait().unwrap().code();
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        self.nothing_is_left();
        Ended { code, out: self.out(), report: self.report() }
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Notes down what would be gone with the machine.
    fn look(&mut self) {
        for folder in entries(&self.made) {
            let group =
                folder.file_name().unwrap().to_string_lossy().replace(".tmp", "bootseed-tmp");
            if !self.groups.contains(&group) {
                self.groups.push(group);
            }
            for file in KEPT {
                let found = ["changes", "disk"].map(|part| folder.join(part).join(file));
                let text = found.iter().find_map(|path| fs::read_to_string(path).ok());
                self.kept.extend(text.map(|text| (file, text)));
            }
        }
        thread::sleep(Duration::from_millis(100));
    }

    fn nothing_is_left(&self) {
        let left = entries(&self.made);
        assert!(left.is_empty(), "files: {left:?}");
        let mark = format!("{MARK}={}", self.mark);
        for process in entries(Path::new("/proc")) {
            let environment = read(&process.join("environ"));
            let marked = environment.split('\0').any(|variable| variable == mark);
            // A process of the machine itself has its disk, which is below `made`.
            let inside = read(&process.join("mountinfo")).contains(&self.mark);
            let called = read(&process.join("cmdline")).replace('\0', " ");
            assert!(!marked && !inside, "a process: {} {called}", process.display());
        }
        let mounts = fs::read_to_string("/proc/mounts").unwrap();
        assert!(!mounts.contains(&self.mark), "{mounts}");
        assert_eq!(networks(), self.networks);
        let groups = Command::new("find").args(["/sys/fs/cgroup", "-type", "d"]).output().unwrap();
        let groups = String::from_utf8_lossy(&groups.stdout).into_owned();
        for group in &self.groups {
            assert!(!groups.contains(group), "a control group: {group}");
        }
    }

    fn report(&self) -> String {
        let mut report = String::from("======== bootseed boot\n");
        let mut add = |title: &str, text: &str| {
            let lines: Vec<_> = text.lines().collect();
            report += &format!("-------- {title}\n");
            report += &(lines[lines.len().saturating_sub(100)..].join("\n") + "\n");
        };
        add("standard output", &self.out());
        add("standard error, with the end of the console", &self.err());
        self.kept.iter().for_each(|(file, text)| add(file, text));
        report
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            // It tells what the console said, and clears up.
            self.signal("-TERM");
            let _ = self.child.wait();
        }
        self.readers.drain(..).for_each(|reader| drop(reader.join()));
        if thread::panicking() {
            eprintln!("{}", self.report());
        }
    }
}

impl Ended {
    /// The verdict that `--json` gives.
    pub(super) fn verdict(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}", self.report))
    }

    /// The exit status and the verdict must be these.
    pub(super) fn is(&self, code: i32, verdict: &str) {
        let found = self.verdict()["verdict"].clone();
        assert_eq!((self.code, found), (Some(code), verdict.into()), "{}", self.report);
    }
}

fn keep(mut output: impl Read + Send + 'static, into: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let into = into.clone();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            into.lock().unwrap().extend_from_slice(&buffer[..length]);
        }
    })
}

/// The network namespaces that are not those of tests.
fn networks() -> Vec<String> {
    let list = Command::new("ip").args(["netns", "list"]).output().unwrap();
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    list.lines().filter(|name| !name.starts_with("bootseed-test-")).map(String::from).collect()
}

fn text(bytes: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&bytes.lock().unwrap()).into_owned()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect()
}

/// A file as text; empty when it cannot be read, as that of a process that has just ended.
fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
