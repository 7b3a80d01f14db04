//! Terraform's language: a text in double quotes, in which nothing is a template.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions/strings>

use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::scalar_text;

pub(super) fn write(value: &Value) -> Result<String, Error> {
    let text = scalar_text(value, "a Terraform file")?;
    if value.kind() != ValueKind::String {
        return Ok(text);
    }
    let mut quoted = String::from("\"");
    for c in text.replace("${", "$${").replace("%{", "%%{").chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    Ok(quoted + "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_no_templates() {
        let written = |value: Value| write(&value).unwrap();
        assert_eq!(
            written(Value::from("a ${b} %{c} $(d) \"e\"\n")),
            r#""a $${b} %%{c} $(d) \"e\"\n""#
        );
        assert_eq!(written(Value::from(16)), "16");
    }
}
