//! A report for people: message, place, the line of the file with carets, help.
//!
//! In: a [`Report`] and the tree in which its paths are looked up. Out: the text for a terminal.

use std::{ops::Range, sync::Arc};

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle,
};

use super::mask;
use super::{Diagnostic, Report, Severity};
use crate::source::{Node, Source, Span};

/// Lines longer than this are cut around the place that is meant.
const WIDTH: usize = 120;
/// A second place further away than this gets an excerpt of its own.
const NEAR_BYTES: usize = 10_000;
/// Messages longer than this, which quote a very long word, are cut.
const LONGEST: usize = 2_000;
/// So many are shown; nobody reads more.
const MOST: usize = 100;

/// The diagnostics in the order of the file, then how many there are; nothing if there are none.
pub fn render(report: &Report, tree: Option<&Node>, color: bool) -> String {
    excerpts(report, tree, color) + &summary(report)
}

/// The diagnostics in the order of the file.
pub fn excerpts(report: &Report, tree: Option<&Node>, color: bool) -> String {
    let mut sorted = report.clone();
    sorted.sort(tree);
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut text = String::new();
    let mut painter = Painter { tree, masks: Vec::new() };
    for diagnostic in sorted.iter().take(MOST) {
        text.push_str(&renderer.render(&[painter.group(diagnostic)]));
        text.push_str("\n\n");
    }
    text
}

type Excerpt<'a> = Snippet<'a, Annotation<'a>>;

/// Makes excerpts, of lines without secrets.
struct Painter<'t> {
    tree: Option<&'t Node>,
    /// What is hidden in each source, found once.
    masks: Vec<(Arc<Source>, Vec<Range<usize>>)>,
}

/// A place with the words under it.
type Marked<'s> = (AnnotationKind, &'s Span, Option<&'s str>);

impl Painter<'_> {
    fn group<'a>(&mut self, diagnostic: &Diagnostic) -> Group<'a> {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Hint => Level::NOTE.with_name("hint"),
        };
        let span = diagnostic.place.span(self.tree);
        let title = level.primary_title(clean(&titled(diagnostic, &span))).id(diagnostic.id);
        let mut group = Group::with_title(title);
        let primary: Option<Marked> =
            span.as_ref().map(|span| (AnnotationKind::Primary, span, None));
        let context = |(span, text)| (AnnotationKind::Context, span, Some(text));
        let related = diagnostic.related.as_ref().map(|(span, text)| (span, text.as_str()));
        let context: Option<Marked> = related.map(context);
        let together = primary.iter().chain(&context).copied().collect::<Vec<_>>();
        let near = matches!(&together[..], [one, two] if is_near(one.1, two.1));
        if near && !diagnostic.secret && !self.is_hidden(&together) {
            group = group.element(excerpt(&together));
        } else {
            for one in together {
                let secret = diagnostic.secret && Some(one.1) == span.as_ref();
                group = self.place(group, one, secret);
            }
        }
        match &diagnostic.help {
            Some(help) => group.element(Level::HELP.message(clean(help))),
            None => group,
        }
    }

    /// A place with its line, or where that may hold a secret, without.
    fn place<'a>(&mut self, group: Group<'a>, one: Marked, secret: bool) -> Group<'a> {
        let source = one.1.source();
        if !secret && !self.is_hidden(&[one]) {
            let empty = source.is_value() && one.1.text().is_empty();
            return if empty { group } else { group.element(excerpt(&[one])) };
        }
        if source.is_value() {
            return group;
        }
        let place = one.1.position();
        let origin = Origin::path(clean(source.name())).line(place.line).char_column(place.column);
        group.element(origin)
    }

    /// May a line from the first to the last of these places hold a secret?
    fn is_hidden(&mut self, marked: &[Marked]) -> bool {
        let Some((_, first, _)) = marked.first() else { return false };
        let lines = lines(marked);
        let touches = |part: &Range<usize>| part.start <= lines.end && lines.start <= part.end;
        self.hidden(first.source()).iter().any(touches)
    }

    fn hidden(&mut self, source: &Arc<Source>) -> &[Range<usize>] {
        let known = self.masks.iter().position(|(known, _)| Arc::ptr_eq(known, source));
        let at = known.unwrap_or_else(|| {
            self.masks.push((Arc::clone(source), mask::hidden(source, self.tree)));
            self.masks.len() - 1
        });
        &self.masks[at].1
    }
}

/// The lines from the first to the last of places in one source.
fn lines(marked: &[Marked]) -> Range<usize> {
    let lines = marked.iter().map(|(_, span, _)| span.source().line_range(span.start()));
    lines.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0)
}

/// Those lines, with marks.
fn excerpt<'a>(marked: &[Marked]) -> Excerpt<'a> {
    let (source, lines) = (Arc::clone(marked[0].1.source()), lines(marked));
    let start = source.position(lines.start).line;
    let mut excerpt = Snippet::source(mask::shown(&source, &lines)).line_start(start);
    if !source.is_value() {
        excerpt = excerpt.path(clean(source.name()));
    }
    for one in marked {
        excerpt = excerpt.annotation(mark(one, &lines));
    }
    excerpt
}

/// The message; behind its place, where that is a value by itself.
fn titled(diagnostic: &Diagnostic, span: &Option<Span>) -> String {
    let value = span.as_ref().map(Span::source).filter(|source| source.is_value());
    let place = value.map(|source| format!("{}: ", source.name())).unwrap_or_default();
    place + &diagnostic.message
}

fn is_near(span: &Span, related: &Span) -> bool {
    span.source().name() == related.source().name()
        && span.start().abs_diff(related.start()) < NEAR_BYTES
}

/// The part of a span on its first line, counted in the lines that are shown.
fn mark<'a>((kind, span, label): &Marked, lines: &Range<usize>) -> Annotation<'a> {
    let line = span.source().line_range(span.start());
    let first_line = span.text().split('\n').next().unwrap_or("").trim_end();
    let end = (span.start() + first_line.len()).min(line.end);
    let mark = kind.span(span.start().min(end) - lines.start..end - lines.start);
    match label {
        Some(label) => mark.label(clean(label)),
        None => mark,
    }
}

/// Text without characters that would change the terminal, and not endless.
fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for (number, c) in text.chars().enumerate() {
        match c {
            _ if number == LONGEST => {
                clean.push('…');
                break;
            }
            '\n' => clean.push('\n'),
            c if is_unseen(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    clean
}

/// A text of others on one line, without what would change the terminal.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// Control characters, and those that change the direction of writing.
fn is_unseen(c: char) -> bool {
    let turns = matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(c, '\u{2066}'..='\u{2069}');
    c.is_control() || turns
}

/// `2 errors, 1 warning`.
fn summary(report: &Report) -> String {
    let count = |number: usize, word: &str| {
        let plural = if number == 1 { "" } else { "s" };
        (number > 0).then(|| format!("{number} {word}{plural}"))
    };
    let parts = [
        count(report.error_count(), "error"),
        count(report.warning_count(), "warning"),
        count(report.hint_count(), "hint"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let rest = if report.len() > MOST { ", of which the first 100 are shown" } else { "" };
    if parts.is_empty() { String::new() } else { format!("{}{rest}\n", parts.join(", ")) }
}

#[cfg(test)]
#[path = "human_tests.rs"]
mod tests;
