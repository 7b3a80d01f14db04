//! One student's machine, from the commands that make one machine.

use std::process::{Command, Output, Stdio};

use crate::class::{Class, ROSTER, SPEC};

fn run(class: &Class, command: &str, arguments: &[&str]) -> Output {
    let mut bootseed = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    bootseed.arg(command).args(arguments).current_dir(class.folder.path());
    bootseed.env("NO_COLOR", "1").stdin(Stdio::null()).output().unwrap()
}

/// What a command says, and what it prints, when it ends with this code.
fn ends(class: &Class, code: i32, command: &str, arguments: &[&str]) -> (String, String) {
    let output = run(class, command, arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, said) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{command} {arguments:?}\n{said}");
    (said, out)
}

#[test]
fn one_student_s_document_is_that_of_the_class() {
    let class = Class::new(ROSTER, SPEC);
    class.make();
    for student in ["s1", "s2", "s3"] {
        let args = ["class.yaml", "--student", student, "--roster", "students.csv"];
        let (said, out) = ends(&class, 0, "render", &args);
        assert_eq!(out, class.read(&format!("out/machines/{student}.txt")));
        assert!(said.is_empty(), "{said}");
        let (_, out) = ends(&class, 0, "plan", &args);
        assert!(out.contains(&format!("lab-{student}")), "{out}");
        ends(&class, 0, "program", &args);
    }
}

#[test]
fn without_a_student_nothing_goes_out() {
    let class = Class::new(ROSTER, SPEC);
    for command in ["render", "plan", "program"] {
        let (said, out) = ends(&class, 1, command, &["class.yaml"]);
        assert_eq!(out, "");
        assert!(
            said.contains("error[student]: `{{ student.id }}` waits for a student of a roster"),
            "{said}"
        );
        assert!(said.contains("add --student ID --roster FILE"), "{said}");
        assert!(said.ends_with("\n1 error\n"), "the host name is not wrong as well: {said}");
    }
    let (said, _) = ends(&class, 1, "boot", &["class.yaml", "--root", "nowhere"]);
    assert!(said.contains("waits for a student of a roster"), "{said}");
    let mut terraform = Command::new("sh");
    let line = format!(
        "echo '{{\"spec\": \"class.yaml\"}}' | '{}' terraform",
        env!("CARGO_BIN_EXE_bootseed")
    );
    let output = terraform.args(["-c", &line]).current_dir(class.folder.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(1), &b""[..]), "{said}");
    assert!(said.contains("class.yaml:2:") && said.contains("--for tfvars"), "{said}");
}

#[test]
fn a_student_who_is_not_there_is_asked_about() {
    let class = Class::new("id,name\n2024001,Kim\n2024002,Lee\n", "hostname: l-{{ student.id }}\n");
    let pick = |student: &str| {
        let args = ["class.yaml", "--student", student, "--roster", "students.csv"];
        ends(&class, 1, "render", &args).0
    };
    assert!(pick("2024003").contains("did you mean `2024001`?"));
    assert!(pick("Kim").contains("students.csv has no `Kim` in its column `id`"));
    class.write("students.csv", b"id,name\na b,Kim\n");
    let said = pick("a b");
    assert!(
        said.contains("students.csv, row 2, column id: `l-a b` cannot be a host name"),
        "{said}"
    );
    let args = ["class.yaml", "--student", "s1"];
    assert!(ends(&class, 2, "render", &args).0.contains("--roster <FILE>"));
}
