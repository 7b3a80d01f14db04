//! A profile of LXD.
//!
//! <https://documentation.ubuntu.com/lxd/latest/cloud-init/>

use serde_json::json;

use super::{Delivery, Destination, DestinationError, Emission};
use crate::cloud_config;

pub(super) const LXD: Destination = Destination {
    name: "lxd",
    about: "a profile for `lxc profile edit NAME < FILE`",
    limit: None,
    gzip: false,
    parts: true,
    together: None,
    emit,
};

/// The profile; Incus reads the same.
pub(super) fn emit(delivery: &Delivery<'_>) -> Result<Emission, DestinationError> {
    let context = json!({"name": delivery.name(), "text": delivery.payload.text()});
    let name = "destinations/profile.yaml.j2";
    let text = cloud_config::render_map(name, context, delivery.templates)?;
    Ok(Emission::one("profile.yaml", text))
}
