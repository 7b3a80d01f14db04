//! LEAF. What bootseed knows by name: Linux distributions, their package managers and accounts, web
//! servers and conda distributions.
//!
//! Each entry is one file with one constant; the `mod.rs` beside it lists them. A parameter whose
//! value is the name of an entry has the type [`Choice`], so that a new entry is at once in the
//! JSON Schema, in error messages and in the completions.

pub mod accounts;
pub mod conda;
pub mod distro;
pub mod documents;
pub mod package_manager;
pub mod web_server;

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Something that can be chosen by name.
pub trait Listed: Sized + 'static {
    /// What kind of thing it is, for messages: "conda distribution".
    const KIND: &'static str;
    /// Every entry, the default first.
    const ALL: &'static [&'static Self];
    /// The name that chooses it.
    fn name(&self) -> &'static str;
    /// One line for people.
    fn about(&self) -> &'static str;
}

/// One entry of a catalogue, chosen by its name.
pub struct Choice<T: Listed>(pub &'static T);

impl<T: Listed> Clone for Choice<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Listed> Copy for Choice<T> {}

impl<T: Listed> PartialEq for Choice<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.name() == other.0.name()
    }
}

impl<T: Listed> fmt::Debug for Choice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl<T: Listed> Default for Choice<T> {
    fn default() -> Self {
        Choice(T::ALL[0])
    }
}

impl<T: Listed> Serialize for Choice<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de, T: Listed> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = T::ALL.iter().find(|entry| entry.name() == name);
        let unknown = || de::Error::custom(format!("there is no {} `{name}`", T::KIND));
        found.map(|entry| Choice(*entry)).ok_or_else(unknown)
    }
}

impl<T: Listed> JsonSchema for Choice<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::KIND.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = T::ALL.iter().map(|entry| entry.name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered<T: Listed>(folder: &str) {
        let files = std::fs::read_dir(format!("src/catalog/{folder}")).unwrap();
        let mut stems: Vec<String> = files
            .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|stem| stem != "mod")
            .collect();
        let mut names: Vec<&str> = T::ALL.iter().map(|entry| entry.name()).collect();
        stems.sort();
        names.sort();
        assert_eq!(stems, names, "each file of src/catalog/{folder} is one entry of ALL");
        assert!(T::ALL.iter().all(|entry| entry.about().len() > 10));
    }

    #[test]
    fn every_file_is_registered() {
        registered::<distro::Distro>("distro");
        registered::<conda::Distribution>("conda");
        registered::<package_manager::PackageManager>("package_manager");
        registered::<web_server::WebServer>("web_server");
    }
}
