//! Machines of Multipass. It parses the document and writes it anew, and refuses anything else.
//!
//! <https://github.com/canonical/multipass/issues/1295>

use super::Destination;

pub(super) const MULTIPASS: Destination = Destination {
    name: "multipass",
    about: "a file for `multipass launch --cloud-init`",
    limit: None,
    gzip: false,
    parts: false,
    together: None,
    emit: |delivery| Ok(delivery.as_it_is()),
};
