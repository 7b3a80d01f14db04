//! Droplets of DigitalOcean: plain text, at most 64 KiB; nothing there undoes gzip.
//!
//! <https://docs.digitalocean.com/products/droplets/how-to/provide-user-data/>

use super::{Destination, Limit, Unit};

pub(super) const DIGITALOCEAN: Destination = Destination {
    name: "digitalocean",
    about: "text for the field User data of a Droplet",
    limit: Some(Limit { bytes: 65_536, unit: Unit::Sent }),
    gzip: false,
    parts: true,
    together: None,
    emit: |delivery| Ok(delivery.as_it_is()),
};
