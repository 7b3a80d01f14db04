//! Cells in commands and pages: a name stays a name, whoever wrote the roster.

use serde_json::{Value, json};

use crate::class::Class;
use crate::tools::bootseed;

const NAME: &str = "O'B <b>$(id)</b>";
const SHELL: &str = r"'O'\''B <b>$(id)</b>'";
const HTML: &str = "O&#39;B &lt;b&gt;$(id)&lt;/b&gt;";

/// A parameter file with this in the place of the name, wherever a text can be.
fn machine(plain: &str, shell: &str, double: &str, html: &str) -> Value {
    json!({
        "hostname": "lab",
        "packages": ["nginx"],
        "run": [
            format!("echo {shell} \"for {double}\""),
            ["echo", plain],
            ["bash", "-c", format!("echo {shell}")],
        ],
        "web": {"index": format!("<p title=\"{html}\">{html}</p>")},
        "files": [
            {"path": "/srv/a.html", "content": format!("<p>{html}</p>")},
            {"path": "/srv/a.txt", "content": plain},
            {"path": "/srv/a", "content": format!("#!/usr/bin/env bash\necho {shell}\n")},
        ],
        "parts": [{"kind": "script", "name": "hello", "content": format!("#!/bin/sh\necho {shell}\n")}],
        "cloud_config": {
            "runcmd": [format!("echo {shell}"), ["echo", plain]],
            "write_files": [{"path": "/srv/b.sh", "content": format!("echo {shell}\n")}],
            "bootcmd": [format!("echo {shell}")],
        },
    })
}

#[test]
fn a_cell_is_quoted_for_who_reads_the_text() {
    let cell = "{{ student.name }}";
    let class =
        Class::new(&format!("id,name\ns1,{NAME}\n"), &machine(cell, cell, cell, cell).to_string());
    class.make();
    let double = r"O'B <b>\$(id)</b>";
    class.write("hand.yaml", machine(NAME, SHELL, double, HTML).to_string().as_bytes());
    let rendered = bootseed(&["render", &class.path("hand.yaml").display().to_string()]);
    assert_eq!(class.read("out/machines/s1.txt"), rendered);
}

#[test]
fn who_says_that_a_cell_is_safe_is_believed() {
    let cell = "{{ student.name | safe }}";
    let class = Class::new("id,name\ns1,<b>hi</b>\n", &machine(cell, cell, cell, cell).to_string());
    class.make();
    let hi = "<b>hi</b>";
    class.write("hand.yaml", machine(hi, hi, hi, hi).to_string().as_bytes());
    let rendered = bootseed(&["render", &class.path("hand.yaml").display().to_string()]);
    assert_eq!(class.read("out/machines/s1.txt"), rendered);
}

#[test]
fn a_column_with_commands_is_one() {
    let class = Class::new("id,run[0],web.index\ns1,echo $HOME,<b>hi</b>\n", "hostname: lab\n");
    class.make();
    let text = class.read("out/machines/s1.txt");
    assert!(text.contains("your command: echo $HOME\n") && text.contains("<b>hi</b>"), "{text}");
}
