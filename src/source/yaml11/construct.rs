//! From tagged nodes to values, as PyYAML's `SafeConstructor` makes them.
//!
//! In: a [`Node`]. Out: a [`Yaml11`], or why there is none: an unknown tag, a key that is a list, a
//! key that stands twice. The last is stricter than PyYAML, which keeps the second one.

use std::{
    collections::{HashMap, hash_map},
    rc::Rc,
};

use super::{
    Twice, Yaml11,
    compose::{Body, CORE, Node},
    resolve_plain,
};

/// The most values of a document, with aliases written out.
const MAX_NODES: usize = 100_000;
/// The most bytes of all texts, with aliases written out.
const MAX_BYTES: usize = 32 << 20;
/// The deepest nesting, with aliases written out.
const MAX_DEPTH: usize = 200;

type Made<T = Yaml11> = Result<T, String>;
type Pairs = Vec<(Rc<Node>, Rc<Node>)>;

/// Makes the value of `node`.
pub(super) fn construct(node: &Node, twice: Twice) -> Made {
    Constructor { twice, nodes: 0, bytes: 0, depth: 0 }.value(node)
}

/// The end of a message about a document that is too large.
pub(super) const TOO_MUCH: &str = "too many values, or nested too deep";

struct Constructor {
    twice: Twice,
    nodes: usize,
    bytes: usize,
    depth: usize,
}

fn refuse<T>(node: &Node, message: impl std::fmt::Display) -> Made<T> {
    Err(format!("line {}: {message}", node.line))
}

impl Constructor {
    fn value(&mut self, node: &Node) -> Made {
        self.nodes += 1;
        self.depth += 1;
        if let Body::Scalar(text) = &node.body {
            self.bytes += text.len();
        }
        if self.nodes > MAX_NODES || self.bytes > MAX_BYTES || self.depth > MAX_DEPTH {
            return refuse(node, TOO_MUCH);
        }
        let name = node.tag.strip_prefix(CORE);
        let value = match (name, &node.body) {
            (Some(tag), Body::Scalar(text)) => scalar(tag, text, node),
            (Some("seq"), Body::Sequence(items)) => {
                items.iter().map(|item| self.value(item)).collect::<Made<_>>().map(Yaml11::List)
            }
            (Some("map" | "set"), Body::Mapping(_)) => self.map(node),
            _ => refuse(node, format!("the tag `{}` means nothing here", node.tag)),
        };
        self.depth -= 1;
        value
    }

    fn map(&mut self, node: &Node) -> Made {
        let (merged, own) = self.flatten(node, 0)?;
        let own_from = merged.len();
        let mut entries: Vec<(Yaml11, Yaml11)> = Vec::new();
        let mut places = HashMap::new();
        for (number, (key_node, value_node)) in merged.into_iter().chain(own).enumerate() {
            let key = self.key(&key_node)?;
            let value = self.value(&value_node)?;
            match places.entry(identity(&key, number)) {
                hash_map::Entry::Vacant(place) => {
                    place.insert((entries.len(), number));
                    entries.push((key, value));
                }
                hash_map::Entry::Occupied(place)
                    if place.get().1 >= own_from && self.twice == Twice::Refused =>
                {
                    return refuse(&key_node, format!("a key stands here twice: {key:?}"));
                }
                hash_map::Entry::Occupied(mut place) => {
                    place.get_mut().1 = number;
                    entries[place.get().0].1 = value;
                }
            }
        }
        Ok(Yaml11::Map(entries))
    }

    fn key(&mut self, node: &Node) -> Made {
        match &node.body {
            Body::Scalar(text) if is(node, "value") => Ok(Yaml11::Str(text.clone())),
            Body::Scalar(_) => self.value(node),
            _ => refuse(node, "a list or a map cannot be a key"),
        }
    }

    /// The entries that come from `<<`, and the map's own.
    fn flatten(&mut self, node: &Node, depth: usize) -> Made<(Pairs, Pairs)> {
        let Body::Mapping(pairs) = &node.body else {
            return refuse(node, "`<<` is followed by a map or a list of maps");
        };
        self.nodes += pairs.len();
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            return refuse(node, TOO_MUCH);
        }
        let (merges, own): (Vec<_>, Vec<_>) =
            pairs.iter().cloned().partition(|(key, _)| is(key, "merge"));
        let mut merged = Pairs::new();
        for (key, value) in &merges {
            if merges.len() > 1 && self.twice == Twice::Refused {
                return refuse(key, "a key stands here twice: `<<`");
            }
            let maps = match &value.body {
                Body::Sequence(maps) => maps.iter().rev().cloned().collect(),
                _ => vec![Rc::clone(value)],
            };
            for map in &maps {
                let (above, below) = self.flatten(map, depth + 1)?;
                merged.extend(above.into_iter().chain(below));
            }
        }
        Ok((merged, own))
    }
}

fn is(node: &Node, tag: &str) -> bool {
    node.tag.strip_prefix(CORE) == Some(tag)
}

fn scalar(tag: &str, text: &str, node: &Node) -> Made {
    let misfit = || refuse(node, format!("`{text}` is no valid {tag}"));
    let look = resolve_plain(text);
    match (tag, look) {
        ("str", _) => Ok(Yaml11::Str(text.to_owned())),
        ("null", _) => Ok(Yaml11::Null),
        ("bool", _) => truth(text).map_or_else(misfit, |value| Ok(Yaml11::Bool(value))),
        ("int", look @ (Yaml11::Int(_) | Yaml11::BigInt(_))) => Ok(look),
        ("float", look @ Yaml11::Float(_)) => Ok(look),
        ("float", _) => decimal(text).map_or_else(misfit, |value| Ok(Yaml11::Float(value))),
        ("timestamp", look @ Yaml11::Timestamp(_)) => Ok(look),
        ("binary", _) => base64(text).map_or_else(misfit, |bytes| Ok(Yaml11::Binary(bytes))),
        ("int" | "timestamp" | "invalid", _) => misfit(),
        ("merge" | "value", _) => {
            refuse(node, format!("`{text}` cannot be a value without quotes"))
        }
        _ => refuse(node, format!("the tag `!!{tag}` means nothing here")),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// What `!!float` also accepts: `1`, `1e5`.
fn decimal(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    let fits = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if fits { text.parse().ok() } else { None }
}

/// Python's tolerant decoder: what is no letter of the alphabet is skipped.
fn base64(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let (mut bytes, mut bits, mut count, mut padding) = (Vec::new(), 0_u32, 0_u32, 0);
    for byte in text.bytes() {
        let Some(six) = sextet(byte) else {
            padding += u32::from(byte == b'=');
            if byte == b'=' && count % 4 >= 2 && count % 4 + padding >= 4 {
                return Some(bytes);
            }
            continue;
        };
        padding = 0;
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        count += 1;
        if count % 4 != 1 {
            bytes.push(u8::try_from(bits >> (6 - 2 * ((count + 3) % 4)) & 0xFF).ok()?);
        }
    }
    (count % 4 == 0).then_some(bytes)
}

fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Equal for keys that are equal in Python, where `1`, `1.0` and `True` are.
fn identity(key: &Yaml11, number: usize) -> String {
    match key {
        Yaml11::Bool(value) => format!("n{}", i32::from(*value)),
        Yaml11::Int(value) => format!("n{value}"),
        Yaml11::Float(value) if value.is_nan() => format!("nan{number}"),
        Yaml11::Float(value) => format!("n{value}"),
        Yaml11::Str(text) => format!("s{text}"),
        other => format!("{other:?}"),
    }
}
