//! One parameter file read many times, with other values in a few places.
//!
//! In: the tree of a parameter file, the places that change, and a value for each. Out: the
//! [`Spec`] that [`load`](super::load) would give for the tree with those values: only what changes
//! is looked at anew.

use serde::Deserialize;
use serde_json::Value;

use super::{Spec, shape};
use crate::diagnostic::Report;
use crate::source::{Node, Path, Segment};

/// Below an open map, such as `cloud_config`, anything goes.
static ANYTHING: Value = Value::Null;

/// A parameter file with blanks in it.
#[derive(Debug, Clone)]
pub struct Form {
    value: Value,
    blanks: Vec<Blank>,
}

/// A place that is filled in.
#[derive(Debug, Clone)]
struct Blank {
    at: Path,
    schema: &'static Value,
}

impl Form {
    /// The form that `tree` is a filled-in copy of. `None` if the tree has a mistake in its shape,
    /// or nothing at one of the places.
    pub fn new(tree: &Node, blanks: &[Path]) -> Option<Form> {
        let mut report = Report::default();
        let (value, _) = shape::conform(tree, shape::own(), &mut report);
        let blank = |at: &Path| Blank {
            at: at.clone(),
            schema: shape::at(shape::own(), at).unwrap_or(&ANYTHING),
        };
        let mut form = Form { value, blanks: blanks.iter().map(blank).collect() };
        let there = form.blanks.iter().all(|blank| slot(&mut form.value, &blank.at).is_some());
        (report.is_empty() && there).then_some(form)
    }

    /// Fills the blanks in with `values`, in their order. `None` if there is anything to say about
    /// one of them: [`load_all`](super::load_all) says it.
    pub fn fill<'a>(&mut self, values: impl IntoIterator<Item = &'a Node>) -> Option<Spec> {
        let mut report = Report::default();
        for (blank, node) in self.blanks.iter().zip(values) {
            let value = shape::conform_at(node, blank.schema, &blank.at, &mut report)?;
            *slot(&mut self.value, &blank.at)? = value;
        }
        let spec = Spec::deserialize(&self.value).ok()?;
        spec.check(&mut report);
        report.is_empty().then_some(spec)
    }
}

fn slot<'a>(value: &'a mut Value, at: &Path) -> Option<&'a mut Value> {
    at.segments().iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(&**key),
        Segment::Index(index) => value.get_mut(index),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, parse};
    use crate::spec::load_all;

    fn tree(text: &str) -> Node {
        parse(&Source::new("a.yaml", text)).unwrap()
    }

    /// What both ways give for the same values.
    fn both(text: &str, changes: &[(&str, &str)]) -> (Option<Spec>, Option<Spec>) {
        let (mut whole, paths) = (tree(text), changes.iter().map(|one| one.0.parse().unwrap()));
        let (paths, values): (Vec<Path>, Vec<Node>) =
            (paths.collect(), changes.iter().map(|one| tree(one.1)).collect());
        let mut form = Form::new(&whole, &paths).unwrap();
        for (path, value) in paths.iter().zip(&values) {
            whole.set(path, value.clone()).unwrap();
        }
        let loaded = load_all(&whole);
        (form.fill(&values), loaded.spec.filter(|_| loaded.report.is_empty()))
    }

    #[test]
    fn filling_in_is_loading() {
        let text = "hostname: a\npackages: [git]\nweb: {index: x, port: 80}\n\
                    conda: {environments: [{name: a, python: 3.9}]}\ncloud_config: {fqdn: a.b}\n\
                    users: [{name: kim, sudo: true}]\nrun: [ls]\n";
        for (path, value) in [
            ("hostname", "lab-7"),
            ("hostname", "3.10"),
            ("packages", "[jq, curl]"),
            ("packages[0]", "jq"),
            ("web.index", "'<b>{{ x }}</b>'"),
            ("web.port", "8080"),
            ("conda.environments[0].python", "3.10"),
            ("cloud_config.fqdn", "on"),
            ("users[0].sudo", "false"),
            ("run[0]", "[echo, 'a: b']"),
        ] {
            let (filled, loaded) = both(text, &[(path, value), ("users[0].name", "lee")]);
            let shown = |spec: &Option<Spec>| format!("{spec:?}");
            assert!(filled.is_some(), "{path}={value}");
            assert_eq!(shown(&filled), shown(&loaded), "{path}={value}");
        }
    }

    #[test]
    fn what_has_a_mistake_is_left_to_loading() {
        let text = "hostname: a\nweb: {port: 80}\nusers: [{name: kim}, {name: lee}]\n";
        for (path, value) in [
            ("hostname", "a b"),
            ("hostname", "[a]"),
            ("hostname", "''"),
            ("web.port", "http"),
            ("web", "{prot: 80}"),
            ("users[1].name", "kim"),
        ] {
            let (filled, loaded) = both(text, &[(path, value)]);
            assert!(filled.is_none() && loaded.is_none(), "{path}={value}");
        }
        assert!(Form::new(&tree("hostnam: a\n"), &[]).is_none());
        assert!(Form::new(&tree("hostname: a\n"), &["web".parse().unwrap()]).is_none());
    }
}
