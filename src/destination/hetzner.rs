//! Servers of Hetzner Cloud: a string of at most 32 KiB; base64 of gzip is undone on the machine
//! where it is one line.
//!
//! <https://docs.hetzner.cloud/reference/cloud#servers-create-a-server>

use super::{Destination, Emission, Limit, Unit};

pub(super) const HETZNER: Destination = Destination {
    name: "hetzner",
    about: "text for `user_data` of a server; one line of base64 where it is large",
    limit: Some(Limit { bytes: 32_768, unit: Unit::Sent }),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| Ok(Emission::one("user-data", delivery.text_or_base64())),
};
