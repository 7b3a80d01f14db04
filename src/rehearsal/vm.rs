//! A cloud image in QEMU, with the user-data on a second drive as a NoCloud seed.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::guest::{Engine, own_group};
use super::platform::Platform;
use super::{Guest, StartError, host, seed};
use crate::iso9660;

/// A virtual machine.
#[derive(Debug, Clone)]
pub struct Vm {
    /// The image; it is not written to.
    pub image: PathBuf,
    /// Memory, as QEMU takes it: `2G`.
    pub memory: String,
    /// Size of the disk, as QEMU takes it; the image's own without one.
    pub disk: Option<String>,
    /// Port of this computer that leads to the machine's web server, and that server's port.
    pub forward: (u16, u16),
    /// Is KVM to be tried? It can be there and broken, as inside some virtual machines: then the
    /// rehearsal ends with [`Outcome::KvmFailed`](super::Outcome::KvmFailed), and the next one is without KVM.
    pub kvm: bool,
}

/// Label that cloud-init looks for.
const LABEL: &str = "cidata";

impl Vm {
    /// Switches the machine on.
    ///
    /// # Errors
    /// QEMU is missing or refuses, or the image cannot be read.
    pub fn start(&self, user_data: &[u8]) -> Result<Guest, StartError> {
        let platform = Platform::here()?;
        let qemu = platform.qemu()?;
        let kvm = self.kvm && kvm();
        let machine = platform.arguments(kvm, Path::new("/"))?;
        let folder = tempfile::tempdir().map_err(|error| io("making a folder", error))?;
        let disk = self.overlay(folder.path())?;
        let image = iso9660::image(LABEL, &seed::files(user_data))
            .map_err(|error| failed("the seed image", error.to_string()))?;
        let seed = folder.path().join("seed.iso");
        std::fs::write(&seed, image).map_err(|error| io("writing the seed image", error))?;
        let mut command = Command::new(&qemu);
        command.args(machine).args(self.devices(&disk, &seed));
        let (monitor, theirs) = UnixStream::pair().map_err(|error| io("making a socket", error))?;
        command.stdin(OwnedFd::from(theirs));
        let engine = Engine { name: "QEMU", command, again: None, monitor: Some(monitor), kvm };
        Guest::start(engine, vec![Box::new(folder)])
    }

    /// A disk that takes the changes, on top of the image.
    fn overlay(&self, folder: &Path) -> Result<PathBuf, StartError> {
        let tool = host::program("qemu-img")?;
        let image =
            std::path::absolute(&self.image).map_err(|error| io("finding the image", error))?;
        let info = output(Command::new(&tool).args(["info", "--output=json"]).arg(&image))?;
        let info: serde_json::Value = serde_json::from_str(&info).unwrap_or_default();
        let format = info["format"].as_str().unwrap_or("raw").to_string();
        let disk = folder.join("disk.qcow2");
        let mut create = Command::new(&tool);
        create.args(["create", "-q", "-f", "qcow2", "-F", &format, "-b"]).arg(&image).arg(&disk);
        output(create.args(&self.disk))?;
        Ok(disk)
    }

    fn devices(&self, disk: &Path, seed: &Path) -> Vec<String> {
        let (here, there) = self.forward;
        let words = [
            "-nodefaults -no-user-config -smp 2 -display none".to_string(),
            "-serial file:/dev/stdout".to_string(),
            "-chardev socket,id=monitor,fd=0 -mon chardev=monitor,mode=control".to_string(),
            "-device virtio-rng-pci".to_string(),
            format!("-m {}", self.memory),
            format!("-netdev user,id=net,hostfwd=tcp:127.0.0.1:{here}-:{there}"),
            // Without the program for starting over the network, which may not be installed.
            "-device virtio-net-pci,netdev=net,romfile=".to_string(),
        ];
        let mut arguments: Vec<String> =
            words.iter().flat_map(|line| line.split(' ')).map(String::from).collect();
        // In a drive's options a comma stands for itself when it is doubled.
        let path = |path: &Path| path.display().to_string().replace(',', ",,");
        arguments.extend([
            "-drive".into(),
            format!("if=virtio,format=qcow2,cache=unsafe,file={}", path(disk)),
        ]);
        arguments.extend([
            "-drive".into(),
            format!("if=virtio,format=raw,readonly=on,file={}", path(seed)),
        ]);
        arguments
    }
}

/// Can KVM be opened?
fn kvm() -> bool {
    std::fs::OpenOptions::new().read(true).write(true).open("/dev/kvm").is_ok()
}

fn output(command: &mut Command) -> Result<String, StartError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        own_group(command.stdin(Stdio::null())).output().map_err(|error| io(&program, error))?;
    if !output.status.success() {
        return Err(failed(&program, String::from_utf8_lossy(&output.stderr).trim().to_string()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn io(doing: &str, source: std::io::Error) -> StartError {
    StartError::Io { doing: doing.into(), source }
}

fn failed(program: &str, said: String) -> StartError {
    StartError::Program { program: program.into(), said }
}
