//! What there is to choose from.
//!
//! Out: the version, the presets with their texts, the destinations with their limits, the images
//! that user-data may be for, and the schema of the parameter file.

use bootseed::catalog::Listed;
use bootseed::destination::Destination;
use bootseed::lint::Target;
use bootseed::preset::Preset;
use bootseed::spec;
use serde_json::{Value, json};

/// Everything that does not depend on what was typed.
pub(crate) fn answer() -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "presets": Preset::ALL.iter().map(|one| preset(one)).collect::<Vec<_>>(),
        "destinations": Destination::ALL.iter().map(|one| destination(one)).collect::<Vec<_>>(),
        "images": Target::images().collect::<Vec<_>>(),
        "schema": spec::schema(),
    })
}

fn preset(preset: &Preset) -> Value {
    json!({ "name": preset.name(), "about": preset.about(), "text": preset.source().text() })
}

fn destination(one: &Destination) -> Value {
    let limit =
        one.limit.map(|limit| json!({ "bytes": limit.bytes, "unit": limit.unit.to_string() }));
    json!({ "name": one.name, "about": one.about, "limit": limit })
}
