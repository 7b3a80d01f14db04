//! Instances of Linode (Akamai): base64 of at most 16,384 bytes on one line. The documentation names a
//! larger limit; the service answers with this one.
//!
//! <https://github.com/linode/cluster-api-provider-linode/issues/94>

use super::{Destination, Emission, Limit, Unit};

pub(super) const LINODE: Destination = Destination {
    name: "linode",
    about: "base64 for `metadata.user_data` of an instance",
    limit: Some(Limit { bytes: 16_384, unit: Unit::Raw }),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| Ok(Emission::one("user-data", delivery.payload.base64())),
};
