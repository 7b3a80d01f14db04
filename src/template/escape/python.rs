//! Python: a number, or a text in double quotes.
//! <https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences>

use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::scalar_text;

pub(super) fn write(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::Bool => Ok(if value.is_true() { "True" } else { "False" }.into()),
        ValueKind::Number => Ok(value.to_string()),
        _ => scalar_text(value, "a Python program").map(|text| quoted(&text)),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            _ => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        assert_eq!(write(&Value::from(2)).unwrap(), "2");
        assert_eq!(write(&Value::from(true)).unwrap(), "True");
        assert_eq!(write(&Value::from("a\"b\\\n한")).unwrap(), r#""a\"b\\\U0000000a\U0000d55c""#);
    }
}
