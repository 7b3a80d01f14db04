//! What the program says, how, and with which exit status: in words or as JSON, with colors or
//! without, for people and for CI.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod host;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use host::{PYTHON, have_modules};
use serde_json::Value;
use tempfile::TempDir;

/// A folder in which the program runs.
struct Room(TempDir);

const WRONG: &str = "hostname: a b\ntimezone: Seoul\ntimezone: Asia/Seoul\n";
const BEARER: &str = "curl -H 'Authorization: Bearer abcdefghijklmnopqrst' x";
const TOKEN: &str = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

impl Room {
    fn new(files: &[(&str, &str)]) -> Room {
        let room = Room(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| fs::write(room.path(name), text).unwrap());
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
        command.args(line.split(' ')).current_dir(self.0.path());
        ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"].iter().for_each(|name| {
            command.env_remove(name);
        });
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    fn status(&self, line: &str) -> i32 {
        self.run(line).status.code().unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The objects on standard error.
fn messages(output: &Output) -> Vec<Value> {
    let parsed = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    said(output).lines().map(parsed).collect()
}

#[test]
fn the_exit_status_says_whose_mistake_it_is() {
    let room = Room::new(&[
        ("good.yaml", "hostname: a\n"),
        ("wrong.yaml", WRONG),
        ("values.yaml", "a: 1\n"),
        ("typo.yaml.j2", "#cloud-config\nhostname: {{ b }}\n"),
        ("broken.yaml.j2", "#cloud-config\n{% if %}\n"),
        ("list.yaml.j2", "- {{ a }}\n"),
        ("name.txt", "#cloud-config\na: {{ a }}\n"),
        ("good.csv", "id\nkim\nlee\n"),
        ("empty.csv", ""),
        ("cells.csv", "id\nkim,1,2\n"),
        ("huge.yaml", &format!("files: [{{path: /srv/a, content: \"{}\"}}]\n", noise(60_000))),
    ]);
    fs::create_dir(room.path("mine")).unwrap();
    fs::write(room.path("mine/unused.yaml.j2"), "a").unwrap();
    fs::create_dir_all(room.path("odd/web")).unwrap();
    fs::write(room.path("odd/web/nginx.conf.j2"), "{{ nothing }}").unwrap();
    for (line, expected) in [
        ("render good.yaml", 0),
        ("render wrong.yaml", 1),
        ("render nowhere.yaml", 2),
        ("render --nothing", 2),
        ("render huge.yaml --for aws-form", 1),
        ("plan huge.yaml --for aws-form", 1),
        ("plan huge.yaml", 0),
        ("plan good.yaml --for aws-form", 0),
        ("render --template typo.yaml.j2 --params values.yaml", 1),
        ("render --template broken.yaml.j2 --params values.yaml", 1),
        ("render --template list.yaml.j2 --params values.yaml", 1),
        ("render --template name.txt --params values.yaml", 1),
        ("render --template nowhere.yaml.j2 --params values.yaml", 2),
        ("render good.yaml --templates mine", 1),
        ("render good.yaml --set web.port=80 --templates odd", 1),
        ("render good.yaml --templates nowhere", 2),
        ("render good.yaml -o /dev/zero --check", 2),
        ("roster good.csv good.yaml --check --set hostname=", 1),
        ("roster good.csv good.yaml --check", 0),
        ("roster empty.csv good.yaml --check", 1),
        ("roster cells.csv good.yaml --check", 1),
        ("roster nowhere.csv good.yaml --check", 2),
    ] {
        let output = room.run(line);
        assert_eq!(output.status.code(), Some(expected), "{line}: {}", said(&output));
        let words = if expected == 2 { ["bootseed: ", "error: "] } else { ["error", "error"] };
        let told = expected == 0 || words.iter().any(|word| said(&output).contains(word));
        assert!(told, "{line}: {}", said(&output));
    }
}

/// Text that does not compress.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let mut text = String::new();
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        text += &format!("{:x}", state >> 33);
    }
    text
}

#[test]
fn ci_learns_that_a_file_is_out_of_date() {
    let room = Room::new(&[("a.yaml", "hostname: a\n"), ("a.csv", "id\nkim\nlee\n")]);
    for (destination, out) in [("cloud-config", "user-data"), ("nocloud", "seed")] {
        let render = format!("render a.yaml --for {destination} -o {out}");
        let check = format!("{render} --check");
        assert_eq!(room.status(&check), 1, "{out}");
        assert!(!room.path(out).exists(), "a check writes nothing");
        assert_eq!((room.status(&render), room.status(&check)), (0, 0), "{out}");
        let output = room.run(&format!("{check} --set hostname=b"));
        assert_eq!(output.status.code(), Some(1), "{out}");
        assert!(said(&output).contains("is not what would be written"), "{}", said(&output));
        assert_eq!(room.status(&check), 0, "{out} is as it was");
    }
    let roster = "roster a.csv a.yaml -o class --for cloud-config";
    assert_eq!(room.status(&format!("{roster} --diff")), 1, "nothing is there");
    assert_eq!(room.status(roster), 0);
    assert_eq!(room.status(&format!("{roster} --diff")), 0);
    assert_eq!(room.status(&format!("{roster} --diff --set hostname=b")), 1);
    fs::write(room.path("a.csv"), "id\nkim\n").unwrap();
    assert_eq!(room.status(&format!("{roster} --diff")), 1, "one is gone");
}

#[test]
fn messages_are_objects_that_their_schema_describes() {
    let room = Room::new(&[
        ("wrong.yaml", WRONG),
        ("token.yaml", &format!("run: [\"curl -H 'X: {TOKEN}' x\"]\n")),
        ("a.yaml", "hostname: a\n"),
        ("a.csv", "id,hostname\nkim,a b\n"),
        ("empty.csv", ""),
    ]);
    let mut all = Vec::new();
    for (line, id) in [
        ("render wrong.yaml", "yaml"),
        ("render a.yaml --set hostname=a_b", "hostname"),
        ("render nowhere.yaml", "failure"),
        ("render --nothing", "usage"),
        ("render token.yaml", "exposed-secret"),
        ("roster a.csv a.yaml --check", "hostname"),
        ("roster empty.csv a.yaml --check", "roster"),
        ("render a.yaml -o no/where --check", "out-of-date"),
    ] {
        let found = messages(&room.run(&format!("{line} --message-format json")));
        assert!(found.iter().any(|one| one["id"] == id), "{line}: {found:?}");
        all.extend(found);
    }
    assert!(all.iter().any(|one| one["severity"] == "note" && one["id"].is_null()));
    let twice = all.iter().find(|one| one["id"] == "yaml").unwrap();
    assert_eq!(twice["place"]["source"], "wrong.yaml");
    assert_eq!(twice["place"]["start"], serde_json::json!({"line": 3, "column": 1}));
    assert_eq!(twice["related"][0]["place"]["start"]["line"], 2);
    let text = serde_json::to_string(&all).unwrap();
    assert!(!text.contains(TOKEN), "{text}");
    fits(&room, "--messages", &all);
    let plan = room.run("plan --json");
    fits(&room, "--plan", &[serde_json::from_slice(&plan.stdout).unwrap()]);
}

/// A second opinion: Python's jsonschema has no complaint.
fn fits(room: &Room, schema: &str, values: &[Value]) {
    const CHECK: &str = "
import json, sys, jsonschema
schema, values = json.load(open('schema')), json.load(open('values'))
validator = jsonschema.Draft7Validator(schema)
validator.check_schema(schema)
for value in values:
    validator.validate(value)
    for key in value:
        assert key in schema['properties'], key
";
    if !have_modules(&["jsonschema"]) {
        return;
    }
    fs::write(room.path("schema"), room.run(&format!("schema {schema}")).stdout).unwrap();
    fs::write(room.path("values"), serde_json::to_string(values).unwrap()).unwrap();
    let mut command = Command::new(PYTHON);
    let output = command.args(["-c", CHECK]).current_dir(room.0.path()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_secret_is_warned_of_and_not_printed() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\\nabc\\n-----END RSA PRIVATE KEY-----\\n";
    let spec = format!(
        "run: [git clone https://{TOKEN}@example.org/a, \"AWS_SECRET_ACCESS_KEY=abcdef ls\"]\n\
             files: [{{path: /root/key, content: \"{key}\"}}, \
             {{path: /root/env, from: env}}]\n\
             cloud_config: {{runcmd: [\"{BEARER}\"]}}\n"
    );
    let room = Room::new(&[("a.yaml", &spec), ("env", "DB_PASSWORD=abcdef\n")]);
    for command in ["render a.yaml", "plan a.yaml", "plan a.yaml --json"] {
        let output = room.run(command);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", said(&output));
        assert!(said(&output).ends_with("5 warnings\n"), "{command}: {}", said(&output));
        let mut text = said(&output);
        if command.starts_with("plan") {
            text += &String::from_utf8(output.stdout).unwrap();
        }
        for secret in [TOKEN, "abcdef", "abcdefghijklmnopqrst"] {
            assert!(!text.contains(secret), "{command}: {text}");
        }
    }
}

/// What is wrong in the same line is told without the line.
#[test]
fn a_secret_is_not_quoted_for_another_mistake() {
    let room = Room::new(&[("a.yaml", &format!("cloud_config: {{runcmd: [{BEARER}]}}\n"))]);
    let output = room.run("render a.yaml");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("this command is a map"), "{}", said(&output));
    assert!(!said(&output).contains("abcdefghijklmnopqrst"), "{}", said(&output));
}

#[test]
fn a_plan_does_not_move_the_cursor() {
    let room = Room::new(&[("a.yaml", "run: [\"printf '\\e[2J\\x9b2J\\u202e'\"]\n")]);
    let output = room.run("plan a.yaml");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("printf"), "{text}");
    let moves = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert_eq!(text.chars().find(|c| moves(*c)), None, "{text:?}");
}

/// Names of files and texts of others are shown, and not obeyed.
#[test]
fn no_message_moves_the_cursor() {
    let name = "a\u{1b}[2J\u{202e}.yaml";
    let room = Room::new(&[
        (name, "hostname: a\n"),
        ("b", "#cloud-config\nwrite_files:\n- {path: \"/a\\e[2J\\u202e\", content: x}\n"),
    ]);
    for line in
        ["render X.no", "render X -o X", "render --template X --params X", "inspect X", "inspect b"]
    {
        let output = room.run(&line.replace('X', name));
        let said = said(&output) + &String::from_utf8(output.stdout).unwrap();
        let moves = |c: &char| *c != '\n' && (c.is_control() || *c == '\u{202e}');
        assert_eq!(said.chars().find(moves), None, "{line}: {said:?}");
    }
}

#[test]
fn colors_are_where_they_are_wished() {
    let room = Room::new(&[("wrong.yaml", WRONG)]);
    for (option, variables, colored) in [
        ("", &[][..], false),
        ("--color always", &[], true),
        ("--color always", &[("NO_COLOR", "1")], true),
        ("--color auto", &[("CLICOLOR_FORCE", "1")], true),
        ("--color auto", &[("CLICOLOR_FORCE", "0")], false),
        ("--color auto", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        ("--color auto", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], true),
        ("--color never", &[("CLICOLOR_FORCE", "1")], false),
    ] {
        let line = format!("render wrong.yaml {option}");
        let output = room.command(line.trim()).envs(variables.iter().copied()).output().unwrap();
        assert_eq!(said(&output).contains('\u{1b}'), colored, "{option}, {variables:?}");
        let help = format!("--help {option}");
        let output = room.command(help.trim()).envs(variables.iter().copied()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(colored || !text.contains('\u{1b}'), "{help}, {variables:?}: {text}");
    }
}

#[test]
fn quiet_says_only_what_is_wrong() {
    let room =
        Room::new(&[("wrong.yaml", WRONG), ("a.yaml", "hostname: a\n"), ("a.csv", "id\nkim\n")]);
    for line in ["roster a.csv a.yaml --check", "render a.yaml --for aws-cli --set web.port=80"] {
        assert!(!said(&room.run(line)).is_empty(), "{line}");
        assert_eq!(said(&room.run(&format!("{line} --quiet"))), "", "{line}");
    }
    assert!(said(&room.run("render wrong.yaml -q")).contains("error"));
}

#[test]
fn every_shell_has_completions_and_every_command_a_page() {
    let room = Room::new(&[]);
    for shell in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
        let text = String::from_utf8(room.run(&format!("completions {shell}")).stdout).unwrap();
        assert!(text.contains("inspect") && text.contains("message-format"), "{shell}: {text}");
    }
    assert_eq!(room.status("man --dir man1"), 0);
    assert_eq!(room.status("man --dir man1"), 0, "pages are replaced");
    let pages: Vec<String> = fs::read_dir(room.path("man1"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(pages.len(), 18, "{pages:?}");
    let one = String::from_utf8(room.run("man render").stdout).unwrap();
    assert_eq!(one, fs::read_to_string(room.path("man1/bootseed-render.1")).unwrap());
    assert!(one.contains("NO_COLOR") && one.contains("bootseed render class.yaml"), "{one}");
}
