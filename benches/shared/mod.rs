//! What the benchmarks have in common.

use std::process::{Command, Output};

/// Runs a program that has to succeed.
pub(crate) fn run(words: &[&str]) -> Output {
    let output = Command::new(words[0]).args(&words[1..]).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", words[0]));
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A Jinja2 template that gives `document` where the names of `values` have those values.
pub(crate) fn jinja(document: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = document;
    while let Some(at) =
        rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min()
    {
        let (before, found) = rest.split_at(at);
        text += &format!("{before}{{{{ '{}' }}}}", &found[..2]);
        rest = &found[2..];
    }
    text += rest;
    values.iter().fold(text, |text, (value, name)| text.replace(value, name))
}
