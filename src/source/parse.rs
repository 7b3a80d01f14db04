//! From the text to the tree.
//!
//! In: a [`Source`]. Out: its one YAML document as a [`Node`], or every mistake in it. The events
//! come from `saphyr-parser`, whose positions count characters; they become bytes here.

use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScanError};

use super::builder::Builder;
use super::check::tab_near;
use super::explain::explain;
use super::slip::slips;
use super::written::Written;
use super::{Node, Source, Span};

/// Something that is no YAML, or YAML that a parameter file may not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where.
    pub span: Span,
    /// A second place that belongs to it, and what to say there.
    pub related: Option<(Span, String)>,
}

impl SyntaxError {
    /// A mistake at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> SyntaxError {
        SyntaxError { message: message.into(), help: None, span, related: None }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> SyntaxError {
        self.help = Some(help.into());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> SyntaxError {
        self.related = Some((span, label.into()));
        self
    }
}

/// Reads the one document of `source`.
///
/// # Errors
/// All mistakes found: those of the tree (duplicate keys, foreign tags, …) and the first one after
/// which the text cannot be followed any further.
pub fn parse(source: &Arc<Source>) -> Result<Node, Vec<SyntaxError>> {
    let mut written = Written::new(source);
    let mut tries = 0;
    loop {
        let (builder, place) = read(source, &written);
        match place {
            Some(place) if tries < TRIES && written.join(place) => tries += 1,
            _ => return builder.finish(),
        }
    }
}

/// So many texts with escapes in pairs are joined.
const TRIES: usize = 100;

type ParserEvent<'a> = Result<(Event<'a>, saphyr_parser::Span), ScanError>;

/// What is read; and the character where a text begins that has an escape that YAML does not know.
fn read(source: &Arc<Source>, written: &Written<'_>) -> (Builder, Option<usize>) {
    let mut parser = Parser::new_from_str(&written.text);
    let mut builder = Builder::new(source, written.bytes.clone());
    let mut place = None;
    while let Some(event) = parser.next_event() {
        let error = event.as_ref().err();
        let escape = error.filter(|error| error.info().contains("Unicode character escape"));
        place = escape.map(|error| error.marker().index());
        if !take(&mut builder, source, event) {
            break;
        }
    }
    (builder, place)
}

/// Takes one event in; says whether to go on.
fn take(builder: &mut Builder, source: &Arc<Source>, event: ParserEvent<'_>) -> bool {
    match event {
        Ok((event, span)) => {
            let wrong = builder.event(event, span).err();
            let go_on = wrong.is_none();
            wrong.into_iter().for_each(|error| builder.report(error));
            go_on
        }
        Err(error) => {
            let error = scan_error(builder, &error);
            lost(builder, source, error);
            false
        }
    }
}

/// The text cannot be followed any further: because of `error`, or of a slip before it, which the
/// YAML reader took for something else.
fn lost(builder: &mut Builder, source: &Arc<Source>, error: SyntaxError) {
    let slips = slips(source);
    let end = source.line_range(error.span.start()).end;
    if !slips.iter().any(|slip| slip.span.start() <= end) {
        builder.report(error);
    }
    slips.into_iter().for_each(|slip| builder.report(slip));
}

/// The error of the YAML reader in our words.
fn scan_error(builder: &Builder, error: &ScanError) -> SyntaxError {
    let at = error.marker().index();
    let span = builder.char_span(at, at);
    tab_near(&span).unwrap_or_else(|| explain(error.info(), span))
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
