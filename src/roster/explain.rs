//! Where a mistake in a student's machine comes from.
//!
//! In: complaints about the parameter file of one student. Out: the same, with the cells of the
//! roster that they are about, and without those that nobody must see.

use super::family::{Family, From, Place, Student, Variant, diagnostic, is_below};
use super::text::{Text, TextError};
use crate::diagnostic::{Diagnostic, Place as At, Report, sounds_secret};
use crate::source::{Node, Source, Span};

impl Family {
    /// Complaints about a student's machine, with the places in the roster and in the parameter
    /// file that they come from. Those that the roster has no part in come second, and those that
    /// only follow from a bad cell not at all.
    pub fn sort(
        &self,
        found: Report,
        variant: &Variant,
        student: &Student<'_>,
    ) -> (Report, Report) {
        let (mut own, mut common) = (Report::default(), Report::default());
        for diagnostic in found {
            match self.cause(&diagnostic, &variant.tree) {
                Some(place) if variant.gaps.contains(&place.at) => {}
                Some(place) => own.push(self.explained(diagnostic, place, &variant.tree, student)),
                None => common.push(diagnostic),
            }
        }
        (own, common)
    }

    /// The place whose value a complaint is about.
    fn cause(&self, diagnostic: &Diagnostic, tree: &Node) -> Option<&Place> {
        let At::Path { path, .. } = &diagnostic.place else {
            let span = diagnostic.place.span(Some(tree))?;
            return self.places.iter().find(|place| self.is_cell(span.source(), place));
        };
        self.places.iter().find(|place| is_below(path, &place.at))
    }

    fn is_cell(&self, source: &Source, place: &Place) -> bool {
        let From::Cell { column, .. } = &place.from else { return false };
        source.name().ends_with(&format!(", column {}", self.header[*column]))
    }

    fn explained(
        &self,
        diagnostic: Diagnostic,
        place: &Place,
        tree: &Node,
        student: &Student<'_>,
    ) -> Diagnostic {
        match &place.from {
            From::Text { text, span } => {
                let cell = self.cell_of(text, student);
                let Diagnostic { message, help, .. } = &diagnostic;
                let (message, help) = match self.are_secret(text.columns()) {
                    true => (format!("`{}` cannot be made of this cell", place.at), None),
                    false => (message.clone(), slugged(diagnostic.id, help.as_deref(), span)),
                };
                Diagnostic { message, help, ..diagnostic }
                    .at_span(cell)
                    .related(span.clone(), "it is used here")
            }
            From::Cell { .. } => match diagnostic.place.span(Some(tree)) {
                Some(span) => diagnostic.at_span(span),
                None => diagnostic,
            },
            From::Password => diagnostic.secret(),
        }
    }

    pub(super) fn shown(
        &self,
        error: TextError,
        columns: &[usize],
        student: &Student<'_>,
    ) -> Diagnostic {
        let column = error.column.or(columns.first().copied());
        let empty = |column: usize| student.cells.get(column).is_none_or(String::is_empty);
        let hide = self.are_secret(columns) && !column.is_some_and(empty);
        let message =
            if hide { "the text cannot be made of this cell".into() } else { error.message };
        let diagnostic = diagnostic(TextError { message, ..error });
        match column {
            Some(column) => {
                let source = self.cell(column, student);
                diagnostic.at_span(Span::new(&source, 0..source.text().len()))
            }
            None => diagnostic,
        }
    }

    /// Must nobody see what is in one of these columns, or anything that is made of it?
    fn are_secret(&self, columns: &[usize]) -> bool {
        columns.iter().any(|column| sounds_secret(&self.header[*column]))
    }
}

/// The help for a text; a host name is best made by a filter.
fn slugged(id: &str, help: Option<&str>, text: &Span) -> Option<String> {
    let proposed = Text::mention(text.text()).filter(|_| id == "hostname");
    let inner = proposed.and_then(|words| words.strip_prefix("{{")?.strip_suffix("}}"));
    match inner.filter(|inner| !inner.contains("slug")) {
        Some(inner) => {
            let filter =
                format!("write {{{{ {} | slug }}}}, which makes one of any name", inner.trim());
            Some(help.map_or(filter.clone(), |help| format!("{help}; or {filter}")))
        }
        None => help.map(str::to_owned),
    }
}
