//! `bootseed lsp`: spoken with byte by byte, and by a real editor.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod host;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use host::{everything, left_out};
use serde_json::{Value, json};

/// A server, and both ends of its pipes.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    number: i64,
}

const URI: &str = "file:///tmp/%ED%95%9C.yaml";

impl Server {
    fn start() -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Server { child, input, output: BufReader::new(output), number: 0 }
    }

    /// A server that has been greeted.
    fn ready() -> Server {
        let mut server = Server::start();
        let greeting = server.ask("initialize", json!({"capabilities": {}}));
        assert_eq!(greeting["capabilities"]["textDocumentSync"], 1);
        server.tell("initialized", json!({}));
        server
    }

    fn write(&mut self, text: &str) {
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.write(&message.to_string());
    }

    fn read(&mut self) -> Value {
        let (mut length, mut line) = (0, String::new());
        while line != "\r\n" {
            line.clear();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server is gone");
            if let Some(number) = line.strip_prefix("Content-Length: ") {
                length = number.trim().parse().unwrap();
            }
        }
        let mut bytes = vec![0; length];
        self.output.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The answer; notifications before it are passed over.
    fn answer(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let id = self.number;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.write(&message.to_string());
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    /// Opens a text; what was found in it.
    fn open(&mut self, text: &str) -> Vec<Value> {
        let document = json!({"uri": URI, "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
        self.found()
    }

    fn found(&mut self) -> Vec<Value> {
        let message = self.read();
        assert_eq!(message["method"], "textDocument/publishDiagnostics", "{message}");
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    fn at(&mut self, method: &str, line: u32, character: u32) -> Value {
        let position = json!({"line": line, "character": character});
        self.ask(method, json!({"textDocument": {"uri": URI}, "position": position}))
    }

    fn labels(&mut self, line: u32, character: u32) -> Vec<String> {
        let items = self.at("textDocument/completion", line, character);
        let label = |item: &Value| item["label"].as_str().unwrap().to_owned();
        items.as_array().unwrap().iter().map(label).collect()
    }

    fn end(mut self) -> Option<i32> {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.child.wait().unwrap().code()
    }
}

#[test]
fn what_is_found_has_its_place_in_units_of_utf16() {
    let mut server = Server::ready();
    let found = server.open("#cloud-config\nfinal_message: 한😀\n{x: y}: 1\n");
    assert!(!found.is_empty());
    server.tell("textDocument/didChange", json!({
        "textDocument": {"uri": URI, "version": 2},
        "contentChanges": [{"text": "#cloud-config\n'final_message': 한\nusers: [{name: 한😀, sehll: /bin/sh}]\n"}],
    }));
    let found = server.found();
    let slip = found.iter().find(|one| one["code"] == "unknown-key").unwrap();
    let place = json!({"start": {"line": 2, "character": 20}, "end": {"line": 2, "character": 25}});
    assert_eq!((&slip["range"], &slip["source"]), (&place, &"bootseed".into()));
    server.tell("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    assert!(server.found().is_empty());
    assert_eq!(server.end(), Some(0));
}

#[test]
fn keys_of_a_cloud_config_are_explained_and_completed() {
    let mut server = Server::ready();
    server.open("#cloud-config\nusers:\n  - name: 한\n    sh\npower_state:\n  mode: \n");
    let hover = server.at("textDocument/hover", 2, 6);
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("Its name.\n\n`users[].name` takes text")
    );
    assert_eq!(hover["range"]["end"]["character"], 8);
    let keys = server.labels(3, 6);
    assert!(keys.contains(&"shell".into()) && !keys.contains(&"users".into()), "{keys:?}");
    assert_eq!(server.labels(5, 8), ["poweroff", "reboot", "halt"]);
    assert!(server.labels(6, 0).contains(&"packages".into()));
    assert_eq!(server.at("textDocument/hover", 0, 3), Value::Null);
    assert_eq!(server.end(), Some(0));
}

#[test]
fn parameter_files_are_checked_explained_and_completed() {
    let mut server = Server::ready();
    let found = server.open("hostname: a b\nweb:\n  server: \n");
    assert!(found.iter().any(|one| one["range"]["start"]["line"] == 0), "{found:?}");
    let hover = server.at("textDocument/hover", 0, 1);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("Name of the machine"));
    assert_eq!(server.labels(2, 10), ["nginx", "apache"]);
    assert!(server.labels(3, 0).contains(&"timezone".into()));
    server.tell(
        "textDocument/didChange",
        json!({
            "textDocument": {"uri": URI, "version": 2},
            "contentChanges": [{"text": "hostname: [a\nweb:\n"}],
        }),
    );
    let found = server.found();
    assert!(found.iter().all(|one| one["code"] == "yaml") && !found.is_empty(), "{found:?}");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn repairs_are_offered() {
    let mut server = Server::ready();
    let text =
        "#cloud-config\npackage_udpate: true\nwrite_files:\n- {path: /한, permissions: 0644}\n";
    server.open(text);
    let range = json!({"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}});
    let document = json!({"uri": URI});
    let ask = json!({"textDocument": document, "range": range, "context": {"diagnostics": []}});
    let actions = server.ask("textDocument/codeAction", ask);
    let edit = &actions[0]["edit"]["changes"][URI][0];
    assert_eq!(
        (&edit["newText"], &edit["range"]["end"]["character"]),
        (&"package_update".into(), &14.into())
    );
    let whole = actions[1]["edit"]["changes"][URI][0]["newText"].as_str().unwrap();
    assert_eq!(actions[1]["kind"], "source.fixAll");
    let wanted = text.replace("udpate", "update").replace("0644", "'0644'");
    assert_eq!(whole, wanted);
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_text_of_something_else_is_left_alone() {
    let mut server = Server::ready();
    assert!(server.open("services:\n  web:\n    image: nginx\n").is_empty());
    assert!(server.labels(0, 0).is_empty());
    assert_eq!(server.end(), Some(0));
}

#[test]
fn garbage_is_answered_and_survived() {
    let mut server = Server::ready();
    for text in ["{", "[]", "null", "{\"jsonrpc\": 1}", "\u{0}\u{fffd}", &"[".repeat(100_000)] {
        server.write(text);
        assert_eq!(server.read()["error"]["code"], -32700, "{text:.20}");
    }
    assert_eq!(server.answer("no/such", json!({}))["error"]["code"], -32601);
    assert_eq!(server.answer("textDocument/hover", json!([1]))["error"]["code"], -32602);
    server.tell("textDocument/didOpen", json!({"textDocument": 1}));
    let edges = [
        "",
        "\r",
        "\u{feff}",
        "#cloud-config\n- - -\n:\n: :\n'",
        "a: &a [*a]",
        "#cloud-config\n\u{0}😀:",
    ];
    for text in edges {
        server.open(text);
        for (line, character) in [(0, 0), (0, 1), (1, 2), (3, 1), (u32::MAX, u32::MAX)] {
            server.at("textDocument/hover", line, character);
            server.at("textDocument/completion", line, character);
        }
    }
    assert_eq!(server.end(), Some(0));
}

#[test]
fn it_ends_with_its_client() {
    let mut server = Server::ready();
    server.tell("exit", Value::Null);
    assert_eq!(server.child.wait().unwrap().code(), Some(1), "without a shutdown");
    let Server { mut child, input, .. } = Server::ready();
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(1), "the client is gone");
    let mut server = Server::ready();
    server.input.write_all(b"Content-Length: 99999999999999999999\r\n\r\n").unwrap();
    assert_eq!(server.child.wait().unwrap().code(), Some(1), "a length that cannot be");
}

#[test]
fn neovim_shows_repairs_and_completes() {
    if !everything() {
        return left_out("the language server in Neovim");
    }
    let room = tempfile::tempdir().unwrap();
    let (file, report) = (room.path().join("user data.yaml"), room.path().join("report.json"));
    fs::write(&file, "#cloud-config\n# 한국어\nusers:\n- name: 한\npower_state: {mode: halt}\npackage_udpate: true\n").unwrap();
    let mut nvim = Command::new("nvim");
    nvim.args(["--headless", "--clean", "-S"])
        .arg(fs::canonicalize("tests/editor/neovim.lua").unwrap());
    nvim.current_dir(room.path()).env("HOME", room.path()).env("XDG_STATE_HOME", room.path());
    nvim.env("FILE", &file).env("REPORT", &report).env("PROGRAM", env!("CARGO_BIN_EXE_bootseed"));
    let output = nvim.stdin(Stdio::null()).output().unwrap();
    let told = fs::read_to_string(&report).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let told: Value = serde_json::from_str(&told).unwrap();
    let found = told["found"].as_array().unwrap();
    let slip = found.iter().find(|one| one["code"] == "unknown-key").unwrap();
    assert_eq!((&slip["lnum"], &slip["end_col"]), (&5.into(), &14.into()));
    assert!(told["hover"]["contents"]["value"].as_str().unwrap().contains("`users`"));
    assert!(!told["completion"].as_array().unwrap().is_empty());
    assert_eq!(told["stopped"], true);
    assert!(fs::read_to_string(&file).unwrap().ends_with("\npackage_update: true\n"));
}
