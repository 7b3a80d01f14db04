//! Servers of OpenStack: the client encodes the file; Nova takes 65,535 bytes of base64.
//!
//! <https://docs.openstack.org/api-ref/compute/#create-server>

use super::{Destination, Limit, Unit};

pub(super) const OPENSTACK: Destination = Destination {
    name: "openstack",
    about: "a file for `openstack server create --user-data`",
    limit: Some(Limit { bytes: 65_535, unit: Unit::Base64 }),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| Ok(delivery.as_it_is()),
};
