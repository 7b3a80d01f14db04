//! Google Cloud's tool. Whoever has no `natIP` has no public address.
//! <https://cloud.google.com/compute/docs/reference/rest/v1/instances>

use serde_json::Value;

use super::{Found, Listing, ip, items, list, power, text};

pub(super) const GCP: Listing =
    Listing { name: "gcp", about: "gcloud compute instances list --format json", read: machines };

fn machines(json: &Value, port: Option<u16>) -> Option<Vec<Found>> {
    let own = |one: &Value| one.get("networkInterfaces").is_some() && one.get("name").is_some();
    Some(list(json, own)?.iter().map(|one| machine(one, port)).collect())
}

fn machine(instance: &Value, port: Option<u16>) -> Found {
    let cards = || items(instance, "/networkInterfaces");
    let v4 = cards().flat_map(|card| items(card, "/accessConfigs"));
    let v4 = v4.filter_map(|access| text(access, "/natIP"));
    let v6 = cards().flat_map(|card| items(card, "/ipv6AccessConfigs"));
    let v6 = v6.filter_map(|access| text(access, "/externalIpv6"));
    let names = [text(instance, "/name"), text(instance, "/hostname")].into_iter().flatten();
    let said = power(text(instance, "/status"), "RUNNING");
    Found {
        names: names.map(str::to_owned).collect(),
        address: v4.chain(v6).find_map(|text| ip(text, port)),
        power: said.map(|said| word(&said).to_owned()),
        tag: None,
    }
}

/// Google's words for what others call otherwise: a machine that is TERMINATED can be started.
/// <https://cloud.google.com/compute/docs/instances/instance-lifecycle>
fn word(said: &str) -> &str {
    match said {
        "terminated" | "stopping" | "suspended" => "stopped",
        "provisioning" | "staging" => "pending",
        said => said,
    }
}
