//! A machine that is switched off: its disk.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::cgroup::{Cgroup, Janitor};
use super::console::Console;
use super::files::{base_tree, host_name, machines_folder, must_run, text, unique_name};
use super::{Network, Running, Suite};

/// A machine that is switched off: a disk that can be prepared, looked at, and booted.
pub struct Machine {
    suite: Suite,
    /// Says which machine it is, in names and reports.
    pub(super) name: String,
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
        machine.program(SWAPON, "#!/bin/sh\necho \"swapon $*\" >>/var/log/swapon-calls\n");
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

    /// Puts a program on the disk. /usr/local/sbin comes first in every service's PATH.
    pub fn program(&self, path: &str, script: &str) {
        self.write(path, script);
        must_run(Command::new("chmod").arg("755").arg(self.path(path)));
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
            format!("deb [trusted=yes] {url} {} main\n", self.suite.release()),
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
            // systemd 258 and newer refuse version 1, which the host may have.
            .env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1")
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
        running.wait("its first process", Duration::from_secs(120), || running.leader());
        running
    }
}

/// cloud-init's settings on a test machine, as an image builder would set them.
/// The network is there already, and on bullseye a service fails that tries to
/// configure it. The sources stay as [`Machine::apt_source`] wrote them, or
/// cloud-init would put Debian's mirrors in their place. Making RSA host keys
/// takes a second. There is no block device to resize. With the Ec2 data source, trixie reacts to new network devices,
/// for which it needs udev, which does not run in a container.
const CLOUD_CONFIG: &str = "\
datasource_list: [NoCloud, None]
network: {config: disabled}
apt: {preserve_sources_list: true}
ssh_genkeytypes: [ed25519]
resize_rootfs: false
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
