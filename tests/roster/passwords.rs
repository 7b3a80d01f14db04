//! Passwords of a class: whose they are, how long they stay, and that nothing else tells them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::class::{Class, ROSTER, SPEC, files};

/// The files that have passwords in them, to be handed out.
const PLAIN: &[&str] = &["credentials.csv", "slips.html"];

/// What `crypt(3)` makes of a password with the salt of a hash.
fn hashed(password: &str, hash: &str) -> String {
    let mut perl = Command::new("perl");
    perl.args(["-e", "print crypt($ARGV[0], $ARGV[1])", password, hash]);
    String::from_utf8(perl.output().unwrap().stdout).unwrap()
}

/// The password hash in the user-data of a student.
fn hash_of(class: &Class, student: &str) -> String {
    let text = class.read(&format!("out/machines/{student}.txt"));
    let line = text.lines().find(|line| line.contains("hashed_passwd")).unwrap();
    let hash = &line[line.find("$6$").unwrap()..];
    hash.trim_end_matches(['"', '\'', '}', ']', ',']).to_owned()
}

fn passwords(class: &Class) -> BTreeMap<String, String> {
    let text = class.read("out/credentials.csv");
    let rows = text.trim_start_matches('\u{feff}').lines().skip(1);
    rows.map(|row| row.split(',').map(str::to_owned).collect::<Vec<_>>())
        .map(|cells| (cells[0].clone(), cells.last().unwrap().clone()))
        .collect()
}

#[test]
fn each_student_has_a_password_that_stays() {
    let class = Class::new(ROSTER, SPEC);
    let args = ["students.csv", "class.yaml", "-o", "out", "--passwords", "kim"];
    let mut said = class.ends(0, &args);
    let first = passwords(&class);
    assert_eq!(first.len(), 3);
    assert!(class.read("out/credentials.csv").contains("\ns1,김철수,kim,"));
    let slips = class.read("out/slips.html");
    for (student, password) in &first {
        let login = format!("<dt>Account</dt><dd>kim</dd><dt>Password</dt><dd>{password}</dd>");
        assert!(slips.contains(&login), "{student}");
        let hash = hash_of(&class, student);
        assert_eq!(hashed(password, &hash), hash, "{student}");
    }
    let mode = |name: &str| fs::metadata(class.path(name)).unwrap().permissions().mode() & 0o777;
    for private in
        ["out/credentials.csv", "out/slips.html", "out/index.html", "out/machines/s1.txt"]
    {
        assert_eq!(mode(private), 0o600, "{private}");
    }
    said += &class.ends(0, &args);
    assert!(said.ends_with("3 unchanged\n"), "{said}");
    assert_eq!(passwords(&class), first);
    said += &class.ends(0, &[&args[..], &["--check"]].concat());
    let diff = class.run(&[&args[..], &["--rotate", "--diff"]].concat());
    said += &String::from_utf8(diff.stdout).unwrap();
    assert!(!said.contains("$6$"), "{said}");
    said += &class.ends(0, &[&args[..], &["--rotate"]].concat());
    let second = passwords(&class);
    assert!(second.iter().all(|(student, password)| first[student] != *password));
    let all = files(&class.path("out"));
    for (name, bytes) in all.iter().filter(|(name, _)| !PLAIN.contains(&name.as_str())) {
        let text = String::from_utf8_lossy(bytes);
        for password in first.values().chain(second.values()) {
            assert!(!text.contains(password.as_str()), "{name} has a password");
            assert!(!said.contains(password.as_str()), "a password is told");
        }
    }
    let manifests = class.read("out/manifest.csv") + &class.read("out/manifest.json");
    assert!(!manifests.contains("$6$"));
    let said = class.ends(1, &["students.csv", "class.yaml", "-o", "out", "--passwords", "lee"]);
    assert!(said.contains("no account `lee`"), "{said}");
}

#[test]
fn a_folder_with_passwords_keeps_them() {
    let class = Class::new(ROSTER, SPEC);
    let args = ["students.csv", "class.yaml", "-o", "out"];
    class.ends(0, &[&args[..], &["--passwords", "kim"]].concat());
    let (first, before) = (passwords(&class), files(&class.path("out")));
    for more in [&["--check"][..], &["--diff"], &[]] {
        let said = class.ends(0, &[&args[..], more].concat());
        assert!(said.contains("the account `kim` has passwords as before"), "{said}");
    }
    assert!(files(&class.path("out")) == before);
    class.ends(0, &[&args[..], &["--rotate"]].concat());
    assert_ne!(passwords(&class), first);
    fs::remove_file(class.path("out/credentials.csv")).unwrap();
    let said = class.ends(0, &args);
    assert!(said.ends_with("3 changed\n"), "{said}");
    assert!(!class.read("out/machines/s1.txt").contains("hashed_passwd"));
    let said = class.ends(2, &[&args[..], &["--rotate"]].concat());
    assert!(said.contains("add --passwords USER"), "{said}");
}

#[test]
fn of_several_accounts_one_has_to_be_named() {
    let class = Class::new(ROSTER, &SPEC.replace("  - name: kim", "  - name: kim\n  - name: lee"));
    let args = ["students.csv", "class.yaml", "-o", "out"];
    class.ends(0, &[&args[..], &["--passwords", "kim"]].concat());
    let first = passwords(&class);
    class.ends(0, &[&args[..], &["--passwords", "lee"]].concat());
    let said = class.ends(2, &args);
    assert!(said.contains("for the accounts lee, kim; say which"), "{said}");
    class.ends(0, &[&args[..], &["--passwords", "kim"]].concat());
    let text = class.read("out/credentials.csv");
    assert!(first.iter().all(|(student, password)| {
        text.lines().any(|line| {
            line.starts_with(&format!("{student},")) && line.ends_with(&format!("kim,{password}"))
        })
    }));
}

#[test]
fn secrets_of_a_roster_are_not_shown() {
    let roster = "id,password,users[0].password\ns1,hunter2,\"hunter3\nx\"\n";
    let spec = "hostname: \"{{ student.password }}!\"\nusers: [{name: kim}]\n";
    let class = Class::new(roster, spec);
    let said = class.ends(1, &["students.csv", "class.yaml", "-o", "out"]);
    assert!(said.contains("row 2, column password"), "{said}");
    assert!(said.contains("column users[0].password"), "{said}");
    assert!(!said.contains("hunter"), "{said}");
}

/// A password that SSH does not take is one that no student can use: it is said, once.
#[test]
fn a_password_for_the_console_alone_is_warned_of() {
    let class = Class::new(ROSTER, SPEC);
    let args = ["students.csv", "class.yaml", "-o", "out", "--passwords", "kim"];
    let said = class.ends(0, &args);
    assert_eq!(
        said.matches("warning[ssh-password]: `kim` cannot log in over SSH").count(),
        1,
        "{said}"
    );
    let said = class.ends(0, &[&args[..], &["--set", "ssh_password_login=true"]].concat());
    assert!(!said.contains("warning"), "{said}");
}
