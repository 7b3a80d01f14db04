//! Changing a tree: one value (`--set`), or another tree laid over it (a preset's user).
//!
//! In: a tree, and a value or a second tree. Out: the changed tree; every value keeps the place
//! where it was written.

use super::{Entry, Kind, Node, Path, Segment, Span};

impl Node {
    /// Sets `path` to `value`. Maps are created on the way, and a list grows by one item when the
    /// index is the next one.
    ///
    /// # Errors
    /// A message when the path leads through something else, or past the end of a list.
    pub fn set(&mut self, path: &Path, value: Node) -> Result<(), String> {
        let span = value.span.clone();
        self.set_written(path, value, &span)
    }

    /// As [`Node::set`], for a path that was itself written at `span`.
    ///
    /// # Errors
    /// As [`Node::set`].
    pub fn set_written(&mut self, path: &Path, value: Node, span: &Span) -> Result<(), String> {
        let last = path.segments().len();
        let mut node = self;
        for (depth, segment) in path.segments().iter().enumerate() {
            let here = Path::from(path.segments().iter().take(depth).cloned().collect::<Vec<_>>());
            if let (Kind::Map(entries), Segment::Key(key)) = (&mut node.kind, segment)
                && depth + 1 == last
                && let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key)
            {
                entry.key_span = span.clone();
            }
            node = node.child_or_new(segment, span).map_err(|reason| message(&here, &reason))?;
        }
        *node = value;
        Ok(())
    }

    /// The node one step down, made if it is not there yet.
    fn child_or_new(&mut self, segment: &Segment, span: &Span) -> Result<&mut Node, String> {
        self.fill_null(segment);
        let what = self.describe();
        match (&mut self.kind, segment) {
            (Kind::Map(entries), Segment::Key(key)) => Ok(entry_or_new(entries, key, span)),
            (Kind::List(items), Segment::Index(index)) => item_or_new(items, *index, span),
            (_, Segment::Key(key)) => Err(format!("is {what}, so it has no key `{key}`")),
            (_, Segment::Index(index)) => Err(format!("is {what}, so it has no item [{index}]")),
        }
    }

    /// Turns nothing into the empty map or list that `segment` leads into.
    fn fill_null(&mut self, segment: &Segment) {
        if self.is_null() {
            self.kind = match segment {
                Segment::Key(_) => Kind::Map(Vec::new()),
                Segment::Index(_) => Kind::List(Vec::new()),
            };
        }
    }

    /// This tree with `over` laid over it: maps are merged, everything else in `over` replaces
    /// what was here.
    #[must_use]
    pub fn merged_under(self, over: Node) -> Node {
        match (self.kind, over.kind) {
            (Kind::Map(mut under), Kind::Map(entries)) => {
                entries.into_iter().for_each(|entry| merge_entry(&mut under, entry));
                Node { kind: Kind::Map(under), span: over.span }
            }
            (_, kind) => Node { kind, span: over.span },
        }
    }
}

fn message(here: &Path, reason: &str) -> String {
    if here.is_root() { format!("the file {reason}") } else { format!("`{here}` {reason}") }
}

fn entry_or_new<'a>(entries: &'a mut Vec<Entry>, key: &str, span: &Span) -> &'a mut Node {
    let at = entries.iter().position(|entry| entry.key == key).unwrap_or(entries.len());
    if at == entries.len() {
        let value = Node::scalar("", true, span.clone());
        entries.push(Entry { key: key.to_owned(), key_span: span.clone(), value });
    }
    &mut entries[at].value
}

fn item_or_new<'a>(
    items: &'a mut Vec<Node>,
    index: usize,
    span: &Span,
) -> Result<&'a mut Node, String> {
    let count = items.len();
    if index > count {
        let items = if count == 1 { "item" } else { "items" };
        return Err(format!("has {count} {items}; the next one is [{count}], not [{index}]"));
    }
    if index == count {
        items.push(Node::scalar("", true, span.clone()));
    }
    Ok(&mut items[index])
}

fn merge_entry(under: &mut Vec<Entry>, over: Entry) {
    match under.iter_mut().find(|entry| entry.key == over.key) {
        None => under.push(over),
        Some(entry) => {
            entry.key_span = over.key_span;
            let nothing = Node::scalar("", true, over.value.span.clone());
            let old = std::mem::replace(&mut entry.value, nothing);
            entry.value = old.merged_under(over.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Source, parse};
    use super::*;

    fn tree(name: &str, text: &str) -> Node {
        parse(&Source::new(name, text)).unwrap()
    }

    fn set(text: &str, path: &str) -> Result<String, String> {
        let mut node = tree("a.yaml", text);
        node.set(&path.parse().unwrap(), tree("--set", "new"))?;
        Ok(node.to_json().to_string())
    }

    #[test]
    fn a_value_is_set_with_everything_above_it() {
        for (text, path, expected) in [
            ("a: 1", "a", r#"{"a":"new"}"#),
            ("a: 1", "b.c.d", r#"{"a":1,"b":{"c":{"d":"new"}}}"#),
            ("a:", "a[0].b", r#"{"a":[{"b":"new"}]}"#),
            ("a: [1]", "a[1]", r#"{"a":[1,"new"]}"#),
            ("a: [1]", "a[0]", r#"{"a":["new"]}"#),
            ("a: {b: [x]}", "a", r#"{"a":"new"}"#),
        ] {
            assert_eq!(set(text, path).unwrap(), expected, "{text} {path}");
        }
    }

    #[test]
    fn what_cannot_be_set_is_explained() {
        for (text, path, expected) in [
            ("a: [1]", "a[2]", "`a` has 1 item; the next one is [1], not [2]"),
            ("a: []", "a[1]", "`a` has 0 items; the next one is [0], not [1]"),
            ("a: x", "a.b", "`a` is text, so it has no key `b`"),
            ("a: [x]", "a.b", "`a` is a list, so it has no key `b`"),
            ("a: {b: 1}", "a[0]", "`a` is a map, so it has no item [0]"),
            ("[x]", "b", "the file is a list, so it has no key `b`"),
        ] {
            assert_eq!(set(text, path).unwrap_err(), expected, "{text} {path}");
        }
    }

    #[test]
    fn maps_merge_and_the_rest_is_replaced() {
        let under = tree("preset x", "a: {b: 1, c: [1, 2]}\nd: 4\ne: {f: 1}\n");
        let over = tree("a.yaml", "a: {c: [3], n: 5}\ne: null\nz: 0\n");
        let merged = under.merged_under(over);
        let json = r#"{"a":{"b":1,"c":[3],"n":5},"d":4,"e":null,"z":0}"#;
        assert_eq!(merged.to_json().to_string(), json);
        let source =
            |path: &str| merged.locate(&path.parse().unwrap(), false).source().name().to_owned();
        assert_eq!(source("a.b"), "preset x");
        assert_eq!(source("a.c[0]"), "a.yaml");
    }
}
