//! Linux distributions whose images come with cloud-init.
//!
//! To add one: a file with its constant, a `mod` line and an entry in `ALL`.

mod debian;
mod ubuntu;

use super::Listed;
use super::package_manager::PackageManager;

/// A Linux distribution.
pub struct Distro {
    /// Name in a parameter file.
    pub name: &'static str,
    /// One line for people: which image to choose.
    pub about: &'static str,
    /// The account that its images come with.
    pub default_user: &'static str,
    /// Names that its images give to that account, by the cloud.
    pub image_users: &'static [&'static str],
    /// Groups of its images beside those of every Debian, which no account can be called.
    pub more_groups: &'static [&'static str],
    /// Architectures that have an archive of their own, called `ports`: other mirrors lack them.
    pub ports: &'static [&'static str],
    /// Do mirrors of its archive carry the security updates as well?
    pub mirrors_carry_security: bool,
    /// The public parameter of AWS Systems Manager that holds the newest image's id.
    pub aws_image: &'static str,
    /// Name of the image's root volume on EC2.
    pub aws_root_device: &'static str,
    /// What its packages are installed with.
    pub packages: &'static PackageManager,
    /// Destinations whose images of it have no cloud-init.
    pub without_cloud_init: &'static [&'static str],
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

impl Distro {
    /// The architectures that a mirror of its archive serves, as cloud-init's `apt` names them; on
    /// any other a machine keeps to what its image says.
    pub fn mirror_arches(&self, url: &str) -> &'static [&'static str] {
        match (self.ports, url.contains("ports")) {
            ([], _) => &["default"],
            (ports, true) => ports,
            (_, false) => &["amd64", "i386"],
        }
    }
}
