//! Debian.

use super::Distro;
use crate::catalog::package_manager::APT;

/// Cloud images of Debian; the account is called `admin` on EC2 and `debian` elsewhere:
/// <https://wiki.debian.org/Cloud/AmazonEC2Image>
pub(super) const DEBIAN: Distro = Distro {
    name: "debian",
    about: "Debian 12 or 13",
    default_user: "admin",
    image_users: &["admin", "debian"],
    more_groups: &[],
    ports: &[],
    mirrors_carry_security: false,
    aws_image: "/aws/service/debian/release/12/latest/amd64",
    aws_root_device: "/dev/xvda",
    packages: &APT,
    without_cloud_init: &["gcp"],
    disk_mb: 1500,
};
