//! A seed for the data source NoCloud: an image labelled `cidata`, to attach as a drive.
//!
//! <https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html#source-2-drive-with-labeled-filesystem>

use super::{Destination, Emission, nocloud};
use crate::iso9660;

/// Label that cloud-init looks for.
const LABEL: &str = "cidata";

pub(super) const NOCLOUD_ISO: Destination = Destination {
    name: "nocloud-iso",
    about: "an ISO image labelled cidata with user-data, meta-data and network-config",
    limit: None,
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| {
        let files = nocloud::files(delivery)?;
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|file| (file.name.as_str(), &*file.bytes)).collect();
        Ok(Emission::one("seed.iso", iso9660::image(LABEL, &files)?))
    },
};
