//! Azure's tool, in both of its listings that have addresses.
//! <https://learn.microsoft.com/cli/azure/vm#az-vm-list>
//! <https://learn.microsoft.com/cli/azure/vm#az-vm-list-ip-addresses>

use serde_json::Value;

use super::{Found, Listing, ip, items, list, power, text};

pub(super) const AZURE: Listing =
    Listing { name: "azure", about: "az vm list -d` or `az vm list-ip-addresses", read: machines };

fn machines(json: &Value, port: Option<u16>) -> Option<Vec<Found>> {
    let details = |one: &Value| one.get("publicIps").is_some() && one.get("name").is_some();
    let addresses = |one: &Value| one.pointer("/virtualMachine/network").is_some();
    if let Some(list) = list(json, details) {
        return Some(list.iter().map(|one| detailed(one, port)).collect());
    }
    Some(list(json, addresses)?.iter().map(|one| addressed(one, port)).collect())
}

fn detailed(machine: &Value, port: Option<u16>) -> Found {
    let ips = text(machine, "/publicIps").unwrap_or_default();
    let names = [text(machine, "/name"), text(machine, "/osProfile/computerName")];
    let said = text(machine, "/powerState").map(|said| said.trim_start_matches("VM "));
    Found {
        names: names.into_iter().flatten().map(str::to_owned).collect(),
        address: ips.split(',').find_map(|text| ip(text, port)),
        power: power(said, "running").map(|said| word(&said).to_owned()),
        tag: None,
    }
}

/// <https://learn.microsoft.com/azure/virtual-machines/states-billing>
fn word(said: &str) -> &str {
    match said {
        "deallocated" | "deallocating" | "stopping" => "stopped",
        "starting" | "creating" => "pending",
        said => said,
    }
}

fn addressed(one: &Value, port: Option<u16>) -> Found {
    let name = text(one, "/virtualMachine/name").unwrap_or_default();
    let public = items(one, "/virtualMachine/network/publicIpAddresses");
    let mut public = public.filter_map(|public| text(public, "/ipAddress"));
    let address = public.find_map(|text| ip(text, port));
    // This listing does not say whether the machine runs.
    let power = address.is_none().then(|| "pending".to_owned());
    Found { names: vec![name.to_owned()], address, power, tag: None }
}
