//! Hetzner Cloud's tool. IPv6 is a network, in which the machine has the first address.
//! <https://docs.hetzner.cloud/reference/cloud#servers>

use serde_json::Value;

use super::{Found, Listing, ip, list, power, text};

pub(super) const HETZNER: Listing =
    Listing { name: "hetzner", about: "hcloud server list -o json", read: machines };

fn machines(json: &Value, port: Option<u16>) -> Option<Vec<Found>> {
    let own = |one: &Value| one.get("public_net").is_some() && one.get("name").is_some();
    Some(list(json, own)?.iter().map(|one| machine(one, port)).collect())
}

fn machine(server: &Value, port: Option<u16>) -> Found {
    let ips = [text(server, "/public_net/ipv4/ip"), text(server, "/public_net/ipv6/ip")];
    let said = power(text(server, "/status"), "running");
    Found {
        names: text(server, "/name").map(str::to_owned).into_iter().collect(),
        address: ips.into_iter().flatten().find_map(|text| ip(text, port)),
        power: said.map(|said| word(&said).to_owned()),
        tag: None,
    }
}

/// What others call otherwise.
fn word(said: &str) -> &str {
    match said {
        "off" | "stopping" => "stopped",
        "initializing" | "starting" => "pending",
        said => said,
    }
}
