//! A file that is open in the editor: what it is, and what was found in it.

use std::path::{Path, PathBuf};

use bootseed::lint::{self, Finding, schema};
use bootseed::source::{self, Kind, Source};
use bootseed::spec;

use super::text::Text;
use super::topics::Model;
use crate::cli::check;
use crate::cli::lint::{Chosen, findings, is_parameters};

/// A file.
pub(super) struct Document {
    /// Its name in places.
    pub(super) name: String,
    path: PathBuf,
    pub(super) version: Option<i32>,
    pub(super) text: Text,
    /// Which keys it has; nothing of what is neither.
    pub(super) model: Option<Model>,
    pub(super) found: Vec<Finding>,
}

impl Document {
    pub(super) fn new(uri: &str, version: i32, text: String, chosen: &Chosen) -> Document {
        let path = path(uri);
        let name = path.display().to_string();
        let mut document = Document {
            name,
            path,
            version: None,
            text: Text::new(String::new()),
            model: None,
            found: Vec::new(),
        };
        document.change(version, text, chosen);
        document
    }

    /// The whole text, as it is now.
    pub(super) fn change(&mut self, version: i32, text: String, chosen: &Chosen) {
        self.version = Some(version);
        self.model = model(&self.path, &text, self.model);
        self.found = self.look(&text, chosen);
        self.text = Text::new(text);
    }

    fn look(&self, text: &str, chosen: &Chosen) -> Vec<Finding> {
        match self.model {
            None => Vec::new(),
            Some(Model::Parameters) if !is_parameters(&self.path, text.as_bytes()) => {
                let folder = self.path.parent().map(Path::to_path_buf).unwrap_or_default();
                match source::parse(&Source::new(self.name.clone(), text)) {
                    Ok(tree) => check::mistakes(&tree, &folder),
                    Err(errors) => check::placed(errors.into(), None),
                }
            }
            // A parameter file that cannot be rendered yet has nothing to say of what it renders to.
            Some(_) => {
                findings(&self.path, &self.name, text.as_bytes(), chosen).unwrap_or_default()
            }
        }
    }

    /// The bytes of a finding; those of what has no place here are the first line.
    pub(super) fn range(&self, finding: &Finding) -> std::ops::Range<usize> {
        let span = finding.diagnostic.place.span(None);
        let own = span.filter(|span| span.source().name() == self.name);
        own.map_or(0..self.text.line(0).len(), |span| span.range())
    }

    /// The text with all repairs.
    pub(super) fn repaired(&self, chosen: &Chosen) -> Option<String> {
        let fixed = || lint::repair(&self.name, self.text.text().as_bytes(), &chosen.settings);
        (self.model == Some(Model::CloudConfig)).then(fixed)?.map(|repaired| repaired.text)
    }
}

/// What a text is; one that cannot be read just now is what it was before.
fn model(path: &Path, text: &str, before: Option<Model>) -> Option<Model> {
    let first = text.lines().take(3).any(|line| line.contains("bootseed.schema.json"));
    if spec::user_data(text.as_bytes()).is_some() || schema::has_header(text) {
        Some(Model::CloudConfig)
    } else if first || is_parameters(path, text.as_bytes()) && !is_compose(text) {
        Some(Model::Parameters)
    } else if before.is_some() {
        before
    } else {
        schema::looks_like_config(text).then_some(Model::CloudConfig)
    }
}

/// Are there services by name, as Docker Compose has them? Those of a parameter file are a list.
fn is_compose(text: &str) -> bool {
    let tree = source::parse(&Source::new("", text)).ok();
    let services = tree.as_ref().and_then(|tree| tree.entry("services"));
    services.is_some_and(|entry| matches!(entry.value.kind, Kind::Map(_)))
}

/// The path of a `file:` URI, with what is escaped in it; any other URI as it is.
fn path(uri: &str) -> PathBuf {
    let Some(rest) = uri.strip_prefix("file://") else { return PathBuf::from(uri) };
    let mut bytes = Vec::with_capacity(rest.len());
    let mut rest = rest.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let escaped = more.get(..2).filter(|_| *first == b'%');
        let escaped = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_a_path() {
        assert_eq!(path("file:///a%20b/%ED%95%9C.yaml"), Path::new("/a b/한.yaml"));
        assert_eq!(path("file:///100%"), Path::new("/100%"));
        assert_eq!(path("untitled:1"), Path::new("untitled:1"));
    }
}
