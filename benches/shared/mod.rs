//! What the benchmarks have in common.

#![allow(dead_code, reason = "no benchmark uses all of it")]

use std::process::{Command, Output};

/// Runs a program that has to succeed.
pub(crate) fn run(words: &[&str]) -> Output {
    let output = Command::new(words[0]).args(&words[1..]).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", words[0]));
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The largest resident set of a few runs, in KB.
pub(crate) fn memory(words: &[&str]) -> u64 {
    let words = [&["/usr/bin/time", "-f", "%M"][..], words].concat();
    let kilobytes = |_| {
        let output = run(&words);
        let said = String::from_utf8_lossy(&output.stderr);
        said.lines().last().and_then(|line| line.parse().ok()).expect("time prints a number")
    };
    (0..5).map(kilobytes).max().unwrap_or_default()
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
