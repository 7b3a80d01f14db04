//! What a column of the roster is for.
//!
//! In: the names of the columns. Out: for each, the parameter that its cells set, or nothing, when
//! it is there for the texts of the parameter file only.

use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::source::{Path, Segment, Source, Span};
use crate::spec;

/// The parameter that the column `name` sets. A name that begins like a parameter and is none is a
/// mistake.
pub(super) fn parameter(roster: &str, name: &str) -> Result<Option<Path>, Report> {
    let Ok(path) = name.parse::<Path>() else { return unreadable(roster, name) };
    if spec::is_parameter(&path) {
        return Ok(Some(path));
    }
    match path.segments() {
        [Segment::Key(first), _, ..] if is_top(first) => Err(unknown(roster, name).into()),
        _ => Ok(None),
    }
}

/// A name that is no path: `conda.environments[0` is meant to be one, `E-mail (home)` is not.
fn unreadable(roster: &str, name: &str) -> Result<Option<Path>, Report> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    match end < name.len() && is_top(&name[..end]) {
        true => Err(unknown(roster, name).into()),
        false => Ok(None),
    }
}

/// The parameter that a column may be meant to set which sets none: `hostnam`, `Time zone`.
pub(super) fn meant(name: &str) -> Option<String> {
    let top = spec::paths().into_iter().filter(|path| !path.contains(['.', '[']));
    let top: Vec<String> = top.collect();
    nearest(name, top.iter().map(String::as_str)).map(str::to_owned)
}

/// A warning about such a column.
pub(super) fn doubt(roster: &str, name: &str, meant: &str) -> Diagnostic {
    let message = format!("nothing uses the column `{name}`");
    Diagnostic::warning("column", message)
        .at_span(header(roster, name))
        .help(format!("did you mean `{meant}`?"))
}

fn is_top(key: &str) -> bool {
    spec::is_parameter(&Path::root().key(key.to_owned()))
}

fn unknown(roster: &str, name: &str) -> Diagnostic {
    let message =
        format!("the column `{name}` is named like a parameter, and there is no such one");
    let wanted = name.replace(|c: char| c.is_ascii_digit(), "0");
    let help = match nearest(&wanted, spec::paths().iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`bootseed schema` lists the parameters; rename the column if it is none".into(),
    };
    Diagnostic::error("roster-column", message).at_span(header(roster, name)).help(help)
}

/// The place of a column's name.
fn header(roster: &str, name: &str) -> Span {
    let source = Source::value(format!("{roster}, header"), name);
    Span::new(&source, 0..name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_parameters_or_something_of_the_owner_s() {
        let kind = |name| parameter("a.csv", name).map(|path| path.map(|path| path.to_string()));
        for name in ["hostname", "conda.environments[0].name", "users[12].ssh_authorized_keys"] {
            assert_eq!(kind(name), Ok(Some(name.into())));
        }
        assert_eq!(kind("cloud_config.fqdn"), Ok(Some("cloud_config.fqdn".into())));
        for name in ["id", "학번", "E-mail (home)", "name.first", "a b", "Hostname", "[x]"] {
            assert_eq!(kind(name), Ok(None), "{name}");
        }
        for (name, help) in [
            ("conda.environments[0].nam", "conda.environments[0].name"),
            ("users[3].password_hsh", "users[0].password_hash"),
            ("web.", "`web`?"),
            ("conda.environments[0", ""),
        ] {
            let report = kind(name).unwrap_err();
            let diagnostic = report.iter().next().unwrap();
            assert!(diagnostic.help.as_ref().unwrap().contains(help), "{name}: {diagnostic:?}");
        }
    }
}
