//! A root file system under systemd-nspawn: real systemd and real cloud-init in a few seconds,
//! with this computer's kernel and network.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::guest::{Engine, own_group};
use super::{Guest, StartError, host, seed};

/// A container.
#[derive(Debug, Clone)]
pub struct Container {
    /// A folder or a tar archive with a root file system; it is not written to.
    pub root: PathBuf,
}

/// Settings of cloud-init for a container: the seed is in a folder, and the network is there.
const CLOUD_CONFIG: &str = "datasource_list: [NoCloud, None]\nnetwork: {config: disabled}\n";

/// A container cannot use swap: `swapon` would fail, and cloud-init with it from 23.4 on. This one
/// comes first in a service's PATH and does nothing.
const SWAPON: &str = "#!/bin/sh\n# A container has no swap; a rehearsal goes on without.\n";

/// Mounts what the container needs and becomes it, in a mount namespace that goes with it.
/// systemd-nspawn keeps files in /run/systemd/nspawn, which would stay when it is killed.
const START: &str = "\
set -e
if [ \"$1\" ]; then mount -t overlay overlay -o \"$1\" \"$2\"; fi
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
exec systemd-nspawn --directory=\"$2\" --boot --quiet --register=no --keep-unit \\
  --console=read-only --timezone=off --resolv-conf=copy-host --link-journal=no \\
  --machine=bootseed-rehearsal";

/// With this, systemd-nspawn asks to be started again: systemd-nspawn(1), `--keep-unit`.
const RESTART: i32 = 133;

impl Container {
    /// Switches the machine on.
    ///
    /// # Errors
    /// Not root, a missing program, or a root file system that cannot be read.
    pub fn start(&self, user_data: &[u8]) -> Result<Guest, StartError> {
        host::root()?;
        for name in ["systemd-nspawn", "unshare", "mount"] {
            host::program(name)?;
        }
        let folder = tempfile::tempdir().map_err(|error| failed("making a folder", error))?;
        let (overlay, changes) = self.disk(&folder)?;
        prepare(&changes, user_data).map_err(|error| failed("writing the seed", error))?;
        let group = Group::new(folder.path())?;
        let mut command = Command::new("sh");
        command
            .args(["-c", "if [ \"$1\" ]; then echo 0 >\"$1\"; fi; shift; exec \"$@\"", "sh"])
            .arg(group.procs())
            .args(["unshare", "--mount", "--propagation=private", "--", "sh", "-c", START, "sh"])
            .arg(overlay)
            .arg(folder.path().join("disk"))
            .env_remove("NOTIFY_SOCKET")
            // systemd 258 and newer take nothing else, also on a host that has both hierarchies:
            // https://github.com/systemd/systemd/blob/main/docs/ENVIRONMENT.md
            .env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1")
            .stdin(Stdio::null());
        let again = Some(RESTART);
        let engine = Engine { name: "systemd-nspawn", command, again, monitor: None, kvm: false };
        Guest::start(engine, vec![Box::new(group), Box::new(folder)])
    }

    /// Options of the overlay, none for an archive, and the folder that takes changes.
    fn disk(&self, folder: &TempDir) -> Result<(String, PathBuf), StartError> {
        let part = |name: &str| folder.path().join(name);
        for name in ["disk", "changes", "work"] {
            std::fs::create_dir(part(name)).map_err(|error| failed("making a folder", error))?;
        }
        let root = std::fs::canonicalize(&self.root)
            .map_err(|error| failed(&format!("reading {}", self.root.display()), error))?;
        if root.is_dir() {
            let (lower, upper, work) = (root.display(), part("changes"), part("work"));
            let options =
                format!("lowerdir={lower},upperdir={},workdir={}", upper.display(), work.display());
            return Ok((options, upper));
        }
        let tar = host::program("tar")?;
        let mut unpack = Command::new(&tar);
        unpack.args(["--extract", "--numeric-owner", "--xattrs", "--file"]).arg(&root);
        let output = own_group(unpack.arg("--directory").arg(part("disk"))).output();
        let output = output.map_err(|error| failed("running tar", error))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_string();
            return Err(StartError::Program { program: "tar".into(), said });
        }
        Ok((String::new(), part("disk")))
    }
}

/// Puts the seed, and what a container needs, on the disk.
fn prepare(disk: &Path, user_data: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let seed = disk.join("var/lib/cloud/seed/nocloud");
    std::fs::create_dir_all(&seed)?;
    for (name, bytes) in seed::files(user_data) {
        std::fs::write(seed.join(name), bytes)?;
    }
    let config = disk.join("etc/cloud/cloud.cfg.d");
    std::fs::create_dir_all(&config)?;
    std::fs::write(config.join("98-rehearsal.cfg"), CLOUD_CONFIG)?;
    let programs = disk.join("usr/local/sbin");
    std::fs::create_dir_all(&programs)?;
    let swapon = programs.join("swapon");
    std::fs::write(&swapon, SWAPON)?;
    std::fs::set_permissions(&swapon, std::fs::Permissions::from_mode(0o755))
}

/// A control group of the container's own. Killing the group kills all that it started; nothing is
/// forgotten. <https://docs.kernel.org/admin-guide/cgroup-v2.html>
struct Group {
    folder: Option<PathBuf>,
}

/// How long processes have to be gone once they are killed.
const GONE: Duration = Duration::from_secs(10);

impl Group {
    /// Named after the folder of the rehearsal, which is unique.
    fn new(folder: &Path) -> Result<Group, StartError> {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let mount = mounts.lines().find(|line| line.contains(" - cgroup2 "));
        let Some(root) = mount.and_then(|line| line.split(' ').nth(4)) else {
            return Ok(Group { folder: None });
        };
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let group = Path::new(root).join(format!("bootseed-{}", name.trim_start_matches('.')));
        std::fs::create_dir(&group).map_err(|error| failed("making a control group", error))?;
        Ok(Group { folder: Some(group) })
    }

    /// The file that takes new members; empty where there are no control groups.
    fn procs(&self) -> PathBuf {
        self.folder.as_ref().map(|folder| folder.join("cgroup.procs")).unwrap_or_default()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(folder) = &self.folder else { return };
        let _ = std::fs::write(folder.join("cgroup.kill"), "1");
        let populated = || {
            let events = std::fs::read_to_string(folder.join("cgroup.events")).unwrap_or_default();
            events.contains("populated 1")
        };
        let start = std::time::Instant::now();
        while populated() && start.elapsed() < GONE {
            std::thread::sleep(Duration::from_millis(20));
        }
        remove_groups(folder);
        // Where both versions are in use, systemd made the same group in version 1.
        let name = folder.file_name().unwrap_or_default();
        for other in std::fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten() {
            remove_groups(&other.path().join(name));
        }
    }
}

/// Removes a control group with those below it; the files in it are the kernel's.
fn remove_groups(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_groups(&entry.path());
        }
    }
    let _ = std::fs::remove_dir(folder);
}

fn failed(doing: &str, source: io::Error) -> StartError {
    StartError::Io { doing: doing.into(), source }
}
