//! Instances of Google Compute Engine: the metadata value `user-data`, at most 262,144 bytes.
//!
//! <https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations>

use super::{Destination, Emission, Limit, Unit};

/// Without this key nothing undoes base64: `DataSourceGCE.py` of cloud-init.
const ENCODING: &str = "Set a second metadata value: user-data-encoding=base64";

/// <https://cloud.google.com/compute/docs/images/os-details>
const NO_CLOUD_INIT: &str = "Google's own images of this distribution have no cloud-init, and take \
     no notice of user-data: use `distro: ubuntu`, or an image that you put cloud-init into";

pub(super) const GCP: Destination = Destination {
    name: "gcp",
    about: "a file for `gcloud compute instances create --metadata-from-file user-data=FILE`",
    limit: Some(Limit { bytes: 262_144, unit: Unit::Sent }),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| {
        let emission = Emission::one("user-data", delivery.text_or_base64());
        let lacking = delivery.plan.distro.0.without_cloud_init.contains(&"gcp");
        let emission = if lacking { emission.note(NO_CLOUD_INIT) } else { emission };
        Ok(if delivery.payload.is_gzip() { emission.note(ENCODING) } else { emission })
    },
};
