//! Terraform's outputs (OpenTofu's are the same), whatever the configuration calls them: a map of
//! names and addresses as in `examples/terraform`, of names and objects with an address, or a list.
//! <https://developer.hashicorp.com/terraform/cli/commands/output>

use serde_json::{Map, Value};

use super::super::address::Address;
use super::{Found, Listing};

pub(super) const TERRAFORM: Listing =
    Listing { name: "terraform", about: "terraform output -json", read: machines };

/// What providers call the public address of a machine, the best first.
const FIELDS: [&str; 16] = [
    "url",
    "public_ip",
    "public_ip_address",
    "public_ipv4",
    "nat_ip",
    "ipv4_address",
    "access_ip_v4",
    "ip_address",
    "address",
    "ip",
    "public_dns",
    "public_dns_name",
    "fqdn",
    "public_ipv6",
    "ipv6_address",
    "host",
];

/// What an object calls its machine.
const NAMES: [&str; 4] = ["student", "name", "hostname", "id"];

/// Maps in maps are looked through up to here.
const DEPTH: usize = 4;

fn machines(json: &Value, port: Option<u16>) -> Option<Vec<Found>> {
    let outputs = json.as_object().filter(|outputs| !outputs.is_empty())?;
    let is_output = |one: &Value| one.get("value").is_some() && one.get("sensitive").is_some();
    if !outputs.values().all(is_output) {
        return None;
    }
    let mut reader = Reader { port, found: Vec::new() };
    for (name, output) in outputs {
        if output["sensitive"] != true {
            reader.read(name, &output["value"], DEPTH);
        }
    }
    Some(reader.found)
}

struct Reader {
    port: Option<u16>,
    found: Vec<Found>,
}

impl Reader {
    fn read(&mut self, name: &str, value: &Value, depth: usize) {
        match value {
            Value::Object(map) => match FIELDS.iter().find_map(|field| map.get(*field)) {
                Some(_) => self.machine(name, map),
                None if depth > 0 => self.map(name, map, depth - 1),
                None => {}
            },
            Value::Array(list) if depth > 0 => {
                list.iter().for_each(|one| self.read(name, one, depth - 1));
            }
            Value::String(text) => {
                if let Some(address) = self.address(name, text) {
                    self.add([name], Some(address));
                }
            }
            _ => {}
        }
    }

    /// An object with a field for the address.
    fn machine(&mut self, name: &str, map: &Map<String, Value>) {
        let filled = FIELDS.iter().filter_map(|field| Some((field, map.get(*field)?.as_str()?)));
        let address = filled.filter_map(|(field, text)| self.address(field, text)).next();
        let own = NAMES.iter().filter_map(|key| map.get(*key)?.as_str());
        let names: Vec<&str> = [name].into_iter().chain(own).collect();
        self.add(names, address);
    }

    /// A map of names; one without an address has none yet if the others, or the output, have.
    fn map(&mut self, name: &str, map: &Map<String, Value>, depth: usize) {
        let empty = |value: &Value| value.is_null() || value == "";
        let addressed =
            |value: &Value| value.as_str().is_some_and(|text| self.address(name, text).is_some());
        let of_addresses = map.values().all(|value| empty(value) || addressed(value))
            && (map.values().any(addressed) || speaks_of_addresses(name));
        for (key, value) in map {
            if of_addresses {
                let address = value.as_str().and_then(|text| self.address(name, text));
                self.add([key.as_str()], address);
            } else {
                self.read(key, value, depth);
            }
        }
    }

    fn add<'a>(&mut self, names: impl IntoIterator<Item = &'a str>, address: Option<Address>) {
        let power = address.is_none().then(|| "pending".to_owned());
        let names = names.into_iter().map(str::to_owned).collect();
        self.found.push(Found { names, address, power, tag: None });
    }

    /// An address; names of hosts only where the key speaks of such.
    fn address(&self, key: &str, text: &str) -> Option<Address> {
        let address = Address::parse(text, self.port).ok()?;
        let sure = address.ip().is_some() || text.contains("://");
        (sure || speaks_of_addresses(key) && text.contains('.')).then_some(address)
    }
}

fn speaks_of_addresses(key: &str) -> bool {
    let key = key.to_lowercase();
    let mut words = key.split(|c: char| !c.is_ascii_alphanumeric());
    let begins = ["address", "host", "dns", "url", "fqdn"];
    words.any(|word| {
        word == "ip" || word == "ips" || begins.iter().any(|begin| word.starts_with(begin))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(value: Value, name: &str) -> Vec<(String, String)> {
        let json = json!({name: {"sensitive": false, "type": "string", "value": value}});
        let found = machines(&json, None).unwrap();
        let address = |one: &Found| one.address.as_ref().map_or("-".into(), Address::to_string);
        found.iter().map(|one| (one.names.join(" "), address(one))).collect()
    }

    fn pair(name: &str, address: &str) -> (String, String) {
        (name.to_owned(), address.to_owned())
    }

    #[test]
    fn addresses_are_found_whatever_the_outputs_are_called() {
        for (name, value, expected) in [
            ("site", json!("http://203.0.113.5/"), vec![pair("site", "203.0.113.5")]),
            ("ip", json!("203.0.113.5"), vec![pair("ip", "203.0.113.5")]),
            (
                "ips",
                json!(["203.0.113.5", "203.0.113.6"]),
                vec![pair("ips", "203.0.113.5"), pair("ips", "203.0.113.6")],
            ),
            ("hosts", json!({"kim": "kim.example.org"}), vec![pair("kim", "kim.example.org")]),
            ("addresses", json!({"kim": null}), vec![pair("kim", "-")]),
            (
                "machines",
                json!({"kim": {"public_ip": "203.0.113.5", "id": "i-1"}}),
                vec![pair("kim i-1", "203.0.113.5")],
            ),
            (
                "machines",
                json!([{"name": "kim", "ipv4_address": "203.0.113.5"}]),
                vec![pair("machines kim", "203.0.113.5")],
            ),
            ("groups", json!(["80", "8080", "none"]), vec![]),
            ("files", json!({"kim": "user-data.yaml"}), vec![]),
            ("vpc", json!("vpc-1"), vec![]),
            ("number", json!(7), vec![]),
        ] {
            assert_eq!(shown(value, name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_sensitive_is_not_read() {
        let json = json!({"ip": {"sensitive": true, "type": "string", "value": "203.0.113.5"}});
        assert_eq!(machines(&json, None), Some(Vec::new()));
    }
}
