//! HTML: the five characters that mean something.

use minijinja::Error;
use minijinja::value::Value;

use super::scalar_text;

pub(super) fn write(value: &Value) -> Result<String, Error> {
    Ok(escaped(&scalar_text(value, "an HTML page")?))
}

/// A text as it stands in an element, or in an attribute in quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
