//! Bash: each text is one word, each list is its words.

use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::{refuse, scalar_text};

pub(super) fn write(value: &Value) -> Result<String, Error> {
    if value.kind() != ValueKind::Seq {
        return word(&scalar_text(value, "a shell script")?);
    }
    let words: Result<Vec<String>, Error> = value.try_iter()?.map(|item| write(&item)).collect();
    Ok(words?.join(" "))
}

/// A word that bash reads as exactly this text.
fn word(text: &str) -> Result<String, Error> {
    if text.contains('\0') {
        return Err(refuse("a NUL character cannot be passed to a program"));
    }
    let bare = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    // A bare `esac` as the first pattern of a `case` would end it.
    let special = text.is_empty() || text == "esac" || text.starts_with(['-', '=']);
    let plain = !special && text.chars().all(bare);
    Ok(match text {
        _ if plain || text.starts_with('-') && text.chars().skip(1).all(bare) => text.to_string(),
        // shellcheck takes a `$` in single quotes for a mistake.
        _ if text.chars().any(unprintable) || text.contains(['$', '`']) => ansi_c(text),
        _ => format!("'{}'", text.replace('\'', r"'\''")),
    })
}

/// Characters that YAML cannot hold in a block of text, or that break its lines.
fn unprintable(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
        || "\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}".contains(c)
}

/// `$'…'`, in which any byte can be written as ASCII. (bash(1), QUOTING)
fn ansi_c(text: &str) -> String {
    let mut quoted = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            _ if unprintable(c) => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    quoted.push_str(&format!("\\x{byte:02x}"));
                }
                // A hexadecimal digit behind would be taken for a part of the number.
                quoted.push_str("'$'");
            }
            _ => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words() {
        let table = [
            ("python=3.9", "python=3.9"),
            ("", "''"),
            ("-c", "-c"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("~", "'~'"),
            ("esac", "'esac'"),
            ("=x", "'=x'"),
            ("$HOME `id` \"", "$'$HOME `id` \"'"),
            ("it's\n$x", "$'it\\'s\n$x'"),
            ("\u{1}f", "$'\\x01'$'f'"),
            ("한글", "'한글'"),
        ];
        for (text, expected) in table {
            assert_eq!(word(text).unwrap(), expected);
        }
        assert!(word("a\0b").is_err());
    }
}
