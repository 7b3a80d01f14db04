//! A profile of LXD.
//!
//! <https://documentation.ubuntu.com/lxd/latest/cloud-init/>

use serde_json::json;

use super::{Delivery, Destination, DestinationError, Emission};
use crate::template;

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
    let rendered =
        template::render("destinations/profile.yaml.j2", None, context, delivery.templates)?;
    Ok(Emission::one("profile.yaml", rendered.text))
}
