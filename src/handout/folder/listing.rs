//! The list of what bootseed made, as `manifest.json` has it, read as a stream.
//!
//! In: the file. Out: an [`Inventory`], or why there is none. What is not needed is passed over, so
//! that the memory does not grow with it.

use std::fmt;
use std::io::{self, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::inventory::{Inventory, NONE, sum};

/// What a `manifest.json` of bootseed says of itself.
pub(in super::super) const MADE_BY: &str = "bootseed roster";
/// The form of a `manifest.json`; a program reads those up to its own.
pub(in super::super) const FORMAT: u32 = 1;

/// Why a `manifest.json` tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It cannot be read, is no JSON, or has no form that is known.
    #[error("it is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    /// Something else made it.
    #[error("it was not made by bootseed")]
    Other,
    /// A later version made it.
    #[error("it was made by a later version of bootseed (format {0})")]
    Later(u32),
}

/// Reads a `manifest.json`.
pub(super) fn read(reader: impl Read) -> Result<Inventory, ManifestError> {
    let mut inventory = Inventory::default();
    let mut json = serde_json::Deserializer::from_reader(io::BufReader::new(reader));
    let head = Document(&mut inventory).deserialize(&mut json)?;
    json.end()?;
    match head.format {
        Some(format) if head.is_ours() && format > FORMAT => Err(ManifestError::Later(format)),
        Some(_) if head.is_ours() => {
            inventory.sort();
            Ok(inventory)
        }
        _ => Err(ManifestError::Other),
    }
}

/// What tells whose file it is.
#[derive(Default)]
struct Head {
    made_by: Option<String>,
    format: Option<u32>,
}

impl Head {
    fn is_ours(&self) -> bool {
        self.made_by.as_deref() == Some(MADE_BY)
    }
}

/// The object as a whole.
struct Document<'a>(&'a mut Inventory);

/// The files of machines.
struct Lines<'a>(&'a mut Inventory);

/// One of them.
#[derive(Deserialize)]
struct Line {
    student: String,
    file: String,
    #[serde(default)]
    sha256: String,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = Head;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Head, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head, A::Error> {
        let mut head = Head::default();
        while let Some(key) = map.next_key::<String>()? {
            match &key[..] {
                "made_by" => head.made_by = Some(map.next_value()?),
                "format" => head.format = Some(map.next_value()?),
                "files" | "gone" if head.is_ours() => map.next_value_seed(Lines(self.0))?,
                "others" if head.is_ours() => {
                    for name in map.next_value::<Vec<String>>()? {
                        self.0.file(&name, NONE, 0)?;
                    }
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(head)
    }
}

impl<'de> DeserializeSeed<'de> for Lines<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Lines<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of files")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(line) = list.next_element::<Line>()? {
            let machine = self.0.machine(&line.student)?;
            self.0.file(&line.file, machine, sum(&line.sha256))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::mem::size_of_val;

    use super::*;

    fn refusal(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn only_a_list_of_bootseed_is_one() {
        for (text, expected) in [
            ("{}", "it was not made by bootseed"),
            ("{\"made_by\": \"me\", \"format\": 1, \"files\": 3}", "it was not made by bootseed"),
            ("{\"made_by\": \"bootseed roster\"}", "it was not made by bootseed"),
            ("{\"made_by\": \"me\", \"format\": 9}", "it was not made by bootseed"),
            ("{\"made_by\": \"bootseed roster\", \"format\": 9}", "it was made by a later version"),
            ("[]", "it is damaged: invalid type"),
            ("{\"made_by\": \"bootseed roster\", \"format\": 1}}", "it is damaged: trailing"),
            (
                "{\"made_by\": \"bootseed roster\", \"format\": 1, \"others\": [\"/etc/passwd\"]}",
                "it is damaged: \"/etc/passwd\" is no name of a file of it",
            ),
        ] {
            assert!(refusal(text).starts_with(expected), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let text = "{\"made_by\": \"bootseed roster\", \"format\": 1, \"later\": {\"a\": [1]},
            \"files\": [{\"student\": \"kim\", \"file\": \"a\", \"sha256\": \"00ff\", \"x\": 1}],
            \"others\": [\"b\"], \"gone\": [{\"student\": \"lee\", \"file\": \"c\"}]}";
        let inventory = read(text.as_bytes()).unwrap();
        assert_eq!(inventory.files().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(inventory.unseen().collect::<Vec<_>>(), ["kim", "lee"]);
    }

    #[test]
    fn a_large_list_takes_little_memory() {
        let mut text = format!("{{\"made_by\": \"{MADE_BY}\", \"format\": {FORMAT}, \"files\": [");
        for number in 0..100_000 {
            let comma = if number == 0 { "" } else { "," };
            text += &format!(
                "{comma}{{\"student\": \"student-{number:06}\", \
                 \"file\": \"machines/student-{number:06}.yaml\", \"bytes\": 8192, \
                 \"sha256\": \"{number:064x}\", \"hostname\": \"student-{number:06}\", \
                 \"row\": {number}}}"
            );
        }
        let inventory = read(Cursor::new(text + "]}")).unwrap();
        assert_eq!(inventory.files().count(), 100_000);
        let bytes = inventory.memory() + size_of_val(&inventory);
        assert!(bytes < 15 << 20, "{bytes} bytes");
    }
}
