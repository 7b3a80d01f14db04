//! A report for people: message, place, the line of the file with carets, help.
//!
//! In: a [`Report`] and the tree in which its paths are looked up. Out: the text for a terminal.

use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Renderer, Snippet, renderer::DecorStyle,
};

use super::{Diagnostic, Report, Severity};
use crate::source::{Node, Source, Span};

/// Lines longer than this are cut around the place that is meant.
const WIDTH: usize = 120;
/// A second place further away than this gets an excerpt of its own.
const NEAR_BYTES: usize = 10_000;
/// Messages longer than this, which quote a very long word, are cut.
const LONGEST: usize = 2_000;

/// All diagnostics in the order of the file, then how many there are; nothing if there are none.
pub fn render(report: &Report, tree: Option<&Node>, color: bool) -> String {
    let mut sorted = report.clone();
    sorted.sort(tree);
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut text = String::new();
    for diagnostic in &sorted {
        text.push_str(&renderer.render(&[group(diagnostic, tree)]));
        text.push_str("\n\n");
    }
    text.push_str(&summary(report));
    text
}

fn group<'a>(diagnostic: &Diagnostic, tree: Option<&Node>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(clean(&diagnostic.message)));
    let label = diagnostic.label.as_deref();
    match (diagnostic.place.span(tree), &diagnostic.related) {
        (None, None) => {}
        (Some(span), None) => group = group.element(primary(&span, label)),
        (None, Some((related, text))) => group = group.element(context(related, text)),
        (Some(span), Some((related, text))) if is_near(&span, related) => {
            group = group.element(both(&span, label, related, text));
        }
        (Some(span), Some((related, text))) => {
            group = group.element(primary(&span, label)).element(context(related, text));
        }
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    group
}

type Excerpt<'a> = Snippet<'a, Annotation<'a>>;

fn primary<'a>(span: &Span, label: Option<&str>) -> Excerpt<'a> {
    let line = span.source().line_range(span.start());
    excerpt(span.source(), &line).annotation(mark(AnnotationKind::Primary, span, label, &line))
}

fn context<'a>(span: &Span, label: &str) -> Excerpt<'a> {
    let line = span.source().line_range(span.start());
    let mark = mark(AnnotationKind::Context, span, Some(label), &line);
    excerpt(span.source(), &line).annotation(mark)
}

/// Both places in one excerpt.
fn both<'a>(span: &Span, label: Option<&str>, related: &Span, text: &str) -> Excerpt<'a> {
    let source = span.source();
    let (one, two) = (source.line_range(span.start()), source.line_range(related.start()));
    let lines = one.start.min(two.start)..one.end.max(two.end);
    excerpt(source, &lines)
        .annotation(mark(AnnotationKind::Primary, span, label, &lines))
        .annotation(mark(AnnotationKind::Context, related, Some(text), &lines))
}

fn is_near(span: &Span, related: &Span) -> bool {
    span.source().name() == related.source().name()
        && span.start().abs_diff(related.start()) < NEAR_BYTES
}

fn excerpt<'a>(source: &Source, lines: &Range<usize>) -> Excerpt<'a> {
    let text = source.text().get(lines.clone()).unwrap_or("").to_owned();
    Snippet::source(text).path(clean(source.name())).line_start(source.position(lines.start).line)
}

/// The part of `span` on its first line, counted from the start of `lines`.
fn mark<'a>(
    kind: AnnotationKind,
    span: &Span,
    label: Option<&str>,
    lines: &Range<usize>,
) -> Annotation<'a> {
    let line = span.source().line_range(span.start());
    let first_line = span.text().split('\n').next().unwrap_or("").trim_end();
    let end = (span.start() + first_line.len()).min(line.end);
    let start = span.start().min(end);
    let mark = kind.span(start.saturating_sub(lines.start)..end.saturating_sub(lines.start));
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
    let parts = [count(report.error_count(), "error"), count(report.warning_count(), "warning")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("{}\n", parts.join(", ")) }
}

#[cfg(test)]
#[path = "human_tests.rs"]
mod tests;
