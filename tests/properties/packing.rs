//! Whatever is in a machine's document and parts, every destination hands over just that: what
//! `inspect` finds in the files of a destination is what went in.

use std::path::Path;

use bootseed::catalog::Listed;
use bootseed::destination::{Compress, Destination, DestinationError, Emission};
use bootseed::inspect::inspect;
use bootseed::machine::{Machine, Order};
use bootseed::plan::{self, Plan};
use bootseed::source::{self, Source};
use bootseed::spec;
use bootseed::template::Templates;
use proptest::prelude::*;
use serde_json::json;

use crate::values::{awkward, document};

/// Files that are beside the user-data.
const BESIDE: &[&str] = &["meta-data", "network-config", "main.tf"];

/// A machine, unless its texts are refused.
fn plan_of(text: &str, filler: usize, parts: &[String]) -> Option<Plan> {
    let kinds = ["script", "boothook"];
    let part = |(number, text): (usize, &String)| {
        let name = format!("part-{number}.sh");
        json!({"kind": kinds[number % 2], "name": name, "content": format!("#!/bin/sh\n{text}")})
    };
    let parts: Vec<_> = parts.iter().enumerate().map(part).collect();
    let content = format!("{text}{}", "filler ".repeat(filler));
    let parameters = json!({"files": [{"path": "/srv/a", "content": content}], "parts": parts});
    let source = Source::new("test.yaml", document::parameter_file(&parameters));
    let spec = spec::load(&source::parse(&source).ok()?).0?;
    plan::resolve(&spec, Path::new("/nowhere")).0
}

/// The file with the user-data.
fn user_data(emission: Emission) -> Vec<u8> {
    let mut files = emission.artifacts;
    files.retain(|file| !BESIDE.contains(&file.name.as_str()));
    let packed = files.iter().position(|file| file.name.ends_with(".gz")).unwrap_or(0);
    files.swap_remove(packed).bytes.to_vec()
}

#[test]
fn every_destination_hands_over_what_went_in() {
    let templates = Templates::default();
    let texts = prop::collection::vec(awkward::strategy(), 0..3);
    let mut delivered = 0;
    for (text, filler, parts) in awkward::sample(&(awkward::strategy(), 0..3_000_usize, texts), 8) {
        let Some(plan) = plan_of(&text, filler, &parts) else { continue };
        let Machine { plan, document, payload, .. } = Order::new(&templates).machine(plan).unwrap();
        let parts = plan.parts.iter().map(|part| part.text.as_str());
        let expected: Vec<&str> = std::iter::once(document.text()).chain(parts).collect();
        for destination in Destination::ALL {
            for compress in [Compress::Auto, Compress::Always, Compress::Never] {
                let emission = match destination.deliver(&plan, &payload, compress, &templates) {
                    Ok(emission) => emission,
                    Err(DestinationError::NoGzip(_)) if !destination.gzip => continue,
                    Err(DestinationError::OnePart(_)) if !plan.parts.is_empty() => continue,
                    Err(DestinationError::TooLarge(_)) if destination.limit.is_some() => continue,
                    Err(error) => panic!("{}: {error}", destination.name()),
                };
                let found = inspect(&user_data(emission));
                let name = destination.name();
                let contents: Vec<&[u8]> =
                    found.parts.iter().map(|part| part.content.as_slice()).collect();
                let same = contents.iter().zip(&expected).all(|(a, b)| *a == b.as_bytes());
                assert!(
                    same && contents.len() == expected.len(),
                    "{name}: {text:?} {parts:?}",
                    parts = plan.parts
                );
                assert!(found.parts.iter().all(|part| part.used), "{name}: {text:?} {found:#?}");
                assert!(found.warnings.is_empty(), "{name}: {text:?} {:?}", found.warnings);
                assert!(found.fits.contains(&name), "{name}: {text:?} {:?}", found.fits);
                delivered += 1;
            }
        }
    }
    assert!(delivered > 150, "only {delivered} were delivered");
}
