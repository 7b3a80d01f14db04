//! DigitalOcean's tool.
//! <https://docs.digitalocean.com/reference/doctl/reference/compute/droplet/list/>

use serde_json::Value;

use super::{Found, Listing, ip, items, list, power, text};

pub(super) const DIGITALOCEAN: Listing =
    Listing { name: "digitalocean", about: "doctl compute droplet list -o json", read: machines };

fn machines(json: &Value, port: Option<u16>) -> Option<Vec<Found>> {
    let own = |one: &Value| one.pointer("/networks").is_some() && one.get("name").is_some();
    Some(list(json, own)?.iter().map(|one| machine(one, port)).collect())
}

fn machine(droplet: &Value, port: Option<u16>) -> Found {
    let cards = items(droplet, "/networks/v4").chain(items(droplet, "/networks/v6"));
    let public = cards.filter(|card| text(card, "/type") == Some("public"));
    let said = power(text(droplet, "/status"), "active");
    Found {
        names: text(droplet, "/name").map(str::to_owned).into_iter().collect(),
        address: public.filter_map(|card| text(card, "/ip_address")).find_map(|one| ip(one, port)),
        power: said.map(|said| word(&said).to_owned()),
        tag: None,
    }
}

/// What others call otherwise.
fn word(said: &str) -> &str {
    match said {
        "off" | "archive" => "stopped",
        "new" => "pending",
        said => said,
    }
}
