//! Versions, and what may be demanded of them.

use super::word;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// How conda compares, the longer ones first.
const CONDA: &[&str] = &["==", ">=", "<=", "!=", "~=", "=", ">", "<"];
/// How pip compares.
const PIP: &[&str] = &["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// The comparisons in a version specification of conda, such as `>=1.2,<2|1.0.*`: each an operator,
/// which may be nothing, and a version. `None` if it is none.
pub(super) fn clauses(text: &str) -> Option<Vec<(&str, &str)>> {
    if text.starts_with('^') && text.ends_with('$') {
        return Some(Vec::new());
    }
    text.trim().split([',', '|']).map(|one| clause(one.trim_matches([' ', '(', ')']))).collect()
}

fn clause(text: &str) -> Option<(&str, &str)> {
    let operator = CONDA.iter().find(|operator| text.starts_with(**operator)).unwrap_or(&"");
    let version = text[operator.len()..].trim();
    let first =
        |c: char| c.is_ascii_digit() || c == '*' || !operator.is_empty() && c.is_alphabetic();
    let rest = |c: char| c.is_ascii_alphanumeric() || "._+!*".contains(c);
    (version.starts_with(first) && version.chars().all(rest)).then_some((operator, version))
}

/// Are these comparisons of pip's, such as `>=1.2, <2`?
pub(super) fn python_clauses(text: &str) -> bool {
    let clause = |text: &str| {
        let operator = PIP.iter().find(|operator| text.starts_with(**operator));
        let version = operator.map(|operator| text[operator.len()..].trim());
        let rest = |c: char| c.is_ascii_alphanumeric() || "._+!*-".contains(c);
        version.is_some_and(|version| {
            version.starts_with(|c: char| c.is_ascii_alphanumeric()) && version.chars().all(rest)
        })
    };
    text.trim_end_matches(',').split(',').all(|one| clause(one.trim()))
}

/// A version of Python, or what is demanded of it.
pub(super) fn check_python(version: &str, at: &Path, report: &mut Report) {
    if is_python(version) {
        return;
    }
    let help = match meant(version) {
        Some(meant) => format!("write {meant}"),
        None => "write a version such as 3.12, or leave `python` out for the newest".into(),
    };
    let message = format!("`{}` is no version of Python", word::shorten(version));
    report.push(Diagnostic::error("python-version", message).at(at).help(help));
}

pub(super) fn is_python(version: &str) -> bool {
    let fits = |(operator, version): &(&str, &str)| {
        let bound = ["<", "<=", "!="].contains(operator);
        is_release(version) && (bound || is_of_python(version))
    };
    clauses(version).is_some_and(|all| !all.is_empty() && all.iter().all(fits))
}

/// `3`, `3.9`, `3.9.*`, `3.14.0rc1`
fn is_release(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    let number = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let (last, before) = parts.split_last().unwrap_or((&"", &[]));
    let pre = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let pre = pre.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let known = ["a", "b", "rc"].iter().any(|kind| last.contains(kind));
    before.iter().all(number)
        && parts.len() <= 4
        && (number(last) || *last == "*" && !before.is_empty() || known && number(&pre))
}

/// Is there, or will there be, such a Python?
fn is_of_python(version: &str) -> bool {
    if version.starts_with('0') {
        return false;
    }
    let mut numbers = version.split('.').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse::<u32>().ok()
    });
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(2), minor) => minor.is_none_or(|minor| minor <= 7),
        (Some(3), minor) => minor.is_none_or(|minor| minor <= 40),
        _ => false,
    }
}

/// The version that was probably meant: `3,9`, `3.9.x`, `39`, `python3.9`.
fn meant(version: &str) -> Option<String> {
    let digits = version.to_lowercase().replace("python", "").replace("py", "");
    let digits = digits.trim_matches(|c: char| !c.is_ascii_digit());
    let dotted = digits.replace([',', ':', '_'], ".");
    let split = || digits.strip_prefix('3').map(|minor| format!("3.{minor}"));
    let plain = |text: &String| !text.is_empty() && text.contains('.') && is_python(text);
    Some(dotted).filter(plain).or_else(|| split().filter(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_python_are_told_from_other_text() {
        for version in [
            "3",
            "3.9",
            "3.10",
            "3.9.18",
            "2.7",
            "3.14.0rc1",
            "3.9.*",
            ">=3.9,<4",
            "3.9|3.10",
            "=3.9",
            "==3.9.7",
            "~=3.9",
            ">=3.9, <3.13",
            "!=3.10",
        ] {
            assert!(is_python(version), "{version}");
        }
        for (version, expected) in [
            ("3,9", Some("3.9")),
            ("3.9.x", Some("3.9")),
            ("39", Some("3.9")),
            ("310", Some("3.10")),
            ("4.9", None),
            ("py39", Some("3.9")),
            ("python3.9", Some("3.9")),
            ("Python 3.9", Some("3.9")),
            ("3.9-3.11", None),
            ("3:9", Some("3.9")),
            ("1.0", None),
            ("3.99", None),
            ("latest", None),
            ("3.", None),
            ("*", None),
            (">3.9<4", None),
            ("3.9 3.10", None),
            ("v3.9", Some("3.9")),
            ("03.9", None),
        ] {
            assert!(!is_python(version), "{version}");
            assert_eq!(meant(version).as_deref(), expected, "{version}");
        }
    }
}
