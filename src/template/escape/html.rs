//! HTML: the five characters that mean something.

use minijinja::Error;
use minijinja::value::Value;

use super::scalar_text;

pub(super) fn write(value: &Value) -> Result<String, Error> {
    let mut escaped = String::new();
    for c in scalar_text(value, "an HTML page")?.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    Ok(escaped)
}
