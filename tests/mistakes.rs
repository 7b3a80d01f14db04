//! Every message about a parameter file, as it stands on the terminal.
//!
//! `mistakes/NAME.yaml` has one mistake, `NAME.args` further arguments of `bootseed render` (one a
//! line), `NAME.out` what standard error must be; those of `mistakes/warnings` make a machine all the
//! same. `BLESS=1 cargo test --test mistakes` writes the
//! `.out` files. To add one: the `.yaml` file, then bless, then read what you blessed.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bootseed::preset::Preset;
use bootseed::roster::Unfilled;
use bootseed::{catalog::Listed, diagnostic::Report, plan, source, spec};

/// Ids that no parameter file can bring about; they stand there instead of a panic.
const UNREACHABLE: &[&str] = &["parameter-file"];
/// What stands for a password in the files; it must not be in any message.
const SECRET: &str = "SECRET";

fn bootseed(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The files of `folder` that end in `ending`, sorted.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        all.filter(|path| path.extension().is_some_and(|e| e == ending)).collect();
    found.sort();
    found
}

/// The further arguments of a fixture.
fn arguments(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file.with_extension("args")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn complain(file: &Path) -> String {
    let more = arguments(file);
    let mut words = vec!["render", file.to_str().unwrap()];
    words.extend(more.iter().map(String::as_str));
    let output = bootseed(&words);
    let name = file.display();
    assert_eq!(output.status.code(), Some(1), "{name}: {}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "", "{name}");
    text(&output.stderr)
}

#[test]
fn every_mistake_is_explained() {
    let mut wrong = Vec::new();
    for file in files("tests/mistakes", "yaml") {
        let found = complain(&file);
        let expected = file.with_extension("out");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &found).unwrap();
        } else if fs::read_to_string(&expected).ok().as_ref() != Some(&found) {
            wrong.push(format!("{}:\n{found}", expected.display()));
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 accepts these:\n{}", wrong.join("\n"));
    for file in files("tests/mistakes", "out").iter().chain(&files("tests/mistakes", "args")) {
        assert!(file.with_extension("yaml").exists(), "{} belongs to no file", file.display());
    }
}

/// The message about a file of `mistakes/warnings`, from which a machine is made all the same.
fn warn(file: &Path) -> String {
    let output = bootseed(&["render", file.to_str().unwrap()]);
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{}: {shown}", file.display());
    assert!(!output.stdout.is_empty() && !shown.contains(SECRET), "{}: {shown}", file.display());
    shown
}

#[test]
fn every_warning_is_explained() {
    let mut wrong = Vec::new();
    let warnings = files("tests/mistakes/warnings", "yaml");
    for file in &warnings {
        let (found, expected) = (warn(file), file.with_extension("out"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &found).unwrap();
        } else if fs::read_to_string(&expected).ok().as_ref() != Some(&found) {
            wrong.push(format!("{}:\n{found}", expected.display()));
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 accepts these:\n{}", wrong.join("\n"));
    let mut needed = BTreeSet::new();
    declared(Path::new("src"), "Diagnostic::warning(", &mut needed);
    // Those about a roster are told of one, in tests/roster.
    let mut of_rosters = BTreeSet::new();
    for folder in ["src/roster", "src/cli/roster"] {
        declared(Path::new(folder), "Diagnostic::warning(", &mut of_rosters);
    }
    let needed = &needed - &of_rosters;
    let met: BTreeSet<String> = warnings.iter().flat_map(|file| ids(file)).collect();
    assert_eq!(met, needed, "each kind of warning has a file in tests/mistakes/warnings");
}

#[test]
fn no_message_shows_a_password() {
    let mut count = 0;
    for file in files("tests/mistakes", "yaml") {
        let input = fs::read(&file).unwrap();
        let held = String::from_utf8_lossy(&input).contains(SECRET)
            || arguments(&file).iter().any(|argument| argument.contains(SECRET));
        count += usize::from(held);
        assert!(!complain(&file).contains(SECRET), "{}", file.display());
    }
    assert!(count >= 25, "only {count} files hold a password");
}

/// The ids that a file brings about.
fn ids(file: &Path) -> BTreeSet<String> {
    let mut report = Report::new();
    let bytes = fs::read(file).unwrap();
    let tree = match source::Source::from_bytes("x", &bytes) {
        _ if spec::user_data(&bytes).is_some() => {
            Err(spec::check_kind("x", &bytes).into_iter().collect())
        }
        Ok(source) => source::parse(&source).map_err(Report::from),
        Err(error) => Err(bootseed::diagnostic::Diagnostic::from(error).into()),
    };
    match tree {
        Ok(mut tree) => {
            let words = arguments(file);
            for pair in words.chunks(2).filter(|pair| pair[0] == "--set") {
                report.extend(spec::assign(&mut tree, &pair[1]).err().unwrap_or_default());
            }
            let loaded = spec::load_all(&tree);
            if let Some(spec) = &loaded.spec {
                let (_, found) = plan::resolve(spec, file.parent().unwrap());
                report.extend(loaded.beside_gaps(found));
            }
            report.extend(loaded.report);
            report.extend(plan::read(&tree, file.parent().unwrap()).1);
            report.extend(Unfilled::find(&tree).map(|found| found.diagnostic("")));
        }
        Err(errors) => report.extend(errors),
    }
    report.iter().map(|diagnostic| diagnostic.id.to_owned()).collect()
}

/// The ids in the sources: the first argument of `maker`, and every `id: "…"` of errors.
fn declared(folder: &Path, maker: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The rules of `lint` have their examples in tests/lint.
        if path.ends_with("src/lint") {
            continue;
        }
        if path.is_dir() {
            declared(&path, maker, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let code = text.split("#[cfg(test)]").next().unwrap();
        if path.to_string_lossy().ends_with("_tests.rs") {
            continue;
        }
        let named = code.split(" id: ").filter(|_| maker.ends_with("error("));
        let errors = code.split(maker).skip(1).chain(named);
        let quoted = errors.filter_map(|after| after.trim_start().strip_prefix('"'));
        let ids = quoted.filter_map(|id| Some(id.split_once('"')?.0.to_owned()));
        found.extend(
            // Those of a roster are met in tests/roster/mistakes.
            ids.filter(|id| !id.starts_with("roster-")).filter(|id| {
                id.chars().all(|c| c.is_ascii_lowercase() || "-0123456789".contains(c))
            }),
        );
    }
}

#[test]
fn every_kind_of_error_has_a_file() {
    let mut needed = BTreeSet::new();
    declared(Path::new("src"), "Diagnostic::error(", &mut needed);
    assert!(needed.len() > 40, "{needed:?}");
    let met: BTreeSet<String> =
        files("tests/mistakes", "yaml").iter().flat_map(|file| ids(file)).collect();
    let unmet: Vec<&String> = needed
        .iter()
        .filter(|id| !met.contains(*id) && !UNREACHABLE.contains(&id.as_str()))
        .collect();
    assert!(unmet.is_empty(), "tests/mistakes has no file for {unmet:?}");
    for id in UNREACHABLE {
        assert!(needed.contains(*id), "{id} is not in src any more");
        assert!(!met.contains(*id), "{id} can be brought about");
    }
}

#[test]
fn all_mistakes_are_reported_in_the_order_of_the_file() {
    let shown = complain(Path::new("tests/mistakes/ten-mistakes.yaml"));
    let place = |line: &str| line.split("yaml:").nth(1)?.split(':').next()?.parse().ok();
    let lines: Vec<usize> =
        shown.lines().filter(|l| l.contains("--> ")).filter_map(place).collect();
    assert_eq!(lines.len(), 10, "{shown}");
    assert!(lines.is_sorted(), "{lines:?}");
    assert!(shown.ends_with("\n10 errors\n"), "{shown}");
}

#[test]
fn line_ends_and_a_byte_order_mark_make_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.yaml");
    let text = Preset::ALL[0].source().text().to_owned();
    let mut outputs = Vec::new();
    for bytes in [text.clone(), text.replace('\n', "\r\n"), format!("\u{FEFF}{text}")] {
        fs::write(&file, bytes).unwrap();
        let output = bootseed(&["render", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0));
        outputs.push(output.stdout);
    }
    assert!(outputs[0] == outputs[1] && outputs[0] == outputs[2]);
}

#[test]
fn what_is_no_parameter_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.yaml");
    fs::File::create(&large).unwrap().set_len(100_000_000).unwrap();
    let nothing = folder.path().join("nothing.yaml");
    for (file, code, words) in [
        (large.as_path(), 1, "larger than 1048576 bytes (1 MiB)"),
        (nothing.as_path(), 2, "cannot read"),
        (folder.path(), 2, "is a folder; name a file in it"),
    ] {
        let output = bootseed(&["render", file.to_str().unwrap()]);
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{shown}");
        assert!(shown.contains(words) && shown.contains(file.to_str().unwrap()), "{shown}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_file_that_was_meant_is_suggested() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["class.yaml.txt", "lab.yml", "students.yaml"] {
        fs::write(folder.path().join(name), "hostname: lab\n").unwrap();
    }
    for (words, code, expected) in [
        ("render class.yaml", 2, "cannot read class.yaml, but there is class.yaml.txt"),
        ("render lab.yaml", 2, "cannot read lab.yaml, but there is lab.yml"),
        ("plan student.yaml", 2, "cannot read student.yaml, but there is students.yaml"),
        ("students.yaml", 2, "a command comes before the file: bootseed render students.yaml"),
        ("class.yaml", 2, "a command comes before the file: bootseed render class.yaml"),
        ("inspect lab.yml", 1, "lab.yml looks like a parameter file; `bootseed render lab.yml`"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
        command.args(words.split(' ')).current_dir(&folder);
        let output = command.output().unwrap();
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words}: {shown}");
        assert!(shown.contains(expected), "{words}: {shown}");
    }
}

#[test]
fn what_looks_like_a_mistake_and_is_none() {
    let source = source::Source::new(
        "a.yaml",
        "users:\n- {name: kim, sudo: True}\nfiles:\n- {path: /a/b, content: '', mode: 0644}\n\
         conda:\n  environments:\n  - {name: a, python: 3.10, packages: [python-dateutil]}\n\
         run: [[echo, '']]\ncloud_config:\n  ssh_pwauth: no\n  runcmd: [[chmod, 0644, x]]\n",
    );
    let (spec, report) = spec::load(&source::parse(&source).unwrap());
    assert!(report.is_empty(), "{report:?}");
    let spec = spec.unwrap();
    assert_eq!(spec.files[0].mode.as_deref(), Some("0644"));
    assert_eq!(spec.conda.unwrap().environments[0].python.as_deref(), Some("3.10"));
    assert_eq!(
        serde_json::Value::Object(spec.cloud_config).to_string(),
        r#"{"ssh_pwauth":false,"runcmd":[["chmod","0644","x"]]}"#
    );
}

#[test]
fn nodefaults_of_an_environment_file_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let list = "name: web\nchannels: [conda-forge, nodefaults]\ndependencies:\n- python=3.9\n\
                - pip: ['--extra-index-url https://a.example/simple', flask]\n";
    fs::write(folder.path().join("environment.yml"), list).unwrap();
    let file = folder.path().join("a.yaml");
    fs::write(&file, "conda:\n  environments:\n  - file: environment.yml\nweb: {server: nginx}\n")
        .unwrap();
    let output = bootseed(&["render", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    assert!(shown.contains("conda-forge") && !shown.contains("nodefaults"));
    assert!(shown.contains("--extra-index-url https://a.example/simple flask"), "{shown}");
}

/// A small generator with a fixed seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(most.max(1)).unwrap()).unwrap()
    }
}

/// Pieces that a parameter file is broken with.
const PIECES: &[&str] = &[
    ":",
    ": ",
    "- ",
    "\n",
    "\t",
    "'",
    "\"",
    "[",
    "]",
    "{",
    "}",
    "*a",
    "&a ",
    "<<: ",
    "!x ",
    "#",
    "|",
    ">",
    "---\n",
    "password: x\n",
    "\u{FEFF}",
    "\u{0}",
    "\u{85}",
    "\u{202E}",
    "\u{1F600}",
    "\u{D55C}",
    "99999999999999999999",
    "-1",
    "~",
    "null",
    "yes",
    "%",
    "@",
    "`",
    "\\",
    "?",
    "  ",
    "conda:",
    "users: [{}]",
    "files: [{}]",
    "cloud_config: {runcmd: [{}]}",
    "/",
    "\r",
];

fn broken(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let at = dice.below(bytes.len());
    match dice.below(5) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..(at + dice.below(30)).min(bytes.len()))),
        2 if !bytes.is_empty() => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
        3 => {
            let copy = bytes[at..(at + dice.below(80)).min(bytes.len())].to_vec();
            let to = dice.below(bytes.len());
            bytes.splice(to..to, copy);
        }
        _ => {
            let piece = PIECES[dice.below(PIECES.len())];
            bytes.splice(at..at, piece.bytes());
        }
    }
}

#[test]
fn nothing_panics_on_broken_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.yaml");
    let mut dice = Dice(1);
    for round in 0..1_500 {
        let preset = Preset::ALL[dice.below(Preset::ALL.len())];
        let mut bytes = preset.source().text().as_bytes().to_vec();
        for _ in 0..=dice.below(4) {
            broken(&mut dice, &mut bytes);
        }
        fs::write(&file, &bytes).unwrap();
        ids(&file);
        if round % 15 == 0 {
            let output = bootseed(&["render", file.to_str().unwrap()]);
            let shown = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(matches!(output.status.code(), Some(0..=2)), "{bytes:?}: {shown}");
            assert!(!shown.contains("panicked"), "{bytes:?}: {shown}");
            assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{bytes:?}: {shown:?}");
        }
    }
}
