//! What the owner allows: `# bootseed: allow ID` on a line, or on a line of its own above it.
//!
//! In: what was found. Out: the rest of it, and a word about what allows nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::finding::MOST;
use super::rules::unused;
use super::{Document, Finding, Settings, rules};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{Source, Span};

/// The id of an allowance for nothing.
pub const UNUSED: &str = "unused-allow";

const MARK: &str = "bootseed: allow ";

/// An id that is allowed somewhere.
struct Allowed {
    id: String,
    /// Where it is written.
    span: Span,
    /// The lines that it counts for, from 0: its own, and the next one that says something.
    lines: [usize; 2],
    used: bool,
}

/// Takes out what is allowed.
pub(super) fn apply(document: &Document, settings: &Settings, found: Vec<Finding>) -> Vec<Finding> {
    let mut allowed = Vec::new();
    for source in sources(document) {
        collect(&source, &mut allowed);
    }
    if allowed.is_empty() {
        return found;
    }
    let mut places: HashMap<(String, String, usize), usize> = HashMap::new();
    for (number, one) in allowed.iter().enumerate() {
        let source = one.span.source().name();
        for line in one.lines {
            places.insert((one.id.clone(), source.to_owned(), line), number);
        }
    }
    let cut = cut(&found);
    let mut left: Vec<Finding> = Vec::new();
    for finding in found {
        let place = finding.diagnostic.place.span(None).and_then(|span| {
            let (source, line) = (span.source().name().to_owned(), span.position().line - 1);
            places.get(&(finding.diagnostic.id.to_owned(), source, line))
        });
        match place {
            Some(number) => allowed[*number].used = true,
            None => left.push(finding),
        }
    }
    let wanted =
        |one: &&Allowed| !one.used && !cut.contains(one.id.as_str()) && settings.wants(UNUSED);
    let vain = allowed.iter().filter(wanted).filter_map(|one| vain(one, settings));
    left.extend(vain.take(MOST));
    left
}

/// The rules that found more than is kept: nobody knows what is allowed there.
fn cut(found: &[Finding]) -> HashSet<&'static str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    found.iter().for_each(|one| *counts.entry(one.diagnostic.id).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count >= MOST).map(|(id, _)| id).collect()
}

/// The file, and each text in it that has its own places.
fn sources(document: &Document) -> Vec<Arc<Source>> {
    let mut seen = HashSet::new();
    let own = document.parts.iter().map(|part| part.source());
    let all = std::iter::once(&document.outer).chain(own);
    all.filter(|source| seen.insert(source.name().to_owned())).cloned().collect()
}

fn collect(source: &Arc<Source>, allowed: &mut Vec<Allowed>) {
    let text = source.text();
    if !text.contains(MARK) {
        return;
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let next = next_lines(&lines);
    let mut at = 0;
    for (number, line) in lines.iter().enumerate() {
        let start = at;
        at += line.len() + 1;
        let Some((before, ids)) = line.split_once(MARK) else { continue };
        if !before.trim_end().ends_with('#') {
            continue;
        }
        let alone = before.trim().trim_end_matches('#').is_empty();
        let next = if alone { next[number] } else { number };
        let mut from = start + before.len() + MARK.len();
        for word in ids.split_inclusive([',', ' ']) {
            let id = word.trim_end_matches([',', ' ', '\r']);
            if !id.is_empty() {
                let span = Span::new(source, from..from + id.len());
                let lines = [number, next];
                allowed.push(Allowed { id: id.to_owned(), span, lines, used: false });
            }
            from += word.len();
        }
    }
}

/// For each line the first one behind it that is neither blank nor a comment; itself without one.
fn next_lines(lines: &[&str]) -> Vec<usize> {
    let mut next: Vec<usize> = (0..lines.len()).collect();
    let mut says = None;
    for (number, line) in lines.iter().enumerate().rev() {
        next[number] = says.unwrap_or(number);
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            says = Some(number);
        }
    }
    next
}

fn vain(one: &Allowed, settings: &Settings) -> Option<Finding> {
    let id = &one.id;
    let known = rules::all().any(|rule| rule.id == id);
    let diagnostic = match known {
        true if !settings.wants(id) => return None,
        true => Diagnostic::new(UNUSED, unused::RULE.severity, format!("`{id}` is not found here"))
            .help("take the word out: it would hide a mistake that is made here later"),
        false => {
            let near = nearest(id, rules::all().map(|rule| rule.id));
            let help = near.map_or_else(
                || "`bootseed explain` lists the rules".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            Diagnostic::new(UNUSED, unused::RULE.severity, format!("no rule is called `{id}`"))
                .help(help)
        }
    };
    Some(Finding { diagnostic: diagnostic.at_span(one.span.clone()), fix: None })
}
