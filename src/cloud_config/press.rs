//! The documents of many machines that differ in little.
//!
//! In: one [`Plan`] after the other. Out: the document that [`render`](super::render) gives for
//! each, in a fraction of the time: where a plan differs from an earlier one in the values of
//! cloud-init's keys and the contents of files only, those alone are rendered and read back, and
//! set into the document of the earlier one. A text that is written in the one way that nothing can
//! mistake is not even rendered.
//!
//! Such an entry is whole lines that begin in the first column, and each entry is read back by
//! itself: what is before and behind it in the document means the same with any of them.

use std::ops::Range;

use serde::Serialize;
use serde_json::Value;

use super::{CloudConfig, DOCUMENT, RenderError, checked, plainly, read_back};
use crate::plan::{Plan, PlannedFile};
use crate::template::{Engine, Templates};

/// The templates of the entries.
const KEY: &str = "cloud-config/key.yaml.j2";
const FILE: &str = "cloud-config/file.yaml.j2";

/// Documents that are kept to set other values into. With more kinds of machines than that, the
/// later ones are rendered whole.
const MOST: usize = 16;

/// Bytes by which a document may be longer than the earlier one without being copied again.
const SPARE: usize = 1024;

/// Prints documents.
pub struct Press {
    engine: Engine,
    /// Are the templates those that belong together?
    own: bool,
    formes: Vec<Forme>,
}

/// A document, and where its entries are.
struct Forme {
    plan: Plan,
    text: String,
    entries: Vec<Slot>,
}

/// Where an entry is.
struct Slot {
    lines: Range<usize>,
    /// Where its text is in these lines, if that is written in the one way that nothing can mistake.
    text: Option<Range<usize>>,
}

/// What is set anew: a key of cloud-init's, or a file.
#[derive(PartialEq, Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Key { key: &'a str, value: &'a Value },
    File { file: &'a PlannedFile },
}

impl<'a> Entry<'a> {
    /// What differs from one copy to the other, if it is a text, written in the one way that nothing
    /// can mistake.
    fn plainly(&self) -> Option<String> {
        match self {
            Entry::Key { value, .. } => plainly::word(value.as_str()?),
            Entry::File { file } if file.base64 => None,
            Entry::File { file } => plainly::block(&file.text),
        }
    }

    /// Is it `other` with another text?
    fn is_another(&self, other: &Entry<'a>) -> bool {
        match (self, other) {
            (Entry::Key { key, .. }, Entry::Key { key: other, .. }) => key == other,
            (Entry::File { file }, Entry::File { file: other }) => {
                let rest = |file: &'a PlannedFile| (&file.path, &file.mode, file.base64);
                rest(file) == rest(other)
            }
            _ => false,
        }
    }
}

impl Press {
    /// Has printed nothing yet.
    pub fn new(templates: &Templates) -> Press {
        Press { engine: Engine::new(templates), own: templates.are_own(), formes: Vec::new() }
    }

    /// The document of a plan.
    ///
    /// # Errors
    /// As [`render`](super::render).
    pub fn print(&mut self, plan: &Plan) -> Result<CloudConfig, RenderError> {
        if let Some(forme) = self.formes.iter().find(|forme| plan.is_another_copy_of(&forme.plan)) {
            return self.set(forme, plan);
        }
        let document = checked(DOCUMENT, self.engine.render(DOCUMENT, plan)?)?;
        if self.own && self.formes.len() < MOST {
            let forme = self.forme(plan, &document)?;
            self.formes.extend(forme);
        }
        Ok(document)
    }

    /// The document of `forme` with the entries of `plan` that differ.
    fn set(&self, forme: &Forme, plan: &Plan) -> Result<CloudConfig, RenderError> {
        let mut text = String::with_capacity(forme.text.len() + SPARE);
        let mut done = 0;
        let old = entries(&forme.plan);
        for ((entry, old), slot) in entries(plan).zip(old).zip(&forme.entries) {
            if entry == old {
                continue;
            }
            let place = slot.text.as_ref().filter(|_| entry.is_another(&old));
            let (place, new) = match place.and_then(|place| Some((place, entry.plainly()?))) {
                Some(found) => found,
                None => (&slot.lines, self.lines(&entry)?),
            };
            text.push_str(&forme.text[done..place.start]);
            text.push_str(&new);
            done = place.end;
        }
        text.push_str(&forme.text[done..]);
        Ok(text.into())
    }

    /// The lines of an entry, read back.
    fn lines(&self, entry: &Entry<'_>) -> Result<String, RenderError> {
        let template = if matches!(entry, Entry::Key { .. }) { KEY } else { FILE };
        let rendered = self.engine.render(template, entry)?;
        read_back::compare_part(&rendered.text, &rendered.written)
            .map_err(|trouble| RenderError::ReadBack { template: template.into(), trouble })?;
        Ok(rendered.text)
    }

    /// Where the entries of `plan` are in its document; `None` if they are not all there.
    fn forme(&self, plan: &Plan, document: &CloudConfig) -> Result<Option<Forme>, RenderError> {
        let text = document.text().to_owned();
        let (mut slots, mut behind) = (Vec::new(), 0);
        for entry in entries(plan) {
            let lines = self.lines(&entry)?;
            let Some(start) = line_of(&text, behind, &lines) else { return Ok(None) };
            behind = start + lines.len();
            // The text is what an entry ends with, before the end of its last line.
            let end = behind - 1;
            let plain = entry.plainly().filter(|plain| text[start..end].ends_with(plain.as_str()));
            let text = plain.map(|plain| end - plain.len()..end);
            slots.push(Slot { lines: start..behind, text });
        }
        Ok(Some(Forme { plan: plan.clone(), text, entries: slots }))
    }
}

/// The entries of a plan in the order of the document.
fn entries(plan: &Plan) -> impl Iterator<Item = Entry<'_>> {
    let keys = plan.keys.iter().map(|(key, value)| Entry::Key { key, value });
    keys.chain(plan.files.iter().map(|file| Entry::File { file }))
}

/// Where `lines` begin as lines of their own, at `from` or later.
fn line_of(text: &str, from: usize, lines: &str) -> Option<usize> {
    let starts = text[from..].match_indices(lines).map(|(at, _)| from + at);
    starts.into_iter().find(|at| text[..*at].ends_with('\n'))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::source::{Source, parse};
    use crate::{cloud_config, plan, spec};

    /// Values with what YAML, shells and nginx make much of.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z]{1,8}",
            "(?s:.){0,30}",
            Just("on".into()),
            Just("12:30:45".into()),
            Just("a: b\n- c\n\n".into()),
            Just(" leads\n".into()),
            Just("# x\nmime-version: 1.0\n".into()),
            Just("{{ x }}${y}%".into()),
        ]
    }

    fn plan_of(hostname: &str, index: &str, content: &str, python: &str) -> Option<Plan> {
        let tree = json!({
            "hostname": hostname,
            "timezone": "Asia/Seoul",
            "users": [{"name": "kim", "ssh_authorized_keys": []}],
            "web": {"index": index},
            "files": [{"path": "/etc/motd", "content": content}, {"path": "/a", "content": "b"}],
            "conda": {"environments": [{"name": "x", "python": python}]},
            "cloud_config": {"ssh_pwauth": true, "final_message": content},
        });
        let tree = parse(&Source::new("a.yaml", tree.to_string())).ok()?;
        let (spec, report) = spec::load(&tree);
        assert!(!report.has_errors() || spec.is_none());
        plan::resolve(&spec?, Path::new(".")).0
    }

    proptest! {
        #[test]
        fn a_printed_document_is_the_rendered_one(
            machines in proptest::collection::vec(
                ("[a-z]{1,8}", text(), text(), prop_oneof!["3.9", "3.12"]),
                1..6,
            ),
        ) {
            let templates = Templates::default();
            let mut press = Press::new(&templates);
            for (hostname, index, content, python) in &machines {
                let Some(plan) = plan_of(hostname, index, content, python) else { continue };
                let rendered = cloud_config::render(&plan, &templates).map_err(|e| e.to_string());
                let printed = press.print(&plan).map_err(|e| e.to_string());
                prop_assert_eq!(printed.is_ok(), rendered.is_ok());
                prop_assert_eq!(printed.ok(), rendered.ok());
            }
        }
    }

    #[test]
    fn each_machine_has_its_own_locale() {
        let templates = Templates::default();
        let mut press = Press::new(&templates);
        for locale in ["ko_KR.UTF-8", "en_US.UTF-8", "C.UTF-8", "ko_KR.UTF-8"] {
            let text = format!("locale: {locale}\nhostname: lab\n");
            let tree = parse(&Source::new("a.yaml", text)).unwrap();
            let plan = plan::resolve(&spec::load(&tree).0.unwrap(), Path::new(".")).0.unwrap();
            let rendered = cloud_config::render(&plan, &templates).unwrap();
            assert_eq!(press.print(&plan).unwrap(), rendered, "{locale}");
        }
    }

    #[test]
    fn what_differs_in_values_only_is_set_into_the_first() {
        let mut press = Press::new(&Templates::default());
        for (hostname, python) in [("a", "3.9"), ("b", "3.9"), ("c", "3.12"), ("d", "3.9")] {
            press.print(&plan_of(hostname, hostname, hostname, python).unwrap()).unwrap();
        }
        assert_eq!(press.formes.len(), 2);
    }
}
