//! From a path back to the place in the file.
//!
//! In: a tree and a [`Path`], which may not exist there. Out: the [`Span`] to show.

use super::{Entry, Node, Path, Segment, Span};

impl Node {
    /// Where `path` was written: its value, or its key if `on_key`.
    ///
    /// When `path` does not exist, the deepest part of it that does is meant, and its key is
    /// preferred: `conda:` is a better place for "a name is missing" than the first line below it.
    pub fn locate(&self, path: &Path, on_key: bool) -> Span {
        let mut node = self;
        let mut key = None;
        for segment in path.segments() {
            let Some(next) = step(node, segment) else {
                return key.unwrap_or(&node.span).clone();
            };
            (node, key) = (next.0, next.1.map(|entry| &entry.key_span));
        }
        match key {
            Some(key_span) if on_key || node.span.text().is_empty() => key_span.clone(),
            _ => node.span.clone(),
        }
    }
}

/// The node one step down, and the entry that holds it if it is a map's.
fn step<'a>(node: &'a Node, segment: &Segment) -> Option<(&'a Node, Option<&'a Entry>)> {
    match segment {
        Segment::Index(index) => Some((node.items().get(*index)?, None)),
        Segment::Key(key) => node.entry(key).map(|entry| (&entry.value, Some(entry))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Source, parse};
    use super::*;

    fn find(text: &str, path: &str, on_key: bool) -> (String, String) {
        let tree = parse(&Source::new("a.yaml", text)).unwrap();
        let path = if path.is_empty() { Path::root() } else { path.parse().unwrap() };
        let span = tree.locate(&path, on_key);
        (span.position().to_string(), span.text().to_owned())
    }

    fn is(at: &str, text: &str) -> (String, String) {
        (at.to_owned(), text.to_owned())
    }

    const TEXT: &str =
        "conda:\n  environments:\n    - name: web\n      python:\n    -\nweb: {port: 80}\n";

    #[test]
    fn existing_paths_give_their_value_or_key() {
        assert_eq!(find(TEXT, "conda.environments[0].name", false), is("3:13", "web"));
        assert_eq!(find(TEXT, "conda.environments[0].name", true), is("3:7", "name"));
        assert_eq!(find(TEXT, "web.port", false), is("6:13", "80"));
        assert_eq!(find(TEXT, "web", false), is("6:6", "{port: 80}"));
        assert_eq!(find(TEXT, "conda.environments[1]", false), is("5:5", "-"));
    }

    #[test]
    fn an_empty_value_is_shown_at_its_key() {
        let key = is("4:7", "python");
        assert_eq!(find(TEXT, "conda.environments[0].python", false), key);
    }

    #[test]
    fn a_missing_path_gives_its_deepest_ancestor() {
        assert_eq!(find(TEXT, "web.root.deeper", false), is("6:1", "web"));
        assert_eq!(find(TEXT, "conda.prefix", true), is("1:1", "conda"));
        assert_eq!(find(TEXT, "conda.environments[7].name", false), is("2:3", "environments"));
        let item = find(TEXT, "conda.environments[0].pip", true);
        assert_eq!(item, is("3:7", "name: web\n      python"));
        assert_eq!(find("a: 1\n", "b.c", false), is("1:1", "a: 1"));
        assert_eq!(find("a: 1\n", "", true), is("1:1", "a: 1"));
    }
}
