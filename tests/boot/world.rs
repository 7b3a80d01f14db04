//! What a machine under test meets on its network: a Debian archive, conda's channels and an
//! installer, on 127.0.0.1 in the namespace of the test, with the faults that the test asks for.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::machine::{Machine, Network, Running, Server, Suite, apt_repository};

/// Where the server of the test listens.
pub(crate) const SERVER: &str = "http://127.0.0.1:8800";

/// The preset that most scenarios boot.
pub(crate) const HELLO: &str = include_str!("../../src/preset/hello_cju.yaml");

/// The same without its web server.
pub(crate) fn conda_only() -> &'static str {
    HELLO.split("\n# A web server").next().expect("what is before it")
}

/// A machine that is set up with nginx alone.
pub(crate) const WEB_ONLY: &str = "hostname: pages\nweb: {server: nginx}\n";

/// A network with its server.
pub(crate) struct World {
    /// The namespace.
    pub(crate) network: Network,
    /// What the machine is to be: a parameter file.
    pub(crate) spec: String,
    suite: Suite,
    folder: TempDir,
    server: Option<Server>,
    host: String,
    installer_sum: String,
    hooks: Value,
}

fn standin(program: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boot/standin").join(program)
}

fn python(program: &str, arguments: &[&str]) -> String {
    let output = Command::new("/usr/bin/python3").arg(standin(program)).args(arguments).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

/// What a program of the stand-in made with these arguments, and what it printed.
type Made = BTreeMap<Vec<String>, (TempDir, String)>;

/// Channels and installers: no scenario changes them, so each is made once.
static MADE: Mutex<Made> = Mutex::new(Made::new());

fn made(program: &str, arguments: &[&str]) -> (PathBuf, String) {
    let mut made = MADE.lock().expect("no other scenario failed here");
    let key = [&[program], arguments].concat().iter().map(|word| word.to_string()).collect();
    let (folder, printed) = made.entry(key).or_insert_with(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let result = folder.path().join("result").display().to_string();
        let printed = python(program, &[&[&result[..]], arguments].concat());
        (folder, printed)
    });
    (folder.path().join("result"), printed.clone())
}

/// Removes what was made for all scenarios, after the last one.
pub(crate) fn clear() {
    MADE.lock().map(|mut made| made.clear()).unwrap_or_default();
}

impl World {
    /// A network whose server has everything for a machine of the suite.
    pub(crate) fn new(suite: Suite) -> World {
        World::with_installer(suite, &[])
    }

    /// The same with arguments of `make_installer.py`.
    pub(crate) fn with_installer(suite: Suite, installer: &[&str]) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        symlink(apt_repository(suite), path("debian")).expect("a link");
        symlink(made("channel.py", &[]).0, path("cloud")).expect("a link");
        symlink("cloud/pkgs", path("pkgs")).expect("a link");
        let (file, printed) = made("make_installer.py", installer);
        symlink(file, path("installer.sh")).expect("a link");
        let sum = printed.split_whitespace().find(|word| word.len() == 64).expect("a sum");
        World {
            network: Network::new(),
            spec: HELLO.into(),
            suite,
            server: None,
            host: SERVER.into(),
            installer_sum: sum.into(),
            hooks: json!([]),
            folder,
        }
    }

    /// What the machine is to be.
    pub(crate) fn spec(mut self, yaml: &str) -> World {
        self.spec = yaml.into();
        self
    }

    /// What `standin/conda.py` does on the machine.
    pub(crate) fn hooks(mut self, hooks: Value) -> World {
        self.hooks = hooks;
        self
    }

    /// The name by which the machine knows the server, instead of an address.
    pub(crate) fn named(mut self, host: &str) -> World {
        self.host = format!("http://{host}:8800");
        self
    }

    /// Starts the server, with these faults.
    pub(crate) fn serve(&mut self, faults: &Value) {
        self.server = None;
        fs::write(self.path("faults.json"), faults.to_string()).expect("faults");
        let text = |name: &str| self.path(name).display().to_string();
        let program = standin("server.py").display().to_string();
        let (root, faults, log) = (text(""), text("faults.json"), text("requests.log"));
        let words = ["/usr/bin/python3", &program, "--port", "8800", "--root", &root];
        let words = [&words[..], &["--faults", &faults, "--log", &log]].concat();
        self.server = Some(self.network.spawn(&words));
        // By a connection alone: a request would use up a fault.
        self.network.wait_until_listens(8800, Duration::from_secs(120));
    }

    /// A file or folder that the server serves.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a program into the folder `bin`, which comes first in the PATH of a rehearsal.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let program = self.path("bin").join(name);
        fs::create_dir_all(self.path("bin")).expect("a folder for programs");
        fs::write(&program, script).expect("a program");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may run");
    }

    /// The checksum that the machine expects of the installer.
    pub(crate) fn installer_sum(&self) -> &str {
        &self.installer_sum
    }

    /// What `bootseed render` prints.
    pub(crate) fn user_data(&self) -> Vec<u8> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
        command.args(["render", "-"]).current_dir(self.folder.path());
        if self.has("conda") {
            let (host, sum) = (&self.host, &self.installer_sum);
            for setting in [
                format!("conda.installer.x86_64.url={host}/installer.sh"),
                format!("conda.installer.x86_64.sha256={sum}"),
                format!("conda.mirror={host}"),
            ] {
                command.args(["--set", &setting]);
            }
        }
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("bootseed runs");
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(self.spec.as_bytes()).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// A machine that is about to boot for the first time.
    pub(crate) fn machine(&self, name: &str) -> Machine {
        let machine = Machine::unpack(self.suite, name);
        machine.apt_source(&format!("{}/debian", self.host));
        machine.write("/etc/standin.json", self.hooks.to_string());
        machine.seed(self.user_data(), "i-1");
        machine
    }

    /// The same, on which `sleep` is short and noted in /pauses: the program's pauses add up to
    /// half an hour.
    pub(crate) fn impatient_machine(&self, name: &str) -> Machine {
        let machine = self.machine(name);
        let sleep = "#!/bin/sh\necho $1 >>/pauses\nexec /bin/sleep 0.3\n";
        machine.program("/usr/local/sbin/sleep", sleep);
        // Eight tries in a few seconds are more than systemd lets a service start.
        let patient = "[Unit]\nStartLimitIntervalSec=0\n";
        machine.write("/etc/systemd/system/nginx.service.d/tries.conf", patient);
        machine
    }

    /// Starts the server without faults, and a machine.
    pub(crate) fn boot(&mut self, name: &str) -> Running {
        self.boot_with(name, &json!([]))
    }

    /// Starts the server with these faults, and a machine.
    pub(crate) fn boot_with(&mut self, name: &str, faults: &Value) -> Running {
        self.serve(faults);
        self.machine(name).boot(&self.network)
    }

    /// How often something was asked for.
    pub(crate) fn requests(&self, what: &str) -> usize {
        self.log().lines().filter(|line| line.contains(what)).count()
    }

    /// How many bytes of something were sent.
    pub(crate) fn bytes(&self, what: &str) -> u64 {
        let sent = |line: &str| line.rsplit(' ').next()?.parse::<u64>().ok();
        self.log().lines().filter(|line| line.contains(what)).filter_map(sent).sum()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("requests.log")).unwrap_or_default()
    }

    /// Does the parameter file, YAML or JSON, have this key?
    fn has(&self, key: &str) -> bool {
        self.spec.contains(&format!("{key}:")) || self.spec.contains(&format!("\"{key}\":"))
    }

    /// Is the machine to be a web server?
    pub(crate) fn serves(&self) -> bool {
        self.has("web")
    }

    /// Where the owner's page is.
    pub(crate) fn site(&self) -> String {
        let port = self.spec.split_once("\"port\":").map_or("80", |(_, rest)| {
            rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("80")
        });
        // To itself a machine shows the application while it is being set up.
        let host = if self.has("app") { Network::ADDRESS } else { "127.0.0.1" };
        format!("http://{host}:{port}/")
    }
}
