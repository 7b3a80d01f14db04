//! Machines of VMware: `guestinfo` variables, each at most 64 KiB.
//!
//! <https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html>

use super::nocloud::meta_data;
use super::{Destination, Emission, Limit, Unit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) const VMWARE: Destination = Destination {
    name: "vmware",
    about: "`guestinfo` lines for a .vmx file or `govc vm.change -e`",
    limit: Some(Limit { bytes: 65_536, unit: Unit::Base64 }),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| {
        let encoding = if delivery.payload.is_gzip() { "gzip+base64" } else { "base64" };
        let lines = [
            ("guestinfo.metadata", STANDARD.encode(meta_data(delivery)?)),
            ("guestinfo.metadata.encoding", "base64".into()),
            ("guestinfo.userdata", delivery.payload.base64()),
            ("guestinfo.userdata.encoding", encoding.into()),
        ];
        let lines: Vec<String> =
            lines.iter().map(|(key, value)| format!("{key} = \"{value}\"\n")).collect();
        Ok(Emission::one("guestinfo.vmx", lines.concat()))
    },
};
