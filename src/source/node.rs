//! The tree of a parameter file.
//!
//! In: what [`parse`](super::parse()) builds. Out: values by [`Path`], what they look like, and the
//! same tree as JSON for typed reading. Setting and merging are in `set.rs`, positions in
//! `locate.rs`.

use serde_json::{Map, Number, Value};

use super::{Path, Plain, Segment, Span, Yaml11, resolve_plain};

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub kind: Kind,
    /// Where it was written.
    pub span: Span,
}

/// What a value can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A single word, number or text, or nothing.
    Scalar(Scalar),
    /// Items in their order.
    List(Vec<Node>),
    /// Keys with values, in the order of the file.
    Map(Vec<Entry>),
}

/// A single value as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, with quotes and escapes undone.
    pub text: String,
    /// Whether it was written without quotes and not as a block, so that `12` means a number.
    pub plain: bool,
}

/// A key of a map with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key was written.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

impl Scalar {
    /// The kind of this scalar; quoted and block scalars are always text.
    pub fn look(&self) -> Plain {
        if self.plain { Plain::of(&self.text) } else { Plain::Text }
    }
}

impl Node {
    /// A scalar node.
    pub fn scalar(text: impl Into<String>, plain: bool, span: Span) -> Node {
        Node { kind: Kind::Scalar(Scalar { text: text.into(), plain }), span }
    }

    /// Whether this is `~`, `null` or nothing at all.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(scalar) if scalar.look() == Plain::Null)
    }

    /// Whether this is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// The scalar, if this is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        if let Kind::Scalar(scalar) = &self.kind { Some(scalar) } else { None }
    }

    /// The entries; none if this is no map.
    pub fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The items; none if this is no list.
    pub fn items(&self) -> &[Node] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The entry of `key`, if this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The node at `path`.
    pub fn get(&self, path: &Path) -> Option<&Node> {
        path.segments().iter().try_fold(self, Node::child)
    }

    /// The node one step down.
    pub fn child(&self, segment: &Segment) -> Option<&Node> {
        match segment {
            Segment::Key(key) => self.entry(key).map(|entry| &entry.value),
            Segment::Index(index) => self.items().get(*index),
        }
    }

    /// What this is, in the words of a message.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Scalar(scalar) => match scalar.look() {
                Plain::Null => "nothing",
                Plain::Bool(_) => "true/false",
                Plain::Int(_) | Plain::Float(_) => "a number",
                Plain::Text => "text",
            },
        }
    }

    /// This tree as JSON with the types that cloud-init's PyYAML gives to plain scalars (YAML
    /// 1.1): `yes` and `on` are booleans. Some things stay text, as they were written: a number
    /// with leading zeros, which is a file mode; one with a colon, which is a time (12:30:45 would
    /// be 45045); a fraction that would not be written the same, such as the version 3.10; and what
    /// JSON has no type for, such as a date.
    pub fn to_cloud_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar(scalar) if scalar.plain => cloud_value(&scalar.text),
            Kind::Scalar(scalar) => Value::String(scalar.text.clone()),
            Kind::List(items) => items.iter().map(Node::to_cloud_json).collect(),
            Kind::Map(entries) => {
                let entries = entries.iter().map(|e| (e.key.clone(), e.value.to_cloud_json()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    /// This tree as JSON: plain scalars get the types of YAML 1.2, all others are text, and so is a
    /// number that would not be written the same again.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.look().to_json(&scalar.text),
            Kind::List(items) => items.iter().map(Node::to_json).collect(),
            Kind::Map(entries) => Value::Object(
                entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }
}

fn cloud_value(text: &str) -> Value {
    let digits = text.trim_start_matches(['-', '+']);
    let octal = digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit());
    let time = digits.contains(':');
    let number = match resolve_plain(text) {
        Yaml11::Null => return Value::Null,
        Yaml11::Bool(value) => return Value::Bool(value),
        Yaml11::Int(value) if !octal && !time => i64::try_from(value).ok().map(Number::from),
        Yaml11::Float(value) => Number::from_f64(value).filter(|number| number.to_string() == text),
        _ => None,
    };
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::super::{Source, parse};

    #[test]
    fn cloud_init_s_words_are_what_pyyaml_says() {
        let text = "[yes, No, on, OFF, y, true, ~, '', 'yes', 0644, 0o17, 00, 0, 12, 1_000, 0x1F, \
                    12:30:45, 3.10, 1e3, .inf, 2024-01-01, 08, 010.5, =, nginx]";
        let tree = parse(&Source::new("a.yaml", text)).unwrap();
        assert_eq!(
            tree.to_cloud_json().to_string(),
            "[true,false,true,false,\"y\",true,null,\"\",\"yes\",\"0644\",\"0o17\",\"00\",0,12,1000,\
             31,\"12:30:45\",\"3.10\",\"1e3\",\".inf\",\"2024-01-01\",\"08\",\"010.5\",\"=\",\"nginx\"]"
        );
    }

    #[test]
    fn values_are_found_described_and_typed() {
        let text = "a: [1, 'x', \"2\"]\nb: {c: true, d: ~}\ne: |\n  5\nf: 1.5\ng:\n";
        let tree = parse(&Source::new("a.yaml", text)).unwrap();
        let looks = ["a", "a[0]", "a[1]", "a[2]", "b", "b.c", "b.d", "e", "f", "g"]
            .map(|path| tree.get(&path.parse().unwrap()).unwrap().describe());
        assert_eq!(
            looks,
            ["a list", "a number", "text", "text", "a map", "true/false", "nothing", "text"]
                .into_iter()
                .chain(["a number", "nothing"])
                .collect::<Vec<_>>()[..]
        );
        assert!(tree.get(&"b.d".parse().unwrap()).unwrap().is_null());
        assert!(tree.get(&"a[3]".parse().unwrap()).is_none());
        assert!(tree.get(&"a.b".parse().unwrap()).is_none());
        assert_eq!(
            tree.to_json().to_string(),
            r#"{"a":[1,"x","2"],"b":{"c":true,"d":null},"e":"5\n","f":1.5,"g":null}"#
        );
    }
}
