//! apt.

use super::PackageManager;

/// apt of Debian and what comes from it: <https://wiki.debian.org/Apt>
pub const APT: PackageManager = PackageManager {
    name: "apt",
    about: "apt, with packages of Debian's kind",
    family: "debian",
    guest: "packages/apt.py",
    git: "git",
    venv: "python3-venv",
    upgrade: "packages/apt_upgrade.py",
};
