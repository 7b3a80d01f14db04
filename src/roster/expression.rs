//! `{{ … }}` in a text: where it is, whether it is about a student, and which columns it names.

use super::filler::Filler;
use super::text::TextError;

/// What an expression is about.
const STUDENT: &str = "student";

/// What is before the next `{{ … }}`, what is in it, and what follows.
pub(super) fn next_expression(text: &str) -> Result<Option<(&str, &str, &str)>, TextError> {
    let Some((before, inside)) = text.split_once("{{") else { return Ok(None) };
    match end_of(inside) {
        Some(end) => Ok(Some((before, &inside[..end], &inside[end + 2..]))),
        None if is_about_student(inside) => Err(TextError {
            message: "`}}` is missing behind `{{ student`".into(),
            help: "write it as {{ student.COLUMN }}".into(),
            column: None,
            words: Some("{{".into()),
        }),
        None => Ok(None),
    }
}

/// Where `}}` is, outside of quotes.
pub(super) fn end_of(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '}') if text[at..].starts_with("}}") => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    // A quote that is not closed belongs to the text and not to an expression.
    text.find("}}")
}

pub(super) fn is_about_student(expression: &str) -> bool {
    let rest = expression.trim_start().trim_start_matches('(').trim_start().strip_prefix(STUDENT);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

pub(super) fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The columns that an expression names, as `student.NAME` or `student["NAME"]`.
pub(super) fn names(expression: &str) -> Result<Vec<String>, TextError> {
    if let Err(error) = Filler::default().check(expression) {
        let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
        return Err(TextError {
            message: format!("`{{{{{expression}}}}}` is no expression{detail}"),
            help: "write it as {{ student.COLUMN }} or {{ student[\"COLUMN\"] | slug }}".into(),
            column: None,
            words: Some(expression.trim().into()),
        });
    }
    let mut found = Vec::new();
    for (at, _) in expression.match_indices(STUDENT) {
        let rest = expression[at + STUDENT.len()..].trim_start();
        if let Some(rest) = rest.strip_prefix('.') {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            found.push(rest[..end.unwrap_or(rest.len())].to_owned());
        } else if let Some(rest) = rest.strip_prefix('[') {
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let name = quote.and_then(|quote| rest[1..].split_once(quote));
            found.extend(name.map(|(name, _)| name.to_owned()));
        }
    }
    Ok(found)
}
