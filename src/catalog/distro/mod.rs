//! Linux distributions whose images come with cloud-init and apt.
//!
//! To add one: a file with its constant, a `mod` line and an entry in `ALL`.

mod debian;
mod ubuntu;

use super::Listed;

/// A Linux distribution.
pub struct Distro {
    /// Name in a parameter file.
    pub name: &'static str,
    /// One line for people: which image to choose.
    pub about: &'static str,
    /// The account that its images come with.
    pub default_user: &'static str,
    /// Do mirrors of its archive carry the security updates as well?
    pub mirrors_carry_security: bool,
    /// The public parameter of AWS Systems Manager that holds the newest image's id.
    pub aws_image: &'static str,
    /// Name of the image's root volume on EC2.
    pub aws_root_device: &'static str,
    /// Disk space that its cloud image takes, in MB.
    pub disk_mb: u32,
}

impl Listed for Distro {
    const KIND: &'static str = "distribution";
    const ALL: &'static [&'static Distro] = &[&ubuntu::UBUNTU, &debian::DEBIAN];

    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}
