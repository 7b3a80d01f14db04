//! A report for programs: one [`Message`] for each mistake.
//!
//! In: a [`Report`] and the tree in which its paths are looked up. Out: what `--message-format json`
//! writes, one object on a line. Fields may be added; none is taken away or changes its meaning. No
//! message quotes a line of the source, which may hold a secret.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Diagnostic, Report, Severity};
use crate::source::{Node, Position, Span};

/// What bootseed says on standard error with --message-format json: an object on each line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Message {
    /// How bad it is.
    pub severity: Level,
    /// A fixed name for this kind of mistake, in kebab-case; none of a note.
    pub id: Option<&'static str>,
    /// What is wrong, or what else is said.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where it is, where that is known.
    pub place: Option<Spot>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// A repair that changes nothing else, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Repair>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing can be made of this input, or the run failed.
    Error,
    /// Probably not what was meant.
    Warning,
    /// Often meant, and worth a look.
    Hint,
    /// To be known.
    Note,
}

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Spot {
    /// The file as it was named in the call, or what else has the text, such as
    /// `--set hostname` or `students.csv, row 3, column id`.
    pub source: String,
    /// Its first character; none where the source is a single value.
    pub start: Option<Point>,
    /// The character behind it.
    pub end: Option<Point>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Point {
    /// The line, from 1.
    pub line: usize,
    /// The character in that line, from 1.
    pub column: usize,
}

/// A second place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where.
    pub place: Spot,
}

/// A repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Repair {
    /// What it does.
    pub title: String,
    /// What is written in the place of what; the stretches do not overlap.
    pub edits: Vec<Replacement>,
}

/// A text in the place of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Replacement {
    /// What goes.
    pub place: Spot,
    /// What comes.
    pub text: String,
}

impl Message {
    /// Something without a place.
    pub fn new(severity: Level, id: Option<&'static str>, message: impl Into<String>) -> Message {
        let message = message.into();
        let related = Vec::new();
        Message { severity, id, message, help: None, place: None, related, fix: None }
    }

    /// A diagnostic; its path is looked up in `tree`.
    pub fn of(diagnostic: &Diagnostic, tree: Option<&Node>) -> Message {
        let severity = match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Hint => Level::Hint,
        };
        let related = diagnostic.related.iter();
        let related = related
            .map(|(span, words)| Related { message: words.clone(), place: Spot::from(span) })
            .collect();
        Message {
            help: diagnostic.help.clone(),
            place: diagnostic.place.span(tree).as_ref().map(Spot::from),
            related,
            ..Message::new(severity, Some(diagnostic.id), diagnostic.message.clone())
        }
    }
}

impl From<&Span> for Spot {
    fn from(span: &Span) -> Spot {
        let source = span.source();
        let point = |byte: usize| (!source.is_value()).then(|| Point::from(source.position(byte)));
        let (start, end) = (point(span.start()), point(span.end()));
        Spot { source: source.name().into(), start, end }
    }
}

impl From<Position> for Point {
    fn from(Position { line, column }: Position) -> Point {
        Point { line, column }
    }
}

/// The diagnostics in the order of the file.
pub fn messages(report: &Report, tree: Option<&Node>) -> Vec<Message> {
    let mut sorted = report.clone();
    sorted.sort(tree);
    sorted.iter().map(|diagnostic| Message::of(diagnostic, tree)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, parse};

    #[test]
    fn a_mistake_is_an_object() {
        let errors = parse(&Source::new("a.yaml", "é: 1\né: 2\n")).unwrap_err();
        let found = messages(&Report::from(errors), None).remove(0);
        let place = serde_json::json!({
            "source": "a.yaml",
            "start": {"line": 2, "column": 1},
            "end": {"line": 2, "column": 2},
        });
        let found = serde_json::to_value(found).unwrap();
        assert_eq!((&found["severity"], &found["id"]), (&"error".into(), &"yaml".into()));
        assert_eq!(found["place"], place);
        assert_eq!(found["related"][0]["place"]["start"]["line"], 1);
    }

    #[test]
    fn a_value_by_itself_has_no_lines() {
        let span = Span::new(&Source::value("--set hostname", "x y"), 0..3);
        let spot = Spot::from(&span);
        assert_eq!((spot.source.as_str(), spot.start), ("--set hostname", None));
    }
}
