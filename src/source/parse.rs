//! From the text to the tree.
//!
//! In: a [`Source`]. Out: its one YAML document as a [`Node`], or every mistake in it. The events
//! come from `saphyr-parser`, whose positions count characters; they become bytes here.

use std::sync::Arc;

use saphyr_parser::{Parser, ScanError};

use super::{Node, Source, Span, builder::Builder, check::tab_near, explain::explain, slip::slips};

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
    let mut parser = Parser::new_from_str(source.text());
    let mut builder = Builder::new(source);
    while let Some(event) = parser.next_event() {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let error = scan_error(&builder, &error);
                lost(&mut builder, source, error);
                break;
            }
        };
        if let Err(error) = step {
            builder.report(error);
            break;
        }
    }
    builder.finish()
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
