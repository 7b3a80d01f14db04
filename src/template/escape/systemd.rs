//! systemd units: a word, or a text in double quotes; `%` and `$` stand for themselves.
//! <https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html#Quoting>

use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::{refuse, scalar_text};

pub(super) fn write(value: &Value) -> Result<String, Error> {
    if value.kind() != ValueKind::Seq {
        return word(&scalar_text(value, "a systemd unit")?);
    }
    let words: Result<Vec<String>, Error> = value.try_iter()?.map(|item| write(&item)).collect();
    Ok(words?.join(" "))
}

fn word(text: &str) -> Result<String, Error> {
    if text.contains('\0') {
        return Err(refuse("a NUL character cannot be written into a systemd unit"));
    }
    let text = text.replace('%', "%%");
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Ok(text);
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '$' => quoted.push_str("$$"),
            _ if c.is_control() && c.is_ascii() => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(c)))
            }
            _ if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    Ok(quoted + "\"")
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words() {
        assert_eq!(word("/opt/conda/bin/gunicorn").unwrap(), "/opt/conda/bin/gunicorn");
        assert_eq!(word("100%").unwrap(), "100%%");
        assert_eq!(word("a \"$b\" \\").unwrap(), r#""a \"$$b\" \\""#);
        assert_eq!(word("a\nb").unwrap(), r#""a\x0ab""#);
        assert!(word("\0").is_err());
    }
}
