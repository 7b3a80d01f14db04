//! What `--fix` writes and `--diff` shows.

use std::path::Path;

use anyhow::bail;
use bootseed::destination::Artifact;
use bootseed::lint::{self, Repaired};
use similar::TextDiff;

use super::settings::Chosen;
use crate::cli::output::{self, Outlet, Over};
use crate::cli::voice;

/// The text of a file with all safe repairs, if there are any. A parameter file has none.
pub(super) fn repaired(
    path: &Path,
    name: &str,
    bytes: &[u8],
    chosen: &Chosen,
) -> anyhow::Result<Option<Repaired>> {
    if super::is_parameters(path, bytes) {
        return Ok(None);
    }
    Ok(lint::repair(name, bytes, &chosen.settings))
}

/// Writes it to its file, or for standard input to standard output, and says what was done.
pub(super) fn write(path: &Path, name: &str, repaired: &Repaired) -> anyhow::Result<()> {
    if path == Path::new("-") {
        output::write(&repaired.text)?;
    } else if !path.is_file() {
        bail!("{name} is no file that could be written; --diff shows the repairs");
    } else {
        let bytes = repaired.text.as_bytes().into();
        let artifact = Artifact { name: "user-data".into(), bytes };
        let outlet = Outlet { place: Some(path), over: Over::All, ..Outlet::default() };
        outlet.deliver(&[artifact])?;
    }
    let done = repaired.done.iter().map(|(id, title)| format!("note: {name}: {title} [{id}]"));
    voice::note(&done.collect::<Vec<_>>().join("\n"));
    Ok(())
}

/// Standard input without a repair comes out as it went in.
pub(super) fn pass(bytes: &[u8]) -> anyhow::Result<()> {
    output::print(bytes)?;
    Ok(())
}

/// Prints what would be different, for `patch` and `git apply`.
pub(super) fn show(name: &str, bytes: &[u8], repaired: &Repaired) -> anyhow::Result<()> {
    let before = String::from_utf8_lossy(bytes);
    let diff = TextDiff::from_lines(&*before, &repaired.text);
    let name = name.trim_start_matches("./");
    let (old, new) = match name.starts_with('/') {
        true => (name.to_owned(), name.to_owned()),
        false => (format!("a/{name}"), format!("b/{name}")),
    };
    let text = diff.unified_diff().header(&old, &new).to_string();
    output::write(&text)
}
