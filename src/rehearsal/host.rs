//! What this computer must have for a rehearsal, and how to get it.

use std::path::PathBuf;

/// Something this computer does not have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this needs {what}: {remedy}")]
pub struct Lacking {
    what: String,
    remedy: String,
}

impl Lacking {
    /// Something that comes in a package of Debian's.
    pub(super) fn package(what: &str, package: &str) -> Lacking {
        Lacking {
            what: what.into(),
            remedy: format!("install it, on Debian and Ubuntu with: sudo apt install {package}"),
        }
    }

    /// A kind of computer that VMs are known for.
    pub(super) fn kind(name: &str) -> Lacking {
        Lacking {
            what: format!("a kind of computer that it knows, which {name} is not"),
            remedy: "rehearse in a container with --root".into(),
        }
    }
}

/// Programs and the Debian packages that they come in.
const PACKAGES: &[(&str, &str)] = &[
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("qemu-system-aarch64", "qemu-system-arm"),
    ("qemu-img", "qemu-utils"),
    ("systemd-nspawn", "systemd-container"),
    ("unshare", "util-linux"),
    ("mount", "mount"),
    ("tar", "tar"),
];

/// Where a program is.
pub(super) fn program(name: &str) -> Result<PathBuf, Lacking> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|p| p.is_file());
    found.ok_or_else(|| {
        let package = PACKAGES.iter().find(|(program, _)| *program == name);
        Lacking::package(&format!("the program {name}"), package.map_or(name, |(_, one)| one))
    })
}

/// Is this root, who alone may start a container?
pub(super) fn root() -> Result<(), Lacking> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    let effective = effective.and_then(|ids| ids.split_whitespace().nth(1));
    if effective == Some("0") {
        return Ok(());
    }
    Err(Lacking {
        what: "root's rights".into(),
        remedy: "run it with sudo, or rehearse in a VM with --image, which needs no rights".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        assert!(program("sh").is_ok());
        let error = program("qemu-system-none").unwrap_err().to_string();
        assert!(error.contains("qemu-system-none"), "{error}");
        let known = PACKAGES.iter().find(|(name, _)| program(name).is_err());
        if let Some((name, package)) = known {
            assert!(program(name).unwrap_err().to_string().ends_with(package));
        }
    }
}
