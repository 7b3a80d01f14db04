//! Any user-data, opened and linted.
//!
//! In: its bytes, in base64, and the image that it is for. Out: what `bootseed inspect --json` prints
//! of it, what `bootseed lint --format json` finds, the texts inside of envelopes in which something
//! was found, and whether it is a parameter file instead: of one nothing is said here, since the page
//! checks it as such. With `repair`, the text with all safe repairs.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::diagnostic::Message;
use bootseed::inspect;
use bootseed::lint::{self, Finding, Settings, Target};
use bootseed::spec;
use serde::Deserialize;
use serde_json::{Value, json};

/// User-data of any origin.
#[derive(Deserialize)]
pub struct Ask {
    /// Its bytes, in base64.
    base64: String,
    /// What it is called in messages.
    name: String,
    /// The image that it is for, if that is known.
    #[serde(default)]
    image: Option<String>,
}

/// What is in it, and what will go wrong with it.
pub(crate) fn answer(ask: &Ask) -> Value {
    opened(ask).unwrap_or_else(|failure| json!({ "failure": failure }))
}

/// The text with all safe repairs, if there are any.
pub(crate) fn repair(ask: &Ask) -> Value {
    repaired(ask).unwrap_or_else(|failure| json!({ "failure": failure }))
}

impl Ask {
    fn read(&self) -> Result<(Vec<u8>, Settings), String> {
        let bytes = STANDARD.decode(&self.base64).map_err(|error| error.to_string())?;
        let target = self.image.as_deref().map(Target::of_image).transpose();
        let target = target.map_err(|error| error.to_string())?.unwrap_or_default();
        Ok((bytes, Settings { target, ..Settings::default() }))
    }
}

fn opened(ask: &Ask) -> Result<Value, String> {
    let (bytes, settings) = ask.read()?;
    let parameters = spec::parameters(&ask.name, &bytes).is_some();
    let found = if parameters { Vec::new() } else { lint::lint(&ask.name, &bytes, &settings) };
    let messages: Vec<Message> = found.iter().map(Finding::message).collect();
    Ok(json!({
        "inspection": inspect::inspect(&bytes),
        "parameters": parameters,
        "lint": messages,
        "texts": texts(&ask.name, &found),
    }))
}

/// The texts that are not the file itself, by their names in the places.
fn texts<'a>(name: &str, found: &'a [Finding]) -> BTreeMap<String, &'a str> {
    let mut texts = BTreeMap::new();
    for finding in found {
        let bootseed::diagnostic::Place::Span(span) = &finding.diagnostic.place else { continue };
        let source = span.source();
        if source.name() != name && !source.is_value() {
            texts.insert(source.name().to_owned(), source.text());
        }
    }
    texts
}

fn repaired(ask: &Ask) -> Result<Value, String> {
    let (bytes, settings) = ask.read()?;
    let repaired = lint::repair(&ask.name, &bytes, &settings);
    Ok(repaired.map_or_else(|| json!({}), |one| json!({ "text": one.text, "done": one.done })))
}
