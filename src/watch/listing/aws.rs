//! The AWS CLI; `launch.sh` tags its machines for this.
//! <https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-instances.html>

use serde_json::Value;

use super::super::address::Address;
use super::{Found, Listing, ip, items, power, text};

pub(super) const AWS: Listing =
    Listing { name: "aws", about: "aws ec2 describe-instances", read: machines };

/// States of what is no machine any more.
const GONE: [&str; 2] = ["terminated", "shutting-down"];

fn machines(json: &Value, port: Option<u16>) -> Option<Vec<Found>> {
    json.pointer("/Reservations")?.as_array()?;
    let instances = items(json, "/Reservations").flat_map(|one| items(one, "/Instances"));
    let there = instances.filter(|one| !GONE.contains(&text(one, "/State/Name").unwrap_or("")));
    Some(there.map(|one| machine(one, port)).collect())
}

fn machine(instance: &Value, port: Option<u16>) -> Found {
    let tag = |key: &str| {
        let own = |tag: &&Value| text(tag, "/Key") == Some(key);
        items(instance, "/Tags").find(own).and_then(|tag| text(tag, "/Value"))
    };
    let names = [tag("Name"), text(instance, "/InstanceId")].into_iter().flatten();
    Found {
        names: names.map(str::to_owned).collect(),
        tag: tag("bootseed-class").zip(tag("bootseed-machine")).map(owned),
        address: address(instance, port),
        power: power(text(instance, "/State/Name"), "running"),
    }
}

fn owned((class, machine): (&str, &str)) -> (String, String) {
    (class.to_owned(), machine.to_owned())
}

fn address(instance: &Value, port: Option<u16>) -> Option<Address> {
    let v4 = text(instance, "/PublicIpAddress");
    let v6 = text(instance, "/Ipv6Address");
    v4.or(v6).and_then(|text| ip(text, port))
}
