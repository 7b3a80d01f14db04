//! Whom to ask: what a person or a tool lists, joined with the students of the class.
//!
//! In: hosts as arguments, a list in a file, the students of a class. Out: a [`Target`] for each
//! machine, and for each student who has none.

use std::path::Path;

use unicode_normalization::UnicodeNormalization;

use super::address::{Address, AddressError};
use super::listing::Found;
use crate::destination::machine_tag;
use crate::handout::{Enrolled, FolderError, enrolled};

/// A machine that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What the student is known by; without a class the name of the machine, or its address.
    pub student: String,
    /// The student's name, where the roster has one beside that.
    pub name: Option<String>,
    /// Where it is.
    pub place: Place,
}

/// Where a machine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It can be asked here.
    At(Address),
    /// The cloud lists it, and gives no public address: it says why.
    NoAddress(String),
    /// No machine of this student is listed.
    NoMachine,
}

/// The students of a class.
#[derive(Debug, Default)]
pub struct Class {
    /// The class, by the name of its folder.
    pub name: String,
    students: Vec<Enrolled>,
}

/// Who is watched, and what of a list is not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// In the order of the class, or of the list.
    pub all: Vec<Target>,
    /// Machines of the list that are of nobody in the class.
    pub strangers: Vec<String>,
}

/// A host that `launch.sh --status` lists and that was never launched.
const NOT_LAUNCHED: &str = "not launched";

impl Class {
    /// The class whose folder this is.
    ///
    /// # Errors
    /// It is no folder of a class.
    pub fn open(folder: &Path) -> Result<Class, FolderError> {
        let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let name = full.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Class { name: name.unwrap_or_default(), students: enrolled(folder)? })
    }

    /// Whose machine it is.
    fn owner(&self, found: &Found) -> Option<usize> {
        if let Some((class, tag)) = &found.tag {
            let tagged = |one: &Enrolled| machine_tag(class, &one.student) == *tag;
            return self.students.iter().position(tagged);
        }
        let by_name = |name: &String| {
            let name = folded(name);
            self.students.iter().position(|one| known_as(one).any(|own| folded(&own) == name))
        };
        found.names.iter().find_map(by_name)
    }
}

/// What a machine of this student may be called: as tags of bootseed have it, too.
fn known_as(one: &Enrolled) -> impl Iterator<Item = String> {
    let label = one.name.as_ref().map(|name| format!("{} {name}", one.student));
    [Some(one.student.clone()), one.hostname.clone(), label].into_iter().flatten()
}

/// Without case, and in one form of Unicode.
fn folded(text: &str) -> String {
    text.trim().nfc().collect::<String>().to_lowercase()
}

/// A host that was named as an argument; `NAME=HOST` gives it a name.
///
/// # Errors
/// It is no address.
pub fn argument(text: &str, port: Option<u16>) -> Result<Found, AddressError> {
    let (name, host) = match text.split_once('=') {
        Some((name, host)) if !name.contains([':', '/', '?']) => (Some(name), host),
        _ => (None, text),
    };
    let address = Address::parse(host, port)?;
    let names = vec![name.map_or_else(|| address.to_string(), str::to_owned)];
    Ok(Found { names, address: Some(address), ..Found::default() })
}

/// Joins the machines that were found with the class, if there is one. With `listed` unset there is
/// no list yet, and nobody is without a machine.
pub fn join(found: Vec<Found>, class: Option<&Class>, listed: bool) -> Targets {
    let Some(class) = class else {
        let all = found.into_iter().map(|one| target(label(&one), None, one)).collect();
        return Targets { all, strangers: Vec::new() };
    };
    let mut machines: Vec<Vec<Found>> = class.students.iter().map(|_| Vec::new()).collect();
    let mut strangers = Vec::new();
    for one in found {
        match class.owner(&one) {
            Some(owner) => machines[owner].push(one),
            None => strangers.push(label(&one)),
        }
    }
    let mut all = Vec::new();
    for (student, own) in class.students.iter().zip(machines) {
        let Enrolled { student, name, .. } = student;
        if own.is_empty() {
            let place = if listed { Place::NoMachine } else { Place::NoAddress(String::new()) };
            all.push(Target { student: student.clone(), name: name.clone(), place });
        }
        all.extend(own.into_iter().map(|one| target(student.clone(), name.clone(), one)));
    }
    Targets { all, strangers }
}

fn label(found: &Found) -> String {
    let address = || found.address.as_ref().map(Address::to_string);
    found.names.first().cloned().or_else(address).unwrap_or_default()
}

fn target(student: String, name: Option<String>, found: Found) -> Target {
    let place = match (found.address, found.power) {
        (_, Some(power)) if power == NOT_LAUNCHED => Place::NoMachine,
        (_, Some(power)) if power == "stopped" => Place::NoAddress(power),
        (Some(address), _) => Place::At(address),
        (None, power) => Place::NoAddress(power.unwrap_or_default()),
    };
    Target { student, name, place }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, address: &str) -> Found {
        Found { names: vec![name.into()], address: address.parse().ok(), ..Found::default() }
    }

    fn class() -> Class {
        let one = |student: &str, name: Option<&str>, hostname: Option<&str>| Enrolled {
            student: student.into(),
            name: name.map(str::to_owned),
            hostname: hostname.map(str::to_owned),
        };
        let students = vec![
            one("20240101", Some("김철수"), Some("lab-01")),
            one("lee", None, None),
            one("park", None, Some("lab-03")),
        ];
        Class { name: "monday".into(), students }
    }

    fn shown(targets: &Targets) -> Vec<String> {
        let place = |target: &Target| match &target.place {
            Place::At(address) => address.to_string(),
            Place::NoAddress(power) => format!("no address {power}"),
            Place::NoMachine => "no machine".into(),
        };
        targets.all.iter().map(|one| format!("{}: {}", one.student, place(one))).collect()
    }

    #[test]
    fn students_and_machines_find_one_another() {
        let mut tagged = found("whatever", "203.0.113.3");
        tagged.tag = Some(("monday".into(), machine_tag("monday", "park")));
        let mut other = found("lee", "203.0.113.4");
        other.tag = Some(("tuesday".into(), machine_tag("tuesday", "choi")));
        let listed = vec![
            found("20240101 김철수", "203.0.113.1"),
            found("LAB-01", "203.0.113.2"),
            tagged,
            other,
            found("vpn", "203.0.113.9"),
        ];
        let targets = join(listed, Some(&class()), true);
        let expected = [
            "20240101: 203.0.113.1",
            "20240101: 203.0.113.2",
            "lee: no machine",
            "park: 203.0.113.3",
        ];
        assert_eq!(shown(&targets), expected);
        assert_eq!(targets.strangers, ["lee", "vpn"]);
        let decomposed: String = "20240101 김철수".nfd().collect();
        assert_eq!(class().owner(&found(&decomposed, "203.0.113.1")), Some(0));
    }

    #[test]
    fn without_a_list_nobody_is_without_a_machine() {
        let targets = join(Vec::new(), Some(&class()), false);
        assert_eq!(shown(&targets)[1], "lee: no address ");
    }

    #[test]
    fn what_the_cloud_says_counts() {
        let with = |power: &str, address: &str| {
            let power = Some(power.to_owned());
            join(vec![Found { power, ..found("a", address) }], None, true)
        };
        assert_eq!(shown(&with("stopped", "203.0.113.1")), ["a: no address stopped"]);
        assert_eq!(shown(&with("pending", "203.0.113.1")), ["a: 203.0.113.1"]);
        assert_eq!(shown(&with("pending", "-")), ["a: no address pending"]);
        assert_eq!(shown(&with(NOT_LAUNCHED, "-")), ["a: no machine"]);
    }

    #[test]
    fn an_argument_may_have_a_name() {
        let shown = |text| {
            argument(text, Some(8080))
                .map(|one| label(&one) + " " + &one.address.unwrap().to_string())
        };
        assert_eq!(shown("203.0.113.1").unwrap(), "203.0.113.1:8080 203.0.113.1:8080");
        assert_eq!(shown("kim=https://a.example.org").unwrap(), "kim https://a.example.org");
        assert_eq!(shown("http://a/?x=y").unwrap(), "a:8080 a:8080");
        assert!(argument("kim=", None).is_err());
    }
}
