//! systemd units: a word, or a text in double quotes; `%` stands for itself.
//! <https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html#Quoting>
//!
//! This is for settings that are lists of words: the Exec lines, `Environment=` and the like. Only
//! in an Exec line `$` begins a variable, and is written `$$` to stand for itself; the quoting
//! cannot see which line it is in, so the template says it: `|exec` or `|setting`.
//! <https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines>

use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::{refuse, scalar_text};

pub(super) fn write(value: &Value) -> Result<String, Error> {
    words(value, None)
}

/// For an Exec line.
pub(in crate::template) fn exec(value: &Value) -> Result<String, Error> {
    words(value, Some("$$"))
}

/// For any other line.
pub(in crate::template) fn setting(value: &Value) -> Result<String, Error> {
    words(value, Some("$"))
}

fn words(value: &Value, dollar: Option<&str>) -> Result<String, Error> {
    if value.kind() != ValueKind::Seq {
        return word(&scalar_text(value, "a systemd unit")?, dollar);
    }
    let words: Result<Vec<String>, Error> =
        value.try_iter()?.map(|item| words(&item, dollar)).collect();
    Ok(words?.join(" "))
}

fn word(text: &str, dollar: Option<&str>) -> Result<String, Error> {
    if text.contains('\0') {
        return Err(refuse("a NUL character cannot be written into a systemd unit"));
    }
    // systemd calls them no UTF-8, and passes over the whole line.
    if let Some(c) = text.chars().find(|c| is_noncharacter(*c)) {
        return Err(refuse(format!("{c:?} cannot be written into a systemd unit")));
    }
    let dollar = match dollar {
        None if text.contains('$') => {
            return Err(refuse(
                "a value with `$` needs |exec in an Exec line, where `$` begins a variable, and \
                 |setting in any other line",
            ));
        }
        dollar => dollar.unwrap_or_default(),
    };
    let text = text.replace('%', "%%");
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Ok(text);
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '$' => quoted.push_str(dollar),
            _ if c.is_control() && c.is_ascii() => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(c)))
            }
            _ if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    Ok(quoted + "\"")
}

/// Is it one of those that systemd calls no UTF-8?
/// <https://www.unicode.org/faq/private_use.html#noncharacters>
pub fn is_noncharacter(c: char) -> bool {
    u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words() {
        let word = |text: &str| word(text, None);
        assert_eq!(word("/opt/conda/bin/gunicorn").unwrap(), "/opt/conda/bin/gunicorn");
        assert_eq!(word("100%").unwrap(), "100%%");
        assert_eq!(word("a \"b\" \\").unwrap(), r#""a \"b\" \\""#);
        assert_eq!(word("a\nb").unwrap(), r#""a\x0ab""#);
        assert!(word("\0").is_err());
        assert!(word("\u{1fffe}").is_err());
    }

    #[test]
    fn a_dollar_depends_on_the_line() {
        assert!(word("$b", None).is_err());
        assert_eq!(word("$b", Some("$$")).unwrap(), "\"$$b\"");
        assert_eq!(word("$b", Some("$")).unwrap(), "\"$b\"");
    }
}
