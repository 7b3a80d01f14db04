//! Every rule of `bootseed lint`: a document with the mistake, and the same as it was meant.
//!
//! `lint/ID/bad.yaml` has the mistake, `good.yaml` has none, `args` further arguments of
//! `bootseed lint`, one a line, and `bad.out` all that is said of the bad one.
//! `BLESS=1 cargo test --test lint` writes the `.out` files. To add a rule: the two `.yaml` files,
//! then bless, then read what you blessed.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bootseed::diagnostic::Severity;
use bootseed::lint::{self, Settings};

fn folder(id: &str) -> PathBuf {
    Path::new("tests/lint").join(id)
}

/// The exit status, and what is said.
fn run(id: &str, file: &str) -> (Option<i32>, String) {
    let args = fs::read_to_string(folder(id).join("args")).unwrap_or_default();
    let file = folder(id).join(file);
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.arg("lint").arg(file).args(args.lines()).env("NO_COLOR", "1");
    let output = command.output().unwrap();
    assert!(output.stdout.is_empty(), "{id}: results go nowhere but to standard error");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn every_rule_finds_its_mistake_and_nothing_where_it_is_repaired() {
    let bless = env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for rule in lint::rules() {
        let (status, said) = run(rule.id, "bad.yaml");
        let marks = format!("[{}]", rule.id);
        if !said.contains(&marks) {
            wrong.push(format!("{}: bad.yaml has no such finding:\n{said}", rule.id));
        }
        let error = said.contains("error[");
        assert_eq!(status, Some(i32::from(error)), "{}: {said}", rule.id);
        let (status, clean) = run(rule.id, "good.yaml");
        if status != Some(0) || clean.contains(&marks) {
            wrong.push(format!("{}: good.yaml is not good:\n{clean}", rule.id));
        }
        let out = folder(rule.id).join("bad.out");
        if bless {
            fs::write(&out, &said).unwrap();
        } else if fs::read_to_string(&out).unwrap_or_default() != said {
            wrong.push(format!("{}: not as blessed:\n{said}", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_of_a_rule() {
    let ids: BTreeSet<String> = lint::rules().map(|rule| rule.id.to_owned()).collect();
    let folders = fs::read_dir("tests/lint").unwrap().map(|entry| entry.unwrap());
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert_eq!(ids, folders);
}

#[test]
fn every_rule_says_what_it_is() {
    let mut seen = BTreeSet::new();
    for rule in lint::rules() {
        let id = rule.id;
        assert!(seen.insert(id), "{id} is there twice");
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{id}");
        assert!(!rule.summary.ends_with('.') && rule.summary.len() < 100, "{id}: {}", rule.summary);
        assert!(rule.boot.ends_with('.') && rule.advice.ends_with('.'), "{id}");
        assert!(!rule.evidence.is_empty(), "{id}: where is it known from?");
        for evidence in rule.evidence {
            assert!(is_there(id, evidence), "{id}: {evidence} says nothing of it");
        }
    }
}

/// Is it an address, or a test that there is? Two of them name the rules that they prove.
fn is_there(id: &str, evidence: &str) -> bool {
    let file = evidence.split(": ").next().unwrap_or_default();
    let Ok(text) = fs::read_to_string(file) else { return evidence.starts_with("https://") };
    let name = id.replace('-', "_");
    match file {
        "tests/oracles/evidence.py" => {
            text.contains(&format!("def {name}(")) || text.contains(&format!("{name} = "))
        }
        "tests/boot/lint.rs" => text.contains(id),
        _ => true,
    }
}

/// Keys that parameter files and cloud-config have alike.
#[test]
fn what_could_be_either_is_told_apart() {
    let room = tempfile::tempdir().unwrap();
    let lint = |text: &str| {
        fs::write(room.path().join("a.yaml"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
        let output = command.args(["lint", "a.yaml"]).current_dir(room.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, said) = lint("hostname: lab\npackages: [nginx]\n");
    assert!(status == Some(0) && said.contains("taken for a parameter file"), "{said}");
    let (status, said) = lint("hostname: lab\nconda: {}\n");
    assert!(!said.contains("taken for a parameter file"), "{status:?} {said}");
    let (status, said) = lint("users:\n  - default\n  - {name: ann, gecos: Ann}\n");
    assert!(status == Some(1) && said.contains("`#cloud-config` is missing"), "{said}");
}

/// Where documents with the verdicts of cloud-init are, if they are.
fn corpus() -> Option<PathBuf> {
    let named = env::var_os("BOOTSEED_CORPUS").map(PathBuf::from);
    let folders = ["../shared/corpus", "../../shared/corpus"].map(PathBuf::from);
    named.into_iter().chain(folders).find(|folder| folder.join("verdicts.tsv").is_file())
}

/// Rules that find what cloud-init's schema rejects.
const OF_THE_SCHEMA: &[&str] = &[
    "missing-header",
    "byte-order-mark",
    "invalid-yaml",
    "unknown-key",
    "missing-key",
    "no-map",
    "wrong-type",
    "scalar-for-list",
    "empty-key",
    "bad-value",
    "command-becomes-map",
    "non-string-command",
    "unquoted-mode",
];

/// A line, and those of the keys and items that it stands below: of a key that it does not know,
/// cloud-init names the map.
fn above(text: &str, line: usize) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut found = vec![line];
    let Some(own) = lines.get(line - 1) else { return found };
    let mut least = indent(own);
    for (number, text) in lines[..line - 1].iter().enumerate().rev() {
        let item = text.trim_start().starts_with("- ");
        let same = item && indent(text) + 2 == least || indent(text) < least;
        if !text.trim().is_empty() && !text.trim_start().starts_with('#') && same {
            least = indent(text);
            found.push(number + 1);
        }
    }
    found
}

/// 26.2 rejects a document if, and only if, a rule of the schema finds an error in it, and in a line
/// that it names.
#[test]
fn verdicts_are_those_of_cloud_init() {
    let Some(folder) = corpus() else {
        eprintln!("left out: no documents with verdicts (BOOTSEED_CORPUS names their folder)");
        return;
    };
    let table = fs::read_to_string(folder.join("verdicts.tsv")).unwrap();
    let (mut count, mut wrong, mut lines) = (0, Vec::new(), Vec::new());
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        if cells[4].contains("not currently evaluated") {
            continue;
        }
        let bytes = fs::read(folder.join(cells[0])).unwrap();
        let found = lint::lint("a.yaml", &bytes, &Settings::default());
        let rejected = found
            .iter()
            .map(|finding| &finding.diagnostic)
            .filter(|one| one.severity == Severity::Error && OF_THE_SCHEMA.contains(&one.id));
        let rejected: Vec<_> = rejected.collect();
        count += 1;
        let said = || rejected.iter().map(|one| format!("{}: {}", one.id, one.message));
        if (cells[2] == "BAD") == rejected.is_empty() {
            let said: Vec<String> = said().collect();
            wrong.push(format!("{} {}: {said:?}\n    {}", cells[0], cells[2], cells[4]));
            continue;
        }
        let expected: Vec<usize> =
            cells[3].split(',').filter_map(|line| line.parse().ok()).collect();
        let own: Vec<usize> = rejected
            .iter()
            .filter_map(|one| one.place.span(None))
            .map(|span| span.position().line)
            .collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let meant = |line: &usize| above(&text, *line).iter().any(|line| expected.contains(line));
        if !expected.is_empty() && !own.iter().any(meant) {
            lines.push(format!("{}: {own:?}, and not {expected:?}\n    {}", cells[0], cells[4]));
        }
    }
    let share = |wrong: usize| 100.0 * (count - wrong) as f64 / count as f64;
    eprintln!(
        "{:.2} % of {count} verdicts, {:.2} % in the same line",
        share(wrong.len()),
        share(wrong.len() + lines.len())
    );
    if env::var_os("BOOTSEED_SHOW").is_some() {
        eprintln!("{}\n--\n{}", wrong.join("\n"), lines.join("\n"));
    }
    assert!(share(wrong.len()) >= 99.0, "{}", wrong.join("\n"));
    assert!(share(wrong.len() + lines.len()) >= 98.0, "{}", lines.join("\n"));
}

/// The table of rules in `docs/lint.md`.
#[test]
fn the_table_of_rules_is_true() {
    const FIRST: &str = "<!-- rules -->\n";
    const LAST: &str = "<!-- end of rules -->";
    let file = "docs/lint.md";
    let text = fs::read_to_string(file).unwrap();
    let (before, rest) = text.split_once(FIRST).unwrap();
    let (_, after) = rest.split_once(LAST).unwrap();
    let mut table = String::from(
        "\n| rule | severity | what it finds | what the machine does |\n|---|---|---|---|\n",
    );
    for rule in lint::rules() {
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
        };
        let cell = |text: &str| text.replace('|', "\\|");
        let (id, summary, boot) = (rule.id, cell(rule.summary), cell(rule.boot));
        table += &format!("| `{id}` | {severity} | {summary} | {boot} |\n");
    }
    let expected = format!("{before}{FIRST}{table}\n{LAST}{after}");
    if env::var_os("BLESS").is_some() {
        fs::write(file, expected).unwrap();
    } else {
        assert_eq!(text, expected, "BLESS=1 cargo test --test lint writes it");
    }
}

/// Every id that stands in a message can be explained.
#[test]
fn every_id_can_be_explained() {
    let mut ids = BTreeSet::new();
    for folder in ["tests/mistakes", "tests/mistakes/warnings", "tests/roster/mistakes"] {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let text = fs::read_to_string(&entry).unwrap_or_default();
            let found = text.lines().filter_map(|line| {
                let rest = line.strip_prefix("error[").or_else(|| line.strip_prefix("warning["))?;
                rest.split_once("]: ").map(|(id, _)| id.to_owned())
            });
            ids.extend(found.filter(|_| entry.extension().is_some_and(|end| end == "out")));
        }
    }
    assert!(ids.len() > 80, "{ids:?}");
    let unknown: Vec<&String> = ids.iter().filter(|id| lint::explain(id).is_none()).collect();
    assert!(unknown.is_empty(), "src/lint/others.tsv lacks {unknown:?}");
}
