//! Ubuntu.

use super::Distro;
use crate::catalog::package_manager::APT;

/// Server images of Ubuntu: <https://cloud-images.ubuntu.com/>; on EC2:
/// <https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/>
pub(super) const UBUNTU: Distro = Distro {
    name: "ubuntu",
    about: "Ubuntu Server 22.04, 24.04 or 26.04 LTS",
    default_user: "ubuntu",
    image_users: &["ubuntu"],
    more_groups: &["admin", "lxd"],
    ports: &["arm64", "armhf", "ppc64el", "riscv64", "s390x"],
    mirrors_carry_security: true,
    aws_image: "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
    aws_root_device: "/dev/sda1",
    packages: &APT,
    without_cloud_init: &[],
    disk_mb: 2500,
};
