//! What was found, in the shapes that other programs read: objects, workflow commands, SARIF.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod host;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use host::{PYTHON, everything, have_modules, left_out};
use serde_json::Value;

const CONFIG: &str = "#cloud-config\npackage_udpate: true # 한\nruncmd: \"a, b: 50%\"\n";
const WRONG: &str = "hostname: a b\ntimezone: Asia/Soul\n";

/// A folder with a cloud-config, one in gzip, a parameter file with mistakes, and one without.
fn room() -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    let files = [
        ("수업, 1.yaml", CONFIG),
        ("wrong.yaml", WRONG),
        ("class.yaml", "hostname: lab-1\n"),
        ("roster.yaml", "hostname: \"{{ student.id }}\"\n"),
    ];
    files.iter().for_each(|(name, text)| fs::write(room.path().join(name), text).unwrap());
    let mut gzip = Command::new("gzip");
    let output = gzip.args(["-c", "수업, 1.yaml"]).current_dir(room.path()).output().unwrap();
    fs::write(room.path().join("packed.gz"), output.stdout).unwrap();
    room
}

fn run(room: &tempfile::TempDir, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.args(args).current_dir(room.path()).env("NO_COLOR", "1").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Calls that write a log in SARIF, and whether to standard output.
const LOGS: &[(&[&str], bool)] = &[
    (&["lint", "수업, 1.yaml", "packed.gz", "--format", "sarif"], true),
    (&["lint", "wrong.yaml", "class.yaml", "--format", "sarif"], true),
    (&["lint", "class.yaml", "absent.yaml", "--format", "sarif"], true),
    (&["check", "wrong.yaml", "class.yaml", "--format", "sarif"], true),
    (&["render", "wrong.yaml", "--message-format", "sarif"], false),
    (&["plan", "--set", "hostname=a b", "--message-format", "sarif"], false),
    (&["plan", "--unknown", "--message-format", "sarif"], false),
];

fn log(room: &tempfile::TempDir, (args, result): (&[&str], bool)) -> Value {
    let output = run(room, args);
    let bytes = if result { &output.stdout } else { &output.stderr };
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{args:?}: {error}\n{output:?}"))
}

#[test]
fn a_log_says_what_was_found_and_where() {
    let room = room();
    let log = log(&room, LOGS[0]);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |uri: &str| {
        let place = |one: &&Value| {
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri
        };
        results.iter().filter(place).collect::<Vec<_>>()
    };
    let found = of("%EC%88%98%EC%97%85%2C%201.yaml");
    let region = &found[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["endColumn"]), (&2.into(), &15.into()));
    assert_eq!(found[0]["ruleId"], "unknown-key");
    let change = &found[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "package_update");
    let packed = of("packed.gz");
    assert!(packed[0]["locations"][0]["physicalLocation"].get("region").is_none());
    assert!(packed.iter().all(|one| one.get("fixes").is_none()), "an envelope is not repaired");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn a_run_that_failed_says_so_in_its_log() {
    let room = room();
    for (number, successful) in [(1, true), (2, false), (6, false)] {
        let log = log(&room, LOGS[number]);
        let run = &log["runs"][0]["invocations"][0];
        assert_eq!(run["executionSuccessful"], successful, "{:?}", LOGS[number]);
        let notes = run["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(notes.is_empty(), successful, "{:?}", LOGS[number]);
    }
}

/// The published schema, from a package that brings it along.
fn schema() -> Option<PathBuf> {
    const PACKAGE: &str = "@microsoft/jest-sarif@1.0.0-beta.0";
    if !everything() {
        left_out("the comparison with the schema of SARIF");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    let schema = folder.join("package/lib/schemas/sarif-2.1.0-rtm.5.json");
    if !schema.is_file() {
        fs::create_dir_all(&folder).unwrap();
        let mut npm = Command::new("npm");
        let output = npm.args(["pack", "--silent", PACKAGE]).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let archive = text(&output.stdout).trim().to_owned();
        let mut tar = Command::new("tar");
        assert!(tar.args(["xzf", &archive]).current_dir(&folder).status().unwrap().success());
    }
    Some(schema)
}

#[test]
fn logs_are_what_the_schema_of_sarif_wants() {
    if !have_modules(&["jsonschema"]) {
        return;
    }
    let Some(schema) = schema() else { return };
    let room = room();
    const PROGRAM: &str = "import json, sys, jsonschema\n\
        schema = json.load(open(sys.argv[1]))\n\
        check = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())\n\
        wrong = [e.message for f in sys.argv[2:] for e in check.iter_errors(json.load(open(f)))]\n\
        sys.exit('\\n'.join(wrong) or 0)";
    let mut python = Command::new(PYTHON);
    python.args(["-c", PROGRAM]).arg(schema);
    for (number, one) in LOGS.iter().enumerate() {
        let file = room.path().join(format!("{number}.sarif"));
        fs::write(&file, log(&room, *one).to_string()).unwrap();
        python.arg(file);
    }
    let output = python.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn workflow_commands_are_a_line_each() {
    let room = room();
    let output = run(&room, &["lint", "수업, 1.yaml", "--format", "github"]);
    let (lines, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!((output.status.code(), said.as_str()), (Some(1), ""));
    assert!(lines.lines().all(|line| line.starts_with("::")), "{lines}");
    let first = lines.lines().next().unwrap();
    let wanted = "::error file=수업%2C 1.yaml,line=2,endLine=2,col=1,endColumn=15,\
                  title=bootseed%3A unknown-key::cloud-init has no key `package_udpate`%0Ahelp: ";
    assert!(first.starts_with(wanted), "{first}");
    let output = run(&room, &["render", "wrong.yaml", "--message-format", "github"]);
    assert!(output.stdout.is_empty());
    let said = text(&output.stderr);
    assert!(said.starts_with("::error file=wrong.yaml,line=1,"), "{said}");
    let output = run(&room, &["plan", "--set", "hostname=a b", "--message-format", "github"]);
    let said = text(&output.stderr);
    assert!(
        said.starts_with("::error title=bootseed%3A ") && said.contains("::--set hostname:1:10: ")
    );
}

#[test]
fn objects_have_their_repairs() {
    let room = room();
    let output = run(&room, &["lint", "수업, 1.yaml", "--format", "json"]);
    assert!(output.stderr.is_empty());
    let first: Value = serde_json::from_str(text(&output.stdout).lines().next().unwrap()).unwrap();
    let edit = &first["fix"]["edits"][0];
    assert_eq!(
        (&edit["text"], &edit["place"]["start"]["line"]),
        (&"package_update".into(), &2.into())
    );
}

#[test]
fn check_says_what_is_wrong_in_parameter_files_and_nothing_else() {
    let room = room();
    let status = |args: &[&str]| {
        let output = run(&room, args);
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let quiet = |code: i32| (code, String::new(), String::new());
    assert_eq!(status(&["check", "class.yaml", "roster.yaml"]), quiet(0));
    let (code, out, said) = status(&["check", "class.yaml", "wrong.yaml"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(said.contains("wrong.yaml:1:11") && said.contains("wrong.yaml:2:11"), "{said}");
    let (code, _, said) = status(&["check", "absent.yaml", "wrong.yaml"]);
    assert!(code == 2 && said.contains("absent.yaml") && said.contains("wrong.yaml:1"), "{said}");
    let (code, _, said) = status(&["check", "수업, 1.yaml"]);
    assert!(code == 1 && said.contains("error"), "{said}");
    assert_eq!(status(&["check"]).0, 2);
}

#[test]
fn hooks_call_commands_that_there_are() {
    let hooks = fs::read_to_string(".pre-commit-hooks.yaml").unwrap();
    let entries: Vec<&str> =
        hooks.lines().filter_map(|line| line.trim().strip_prefix("entry: bootseed ")).collect();
    assert_eq!(entries, ["lint", "check"]);
    let room = room();
    for entry in entries {
        assert!(run(&room, &[entry, "--help"]).status.success(), "{entry}");
    }
}
