//! `bootseed roster` as a whole: what comes out, what is refused, and what stays as it was.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::class::{Class, ROSTER, SPEC, files, identity};
use crate::host::have;
use crate::tools::bootseed;

/// The students of [`ROSTER`] as parameter files that somebody wrote by hand.
fn by_hand(name: &str, id: &str, group: &str, environment: &str) -> String {
    let page = name.replace('"', "&quot;").replace('\'', "&#39;");
    let index = format!("<h1>{page}</h1>\n{{{{ message }}}} {group}\n");
    serde_json::json!({
        "timezone": "Asia/Seoul",
        "hostname": format!("lab-{id}"),
        "users": [{"name": "kim"}],
        "web": {"index": index},
        "conda": {"environments": [{"name": environment}]},
    })
    .to_string()
}

#[test]
fn a_machine_is_what_render_makes_of_its_row() {
    let class = Class::new(ROSTER, SPEC);
    for (destination, extension) in
        [("cloud-config", "txt"), ("aws-form", "txt"), ("aws-cli", "json"), ("vmware", "")]
    {
        let _ = fs::remove_dir_all(class.path("out"));
        class.ends(0, &["students.csv", "class.yaml", "-o", "out", "--for", destination]);
        for (name, id, group, environment) in [
            ("김철수", "s1", "A", "web"),
            ("이영희", "s2", "none", "data"),
            ("O'Brien \"$(x)\" {{ student.id }}", "s3", "B", "web"),
        ] {
            // A text about a student is refused where there is none, so it is put in afterwards.
            let name = name.replace("student", "STUDENT");
            class.write("one.yaml", by_hand(&name, id, group, environment).as_bytes());
            let one = class.path("one.yaml").display().to_string();
            let rendered = bootseed(&["render", &one]).replace("STUDENT", "student");
            let files = files(&class.path("out/machines"));
            let found = files.iter().find(|(file, _)| file.starts_with(id)).unwrap();
            assert!(extension.is_empty() || found.0.contains('.'), "{}", found.0);
            let text = String::from_utf8(found.1.clone()).unwrap();
            match destination {
                "cloud-config" | "aws-form" => assert_eq!(text, rendered),
                "aws-cli" => {
                    let request: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(request["UserData"], rendered);
                }
                _ if rendered.contains("{{ student") => {}
                _ => {
                    let whole = bootseed(&["render", &one, "--for", destination]);
                    assert_eq!(text, whole);
                }
            }
        }
    }
}

#[test]
fn the_lists_say_what_there_is() {
    let class = Class::new(ROSTER, SPEC);
    let said = class.make();
    assert!(said.contains("students.csv: CSV, comma, UTF-8"), "{said}");
    assert!(said.ends_with("3 new\n"), "{said}");
    let manifest: Value = serde_json::from_str(&class.read("out/manifest.json")).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len(), 3);
    let students = [
        ("s1", "김철수", "lab-s1"),
        ("s2", "이영희", "lab-s2"),
        ("s3", "O'Brien \"$(x)\" {{ student.id }}", "lab-s3"),
    ];
    for (entry, (student, name, hostname)) in listed.iter().zip(students) {
        let bytes = fs::read(class.path("out").join(entry["file"].as_str().unwrap())).unwrap();
        assert_eq!((&entry["student"], &entry["hostname"]), (&student.into(), &hostname.into()));
        assert_eq!(entry["name"], name);
        assert_eq!(entry["bytes"], bytes.len());
        let mut sum = Command::new("sha256sum");
        sum.stdin(fs::File::open(class.path("out").join(entry["file"].as_str().unwrap())).unwrap());
        let sum = String::from_utf8(sum.output().unwrap().stdout).unwrap();
        assert_eq!(entry["sha256"].as_str(), sum.split(' ').next());
    }
    let csv = class.read("out/manifest.csv");
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(csv.contains("\ns2,이영희,machines/s2.txt,"), "{csv}");
    let page = class.read("out/index.html");
    assert!(page.contains("[\"s2\",\"이영희\",\"lab-s2\","));
    assert!(page.contains(" GB; port 80 open to the class"), "{page}");
    let slips = class.read("out/slips.html");
    assert_eq!(slips.matches("<article>").count(), 3);
    assert!(slips.contains("<h3>김철수 · s1</h3>"), "{slips}");
    let groups = ["<h2>A</h2>", "<h2>No group</h2>", "<h2>B</h2>"].map(|group| slips.find(group));
    assert!(groups.is_sorted() && groups[0].is_some(), "{slips}");
}

#[test]
fn the_page_says_what_fits_the_destination() {
    let class = Class::new(ROSTER, SPEC);
    for (destination, how, form) in [
        ("aws-form", "Copy, then paste into EC2's launch form", true),
        ("hetzner", "Copy, then paste into the form of the server under Cloud config", true),
        ("aws-cli", "Run ./launch.sh in this folder", false),
        ("tfvars", "terraform apply", false),
        ("incus", "Each student has a file: a profile for incus profile edit", false),
    ] {
        let _ = fs::remove_dir_all(class.path("out"));
        class.ends(0, &["students.csv", "class.yaml", "-o", "out", "--for", destination]);
        let page = class.read("out/index.html");
        assert!(page.contains(how), "{destination}");
        assert_eq!(
            page.contains("#cloud-config"),
            form,
            "nothing invites to launch {destination} by hand"
        );
    }
}

#[test]
fn the_console_of_ec2_has_the_names() {
    let class = Class::new(ROSTER, SPEC);
    class.ends(0, &["students.csv", "class.yaml", "-o", "out", "--for", "aws-cli"]);
    let request: Value = serde_json::from_str(&class.read("out/machines/s1.json")).unwrap();
    let tags = request["TagSpecifications"][0]["Tags"].as_array().unwrap();
    assert_eq!(tags[0], serde_json::json!({"Key": "Name", "Value": "s1 김철수"}));
}

#[test]
fn all_mistakes_are_listed_and_nothing_is_written() {
    let roster = "id,name,group,hostname\ns1,Kim,A,lab 1\ns2,,A,lab-2\ns/3,Lee,A,lab-3\n\
                  S1,Park,A,lab-4\ns5,Choi,A,lab-5,extra\ns6,Jung,A,-\n";
    let class = Class::new(roster, SPEC);
    let said = class.ends(1, &["students.csv", "class.yaml", "-o", "out"]);
    for expected in [
        "students.csv, row 2, column hostname: `lab 1` cannot be a host name",
        "1 | lab 1",
        "students.csv, row 3, column name: the cell of `name` is empty",
        "students.csv, row 4, column id: ",
        "students.csv, row 5, column id: the name `S1` is that of row 2 already",
        "students.csv, row 6",
        "the mistake of row 2, column hostname, is also in 7\n",
        "6 errors; nothing is written",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert!(!class.path("out").exists());
    assert_eq!(fs::read_dir(class.folder.path()).unwrap().count(), 2, "nothing is left behind");
    let said = class.ends(1, &["students.csv", "class.yaml", "-o", "out", "--max-errors", "2"]);
    assert!(said.contains("2 errors; the rest of the roster was not looked at"), "{said}");
    let said = class.ends(1, &["students.csv", "class.yaml", "--check"]);
    assert!(said.contains("6 errors"), "{said}");
}

#[test]
fn a_mistake_of_the_parameter_file_is_told_once() {
    for (spec, expected) in [
        ("hostname: a\nwbe: {}\n", "class.yaml:2:1"),
        ("hostname: \"{{ student.nam }}\"\n", "did you mean `student.name`?"),
        ("hostname: \"{{ student.id\"\n", "`}}` is missing"),
        ("timezone: Seoul\nhostname: \"{{ student.id }}\"\n", "did you mean `Asia/Seoul`?"),
        ("files: [{path: /a, from: nowhere.txt}]\n", "nowhere.txt"),
    ] {
        let class = Class::new("id,name\ns1,Kim\ns2,Lee\n", spec);
        let said = class.ends(1, &["students.csv", "class.yaml", "-o", "out"]);
        assert_eq!(said.matches("error[").count(), 1, "{said}");
        assert!(said.contains(expected), "{expected}\n{said}");
        assert!(!class.path("out").exists());
    }
    for (header, expected) in [
        ("id,conda.environments[0].nam", "did you mean `conda.environments[0].name`?"),
        ("id,name,id", "id"),
    ] {
        let class = Class::new(&format!("{header}\ns1,x,y\n"), "hostname: a\n");
        let output = class.run(&["students.csv", "class.yaml", "-o", "out"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(expected), "{said}");
    }
}

#[test]
fn a_second_run_writes_what_changed() {
    let class = Class::new(ROSTER, SPEC);
    class.make();
    let (one, two) = (class.path("out/machines/s1.txt"), class.path("out/machines/s2.txt"));
    let before = (identity(&one), identity(&two), identity(&class.path("out/index.html")));
    assert!(class.make().ends_with("3 unchanged\n"));
    let after = (identity(&one), identity(&two), identity(&class.path("out/index.html")));
    assert_eq!(before, after);
    class.write("out/notes.txt", b"mine");
    class
        .write("students.csv", ROSTER.replace("이영희", "이영이").replace("s3,", "s4,").as_bytes());
    let before = (files(&class.path("out")), identity(&one));
    let args = ["students.csv", "class.yaml", "-o", "out"];
    let diff = class.run(&[&args[..], &["--diff"]].concat());
    let (out, said) =
        (String::from_utf8(diff.stdout).unwrap(), String::from_utf8(diff.stderr).unwrap());
    assert!(out.contains("-   <h1>이영희</h1>\n+   <h1>이영이</h1>\n"), "{out}");
    let new = out.lines().find(|line| line.starts_with("+ s4 O'Brien")).unwrap();
    assert!(new.contains(": machines/s4.txt, ") && new.ends_with(" bytes"), "{out}");
    assert_eq!(out.matches("s4").count(), 2, "a new student is one line: {out}");
    assert!(out.ends_with("\n- s3\n"), "{out}");
    assert!(said.contains("1 new, 1 changed, 1 unchanged, 1 gone; nothing is written"), "{said}");
    assert_eq!((files(&class.path("out")), identity(&one)), before);
    assert!(class.make().ends_with("1 new, 1 changed, 1 unchanged, 1 gone\n"));
    assert_eq!(identity(&one), before.1);
    assert!(class.path("out/machines/s3.txt").exists(), "it goes with --prune");
    let said = class.ends(0, &[&args[..], &["--prune"]].concat());
    assert!(said.ends_with("3 unchanged, 1 gone\n"), "{said}");
    assert!(!class.path("out/machines/s3.txt").exists());
    assert_eq!(class.read("out/notes.txt"), "mine");
    assert!(class.make().ends_with("3 unchanged\n"));
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let class = Class::new(ROSTER, SPEC);
    fs::create_dir(class.path("out")).unwrap();
    class.write("out/thesis.txt", b"mine");
    let output = class.run(&["students.csv", "class.yaml", "-o", "out"]);
    assert!(!output.status.success());
    assert_eq!(files(&class.path("out")).len(), 1);
}

#[test]
fn every_form_of_a_roster_gives_the_same_machines() {
    let class = Class::new(ROSTER, SPEC);
    class.make();
    let expected = files(&class.path("out/machines"));
    let utf16: Vec<u8> = ROSTER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    class.write("utf16.csv", &[&b"\xFF\xFE"[..], &utf16].concat());
    class.write(
        "bom.csv",
        &[&b"\xEF\xBB\xBF"[..], ROSTER.replace('\n', "\r\n").as_bytes()].concat(),
    );
    let rows = serde_json::json!([
        {"id": "s1", "name": "김철수", "group": "A", "conda.environments[0].name": "web"},
        {"id": "s2", "name": "이영희", "conda.environments[0].name": "data"},
        {"id": "s3", "name": "O'Brien \"$(x)\" {{ student.id }}", "group": "B",
         "conda.environments[0].name": "web"},
    ]);
    class.write("list.json", rows.to_string().as_bytes());
    class.write("list.yaml", serde_json::to_string_pretty(&rows).unwrap().as_bytes());
    for roster in ["utf16.csv", "bom.csv", "list.json", "list.yaml"] {
        class.ends(0, &[roster, "class.yaml", "-o", "other"]);
        assert!(files(&class.path("other/machines")) == expected, "{roster}");
        fs::remove_dir_all(class.path("other")).unwrap();
    }
    let mut child = class.command(&["-", "class.yaml", "-o", "other"]);
    let mut child = child.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(ROSTER.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(files(&class.path("other/machines")) == expected, "standard input");
}

#[test]
fn a_script_can_be_run() {
    let class = Class::new(ROSTER, "web: {}\n");
    class.ends(0, &["students.csv", "class.yaml", "-o", "out", "--for", "aws-cli"]);
    let mode = fs::metadata(class.path("out/launch.sh")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o755);
    assert!(class.read("out/launch.sh").contains("s2"));
}

/// On a terminal, a long run says how far it is.
#[test]
fn a_long_run_shows_its_progress() {
    if !have(&["script"]) {
        return;
    }
    let rows: String = (0..40_000).map(|n| format!("t{n},이름{n},A,web\n")).collect();
    let class = Class::new("id\nx\n", SPEC);
    class.write("many.csv", format!("id,name,group,conda.environments[0].name\n{rows}").as_bytes());
    let line = format!(
        "'{}' roster many.csv class.yaml --check && sleep 1",
        env!("CARGO_BIN_EXE_bootseed")
    );
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(class.folder.path());
    let output = script.stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains(" students, ") && shown.contains("40000 machines are fine"), "{shown}");
    let said = class.ends(0, &["many.csv", "class.yaml", "--check"]);
    assert!(!said.contains(" students, "), "{said}");
}

#[test]
fn an_interrupted_run_leaves_the_old_result() {
    let class = Class::new(ROSTER, SPEC);
    class.make();
    let before = files(&class.path("out"));
    let rows: String = (0..20_000).map(|n| format!("t{n},이름{n},A,web\n")).collect();
    class.write("many.csv", format!("id,name,group,conda.environments[0].name\n{rows}").as_bytes());
    for (signal, pause) in [("-KILL", 40), ("-INT", 60), ("-TERM", 90), ("-KILL", 120)] {
        let mut command = class.command(&["many.csv", "class.yaml", "-o", "out"]);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(pause));
        let pid = child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert!(!child.wait().unwrap().success());
        let mut after = files(&class.path("out"));
        after.retain(|name, _| !name.starts_with(".bootseed/"));
        assert!(after == before, "{signal} after {pause} ms");
    }
    assert!(class.make().ends_with("3 unchanged\n"));
    assert!(files(&class.path("out")) == before);
    let left: Vec<String> = fs::read_dir(class.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left.len(), 4, "{left:?}");
}
