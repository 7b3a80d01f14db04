//! The network of a test: a namespace of its own, and the servers in it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::cgroup::{Cgroup, Janitor};
use super::files::{machines_folder, must_run, read_lossy, unique_name};

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

    /// Waits until something listens on a TCP port.
    pub fn wait_until_listens(&self, port: u16, limit: Duration) {
        let start = Instant::now();
        let probe = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
        while !self
            .command("bash")
            .args(["-c", &probe])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
        {
            assert!(start.elapsed() < limit, "nothing listens on port {port} within {limit:?}");
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
