//! Parameters on the command line: `--set` reaches every one, with its type; the values of a
//! template, and the folder of templates; and the same bytes on another day.

#![allow(clippy::unwrap_used)]

mod host;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bootseed::source::{Path as Place, Segment, Source, parse};
use bootseed::spec;
use host::find;
use serde_json::{Value, json};

fn bootseed(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn complaint(arguments: &[&str]) -> (Option<i32>, String) {
    let output = bootseed(arguments);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// A text that YAML would make something else of.
const ODD: &str = "on: [1, # 3.10";

/// Every parameter of a schema, with what is assigned to it and the value that must arrive.
fn walk(schema: &Value, at: &Place, found: &mut Vec<(Place, String, Value)>) {
    for branch in schema["anyOf"].as_array().into_iter().flatten() {
        walk(branch, at, found);
    }
    let choices = ["oneOf", "enum"].map(|key| schema[key].as_array().cloned().unwrap_or_default());
    let choice = choices.concat().first().map(|choice| match choice {
        Value::String(text) => text.clone(),
        described => described.get("const").or(described["enum"].get(0)).unwrap().to_string(),
    });
    if let Some(choice) = choice {
        let choice = choice.trim_matches('"').to_string();
        found.push((at.clone(), choice.clone(), json!(choice)));
        return;
    }
    let kind = schema["type"].as_array().map_or(&schema["type"], |kinds| &kinds[0]);
    match kind.as_str() {
        Some("string") => found.push((at.clone(), ODD.into(), json!(ODD))),
        Some("boolean") => found.push((at.clone(), "true".into(), json!(true))),
        Some("integer") => found.push((at.clone(), "7".into(), json!(7))),
        Some("array") => {
            let texts = schema["items"]["type"][0] == "string";
            if texts {
                found.push((at.clone(), "[a, '1']".into(), json!(["a", "1"])));
            }
            walk(&schema["items"], &at.index(0), found);
        }
        Some("object") => match schema["properties"].as_object() {
            Some(known) => {
                known.iter().for_each(|(key, one)| walk(one, &at.key(key.clone()), found))
            }
            None => found.push((at.key("fqdn"), "a.b".into(), json!("a.b"))),
        },
        _ => {}
    }
}

fn at<'a>(value: &'a Value, place: &Place) -> Option<&'a Value> {
    place.segments().iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(&**key),
        Segment::Index(index) => value.get(index),
    })
}

#[test]
fn set_reaches_every_parameter_with_its_type() {
    let mut all = Vec::new();
    walk(&spec::schema(), &Place::root(), &mut all);
    assert!(all.len() > 55, "{all:?}");
    for (place, text, value) in &all {
        let mut tree = parse(&Source::new("a.yaml", "{}")).unwrap();
        spec::assign(&mut tree, &format!("{place}={text}")).unwrap();
        let found = tree.to_json();
        assert_eq!(at(&found, place), Some(value), "{place}={text}: {found}");
        // Neither the parameter nor its type is unknown: only values may be wrong.
        let report = spec::load_all(&tree).report;
        let wrong = ["unknown-key", "wrong-type", "unknown-value"];
        let wrong: Vec<_> = report.iter().filter(|one| wrong.contains(&one.id)).collect();
        assert!(wrong.is_empty(), "{place}={text}: {wrong:?}");
    }
}

/// The same assignments as arguments of the program, where the result shows it: all values are fine.
#[test]
fn the_program_takes_the_assignments() {
    let output = bootseed(&[
        "render",
        "--preset",
        "static",
        "--set",
        "hostname=lab-7",
        "--set",
        "web.port=8080",
        "--set",
        "users[0].name=kim",
        "--set",
        "users[0].sudo=true",
        "--set",
        "packages=[git, jq]",
        "--set",
        "cloud_config.fqdn=lab-7.example.org",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for line in ["hostname: lab-7", "fqdn: lab-7.example.org", "  - name: kim", "listen 8080;"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn the_same_bytes_on_another_day() {
    let Some(faketime) = find("faketime") else { return };
    let on = |day: &str, words: &[&str]| {
        let mut command = Command::new(&faketime);
        let output = command.args([day, env!("CARGO_BIN_EXE_bootseed")]).args(words).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let year = Command::new(&faketime).args(["2031-05-06", "date", "+%Y"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&year.stdout).trim(), "2031", "the clock is not faked");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.yaml");
    fs::write(&file, "users: [{name: kim, password: x}]\nweb: {index: x}\nconda: {}\n").unwrap();
    let file = file.to_str().unwrap();
    for words in [
        &["render", file][..],
        &["render", "--preset", "hello_cju"],
        &["render", file, "--for", "mime"],
        &["render", file, "--for", "openstack", "--compress", "always"],
        &["render", file, "--for", "nocloud-iso"],
        &["plan", file],
    ] {
        let here = bootseed(words).stdout;
        assert!(!here.is_empty());
        for day in ["2031-05-06 07:08:09", "1999-12-31 23:59:59"] {
            assert!(on(day, words) == here, "{words:?} on {day}");
        }
    }
}

/// Numbers that YAML would change arrive as they are written.
#[test]
fn values_of_a_template_arrive_as_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let (template, values) = own(folder.path(), "py: 3.10\nmode: 0644\ncode: 010\nport: 80\n");
    let output = bootseed(&["render", "--template", &template, "--params", &values]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("- [\"3.10\", \"0644\", \"010\", 80]")
            || text.contains("- ['3.10', '0644', '010', 80]"),
        "{text}"
    );
}

#[test]
fn a_template_of_one_s_own_is_wrapped_for_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (template, values) = own(folder.path(), "py: 3.10\nmode: 0644\ncode: 010\nport: 80\n");
    for more in [["--for", "vmware"], ["--compress", "always"], ["--program", "packed"]] {
        let words = ["render", "--template", &template, "--params", &values];
        let (code, shown) = complaint(&[&words[..], &more].concat());
        assert_eq!(code, Some(2), "{shown}");
        assert!(shown.contains("cannot be used with") && shown.contains(more[0]), "{shown}");
    }
}

fn own(folder: &Path, values: &str) -> (String, String) {
    let (template, file) = (folder.join("own.yaml.j2"), folder.join("values.yaml"));
    let text = "#cloud-config\nruncmd:\n- [{{ py }}, {{ mode }}, {{ code }}, {{ port }}]\n";
    fs::write(&template, text).unwrap();
    fs::write(&file, values).unwrap();
    (template.display().to_string(), file.display().to_string())
}

#[test]
fn values_that_are_no_map_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (values, words) in
        [("- a\n", "this is a list"), ("a\n", "this is text"), ("~\n", "nothing")]
    {
        let (template, file) = own(folder.path(), values);
        let (code, shown) = complaint(&["render", "--template", &template, "--params", &file]);
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("values.yaml:1:1") && shown.contains(words), "{shown}");
    }
}

#[test]
fn a_template_that_nothing_uses_is_named() {
    for (name, folder, words) in [
        ("machin.yaml.j2", false, "nothing uses `machin.yaml.j2`; did you mean `machine.yaml.j2`?"),
        ("wep/nginx.conf.j2", false, "did you mean `web/nginx.conf.j2`?"),
        ("something.j2", false, "no template includes it, and the built-in ones are app"),
        ("web/nginx.conf.j2", true, "nginx.conf.j2: this is a folder, not a template"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join(name);
        fs::create_dir_all(if folder { &file } else { file.parent().unwrap() }).unwrap();
        if !folder {
            fs::write(&file, "x").unwrap();
        }
        let (code, shown) = complaint(&["render", "--templates", place.path().to_str().unwrap()]);
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains(words), "{shown}");
    }
}

#[test]
fn a_mistake_in_a_template_names_its_file() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("cloud-config.yaml.j2", "#cloud-config\na: {{ nope }}\n"),
        ("cloud-config.yaml.j2", "#cloud-config\na: [\n"),
        ("machine.yaml.j2", "steps: {{ nope }}\n"),
        ("web/nginx.conf.j2", "{{ nope }}"),
    ] {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let words = ["render", "--preset", "static", "--templates"];
        let (_, shown) = complaint(&[&words[..], &[folder.path().to_str().unwrap()]].concat());
        assert!(shown.contains(file.to_str().unwrap()), "{shown}");
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_value_comes_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let own = file("a.yaml", "hostname: a\nweb: {server: nginx}\npackages: [git]\n");
    let page = file("page.html", "<h1>a: b</h1>\n<p>@\n");
    let name = file("name", "lab\r\n");
    let sets = [format!("web.index=@{page}"), format!("hostname=@{name}"), "packages+=jq".into()];
    let mut words = vec!["render", &own];
    words.extend(sets.iter().flat_map(|set| ["--set", set]));
    let text = String::from_utf8(bootseed(&words).stdout).unwrap();
    for part in ["<p>@", "hostname: lab\n", "packages: [git, jq]"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (code, said) = complaint(&["render", &own, "--set", "hostname=@/nowhere"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("cannot read /nowhere"), "{said}");
    let (code, said) = complaint(&["render", &own, "--set", "hostname=@@x"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`@x` cannot be a host name"), "{said}");
}
