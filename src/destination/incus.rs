//! A profile of Incus.
//!
//! <https://linuxcontainers.org/incus/docs/main/cloud-init/>

use super::{Destination, lxd};

pub(super) const INCUS: Destination = Destination {
    name: "incus",
    about: "a profile for `incus profile edit NAME < FILE`",
    limit: None,
    gzip: false,
    parts: true,
    together: None,
    emit: lxd::emit,
};
