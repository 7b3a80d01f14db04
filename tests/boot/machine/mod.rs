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

mod cgroup;
mod console;
mod disk;
mod files;
mod network;
mod running;

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

pub use disk::Machine;
pub use network::{Network, Server};
pub use running::Running;

use crate::host;
use cgroup::cgroup2_mount;
use files::{cache, run_script, text};

/// A Debian release that machines are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Debian 11: cloud-init 20.4.1, systemd 247.
    Bullseye,
    /// Debian 12: cloud-init 22.4.2, systemd 252.
    Bookworm,
    /// Debian 13: cloud-init 25.1.4, systemd 257.
    Trixie,
    /// What becomes Debian 14, and comes nearest to Ubuntu 26.04: cloud-init 26.2, systemd 262.
    Sid,
    /// The same with coreutils and sudo in Rust, as Ubuntu 26.04 has them.
    SidRust,
}

impl Suite {
    /// All suites, oldest first.
    pub const ALL: [Suite; 5] =
        [Suite::Bullseye, Suite::Bookworm, Suite::Trixie, Suite::Sid, Suite::SidRust];

    /// The release whose packages it takes.
    pub fn release(self) -> String {
        match self {
            Suite::SidRust => Suite::Sid.to_string(),
            suite => suite.to_string(),
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Suite::Bullseye => "bullseye",
            Suite::Bookworm => "bookworm",
            Suite::Trixie => "trixie",
            Suite::Sid => "sid",
            Suite::SidRust => "sid-rust",
        })
    }
}

/// Can machines be booted? Their root file systems take minutes to build: they are left out unless
/// everything has to be tested.
pub fn can_boot() -> bool {
    let why = match host::everything() {
        true => unavailable(),
        false => Some("what needs a machine".to_owned()),
    };
    why.inspect(|why| host::left_out(why)).is_none()
}

/// Why no machine can be booted here, or `None` when all that is needed is there.
fn unavailable() -> Option<String> {
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

/// A disk image of bookworm with a kernel of its own, made by `image` when it is not there yet.
pub fn disk_image() -> String {
    run_script("image", &[]).trim().to_owned()
}

/// Lets many machines be on at the same time. Each systemd watches some files with inotify, and
/// the kernel's default limit is enough for about a dozen. This is all that the tests change on
/// the host, until its next boot. (inotify(7))
pub fn make_room() {
    const LIMIT: &str = "/proc/sys/fs/inotify/max_user_instances";
    let now = std::fs::read_to_string(LIMIT).unwrap_or_default();
    if now.trim().parse::<u32>().is_ok_and(|now| now < 1024) {
        std::fs::write(LIMIT, "1024").expect("root may raise the limit");
    }
}

/// The folder with packages for the Python of a suite, made by `wheels` when it is not there yet.
pub fn package_index(suite: Suite) -> PathBuf {
    let python = match suite {
        Suite::Bullseye => "3.9",
        Suite::Bookworm => "3.11",
        Suite::Trixie => "3.13",
        Suite::Sid | Suite::SidRust => "3.14",
    };
    let folder = cache().join(format!("wheels-{python}"));
    run_script("wheels", &[python, text(&folder)]);
    folder
}

/// The folder of the apt repository for a suite, made by `apt-repo` when it is not
/// there yet. A server in the [`Network`] hands it to the machines.
pub fn apt_repository(suite: Suite) -> PathBuf {
    static FOLDERS: [OnceLock<PathBuf>; Suite::ALL.len()] =
        [const { OnceLock::new() }; Suite::ALL.len()];
    let made = || {
        let release = suite.release();
        let folder = cache().join(format!("apt-{release}"));
        run_script("apt-repo", &[&release, text(&folder)]);
        folder
    };
    FOLDERS[suite as usize].get_or_init(made).clone()
}
