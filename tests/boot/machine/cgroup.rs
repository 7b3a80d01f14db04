//! How what was started is ended, whatever happens: control groups and janitors.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::files::read_lossy;

/// A shell that runs a script when this value is dropped, or when this program is
/// gone and could not drop anything.
pub(super) struct Janitor {
    shell: Child,
    /// Held open: its end is the signal.
    pipe: Option<ChildStdin>,
}

impl Janitor {
    pub(super) fn new(script: &str) -> Self {
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
pub(super) struct Cgroup {
    folder: PathBuf,
}

impl Cgroup {
    pub(super) fn new(name: &str) -> Self {
        let folder = cgroup2_mount().expect("a cgroup2 file system is mounted").join(name);
        fs::create_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        Cgroup { folder }
    }

    /// A command that moves itself into the group before it does anything else.
    pub(super) fn command(&self, program: &str) -> Command {
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
    pub(super) fn clear_script(&self) -> String {
        let name = self.folder.file_name().and_then(OsStr::to_str).expect("it was made from text");
        format!(
            "echo 1 >'{0}/cgroup.kill'
             for try in $(seq 3000); do
               grep -q 'populated 0' '{0}/cgroup.events' && break
               sleep 0.02
             done
             for group in '{0}' /sys/fs/cgroup/*/'{name}'; do
               test -d \"$group\" && find \"$group\" -depth -type d -delete
             done",
            self.folder.display()
        )
    }
}

/// Where control groups of version 2 are: alone in /sys/fs/cgroup, or in a folder there.
pub(super) fn cgroup2_mount() -> Option<PathBuf> {
    read_lossy(Path::new("/proc/self/mountinfo"))
        .lines()
        .find(|line| line.contains(" - cgroup2 "))
        .and_then(|line| line.split(' ').nth(4))
        .map(PathBuf::from)
}
