//! nginx: a word, or a text in double quotes.

use minijinja::Error;
use minijinja::value::Value;

use super::{refuse, scalar_text};

pub(super) fn write(value: &Value) -> Result<String, Error> {
    let text = scalar_text(value, "an nginx configuration")?;
    // nginx knows no way to quote these: https://trac.nginx.org/nginx/ticket/52
    if let Some(c) = text.chars().find(|c| *c == '$' || c.is_control()) {
        return Err(refuse(format!("{c:?} cannot be written into an nginx configuration")));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:*".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => Ok(text),
        false => Ok(format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let written = |text: &str| write(&Value::from(text));
        assert_eq!(written("/srv/www").unwrap(), "/srv/www");
        assert_eq!(written("/srv/a b;c\"d\\").unwrap(), r#""/srv/a b;c\"d\\""#);
        assert!(written("/srv/$x").is_err());
        assert!(written("a\nb").is_err());
    }
}
