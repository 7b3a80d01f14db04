//! The document itself, for anything that takes text.

use super::Destination;

pub(super) const CLOUD_CONFIG: Destination = Destination {
    name: "cloud-config",
    about: "the document itself",
    limit: None,
    gzip: false,
    parts: true,
    together: None,
    emit: |delivery| Ok(delivery.as_it_is()),
};
