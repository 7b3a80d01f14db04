//! Templates of the owner's: `bootseed render --template X.yaml.j2 --params FILE`, `--templates DIR`.

use std::path::Path;
use std::process::{Command, Output};

use bootseed::source::yaml11;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::host::have_modules;
use super::values::document::{Document, SITE, parameter_file};
use super::values::{awkward, pyyaml, tools::said};

fn bootseed(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.arg("render").args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command.output().expect("bootseed runs")
}

/// A folder with the template and its parameters.
fn folder(template: &str, params: &Value) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("own.yaml.j2"), template).expect("written");
    std::fs::write(folder.path().join("p.yaml"), parameter_file(params)).expect("written");
    folder
}

const OWN: &[&str] = &["--template", "own.yaml.j2", "--params", "p.yaml"];

fn rendered(template: &str, params: &Value) -> Document {
    let output = bootseed(folder(template, params).path(), OWN);
    assert!(output.status.success(), "{}\n{template}", said(&output));
    Document::read(&String::from_utf8(output.stdout).expect("UTF-8"))
}

fn refused(template: &str, params: &Value) -> String {
    let output = bootseed(folder(template, params).path(), OWN);
    assert_eq!(output.status.code(), Some(1), "{template}\n{}", said(&output));
    assert!(output.stdout.is_empty(), "nothing is printed: {}", said(&output));
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn awkward_values_come_through() {
    let mut texts = awkward::texts();
    texts.extend(awkward::sample(&awkward::strategy(), 60));
    let template = "#cloud-config
{% for text in texts %}
{{ loop.index ~ '' }}:
  plain: {{ text }}
  flow: [{{ text }}, {a: {{ text }}}]
  joined: {{ 'before ' ~ text ~ ' after' }}
  yaml:{{ text|yaml(4) }}
  list:
  - {{ text|item(4) }}
  block: {{ text|block }}
  json: {{ text|tojson }}
  nested:{{ {'k': [text, {'d': text}]}|yaml(4) }}
# {{ text|comment }}
{% endfor %}
all: {{ texts }}
";
    let document = rendered(template, &json!({ "texts": texts }));
    for (i, text) in texts.iter().enumerate() {
        let at = |path: &str| document.text_at(&format!("{}.{path}", i + 1));
        for path in ["plain", "flow.0", "flow.1.a", "yaml", "list.0", "block", "json"] {
            assert_eq!(at(path), Some(text.as_str()), "{path}");
        }
        assert_eq!(at("nested.k.0"), Some(text.as_str()));
        assert_eq!(at("nested.k.1.d"), Some(text.as_str()));
        assert_eq!(at("joined"), Some(format!("before {text} after").as_str()));
        assert_eq!(document.text_at(&format!("all.{i}")), Some(text.as_str()));
    }
    if have_modules(&["yaml"]) {
        pyyaml::agrees(&[(document.text, document.tree)]);
    }
}

#[test]
fn a_value_between_other_words_is_refused() {
    for template in [
        "a: before {{ x }}",
        "a: {{ x }} after",
        "a: 'before {{ x }}'",
        "a: |\n  echo {{ x }}",
        "a: b # {{ x }}",
        "{{ x }}{{ x }}: b",
    ] {
        for x in ["a: b", "on", "it's", "a\nb"] {
            let message = refused(&format!("#cloud-config\n{template}\n"), &json!({ "x": x }));
            assert!(message.contains("own.yaml.j2"), "{template} {x}: {message}");
        }
    }
}

/// A value that needs no quotes is the same within a longer text.
#[test]
fn a_word_or_a_number_may_stand_within_a_text() {
    let template = "#cloud-config\na: \"port={{ n }}\"\nb: before {{ x }}\nc: |\n  {{ x }} {{ n }} {{ t }}\n\
                    d: {{ x }}-{{ n }}\ne: {{ n }}\nf: [{{ x }}]\n";
    let document = rendered(template, &json!({ "x": "word", "n": 8080, "t": true }));
    let expected = "{a: port=8080, b: before word, c: \"word 8080 true\\n\", d: word-8080, \
                    e: 8080, f: [word]}";
    assert_eq!(document.tree, yaml11::read(expected).unwrap());
    let message = refused("#cloud-config\na: \"port={{ n }}\"\n", &json!({ "n": "8080" }));
    assert!(message.contains("(\"before \" ~ value)"), "{message}");
    let message = refused("#cloud-config\na: b # {{ x }}\n", &json!({ "x": "word" }));
    assert!(message.contains("does not come back"), "{message}");
}

#[test]
fn what_does_not_exist_is_named() {
    let params = json!({ "port": 80, "m": { "k": "v" } });
    for (expression, name) in [
        ("prt", "prt"),
        ("m.nope", "m.nope"),
        ("'a' ~ prt", "'a' ~ prt"),
        ("[1, prt]|yaml", "prt"),
        ("prt|upper", "prt"),
    ] {
        let message = refused(&format!("#cloud-config\na: {{{{ {expression} }}}}\n"), &params);
        assert!(message.contains("there is no value `"), "{expression}: {message}");
        assert!(message.contains(name) && message.contains("there are: "), "{message}");
        assert!(message.contains("m, port") || message.contains("port, m"), "{message}");
    }
}

/// The result is never written: its lines are shown with the mistake.
#[test]
fn a_mistake_in_the_result_is_shown_with_its_lines() {
    let template = "#cloud-config\n{% for i in [1, 2, 3, 4] %}\nk{{ i }}: x\n{% endfor %}\npassword: {{ p }}\na: [b\nc: d\n";
    let message = refused(template, &json!({ "p": "hunter2" }));
    assert!(message.contains("line 8, column 2"), "{message}");
    assert!(message.contains("in the list that begins in line 7, column 4"), "{message}");
    assert!(message.contains("\n     7 | a: [b\n>    8 | c: d"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
}

/// What is not in the folder does not get into the user-data.
#[test]
fn templates_do_not_lead_out_of_their_folder() {
    let folder = folder("#cloud-config\na: {{ x }}\n", &json!({ "x": "y" }));
    let templates = folder.path().join("t/deep");
    std::fs::create_dir_all(&templates).unwrap();
    let (secret, t) = (folder.path().join("secret"), folder.path().join("t"));
    std::fs::write(&secret, "hunter2").unwrap();
    std::os::unix::fs::symlink(&secret, t.join("link.j2")).unwrap();
    std::os::unix::fs::symlink(&t, templates.join("loop")).unwrap();
    std::os::unix::fs::symlink(".", templates.join("self")).unwrap();
    let place = secret.display().to_string();
    for name in [&place[..], "../secret", "deep/../../secret", "link.j2"] {
        let text = format!("#cloud-config\na: {{{{ x }}}}\nb: {{% include \"{name}\" %}}\n");
        std::fs::write(folder.path().join("own.yaml.j2"), text).unwrap();
        let output = bootseed(folder.path(), &[OWN, &["--templates", "t"]].concat());
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        assert!(!said(&output).contains("hunter2"), "{name}: {}", said(&output));
    }
}

#[test]
fn what_is_undefined_is_an_error_with_file_and_line() {
    for expression in [
        "x",
        "m.nope",
        "m.nope.deeper",
        "m['k'].y",
        "[x]",
        "{'a': x}",
        "{'a': [x]}",
        "x|yaml",
        "[x]|yaml",
        "x|item",
        "x|block",
        "x|comment",
        "x|tojson",
        "'a' ~ x",
        "x or 1",
        "x|upper",
        "range",
        "[range]",
    ] {
        let template = format!("#cloud-config\n\na: {{{{ {expression} }}}}\n");
        let message = refused(&template, &json!({ "m": { "k": "v" } }));
        assert!(message.contains("own.yaml.j2:3"), "{expression}: {message}");
        let said = message.matches("there is no value").count();
        assert!(said < 2 || message.contains("because"), "once is enough: {message}");
    }
    for statement in ["{% if x %}{% endif %}", "{% for a in x %}{% endfor %}"] {
        let message = refused(&format!("#cloud-config\n{statement}\n"), &json!({}));
        assert!(message.contains("own.yaml.j2:2"), "{statement}: {message}");
    }
}

#[test]
fn what_is_no_cloud_config_is_refused() {
    for (template, expected) in [
        ("a: b\n", "#cloud-config"),
        ("## template: jinja\n#cloud-config\na: b\n", "#cloud-config"),
        ("#cloud-config\n- a\n", "map"),
        ("#cloud-config\na: b\na: c\n", "own.yaml.j2"),
        ("#cloud-config\na: {{ 'mime-' }}{{ 'version:' }}\n", "own.yaml.j2"),
        ("#cloud-config\nmime-version: 1\n", "MIME"),
        ("#cloud-config\na: {{ x\n", "own.yaml.j2:2"),
        ("#cloud-config\na: {% include 'none.sh.j2' %}\n", "none.sh.j2"),
    ] {
        let message = refused(template, &json!({ "x": "y" }));
        assert!(message.contains(expected), "{template}: {message}");
    }
}

#[test]
fn other_modes_of_escaping_still_escape() {
    let template = "#cloud-config
{% autoescape 'json' %}
a: {{ x }}
{% endautoescape %}
{% autoescape true %}
b: {{ x }}
{% endautoescape %}
{% set page %}{% autoescape 'html' %}<p>{{ x }}</p>{% endautoescape %}{% endset %}
c: {{ page|block }}
";
    let document = rendered(template, &json!({ "x": "on: <b>" }));
    assert_eq!(document.text_at("a"), Some("on: <b>"));
    assert_eq!(document.text_at("b"), Some("on: <b>"));
    assert_eq!(document.text_at("c"), Some("<p>on: &lt;b&gt;</p>"));
}

#[test]
fn a_folder_of_templates_overrides_and_adds() {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("t");
    std::fs::create_dir_all(templates.join("web")).unwrap();
    std::fs::create_dir_all(templates.join("guest/steps")).unwrap();
    let lines = "# mine\n{% include \"web/mine.conf.j2\" %}\n";
    std::fs::write(templates.join("web/nginx.conf.j2"), lines).unwrap();
    std::fs::write(templates.join("web/mine.conf.j2"), "# {{ keys.hostname|comment }}").unwrap();
    let program = "\"\"\"Mine.\"\"\"\n\nWORK[\"verify\"] = print\n";
    std::fs::write(templates.join("guest/steps/verify.py"), program).unwrap();
    let hostname = ["--templates", "t", "--program", "plain", "--set", "hostname=lab-7"];
    let output = bootseed(folder.path(), &hostname);
    assert!(output.status.success(), "{}", said(&output));
    let document = Document::read(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(document.file(SITE).trim_end(), "# mine\n# lab-7", "{}", document.text);
    let program = document.program();
    assert!(
        program.contains("\n# steps/verify.py: Mine.\n\nWORK[\"verify\"] = print\n"),
        "{program}"
    );
    assert!(!program.contains("look_at_cloud_init"), "{program}");

    std::fs::write(templates.join("web/mine.conf.j2"), "{{ nope }}").unwrap();
    let output = bootseed(folder.path(), &hostname);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("web/mine.conf.j2:1"), "{}", said(&output));
    let output = bootseed(folder.path(), &["--templates", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_words_of_a_yaml_document_are_what_they_were() {
    let template = "#cloud-config\na: {{ x }}\nb: {{ n }}\nc: {{ t }}\n";
    let document = rendered(template, &json!({ "x": "0644", "n": 7, "t": true }));
    let expected = "{a: '0644', b: 7, c: true}";
    assert_eq!(document.tree, yaml11::read(expected).unwrap());
}
