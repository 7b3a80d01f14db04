//! `bootseed terraform`, driven as Terraform's provider `external` drives a program: no shell, one
//! JSON object of texts on standard input, one on standard output, the exit code.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::machines::{LARGE, PARTS, huge, sized};
use crate::tools::{bootseed, render, spec};

fn ask(query: impl AsRef<[u8]>) -> Output {
    let mut command = bootseed(&["terraform"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(query.as_ref()).unwrap();
    child.wait_with_output().unwrap()
}

/// The answer, which the provider takes as a map of texts and nothing else.
fn answer(query: &Value) -> BTreeMap<String, String> {
    let output = ask(query.to_string());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_answer_is_what_render_makes() {
    let folder = tempfile::tempdir().unwrap();
    let file = spec(folder.path(), PARTS);
    // What EC2 gets of it is compressed.
    let text = ["--for", "digitalocean"];
    for (query, arguments) in [
        (json!({}), vec!["--preset", "hello_cju"]),
        (json!({"preset": "static"}), vec!["--preset", "static"]),
        (json!({"spec": file, "for": text[1]}), [&[file.as_str()], &text[..]].concat()),
        (
            json!({"spec": file, "preset": "static", "for": text[1]}),
            [&[file.as_str(), "--preset", "static"], &text[..]].concat(),
        ),
        (
            json!({"inline": "{\"hostname\": \"lab\", \"swap\": \"1G\"}"}),
            vec!["--set", "hostname=lab"],
        ),
    ] {
        let found = answer(&query);
        let keys: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(keys, ["bytes", "json", "sha256", "user_data", "user_data_base64"]);
        if query.get("inline").is_none() {
            let expected = render(arguments[0], &arguments[1..]);
            assert_eq!(found["user_data"].as_bytes(), expected, "{query}");
        }
        let bytes = STANDARD.decode(&found["user_data_base64"]).unwrap();
        assert_eq!(bytes, found["user_data"].as_bytes());
        assert_eq!(found["bytes"], bytes.len().to_string());
        let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found["sha256"], sum);
        assert_eq!(answer(&query), found);
    }
}

#[test]
fn structured_values_go_in_and_out() {
    let set = json!({
        "hostname": "lab-7",
        "packages": ["git", "on"],
        "conda": {"environments": [{"name": "x", "python": 3.9}]},
        "conda.environments[0].pip": ["flask"],
        "web.port": 8080,
        "web.index": "\u{1f600} <b> on: \"off\"\n",
    });
    let query = json!({
        "inline": "timezone: Asia/Seoul", "set": set.to_string(), "for": "digitalocean",
    });
    let found = answer(&query);
    let more: Value = serde_json::from_str(&found["json"]).unwrap();
    let steps = json!(["web", "packages", "conda", "env:x", "pip:x", "verify"]);
    assert_eq!(more["hostname"], "lab-7");
    assert_eq!(
        (&more["steps"], &more["gzip"], &more["port"]),
        (&steps, &json!(false), &json!(8080))
    );
    assert!(more["volume_gb"].as_u64().unwrap() >= 8);
    for text in ["Asia/Seoul", "\u{1f600} <b> on: \"off\"", "flask"] {
        assert!(found["user_data"].contains(text), "{text}");
    }
}

#[test]
fn what_is_compressed_has_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = sized(folder.path(), LARGE);
    let found = answer(&json!({"spec": file}));
    assert_eq!(found["user_data"], "");
    assert!(found["user_data_base64"].starts_with("H4sI"));
    assert!(found["json"].contains("\"gzip\":true"));
    let found = answer(&json!({"spec": file, "for": "digitalocean"}));
    let expected = render(&file, &["--for", "digitalocean"]);
    assert!(found["user_data"].as_bytes() == expected, "there is room for all of it");
    assert_eq!(found["bytes"], expected.len().to_string());
}

#[test]
fn every_mistake_is_one_line_and_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let huge = json!({"spec": huge(folder.path())}).to_string();
    let table = [
        ("", "no JSON object"),
        ("[]", "no JSON object"),
        ("{\"spec\": \"a\"", "no JSON object"),
        (r#"{"spek": "a"}"#, "did you mean `spec`?"),
        (r#"{"set": {"a": 1}}"#, "jsonencode()"),
        (r#"{"set": "a=1"}"#, "jsonencode"),
        (r#"{"set": "{\"a..b\": 1}"}"#, "not a path"),
        (r#"{"set": "{\"hostname.x\": 1}"}"#, "has no key `x`"),
        (r#"{"set": "{\"hostnaem\": \"x\"}"}"#, "did you mean `hostname`?"),
        (r#"{"spec": "nowhere.yaml"}"#, "cannot read nowhere.yaml"),
        (r#"{"spec": "-"}"#, "must be a file"),
        (r#"{"spec": "a", "inline": "b"}"#, "contradict"),
        (r#"{"inline": ""}"#, "empty"),
        (r#"{"inline": "a: 1\na: 2\nb: [\n"}"#, "inline:"),
        (
            r#"{"inline": "timezone: Seoul\nweb: {port: 0}\n"}"#,
            "inline:1:11: there is no time zone `Seoul` (did you mean `Asia/Seoul`?)",
        ),
        (r#"{"preset": "flsk"}"#, "did you mean `flask`?"),
        (r#"{"for": "terafrom"}"#, "did you mean `terraform`?"),
        (r#"{"inline": "parts: [{kind: script, content: x}]"}"#, "must begin with `#!`"),
        (&huge, "terraform takes 16384 bytes before base64"),
    ];
    for (query, words) in table {
        let output = ask(query);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{query}: {said}");
        assert!(said.contains(words) && said.starts_with("bootseed: "), "{query}: {said}");
        assert_eq!((said.lines().count(), output.stdout.len()), (1, 0), "{query}: {said}");
    }
}

/// Terraform leaves out what is null, and writes UTF-8; another caller may not.
#[test]
fn a_query_that_terraform_never_sends_is_refused() {
    for query in [
        &b"{\"set\": null}"[..],
        b"{\"preset\": \"\xff\"}",
        b"\xff\xfe{\0}\0",
        b"{} {}",
        b"{\"preset\": 7}",
    ] {
        let output = ask(query);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!((said.lines().count(), output.stdout.len()), (1, 0), "{said}");
    }
}

/// The query has an end, but the program must not wait for one that does not come.
#[test]
fn nothing_is_written_beside_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bootseed(&["terraform"]);
    command.current_dir(folder.path()).env("TMPDIR", folder.path());
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
