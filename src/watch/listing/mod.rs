//! What a cloud's own command-line tool or Terraform says of the machines that are there.
//!
//! In: the JSON of such a tool. Out: the machines in it as [`Found`], each with the names it may be
//! known by and its public address, if it has one already. Which tool it is shows in the JSON
//! itself. To add one: a file here with its constant, a `mod` line and an entry in `ALL`; and what
//! the tool really prints, shortened, in `tests/watch/listings/`.

mod aws;
mod azure;
mod digitalocean;
mod gcp;
mod hetzner;
mod terraform;

use std::net::IpAddr;

use serde_json::Value;

use super::address::Address;
use crate::catalog::Listed;

/// A tool that lists machines.
pub struct Listing {
    /// What it is called here.
    name: &'static str,
    /// The command whose output it is.
    about: &'static str,
    /// The machines, if the JSON is of this tool; web servers are at this port, if not at 80.
    read: fn(&Value, Option<u16>) -> Option<Vec<Found>>,
}

/// A machine of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What it may be known by, the likeliest first: a name, a tag, a host name.
    pub names: Vec<String>,
    /// Class and tag that `launch.sh` gave it.
    pub tag: Option<(String, String)>,
    /// Where it is asked; none before the cloud has given it a public address.
    pub address: Option<Address>,
    /// What the cloud says of it, unless it runs: `pending`, `stopped`.
    pub power: Option<String>,
}

impl Listed for Listing {
    const KIND: &'static str = "listing";
    const ALL: &'static [&'static Listing] = &[
        &terraform::TERRAFORM,
        &aws::AWS,
        &gcp::GCP,
        &azure::AZURE,
        &hetzner::HETZNER,
        &digitalocean::DIGITALOCEAN,
    ];

    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}

/// The machines of a listing, and which tool's it is; `None` if it is of none that is known. An
/// empty list is any tool's.
pub fn machines(json: &Value, port: Option<u16>) -> Option<(&'static str, Vec<Found>)> {
    if json.as_array().is_some_and(Vec::is_empty) {
        return Some(("an empty list", Vec::new()));
    }
    Listing::ALL.iter().find_map(|one| Some((one.about, (one.read)(json, port)?)))
}

/// The commands whose output is read, for messages.
pub fn commands() -> String {
    let all: Vec<String> = Listing::ALL.iter().map(|one| format!("`{}`", one.about)).collect();
    all.join(", ")
}

/// The text at a JSON pointer, unless it is empty.
fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The items of a list at a JSON pointer; none if there is no list.
fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// An IP address at a port; a network such as `2001:db8::/64` is one with its first machine.
fn ip(text: &str, port: Option<u16>) -> Option<Address> {
    let bare = match text.split_once('/') {
        Some((network, _)) if network.ends_with("::") => format!("{network}1"),
        _ => text.to_owned(),
    };
    let ip: IpAddr = bare.trim().parse().ok()?;
    Address::parse(&ip.to_string(), port).ok()
}

/// The list, if each of its items is one of the tool's.
fn list(value: &Value, is_own: impl Fn(&Value) -> bool) -> Option<&Vec<Value>> {
    value.as_array().filter(|list| list.iter().all(is_own))
}

/// What the cloud says, unless that is `running`.
fn power(said: Option<&str>, running: &str) -> Option<String> {
    said.filter(|said| !said.eq_ignore_ascii_case(running)).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    fn stems(folder: &str) -> BTreeSet<String> {
        let files = fs::read_dir(folder).unwrap();
        let stem =
            |path: std::path::PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
        files.map(|file| stem(file.unwrap().path())).filter(|stem| stem != "mod").collect()
    }

    #[test]
    fn every_file_is_registered_and_has_its_fixture() {
        let names: BTreeSet<String> = Listing::ALL.iter().map(|one| one.name.to_owned()).collect();
        assert_eq!(stems("src/watch/listing"), names);
        let fixtures = stems("tests/watch/listings");
        let tool = |stem: &String| stem.split('-').next().unwrap().to_owned();
        assert_eq!(fixtures.iter().map(tool).collect::<BTreeSet<_>>(), names);
    }

    #[test]
    fn the_listings_of_all_tools_are_read() {
        for stem in stems("tests/watch/listings") {
            let text = fs::read_to_string(format!("tests/watch/listings/{stem}.json")).unwrap();
            let json: Value = serde_json::from_str(&text).unwrap();
            let owners: Vec<&str> = Listing::ALL
                .iter()
                .filter(|one| (one.read)(&json, None).is_some())
                .map(|one| one.name)
                .collect();
            assert_eq!(owners, [stem.split('-').next().unwrap()], "{stem}");
            let (_, found) = machines(&json, Some(8080)).unwrap();
            let shown: Vec<String> = found.iter().map(shown).collect();
            let expected = [
                "kim: 203.0.113.5:8080 -",
                "lee: - pending",
                "choi: [2001:db8::1]:8080 -",
                "park: 203.0.113.8:8080 stopped",
            ];
            let known = |line: &&String| expected.contains(&line.as_str());
            assert!(shown.iter().filter(known).count() >= 2, "{stem}: {shown:?}");
            assert!(shown.iter().all(|line| known(&line)), "{stem}: {shown:?}");
        }
    }

    fn shown(found: &Found) -> String {
        let address = found.address.as_ref().map_or("-".into(), Address::to_string);
        let power = found.power.as_deref().unwrap_or("-");
        format!("{}: {address} {power}", found.names[0])
    }

    #[test]
    fn other_json_is_of_no_tool() {
        for text in ["{}", "1", "\"x\"", "[1]", "[{}]", "{\"a\": 1}", "[[]]", "null"] {
            let json: Value = serde_json::from_str(text).unwrap();
            assert_eq!(machines(&json, None), None, "{text}");
        }
        assert_eq!(machines(&Value::Array(Vec::new()), None).unwrap().1, []);
    }
}
