//! Values with a character that looks like another one: `３.９`, `“lab”`, a no-break space.

use serde_json::Value;

use super::word::shorten;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::{Node, Odd, Path, Scalar, Segment, plain_text};

/// Texts in which such characters may be meant, but for quotes around the whole.
const FREE: &[&str] = &["content", "index", "path", "root", "prefix", "from", "file"];
/// Texts that are taken as they are.
const ANY: &[&str] = &["password", "password_hash"];

/// Reports such a character in `node`; says whether there is one.
pub(super) fn is_reported(node: &Node, schema: &Value, at: &Path, report: &mut Report) -> bool {
    let Some(scalar) = node.as_scalar() else { return false };
    let Some(odd) = found(scalar, schema, at) else { return false };
    let plain = shorten(&plain_text(&scalar.text));
    let help = match (odd.is_quote(), odd.instead) {
        (true, _) => "use straight quotes (\" or '), or none".to_owned(),
        (_, None) => "remove it; it cannot be seen".to_owned(),
        (_, Some(' ')) => "replace it by an ordinary space, or remove it".to_owned(),
        (_, Some(_)) => format!("write `{plain}`"),
    };
    let message = format!("there is {} in `{at}`", odd.described());
    report.push(Diagnostic::error("odd-character", message).at(at).help(help));
    true
}

fn found(scalar: &Scalar, schema: &Value, at: &Path) -> Option<Odd> {
    let text = scalar.text.as_str();
    let key = |names: &[&str]| {
        let is = |one: &Segment| matches!(one, Segment::Key(key) if names.contains(&&**key));
        at.segments().iter().any(is)
    };
    if key(ANY) {
        return None;
    }
    if schema["type"] == "string" && (key(FREE) || key(&["run"])) {
        // A word of a list, and what stands in quotes, is taken as it is.
        let line = key(&["run"]) && at.segments().len() == 2 && scalar.plain;
        return around(scalar).or_else(|| unseen(text).filter(|_| line));
    }
    Odd::first_in(text).map(|(_, odd)| odd)
}

/// Quotes around the whole of an unquoted text.
fn around(scalar: &Scalar) -> Option<Odd> {
    let odd = scalar.text.chars().next().and_then(Odd::of).filter(|odd| odd.is_quote())?;
    let last = scalar.text.chars().next_back().and_then(Odd::of);
    last.filter(|last| last.is_quote() && scalar.plain).map(|_| odd)
}

/// What a shell would take for part of a word, outside of quotes; in quotes of YAML it is meant.
fn unseen(line: &str) -> Option<Odd> {
    let quoted = line.contains(['"', '\'', '#', '\n']);
    line.chars().filter_map(Odd::of).find(|odd| odd.is_unseen() && !quoted)
}
