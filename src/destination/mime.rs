//! A MIME message, also where one part would do.
//!
//! <https://docs.cloud-init.io/en/latest/explanation/format.html#mime-multi-part-archive>

use super::{Destination, Emission};

pub(super) const MIME: Destination = Destination {
    name: "mime",
    about: "a MIME message with every part",
    limit: None,
    gzip: false,
    parts: true,
    together: None,
    emit: |delivery| {
        Ok(Emission::one("user-data.mime", delivery.payload.as_mime().bytes().clone()))
    },
};
