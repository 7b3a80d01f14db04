//! Instances of Oracle Cloud Infrastructure: base64 in the metadata, which takes 32,000 bytes in all.
//!
//! <https://docs.oracle.com/en-us/iaas/api/#/en/iaas/latest/datatypes/LaunchInstanceDetails>

use super::{Destination, Emission, Limit, Unit};

pub(super) const OCI: Destination = Destination {
    name: "oci",
    about: "base64 for `user_data` in an instance's metadata",
    limit: Some(Limit { bytes: 32_000, unit: Unit::Base64 }),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| Ok(Emission::one("user-data", delivery.payload.base64())),
};
