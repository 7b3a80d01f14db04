//! Values that would break a careless template arrive on the booted machine unchanged.

use std::fs;

use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;
use crate::verdict::{ready, succeeds};
use crate::world::World;

pub(crate) const SCENARIOS: &[Scenario] = &[Scenario::on_all("hostile_values", hostile_values)];

/// What YAML, Jinja, bash or nginx would take for something else.
const TEXTS: [&str; 16] = [
    "on",
    "0644",
    "12:30:45",
    "1_000",
    "=",
    "<<",
    "null",
    "- a: b\n  # c\n",
    "quotes ' '' \" \\ \\n `id` $(reboot) ${HOME} %d %{x} {{ 1 }} {% raw %} {# x #}",
    "trailing spaces  \n  leading\n\n\n",
    "tabs\t\tand\r\nline\rends\n",
    "control \u{1}\u{7}\u{1b}[31m\u{7f} next \u{85} line \u{2028} and \u{2029} bom \u{feff}",
    "한글 🐍 é e\u{301}",
    "## template: jinja\n#cloud-config\nMIME-Version: 1.0\n",
    "EOF\n'EOF'\nEND\n",
    "---\n...\n%YAML 1.2\n",
];

/// JSON without the characters that YAML cannot hold, or takes for the end of a line.
fn ascii(json: &str) -> String {
    let escape = |c: char| match c {
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
            format!("\\u{:04x}", c as u32)
        }
        _ => c.to_string(),
    };
    json.chars().map(escape).collect()
}

fn hostile_values(suite: Suite) {
    let long = "x'\"\\ ".repeat(400);
    let binary: Vec<u8> = (0..=255).collect();
    let texts: Vec<&str> = TEXTS.iter().copied().chain([&long[..]]).collect();
    let mut files: Vec<_> = (0..texts.len())
        .map(|i| json!({"path": format!("/srv/{i} it's \"$x\" 한글"), "content": texts[i]}))
        .collect();
    files.push(json!({"path": "/home/bob/a b/own", "content": texts[8], "mode": "0600"}));
    files.push(json!({"path": "/srv/binary", "from": "binary", "owner": "bob:bob", "mode": "400"}));
    let run: Vec<_> =
        [json!(["sh", "-c", "printf '%s' \"$1\" >\"$0\"", "/srv/argument", texts[11]])]
            .into_iter()
            .chain([json!("set -- ' :  #' \"it's\"; printf '%s' \"$*\" >/srv/line")])
            .collect();
    let spec = json!({
        "hostname": "x0-0644.example", "users": [{"name": "bob"}], "files": files, "run": run,
        "packages": ["libstdc++6"], "conda": {"environments": [{"name": "한글+1.0_e-3"}]},
    });
    let mut world = World::new(suite).spec(&ascii(&spec.to_string()));
    fs::write(world.path("binary"), &binary).unwrap();
    let machine = world.boot("hostile");
    ready(&machine, &world);
    let bytes = |path: &str| machine.exec(&["cat", "--", path]).stdout;
    for (i, text) in texts.iter().enumerate() {
        let got = bytes(&format!("/srv/{i} it's \"$x\" 한글"));
        assert_eq!(String::from_utf8_lossy(&got), *text);
    }
    assert_eq!(bytes("/home/bob/a b/own"), texts[8].as_bytes());
    assert_eq!(bytes("/srv/binary"), binary);
    assert_eq!(bytes("/srv/argument"), texts[11].as_bytes());
    assert_eq!(bytes("/srv/line"), b" :  # it's");
    succeeds(
        &machine,
        "test \"$(stat -c '%U:%G %a' '/home/bob/a b/own' | xargs)\" = 'bob:bob 600'",
    );
    succeeds(&machine, "test \"$(stat -c '%U %a' '/home/bob/a b')\" = 'bob 755'");
    succeeds(&machine, "test \"$(stat -c '%U:%G %a' /srv/binary)\" = 'bob:bob 400'");
    succeeds(&machine, "test \"$(hostname)\" = x0-0644");
    succeeds(&machine, "/opt/conda/envs/한글+1.0_e-3/bin/python -V");
}
