//! The name of a place in a tree: `conda.environments[0].name`.
//!
//! In: keys and indexes, or that text. Out: a [`Path`] that prints as the same text again.

use std::borrow::Cow;
use std::{fmt, str::FromStr};

/// Steps of a path that is read, as deep as a file may be nested.
const LONGEST: usize = 64;
/// Characters of a text that is no path, in a message.
const SHOWN: usize = 200;

/// One step down a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Into a map. Most keys are known ones, which are not copied.
    Key(Cow<'static, str>),
    /// Into a list, from 0.
    Index(usize),
}

/// A way from the root of a tree to one of its nodes. The default is the root itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Segment>);

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a path: {reason}; write it as `conda.environments[0].name`")]
pub struct PathError {
    text: String,
    reason: String,
}

impl Path {
    /// The root.
    pub fn root() -> Path {
        Path::default()
    }

    /// The value of `key` in this map.
    #[must_use]
    pub fn key(&self, key: impl Into<Cow<'static, str>>) -> Path {
        self.child(Segment::Key(key.into()))
    }

    /// Item `index` of this list.
    #[must_use]
    pub fn index(&self, index: usize) -> Path {
        self.child(Segment::Index(index))
    }

    /// One step further down.
    #[must_use]
    pub fn child(&self, segment: Segment) -> Path {
        Path(self.0.iter().cloned().chain([segment]).collect())
    }

    /// The steps from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The last step; `None` at the root.
    pub fn last(&self) -> Option<&Segment> {
        self.0.last()
    }

    /// One step up; `None` at the root.
    pub fn parent(&self) -> Option<Path> {
        let (_, above) = self.0.split_last()?;
        Some(Path(above.to_vec()))
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<Segment>> for Path {
    fn from(segments: Vec<Segment>) -> Path {
        Path(segments)
    }
}

/// A key or a number as such.
impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Key(key) => f.write_str(key),
            Segment::Index(index) => write!(f, "{index}"),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if !is_plain_key(key) => write!(f, "[{}]", quoted(key))?,
                Segment::Key(key) if number == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

/// Whether a key can stand in a path without quotes.
fn is_plain_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(is_key_char)
}

fn is_key_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

fn quoted(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Path, PathError> {
        let shown = text
            .char_indices()
            .nth(SHOWN)
            .map_or(text.into(), |(at, _)| format!("{}…", &text[..at]));
        let error = |reason| PathError { text: shown.clone(), reason };
        if text.is_empty() {
            return Err(error("it is empty".to_owned()));
        }
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (segment, after) = next_segment(rest, segments.is_empty()).map_err(error)?;
            segments.push(segment);
            if segments.len() > LONGEST {
                return Err(error(format!("it has more than {LONGEST} steps")));
            }
            rest = after;
        }
        Ok(Path(segments))
    }
}

/// The first segment of `text`, and what follows it.
fn next_segment(text: &str, first: bool) -> Result<(Segment, &str), String> {
    if let Some(inner) = text.strip_prefix('[') {
        return bracketed(inner);
    }
    match text.strip_prefix('.') {
        Some(_) if first => Err("it begins with a dot".to_owned()),
        Some(key) => bare_key(key),
        None if first => bare_key(text),
        None => Err(format!("`{text}` follows a `]` without a dot")),
    }
}

fn bare_key(text: &str) -> Result<(Segment, &str), String> {
    let end = text.find(|c| !is_key_char(c)).unwrap_or(text.len());
    let (key, after) = text.split_at(end);
    match after.chars().next() {
        Some(odd) if odd != '.' && odd != '[' => {
            Err(format!("a key that holds `{}` is written as [\"the key\"]", odd.escape_debug()))
        }
        _ if key.is_empty() => Err("a key is missing after a dot".to_owned()),
        _ => Ok((Segment::Key(key.to_owned().into()), after)),
    }
}

/// `0]…` or `"odd key"]…`.
fn bracketed(text: &str) -> Result<(Segment, &str), String> {
    if text.starts_with('"') {
        return quoted_key(text);
    }
    let (number, after) = text.split_once(']').ok_or("a `]` is missing")?;
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("`[{number}]` should hold a number from 0 or a key in double quotes"));
    }
    let index = number.parse().map_err(|_| format!("`[{number}]` is too large"))?;
    Ok((Segment::Index(index), after))
}

fn quoted_key(text: &str) -> Result<(Segment, &str), String> {
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let Some(Ok(key)) = strings.next() else {
        return Err("the text after `[\"` is no string in double quotes".to_owned());
    };
    let after = text.get(strings.byte_offset()..).unwrap_or("");
    let after = after.strip_prefix(']').ok_or("a `]` is missing")?;
    Ok((Segment::Key(key.into()), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Path, String> {
        text.parse().map_err(|e: PathError| e.to_string())
    }

    #[test]
    fn a_path_prints_as_it_is_read() {
        let path = Path::root().key("conda").key("environments").index(0).key("name");
        assert_eq!(path.to_string(), "conda.environments[0].name");
        assert_eq!(read("conda.environments[0].name"), Ok(path.clone()));
        assert_eq!(path.parent().unwrap().to_string(), "conda.environments[0]");
        assert!(Path::root().is_root() && Path::root().parent().is_none());
        assert_eq!(path.last(), Some(&Segment::Key("name".into())));
    }

    #[test]
    fn odd_keys_survive() {
        for key in ["odd key", "a.b", "", "\"", "]", "a\nb", "\\", "[0]", "한글", "x86_64", "0"] {
            for path in [Path::root().key(key), Path::root().key("a").key(key).index(3)] {
                assert_eq!(read(&path.to_string()), Ok(path.clone()), "{path}");
            }
        }
        assert_eq!(Path::root().key("odd key").to_string(), "[\"odd key\"]");
        assert_eq!(Path::root().index(1).index(2).to_string(), "[1][2]");
        assert_eq!(read("[1][2].a").unwrap().segments().len(), 3);
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, expected) in [
            ("", "it is empty"),
            (".a", "begins with a dot"),
            ("a.", "a key is missing"),
            ("a..b", "a key is missing"),
            ("a b", "a key that holds ` `"),
            ("a[", "a `]` is missing"),
            ("a[x]", "`[x]` should hold a number"),
            ("a[-1]", "`[-1]` should hold a number"),
            ("a[]", "`[]` should hold a number"),
            ("a[99999999999999999999999]", "is too large"),
            ("a[\"x]", "no string in double quotes"),
            ("a[\"x\"", "a `]` is missing"),
            ("a[0]b", "`b` follows a `]` without a dot"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
            assert!(message.ends_with("write it as `conda.environments[0].name`"), "{message}");
        }
    }
}
