//! A snippet of Proxmox VE.
//!
//! <https://pve.proxmox.com/wiki/Cloud-Init_Support>

use super::Destination;

pub(super) const PROXMOX: Destination = Destination {
    name: "proxmox",
    about: "a snippet for `qm set --cicustom user=local:snippets/NAME`",
    limit: None,
    gzip: false,
    parts: true,
    together: None,
    emit: |delivery| Ok(delivery.as_it_is()),
};
