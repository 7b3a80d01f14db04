//! Ubuntu.

use super::Distro;

/// Server images of Ubuntu: <https://cloud-images.ubuntu.com/>
pub(super) const UBUNTU: Distro = Distro {
    name: "ubuntu",
    about: "Ubuntu Server 22.04 or 24.04 LTS",
    default_user: "ubuntu",
    mirrors_carry_security: true,
    disk_mb: 2500,
};
