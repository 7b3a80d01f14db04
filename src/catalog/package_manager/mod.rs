//! Package managers.
//!
//! To add one: a file with its constant, a `mod` line and an entry in `ALL`; and its program in
//! `templates/guest/packages/`.

mod apt;

pub use apt::APT;

use super::Listed;

/// A package manager.
pub struct PackageManager {
    /// Its name.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// What `ID` or `ID_LIKE` of `/etc/os-release` say where it is at home.
    pub family: &'static str,
    /// Its file of the program on the machine, below `templates/guest/`: the function `install`.
    pub guest: &'static str,
    /// The package that brings Git.
    pub git: &'static str,
    /// The package with which the image's Python makes virtual environments.
    pub venv: &'static str,
    /// The same with the function `upgrade_all`, which needs the other.
    pub upgrade: &'static str,
}

impl Listed for PackageManager {
    const KIND: &'static str = "package manager";
    const ALL: &'static [&'static PackageManager] = &[&APT];

    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}
