//! The safe repairs, made.
//!
//! In: a text and what was found in it. Out: the text with every repair that changes nothing else:
//! repairs that overlap are made one after the other, until there is none left. What stands around
//! them stays as it is, byte by byte.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::{Document, Finding, Fix, Settings, lint};
use crate::source::Span;

/// A text, repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The whole text.
    pub text: String,
    /// What was done, in the order in which it was: the id of the rule, and the title of the repair.
    pub done: Vec<(&'static str, String)>,
}

/// More rounds than repairs that build on one another.
const ROUNDS: usize = 20;

/// Times that repairs which do harm are taken out, to try the others again.
const TRIES: usize = 50;

/// What no repair may bring about.
const HARM: &[&str] = &["duplicate-key", "invalid-yaml", "no-map"];

/// Makes all repairs; `None` if there is nothing that can be repaired, or if it is no UTF-8.
pub fn repair(name: &str, bytes: &[u8], settings: &Settings) -> Option<Repaired> {
    let mut repaired =
        Repaired { text: std::str::from_utf8(bytes).ok()?.to_owned(), done: Vec::new() };
    for _ in 0..ROUNDS {
        let found = lint(name, repaired.text.as_bytes(), settings);
        let Some((text, done)) = round(name, &repaired.text, &found) else { break };
        repaired.text = text;
        repaired.done.extend(done);
    }
    (!repaired.done.is_empty() && repaired.text.as_bytes() != bytes).then_some(repaired)
}

type Round = (String, Vec<(&'static str, String)>);

/// All that do not overlap together, without those that do harm.
fn round(name: &str, text: &str, found: &[Finding]) -> Option<Round> {
    let mut chosen = apart(found);
    let before = harms(name, text);
    for _ in 0..TRIES {
        let fixes: Vec<&Fix> = chosen.iter().map(|(_, fix)| *fix).collect();
        let made = Made::of(text, &fixes).filter(|made| made.text != text)?;
        let harms = made.harms(name, &before);
        if harms.is_empty() {
            let done = chosen.iter().map(|(id, fix)| (*id, fix.title.clone())).collect();
            return Some((made.text, done));
        }
        let wrong = made.culprits(&harms, chosen.len());
        let mut number = 0..;
        chosen.retain(|_| number.next().is_some_and(|number| !wrong.contains(&number)));
    }
    None
}

/// The repairs that do not touch one another, the first of those that do.
fn apart(found: &[Finding]) -> Vec<(&'static str, &Fix)> {
    // Stretches that are taken, which do not touch one another: the end of each by its start.
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut chosen = Vec::new();
    for finding in found {
        let Some(fix) = &finding.fix else { continue };
        let places = || fix.edits.iter().map(|edit| (edit.span.start(), edit.span.end()));
        let free = |(start, end): (usize, usize)| {
            taken.range(..=end).next_back().is_none_or(|(_, to)| *to < start)
        };
        if places().all(free) {
            taken.extend(places());
            chosen.push((finding.diagnostic.id, fix));
        }
    }
    chosen
}

/// The text with these repairs, which do not overlap; `None` if it would be the same, or worse.
pub fn applied(name: &str, text: &str, fixes: &[&Fix]) -> Option<String> {
    let made = Made::of(text, fixes).filter(|made| made.text != text)?;
    made.harms(name, &harms(name, text)).is_empty().then_some(made.text)
}

/// A text with repairs in it.
struct Made {
    text: String,
    edits: Vec<Moved>,
}

/// An edit that was made.
struct Moved {
    /// The number of its repair.
    fix: usize,
    /// What was there.
    old: Range<usize>,
    /// What is there now.
    new: Range<usize>,
}

impl Made {
    fn of(text: &str, fixes: &[&Fix]) -> Option<Made> {
        let all = fixes.iter().enumerate();
        let all = all.flat_map(|(number, fix)| fix.edits.iter().map(move |edit| (number, edit)));
        let mut sorted: Vec<_> = all.collect();
        sorted.sort_by_key(|(_, edit)| (edit.span.start(), edit.span.end()));
        let mut made = Made { text: String::with_capacity(text.len()), edits: Vec::new() };
        let mut at = 0;
        for (fix, edit) in sorted {
            made.text.push_str(text.get(at..edit.span.start())?);
            let start = made.text.len();
            made.text.push_str(&edit.text);
            at = edit.span.end();
            let (old, new) = (edit.span.range(), start..made.text.len());
            made.edits.push(Moved { fix, old, new });
        }
        made.text.push_str(text.get(at..)?);
        Some(made)
    }

    /// Where a byte of the old text is now.
    fn moved(&self, byte: usize) -> usize {
        let before = self.edits.partition_point(|edit| edit.old.start <= byte);
        match before.checked_sub(1).and_then(|last| self.edits.get(last)) {
            Some(edit) if byte < edit.old.end => edit.new.start,
            Some(edit) => edit.new.end + (byte - edit.old.end),
            None => byte,
        }
    }

    /// What is wrong now and was not before.
    fn harms(&self, name: &str, before: &[Finding]) -> Vec<Finding> {
        let known: HashSet<_> =
            before.iter().map(|one| key(one, |byte| self.moved(byte), name)).collect();
        let now = harms(name, &self.text).into_iter();
        now.filter(|one| !known.contains(&key(one, |byte| byte, name))).collect()
    }

    /// The repairs that brought it about: those at its places, or else in its lines, or else the
    /// later half of all.
    fn culprits(&self, harms: &[Finding], count: usize) -> HashSet<usize> {
        let places = harms.iter().flat_map(|one| {
            let own = one.diagnostic.place.span(None);
            own.into_iter().chain(one.diagnostic.related.iter().map(|(span, _)| span.clone()))
        });
        let places: Vec<Span> = places.collect();
        let lines = |span: &Span| span.source().line_range(span.start());
        let exact = self.at(places.iter().map(Span::range));
        let found = if exact.is_empty() { self.at(places.iter().map(lines)) } else { exact };
        if found.is_empty() { (count / 2..count).collect() } else { found }
    }

    /// The repairs that touch one of these stretches.
    fn at(&self, places: impl Iterator<Item = Range<usize>>) -> HashSet<usize> {
        let touching = places.flat_map(|place| {
            let from = self.edits.partition_point(|edit| edit.new.end < place.start);
            let rest = self.edits.get(from..).unwrap_or_default().iter();
            rest.take_while(move |edit| edit.new.start <= place.end).map(|edit| edit.fix)
        });
        touching.collect()
    }
}

/// What makes two findings the same: the rule, and where it is found.
fn key(
    finding: &Finding,
    moved: impl Fn(usize) -> usize,
    name: &str,
) -> (&'static str, Option<usize>) {
    let span = finding.diagnostic.place.span(None);
    let place = span.map(|span| match span.source().name() == name {
        true => moved(span.start()),
        false => span.start(),
    });
    (finding.diagnostic.id, place)
}

fn harms(name: &str, text: &str) -> Vec<Finding> {
    let select = HARM.iter().map(|id| (*id).to_owned()).collect();
    lint(name, text.as_bytes(), &Settings { select, ..Settings::default() })
}

/// Takes away the repairs that cannot be made in the file as it is: those of what is encoded, of
/// what is no UTF-8, and those of whole lines within an envelope, which has rules of its own.
pub(super) fn keep_possible(document: &Document, found: &mut [Finding]) {
    let outer = &document.outer;
    let exact = outer.text().len() == document.bytes && !outer.text().contains('\u{FFFD}');
    let bare = document.is_bare();
    for finding in found {
        let possible = |fix: &Fix| {
            exact
                && fix.edits.iter().all(|edit| {
                    let line = |text: &str| !text.contains(['\n', '\r', '=']) && text.is_ascii();
                    edit.span.source().name() == outer.name()
                        && (bare || line(&edit.text) && line(edit.span.text()))
                })
        };
        finding.fix = finding.fix.take().filter(possible);
    }
}
