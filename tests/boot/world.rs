//! What a machine under test meets on its network: a Debian archive, conda's channels and an
//! installer, on 127.0.0.1 in the namespace of the test, with the faults that the test asks for.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::machine::{Machine, Network, Server, Suite, apt_repository};

/// Where the server of the test listens.
pub(crate) const SERVER: &str = "http://127.0.0.1:8800";

/// A network with its server.
pub(crate) struct World {
    /// The namespace.
    pub(crate) network: Network,
    folder: tempfile::TempDir,
    server: Option<Server>,
    installer_sum: String,
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

impl World {
    /// A network whose server has everything for `suite`; `installer` are arguments of
    /// `make_installer.py`.
    pub(crate) fn new(suite: Suite, installer: &[&str], faults: &str) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        symlink(apt_repository(suite), path("debian")).expect("a link");
        python("channel.py", &[&path("cloud")]);
        symlink("cloud/pkgs", path("pkgs")).expect("a link");
        let file = path("installer.sh");
        let printed = python("make_installer.py", &[&[&file[..]], installer].concat());
        let installer_sum =
            printed.split_whitespace().find(|word| word.len() == 64).expect("a sum").to_string();
        fs::write(path("faults.json"), faults).expect("faults");
        let mut world = World { network: Network::new(), folder, server: None, installer_sum };
        world.start_server(&[]);
        world
    }

    /// Starts the server, with more arguments.
    pub(crate) fn start_server(&mut self, more: &[&str]) {
        self.server = None;
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let program = standin("server.py").display().to_string();
        let (root, faults, log) = (path(""), path("faults.json"), path("requests.log"));
        let words = ["/usr/bin/python3", &program, "--port", "8800", "--root", &root];
        let words = [&words[..], &["--faults", &faults, "--log", &log], more].concat();
        self.server = Some(self.network.spawn(&words));
        if more.is_empty() {
            self.network.wait_until_answers(SERVER, Duration::from_secs(20));
        }
    }

    /// Settings that lead conda to the server, for `bootseed render --set`.
    pub(crate) fn settings(&self) -> Vec<String> {
        vec![
            format!("conda.installer.x86_64.url={SERVER}/installer.sh"),
            format!("conda.installer.x86_64.sha256={}", self.installer_sum),
            format!("conda.mirror={SERVER}"),
        ]
    }

    /// How often something was asked for.
    pub(crate) fn requests(&self, what: &str) -> usize {
        let log = fs::read_to_string(self.folder.path().join("requests.log")).unwrap_or_default();
        log.lines().filter(|line| line.contains(what)).count()
    }

    /// A machine that gets its packages from the server.
    pub(crate) fn machine(&self, suite: Suite, name: &str) -> Machine {
        let machine = Machine::unpack(suite, name);
        machine.apt_source(&format!("{SERVER}/debian"));
        machine
    }
}
