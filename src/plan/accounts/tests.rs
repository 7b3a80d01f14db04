//! What cloud-init and `useradd` do, on a small scale, with what comes out.

use std::collections::BTreeSet;
use std::path::Path as FilePath;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::plan::{self, Plan};
use crate::source::{Source, parse};

fn plan(parameters: &Value) -> Result<Plan, String> {
    let tree = parse(&Source::new("x", parameters.to_string())).unwrap();
    let (plan, report) = plan::read(&tree, FilePath::new("/nowhere"));
    plan.ok_or_else(|| crate::diagnostic::render(&report, Some(&tree), false))
}

/// The accounts that are made, in their order, up to one that `useradd` refuses; and the members of
/// groups, as `account group`.
fn made(plan: &Plan, image: &str) -> (Vec<String>, BTreeSet<String>) {
    let value = |key: &str| plan.keys.iter().find(|(name, _)| *name == key).map(|(_, v)| v.clone());
    let mut groups: BTreeSet<String> = ["sudo", "users"].map(String::from).into();
    for group in value("groups").iter().flat_map(|list| list.as_array().unwrap()) {
        assert!(groups.insert(group.as_str().unwrap().to_string()), "{group}");
    }
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let mut users = value("users").map_or_else(Vec::new, |list| list.as_array().unwrap().clone());
    users.retain(|user| user != "default");
    let own = users.iter().position(|user| user["name"] == image);
    let own = own.map_or_else(|| json!({ "name": image }), |i| users.remove(i));
    let (mut accounts, mut members) = (Vec::new(), BTreeSet::new());
    for user in users.iter().chain([&own]) {
        let named: Vec<String> =
            user["groups"].as_array().into_iter().flatten().map(text).collect();
        let primary = user.get("primary_group").map(text);
        if !named.is_empty() {
            groups.extend(named.iter().chain(&primary).cloned());
        }
        let name = text(&user["name"]);
        let exists = match &primary {
            Some(primary) => !groups.contains(primary),
            None if user["no_user_group"] == true => false,
            None => !groups.insert(name.clone()),
        };
        if exists {
            return (accounts, members);
        }
        members.extend(named.iter().map(|group| format!("{name} {group}")));
        accounts.push(name);
    }
    (accounts, members)
}

#[test]
fn every_account_can_be_made() {
    for (parameters, members) in [
        (json!({ "users": [{ "name": "mina", "groups": ["mina"] }] }), "mina -"),
        (
            json!({ "users": [{ "name": "mina", "groups": ["lee"] }, { "name": "lee" }] }),
            "mina lee",
        ),
        (
            json!({ "users": [{ "name": "lee", "groups": ["mina"] }, { "name": "mina", "groups": ["lee"] }] }),
            "lee mina",
        ),
        (json!({ "users": [{ "name": "mina", "groups": ["ubuntu"] }] }), "mina ubuntu"),
        (
            json!({ "users": [{ "name": "mina" }], "cloud_config": { "groups": ["mina"] } }),
            "mina -",
        ),
        (
            json!({ "users": [{ "name": "mina" }], "cloud_config": { "groups": [{ "lab": ["mina", "ubuntu"] }] } }),
            "ubuntu lab",
        ),
        (json!({ "cloud_config": { "users": "mina, lee", "groups": "lee,mina" } }), "mina -"),
        (
            json!({ "cloud_config": { "users": [{ "name": "mina", "groups": "lab, mina" }] } }),
            "mina lab",
        ),
        (
            json!({ "cloud_config": { "users": { "mina": { "groups": ["lab"] } }, "groups": { "lab": "mina" } } }),
            "mina lab",
        ),
        (
            json!({ "cloud_config": { "users": [{ "name": "mina", "primary_group": "lab" }, { "name": "lab" }] } }),
            "mina -",
        ),
        (
            json!({ "cloud_config": { "users": [{ "name": "mina", "groups": { "lab": null } }] } }),
            "mina lab",
        ),
    ] {
        let (accounts, found) = made(&plan(&parameters).unwrap(), "ubuntu");
        assert_eq!(
            accounts.last().map(String::as_str),
            Some("ubuntu"),
            "{parameters}: {accounts:?}"
        );
        assert!(accounts.iter().any(|name| name == "mina"), "{parameters}: {accounts:?}");
        assert!(members.ends_with('-') || found.contains(members), "{parameters}: {found:?}");
    }
}

/// The image's own account may have another name, and is still the last.
#[test]
fn the_image_s_own_account_is_found_by_its_new_name() {
    for user in [json!("mina"), json!({ "name": "mina" })] {
        let kim = json!({ "name": "kim", "groups": ["mina"] });
        let parameters = json!({ "cloud_config": { "user": user, "users": [kim] } });
        let (accounts, members) = made(&plan(&parameters).unwrap(), "mina");
        assert_eq!(accounts, ["kim", "mina"]);
        assert!(members.contains("kim mina"));
    }
}

#[test]
fn what_cannot_be_made_is_refused() {
    for (parameters, words) in [
        (
            json!({ "distro": "debian", "users": [{ "name": "mina", "groups": ["admin"] }] }),
            "which is called `admin` or `debian`",
        ),
        (json!({ "cloud_config": { "groups": [{ "lab": ["nobody-here"] }] } }), "nothing makes"),
        (json!({ "cloud_config": { "users": [{ "name": "staff" }] } }), "there is a group `staff`"),
    ] {
        let said = plan(&parameters).unwrap_err();
        assert!(said.contains(words), "{parameters}: {said}");
    }
}

/// Names that meet as accounts and as groups.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["kim", "lee", "mina", "ubuntu", "lab"]).prop_map(String::from)
}

proptest! {
    #[test]
    fn no_order_of_names_loses_an_account(
        users in prop::collection::vec((name(), prop::collection::vec(name(), 0..3)), 0..4),
        more in prop::collection::vec((name(), prop::collection::vec(name(), 0..3)), 0..3),
        groups in prop::collection::vec(name(), 0..3),
    ) {
        let entry = |(name, groups): &(String, Vec<String>)| json!({ "name": name, "groups": groups });
        let mut seen = BTreeSet::new();
        let own: Vec<Value> = users.iter().filter(|one| seen.insert(&one.0)).map(entry).collect();
        let more: Vec<Value> = more.iter().map(entry).collect();
        let groups: BTreeSet<&String> = groups.iter().collect();
        let mut parameters = json!({ "users": own, "cloud_config": { "groups": groups } });
        if !more.is_empty() {
            parameters["cloud_config"]["users"] = json!(more);
        }
        let wanted: BTreeSet<String> = own.iter().chain(&more).flat_map(|user| {
            let of = |group: &Value| format!("{} {}", user["name"].as_str().unwrap(), group.as_str().unwrap());
            user["groups"].as_array().unwrap().iter().filter(|group| **group != user["name"]).map(of).collect::<Vec<_>>()
        }).collect();
        let plan = plan(&parameters).unwrap();
        let (accounts, members) = made(&plan, "ubuntu");
        prop_assert_eq!(accounts.last().map(String::as_str), Some("ubuntu"));
        prop_assert_eq!(&members, &wanted);
        let names: BTreeSet<&str> = own.iter().chain(&more).map(|user| user["name"].as_str().unwrap()).collect();
        prop_assert!(names.iter().all(|name| accounts.iter().any(|one| one == name)));
    }
}
