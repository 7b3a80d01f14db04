//! What a virtual machine needs on each kind of computer. A new kind is a line in `PLATFORMS`.

use std::path::{Path, PathBuf};

use super::host::{self, Lacking};

/// A kind of computer, whose QEMU runs machines of the same kind.
#[derive(Debug)]
pub(super) struct Platform {
    /// Its name, as Rust and QEMU have it.
    name: &'static str,
    /// QEMU's machine.
    machine: &'static str,
    /// Firmware that starts a cloud image, where QEMU has none of its own.
    firmware: Option<Firmware>,
}

/// Firmware, wherever a distribution has put it.
#[derive(Debug)]
struct Firmware {
    files: &'static [&'static str],
    package: &'static str,
}

const PLATFORMS: &[Platform] = &[
    // <https://www.qemu.org/docs/master/system/i386/pc.html>; its BIOS is SeaBIOS.
    Platform { name: "x86_64", machine: "pc", firmware: None },
    // <https://www.qemu.org/docs/master/system/arm/virt.html>; Debian's path, and Fedora's.
    Platform {
        name: "aarch64",
        machine: "virt",
        firmware: Some(Firmware {
            files: &[
                "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
                "/usr/share/edk2/aarch64/QEMU_EFI.fd",
            ],
            package: "qemu-efi-aarch64",
        }),
    },
];

impl Platform {
    /// The one of this computer.
    pub(super) fn here() -> Result<&'static Platform, Lacking> {
        Platform::of(std::env::consts::ARCH)
    }

    fn of(name: &str) -> Result<&'static Platform, Lacking> {
        PLATFORMS.iter().find(|one| one.name == name).ok_or_else(|| Lacking::kind(name))
    }

    /// Where QEMU is.
    pub(super) fn qemu(&self) -> Result<PathBuf, Lacking> {
        host::program(&format!("qemu-system-{}", self.name))
    }

    /// Arguments for the machine and its processor; `root` is where the computer's files are.
    pub(super) fn arguments(&self, kvm: bool, root: &Path) -> Result<Vec<String>, Lacking> {
        let accelerator = match kvm {
            true => ["-accel", "kvm", "-cpu", "host"],
            false => ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max"],
        };
        let words = ["-machine", self.machine].into_iter().chain(accelerator);
        let mut arguments: Vec<String> = words.map(String::from).collect();
        if let Some(Firmware { files, package }) = &self.firmware {
            let place = |file: &&str| root.join(file.trim_start_matches('/'));
            let found = files.iter().map(place).find(|file| file.is_file());
            let file = found.ok_or_else(|| Lacking::package("EFI firmware for QEMU", package))?;
            arguments.extend(["-bios".to_string(), file.display().to_string()]);
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, kvm: bool, root: &Path) -> String {
        let arguments = Platform::of(name).unwrap().arguments(kvm, root);
        arguments.map_or_else(|error| error.to_string(), |words| words.join(" "))
    }

    #[test]
    fn each_platform_has_its_machine_and_firmware() {
        let root = tempfile::tempdir().unwrap();
        let tcg = "-accel tcg,thread=multi,tb-size=256 -cpu max";
        assert_eq!(line("x86_64", false, root.path()), format!("-machine pc {tcg}"));
        assert_eq!(line("x86_64", true, root.path()), "-machine pc -accel kvm -cpu host");
        let lacking = line("aarch64", false, root.path());
        assert_eq!(
            lacking,
            "this needs EFI firmware for QEMU: install it, on Debian and Ubuntu with: sudo apt \
             install qemu-efi-aarch64"
        );
        for place in ["usr/share/edk2/aarch64", "usr/share/qemu-efi-aarch64"] {
            let file = root.path().join(place).join("QEMU_EFI.fd");
            std::fs::create_dir_all(root.path().join(place)).unwrap();
            std::fs::write(&file, "").unwrap();
            let expected = format!("-machine virt {tcg} -bios {}", file.display());
            assert_eq!(line("aarch64", false, root.path()), expected);
        }
    }

    #[test]
    fn a_computer_of_another_kind_is_told_what_else_it_can_do() {
        let error = Platform::of("riscv64").unwrap_err().to_string();
        assert!(error.contains("riscv64") && error.contains("--root"), "{error}");
    }
}
