//! A seed for the data source NoCloud: a folder of files.
//!
//! <https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html>

use super::{Artifact, Delivery, Destination, Emission, sum};

pub(super) const NOCLOUD: Destination = Destination {
    name: "nocloud",
    about: "a folder with user-data, meta-data and network-config",
    limit: None,
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| Ok(Emission { artifacts: files(delivery), notes: Vec::new() }),
};

/// The network by DHCP, on any Ethernet device.
const NETWORK: &str = "\
version: 2
ethernets:
  all:
    match:
      name: \"e*\"
    dhcp4: true
";

pub(super) fn files(delivery: &Delivery<'_>) -> Vec<Artifact> {
    vec![
        Artifact::new("user-data", delivery.payload.bytes().clone()),
        Artifact::new("meta-data", meta_data(delivery)),
        Artifact::new("network-config", NETWORK),
    ]
}

/// A new instance-id makes cloud-init set the machine up; it follows from the user-data, so that
/// changed user-data counts as a new machine and unchanged does not.
pub(super) fn meta_data(delivery: &Delivery<'_>) -> String {
    let id = sum(delivery.payload.bytes());
    format!("instance-id: bootseed-{id}\nlocal-hostname: {}\n", delivery.hostname())
}
