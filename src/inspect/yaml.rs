//! A part as YAML: read once for all that look at it, here and in `lint`.

use super::Kind;
use super::budget::Budget;
use crate::source::yaml11::{self, LoadError, Tree};

/// The keys and values of a part, or why cloud-init reads none.
pub(super) type Read = Result<Option<Tree>, LoadError>;

/// Kinds that are YAML, or would be with a header or when they are rendered.
const KINDS: &[Kind] = &[Kind::CloudConfig, Kind::Jinja, Kind::Unknown];

/// Reads the content of a part; nothing of one of another kind.
pub(super) fn read(kind: &Kind, content: &[u8], budget: &mut Budget) -> Read {
    if !KINDS.contains(kind) {
        return Ok(None);
    }
    if !budget.take_yaml(content.len()) {
        return Err(LoadError::Beyond("it is larger than what is read here".into()));
    }
    yaml11::tree(&String::from_utf8_lossy(content))
}
