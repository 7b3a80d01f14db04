//! A seed for the data source NoCloud: a folder of files.
//!
//! <https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html>

use serde_json::json;

use super::{Artifact, Delivery, Destination, DestinationError, Emission, sum};
use crate::cloud_config;

pub(super) const NOCLOUD: Destination = Destination {
    name: "nocloud",
    about: "a folder with user-data, meta-data and network-config",
    limit: None,
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| Ok(Emission { artifacts: files(delivery)?, notes: Vec::new() }),
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

pub(super) fn files(delivery: &Delivery<'_>) -> Result<Vec<Artifact>, DestinationError> {
    Ok(vec![
        Artifact::new("user-data", delivery.payload.bytes().clone()),
        Artifact::new("meta-data", meta_data(delivery)?),
        Artifact::new("network-config", NETWORK),
    ])
}

/// A new instance-id makes cloud-init set the machine up; it follows from the user-data, so that
/// changed user-data counts as a new machine and unchanged does not. cloud-init reads it as YAML,
/// and gives up where the host name is not a text.
pub(super) fn meta_data(delivery: &Delivery<'_>) -> Result<String, DestinationError> {
    let id = format!("bootseed-{}", sum(delivery.payload.bytes()));
    let context = json!({"instance_id": id, "hostname": delivery.hostname()});
    let name = "destinations/meta-data.yaml.j2";
    Ok(cloud_config::render_map(name, context, delivery.templates)?)
}
