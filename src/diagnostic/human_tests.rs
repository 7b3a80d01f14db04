//! What a report looks like on a terminal.

use super::*;
use crate::source::{Path, Source, parse};

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

const TEXT: &str = "host: x\nconda:\n  environments:\n    - name: web\n      pyton: 3.9\n";

#[test]
fn a_report_is_shown_in_full() {
    let tree = parse(&Source::new("class.yaml", TEXT)).unwrap();
    let mut report = Report::new();
    report.push(Diagnostic::warning("b", "no web server").help("add `web:`"));
    report.push(
        Diagnostic::error("a", "unknown key `pyton`")
            .at_key(&path("conda.environments[0].pyton"))
            .help("did you mean `python`?")
            .related(tree.locate(&path("conda.environments[0].name"), true), "in this one"),
    );
    report.push(Diagnostic::error("a", "`prefix` is missing").at(&path("conda.prefix")));
    assert_eq!(
        render(&report, Some(&tree), false),
        "\
error[a]: `prefix` is missing
 --> class.yaml:2:1
  |
2 | conda:
  | ^^^^^

error[a]: unknown key `pyton`
 --> class.yaml:5:7
  |
4 |     - name: web
  |       ---- in this one
5 |       pyton: 3.9
  |       ^^^^^
  |
  = help: did you mean `python`?

warning[b]: no web server
 |
 = help: add `web:`

2 errors, 1 warning
"
    );
}

#[test]
fn nothing_wrong_is_nothing_shown() {
    assert_eq!(render(&Report::new(), None, false), "");
}

#[test]
fn a_span_over_several_lines_is_shown_by_its_first() {
    let tree = parse(&Source::new("a.yaml", TEXT)).unwrap();
    let report = Report::from(Diagnostic::error("a", "all").at(&path("conda")));
    let text = render(&report, Some(&tree), false);
    assert!(text.contains("3 |   environments:\n  |   ^^^^^^^^^^^^^\n\n1 error\n"), "{text}");
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let text = format!("a: {}\n", "0123456789".repeat(1000));
    let source = Source::new("a.yaml", text);
    for at in [3, 5_000, 10_002] {
        let span = Span::new(&source, at..at + 1);
        let report = Report::from(Diagnostic::error("a", "here").at_span(span));
        let shown = render(&report, None, false);
        assert!(shown.lines().all(|line| line.chars().count() < 150), "{at}: {shown}");
        assert!(shown.contains(&format!("a.yaml:1:{}\n", at + 1)) && shown.contains('^'));
    }
}

#[test]
fn a_place_in_another_source_gets_its_own_excerpt() {
    let one = Source::new("--set host", "a b");
    let two = Source::new("class.yaml", "host: x\n");
    let diagnostic = Diagnostic::error("a", "two values").at_span(Span::new(&one, 2..3));
    let report = Report::from(diagnostic.related(Span::new(&two, 0..4), "first here"));
    let shown = render(&report, None, false);
    assert!(shown.contains(" --> --set host:1:3\n"), "{shown}");
    assert!(shown.contains("::: class.yaml:1:1\n"), "{shown}");
    assert!(shown.contains("---- first here\n"), "{shown}");
}

#[test]
fn nothing_reaches_the_terminal_that_could_change_it() {
    let source = Source::new("a\u{1B}.yaml", "a\u{1B}[31m: \u{7F}\u{202E}\n");
    let diagnostic = Diagnostic::error("a", "\u{1B}[2J\u{202E}").help("\u{7}\u{9B}");
    let report = Report::from(diagnostic.at_span(Span::new(&source, 0..3)));
    let shown = render(&report, None, false);
    assert!(shown.chars().all(|c| c == '\n' || !is_unseen(c)), "{shown:?}");
    assert!(shown.contains("error[a]: \\u{1b}[2J\\u{202e}"), "{shown}");
    let colored = render(&report, None, true);
    assert!(colored.contains("\u{1B}[") && !colored.contains("\u{1B}[2J"));
}

#[test]
fn a_very_long_report_ends() {
    let one = |number| Diagnostic::error("a", format!("mistake {number}"));
    let text = render(&(1..=101).map(one).collect(), None, false);
    assert!(text.contains("mistake 100\n") && !text.contains("mistake 101"), "{text}");
    assert!(text.ends_with("\n101 errors, of which the first 100 are shown\n"), "{text}");
}

#[test]
fn secrets_are_not_shown() {
    let source = Source::new("a.yaml", "- password: hunter2\n  b: hunter3\n");
    let report = Report::from(
        Diagnostic::error("a", "x")
            .at_span(Span::new(&source, 25..32))
            .secret()
            .related(Span::new(&source, 12..19), "y"),
    );
    let text = render(&report, None, false);
    assert!(!text.contains("hunter") && text.contains("a.yaml:2:6\n"), "{text}");
}

#[test]
fn a_very_long_message_ends() {
    let report = Report::from(Diagnostic::error("a", "x".repeat(100_000)));
    assert!(render(&report, None, false).chars().count() < 3_000);
}
