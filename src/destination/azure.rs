//! Virtual machines of Azure: `customData` in base64 on one line.
//!
//! <https://learn.microsoft.com/azure/virtual-machines/custom-data>

use super::{Destination, Emission, Limit, Unit};

pub(super) const AZURE: Destination = Destination {
    name: "azure",
    about: "base64 for `customData` (ARM, Bicep) or `custom_data` (Terraform)",
    limit: Some(Limit { bytes: 65_535, unit: Unit::Raw }),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| Ok(Emission::one("custom-data", delivery.payload.base64())),
};
