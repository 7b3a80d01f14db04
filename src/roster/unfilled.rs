//! Texts that wait for a student, where there is none.
//!
//! In: the tree of a parameter file. Out: an [`Unfilled`] if a text in it has `{{ student.… }}`,
//! which would go out as it stands.

use super::family::walk;
use super::text::Text;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::{Node, Path, Span};

/// The texts with something of a student in them.
pub struct Unfilled {
    texts: Vec<Span>,
    first: String,
}

impl Unfilled {
    /// Those of a tree; `None` if there are none.
    pub fn find(tree: &Node) -> Option<Unfilled> {
        let (mut texts, mut first) = (Vec::new(), None);
        walk(tree, &Path::root(), &mut |_, text, span| {
            if let Some(mention) = Text::mention(text) {
                first.get_or_insert_with(|| mention.lines().next().unwrap_or_default().to_owned());
                texts.push(span.clone());
            }
        });
        first.map(|first| Unfilled { texts, first })
    }

    /// The mistake, told once. `help` says what to do.
    pub fn diagnostic(&self, help: &str) -> Diagnostic {
        let more = match self.texts.len() - 1 {
            0 => "",
            1 => ", as another text here does",
            more => &format!(", as {more} other texts here do"),
        };
        let message = format!("`{}` waits for a student of a roster{more}", self.first);
        let diagnostic = Diagnostic::error("student", message).help(help);
        match self.texts.first().map(|span| narrow(span, &self.first)) {
            Some(span) => diagnostic.at_span(span),
            None => diagnostic,
        }
    }

    /// A report without the complaints about these texts, which only follow from that.
    pub fn beside(&self, report: Report, tree: &Node) -> Report {
        let within = |one: &Diagnostic| {
            let place = one.place.span(Some(tree));
            place.is_some_and(|place| self.texts.iter().any(|text| holds(text, &place)))
        };
        report.into_iter().filter(|one| !within(one)).collect()
    }
}

fn holds(text: &Span, place: &Span) -> bool {
    let same = text.source().name() == place.source().name();
    same && text.range().start <= place.start() && place.start() <= text.range().end
}

/// The words in the text that are meant, if they stand there as they are.
fn narrow(span: &Span, words: &str) -> Span {
    match span.text().find(words) {
        Some(at) => {
            let start = span.start() + at;
            Span::new(span.source(), start..start + words.len())
        }
        None => span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, parse};

    #[test]
    fn texts_about_a_student_are_found() {
        for (text, expected) in [
            ("a: \"{{ student.name }}\"", Some("`{{ student.name }}` waits")),
            (
                "a: [\"{{ x }} {{ (student.id) | slug }}\", b]",
                Some("`{{ (student.id) | slug }}` waits"),
            ),
            ("a: \"{{ student.id\"", Some("`{{ student.id` waits")),
            ("a: \"{{ student.id }}\"\nb: \"{{student.id}}\"", Some("as another text here does")),
            ("a: \"{{ students }} {{ 'x' }} {{\"", None),
            ("a: b", None),
        ] {
            let tree = parse(&Source::new("a.yaml", text)).unwrap();
            let message = Unfilled::find(&tree).map(|found| found.diagnostic("help").message);
            match expected {
                Some(words) => assert!(message.unwrap().contains(words), "{text}"),
                None => assert_eq!(message, None, "{text}"),
            }
        }
    }
}
