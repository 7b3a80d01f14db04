//! `launch.sh`: with the AWS CLI against a server that plays EC2 (moto), and with a program that
//! stands in for the AWS CLI where only the script is looked at.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;

use crate::aws::{Server, image};
use crate::host::have;
use crate::machines::EC2;
use crate::roster::{AWKWARD, Student, make};
use crate::tools::{fails, python_programs, said, succeeds};

fn student(name: &str) -> Student {
    (name.into(), format!("hostname: lab\nweb: {{index: {}}}\n", Value::from(name)))
}

/// A class on the server: its folder, and the arguments that make up for what moto does not know.
struct Class<'a> {
    server: &'a Server,
    folder: tempfile::TempDir,
    elsewhere: tempfile::TempDir,
    image: String,
}

/// A machine that EC2 has and that was not terminated.
#[derive(Debug, Clone, PartialEq)]
struct Machine {
    id: String,
    name: String,
    class: String,
    state: String,
}

impl Class<'_> {
    fn new(server: &Server) -> Class<'_> {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // The parameters of SSM that images are named by.
        let image = image(server, folder.path());
        Class { server, folder, elsewhere, image }
    }

    fn make(&self, class: &str, students: &[Student]) -> Vec<Vec<u8>> {
        make(self.folder.path(), "aws-cli", class, students)
    }

    /// The script, called from another folder.
    fn launch(&self, arguments: &[&str]) -> Command {
        let script = self.folder.path().join("launch.sh");
        let mut command = self.server.command(&script, self.elsewhere.path());
        command.args(["--image-id", &self.image]).args(arguments);
        command
    }

    fn ec2(&self, arguments: &[&str]) -> Value {
        self.server.aws(self.folder.path(), &[&["ec2"], arguments].concat())
    }

    /// The machines, by their names.
    fn machines(&self, region: &str) -> Vec<Machine> {
        let found = self.ec2(&["describe-instances", "--region", region]);
        let found = found["Reservations"].as_array().unwrap().iter();
        let found = found.flat_map(|one| one["Instances"].as_array().unwrap());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let mut machines: Vec<Machine> = found
            .map(|one| {
                let tags = one["Tags"].as_array().unwrap();
                let tag = |key: &str| tags.iter().find(|tag| tag["Key"] == key).unwrap();
                Machine {
                    id: text(&one["InstanceId"]),
                    name: text(&tag("Name")["Value"]),
                    class: text(&tag("bootseed-class")["Value"]),
                    state: text(&one["State"]["Name"]),
                }
            })
            .filter(|machine| machine.state != "terminated")
            .collect();
        machines.sort_by(|a, b| a.name.cmp(&b.name));
        machines
    }
}

fn summary(output: &[u8]) -> String {
    String::from_utf8_lossy(output).lines().last().unwrap_or_default().to_string()
}

#[test]
fn a_class_is_launched_and_kept_complete() {
    let Some(programs) = python_programs("launch.sh with the AWS CLI") else { return };
    let server = Server::start(&programs);
    let class = Class::new(&server);
    let large = format!("hostname: big\nweb: {{index: {}}}\n", "x".repeat(EC2));
    let students = [student("Ada"), ("big".into(), large), student("김철수")];
    let payloads = class.make("월요일", &students);
    assert!(payloads[1].starts_with(b"\x1f\x8b"));

    let said = String::from_utf8(succeeds(&mut class.launch(&["--list"]))).unwrap();
    assert!(said.contains("김철수: would be launched\n월요일: would launch 3, skip 0\n"), "{said}");
    assert_eq!(class.machines("us-east-1"), []);

    let said = succeeds(&mut class.launch(&["--instance-type", "t3.medium"]));
    assert_eq!(summary(&said), "월요일: launched 3, skipped 0, failed 0");
    let first = class.machines("us-east-1");
    for (machine, ((name, _), payload)) in first.iter().zip(students.iter().zip(&payloads)) {
        assert_eq!((&machine.name, &machine.class[..]), (name, "월요일"));
        assert!(server.user_data(&machine.id) == *payload, "{name}");
    }
    assert_eq!(first.len(), 3);

    let said = succeeds(&mut class.launch(&[]));
    assert_eq!(summary(&said), "월요일: launched 0, skipped 3, failed 0");
    assert_eq!(class.machines("us-east-1"), first);

    class.ec2(&["stop-instances", "--instance-ids", &first[0].id]);
    class.ec2(&["terminate-instances", "--instance-ids", &first[2].id]);
    let said = succeeds(&mut class.launch(&[]));
    assert_eq!(summary(&said), "월요일: launched 1, skipped 2, failed 0");
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains(&format!("Ada: skipped, {} is stopped\n", first[0].id)), "{said}");
    assert!(said.contains("김철수: launched, i-") && !said.contains("other user-data"), "{said}");
    let then = class.machines("us-east-1");
    assert_eq!((&then[1], then.len()), (&first[1], 3));
    assert_ne!(then[2].id, first[2].id);

    // Another page for Ada: her machine is not touched, and that is said.
    class.make("월요일", &[("Ada".into(), "hostname: new\nweb: {}\n".into())]);
    let said = String::from_utf8(succeeds(&mut class.launch(&[]))).unwrap();
    assert!(said.contains("with other user-data than now: to replace it, terminate it"), "{said}");
    assert!(said.ends_with("launched 0, skipped 1, failed 0\n"), "{said}");
}

#[test]
fn one_that_fails_does_not_keep_the_others_from_being_launched() {
    let Some(programs) = python_programs("launch.sh with a failure") else { return };
    let server = Server::start(&programs);
    let class = Class::new(&server);
    class.make("monday", &[student("ada"), student("bob"), student("cho")]);
    let request = class.folder.path().join("machines/bob.json");
    let fine = fs::read_to_string(&request).unwrap();
    let mut broken: Value = serde_json::from_str(&fine).unwrap();
    broken["SubnetId"] = "subnet-none".into();
    fs::write(&request, broken.to_string()).unwrap();
    let said = fails(&mut class.launch(&[]), 1);
    assert!(said.contains("bob: FAILED\ncho: launched, i-"), "{said}");
    assert!(said.contains("monday: launched 2, skipped 0, failed 1\n"), "{said}");
    assert!(said.contains("subnet-none"), "{said}");

    // Its mistake mended, the same command launches what is lacking.
    fs::write(&request, fine).unwrap();
    let said = succeeds(&mut class.launch(&[]));
    assert_eq!(summary(&said), "monday: launched 1, skipped 2, failed 0");
    let names: Vec<String> =
        class.machines("us-east-1").into_iter().map(|machine| machine.name).collect();
    assert_eq!(names, ["ada", "bob", "cho"]);
}

#[test]
fn the_machines_of_a_class_are_listed_and_ended() {
    let Some(programs) = python_programs("launch.sh --status and --terminate") else { return };
    let server = Server::start(&programs);
    let class = Class::new(&server);
    let three = [student("ada"), student("bob"), ("cho".into(), "hostname: c\n".into())];
    class.make("tuesday", &[student("ada")]);
    succeeds(&mut class.launch(&[]));
    class.make("monday", &three);
    let status = |class: &Class<'_>| {
        let text = String::from_utf8(succeeds(&mut class.launch(&["--status"]))).unwrap();
        let rows = text.lines().map(|line| line.split('\t').map(str::to_owned).collect());
        rows.collect::<Vec<Vec<String>>>()
    };
    assert_eq!(status(&class)[1], ["ada", "-", "-", "not launched"]);
    succeeds(&mut class.launch(&[]));
    let rows = status(&class);
    assert_eq!(rows[0], ["student", "id", "address", "state"]);
    for (row, (name, _)) in rows[1..].iter().zip(&three) {
        assert_eq!((&row[0], &row[3][..]), (name, "running"));
        assert!(row[1].starts_with("i-"), "{row:?}");
        let web = row[2].starts_with("http://") && row[2].ends_with('/');
        assert_eq!(web, name != "cho", "{row:?}");
    }

    // Who is gone from the roster has a machine still: it is named, and left.
    class.make("monday", &three[..2]);
    let output = class.launch(&["--status"]).output().unwrap();
    let gone = format!("of this class, but not in this list: {}\n", rows[3][1]);
    assert!(String::from_utf8_lossy(&output.stderr).contains(&gone), "{}", said(&output));
    let said = fails(class.launch(&["--terminate"]).stdin(Stdio::null()), 2);
    assert!(said.contains("Terminate these 2 machines") && said.contains("nothing was"), "{said}");
    assert_eq!(class.machines("us-east-1").len(), 4);
    let text = succeeds(&mut class.launch(&["--terminate", "--yes"]));
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains(&format!("ada: {}\n", rows[1][1])), "{text}");
    assert!(text.ends_with("monday: terminated 2\n"), "{text}");
    let left = class.machines("us-east-1");
    let left: Vec<&str> = left.iter().map(|machine| &machine.class[..]).collect();
    assert_eq!(left, ["tuesday", "monday"]);
    let text = succeeds(&mut class.launch(&["--terminate", "--yes"]));
    assert_eq!(String::from_utf8_lossy(&text), "monday: no machine is there\n");
    for wrong in [&["--yes"][..], &["--status", "--terminate"]] {
        fails(&mut class.launch(wrong), 2);
    }
}

/// Whatever a student is called, and whatever the encoding of the instructor's computer.
#[test]
fn awkward_names_are_launched_once() {
    let Some(programs) = python_programs("launch.sh with awkward names") else { return };
    let server = Server::start(&programs);
    let class = Class::new(&server);
    let students: Vec<Student> = AWKWARD.iter().map(|name| student(name)).collect();
    let payloads = class.make("$(touch broken) 'a' \"b\"", &students);
    let count = students.len();
    let ascii = |command: &mut Command| {
        command.env("LC_ALL", "C").env("PYTHONUTF8", "0").env("PYTHONCOERCECLOCALE", "0");
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        output.stdout
    };
    let said = ascii(&mut class.launch(&[]));
    assert!(summary(&said).ends_with(&format!(": launched {count}, skipped 0, failed 0")));
    let said = ascii(&mut class.launch(&[]));
    assert!(summary(&said).ends_with(&format!(": launched 0, skipped {count}, failed 0")));
    let machines = class.machines("us-east-1");
    assert_eq!(machines.len(), count);
    for ((name, _), payload) in students.iter().zip(payloads) {
        let machine = machines.iter().find(|machine| machine.name == *name).unwrap();
        assert!(server.user_data(&machine.id) == payload, "{name}");
    }
    for folder in [&class.folder, &class.elsewhere] {
        assert!(!folder.path().join("broken").exists());
    }
}

#[test]
fn a_machine_is_looked_for_where_it_is_launched() {
    let Some(programs) = python_programs("launch.sh in another region") else { return };
    let server = Server::start(&programs);
    let class = Class::new(&server);
    class.make("monday", &[student("kim")]);
    for (arguments, expected) in [
        (&["--region", "us-west-2"][..], "launched 1, skipped 0"),
        (&["--region=us-west-2"], "launched 0, skipped 1"),
        (&[], "launched 1, skipped 0"),
        (&[], "launched 0, skipped 1"),
    ] {
        let said = succeeds(&mut class.launch(arguments));
        assert!(summary(&said).contains(expected), "{arguments:?}: {}", summary(&said));
    }
    assert_eq!((class.machines("us-west-2").len(), class.machines("us-east-1").len()), (1, 1));

    // The same student in another class has another machine.
    class.make("tuesday", &[student("kim")]);
    let said = succeeds(&mut class.launch(&[]));
    assert_eq!(summary(&said), "tuesday: launched 1, skipped 0, failed 0");

    let mut unreachable = class.launch(&[]);
    unreachable.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_MAX_ATTEMPTS", "1");
    let said = fails(&mut unreachable, 2);
    assert!(said.contains("nothing was launched") && !said.contains("FAILED"), "{said}");
    let said = fails(&mut class.launch(&["--tag-specifications", "x"]), 2);
    assert!(said.contains("known by their tags"), "{said}");
    assert_eq!(class.machines("us-east-1").len(), 2);
}

/// Stands in for the AWS CLI: writes down what it is asked, and takes its time for launching.
const AWS: &str = r#"#!/bin/bash
printf '%s %s\n' "$2" "${BOOTSEED_FILE##*/}" >>"${0%/*}/asked"
[[ $2 = run-instances ]] || exit 0
sleep "${PAUSE:-0}"
echo "i-${BOOTSEED_FILE##*/}"
"#;

/// The script of a class with the stand-in on its path, and the folder of the stand-in.
fn with_stand_in(folder: &Path) -> (Command, PathBuf) {
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).unwrap();
    let _ = fs::remove_file(programs.join("asked"));
    fs::write(programs.join("aws"), AWS).unwrap();
    fs::set_permissions(programs.join("aws"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(folder.join("launch.sh"));
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    (command, programs)
}

#[test]
fn ec2_is_asked_once_for_forty_machines() {
    let folder = tempfile::tempdir().unwrap();
    let students: Vec<Student> = (1..=40).map(|n| student(&format!("lab-{n:02}"))).collect();
    make(folder.path(), "aws-cli", "monday", &students);
    let (mut command, programs) = with_stand_in(folder.path());
    let said = succeeds(&mut command);
    assert_eq!(summary(&said), "monday: launched 40, skipped 0, failed 0");
    let asked = fs::read_to_string(programs.join("asked")).unwrap();
    let mut expected = "describe-instances \n".to_string();
    expected.extend(students.iter().map(|(name, _)| format!("run-instances {name}\n")));
    assert_eq!(asked, expected);
}

/// bash reads a list of so many words, and would not read a function of so many commands.
#[test]
fn a_script_of_a_hundred_thousand_machines_is_read() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "aws-cli", "monday", &[student("kim")]);
    let script = folder.path().join("launch.sh");
    let text = fs::read_to_string(&script).unwrap();
    let line = text.lines().find(|line| line.starts_with("  kim ")).unwrap().to_string() + "\n";
    fs::write(&script, text.replace(&line, &line.repeat(100_000))).unwrap();
    let said = succeeds(with_stand_in(folder.path()).0.arg("--list"));
    assert_eq!(summary(&said), "monday: would launch 100000, skip 0");
}

/// Ctrl-C reaches everything that runs in the terminal. The machine under way is still told of.
#[test]
fn an_interrupted_run_ends_behind_the_machine_that_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "aws-cli", "monday", &[student("ada"), student("bob"), student("cho")]);
    let (mut command, programs) = with_stand_in(folder.path());
    command.env("PAUSE", "2").stdin(Stdio::null()).process_group(0);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    let under_way = || {
        let asked = fs::read_to_string(programs.join("asked")).unwrap_or_default();
        asked.contains("run-instances ada")
    };
    while !under_way() {
        assert!(start.elapsed() < Duration::from_secs(60), "it does not begin");
        thread::sleep(Duration::from_millis(20));
    }
    succeeds(Command::new("kill").args(["-INT", "--", &format!("-{}", child.id())]));
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    let told = "ada: launched, i-ada\nmonday: launched 1, skipped 0, failed 0\n\
                stopped: not tried 2\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), told);
}

#[test]
fn what_it_takes_is_said_before_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    let students: Vec<Student> = (1..=40).map(|n| student(&format!("lab-{n:02}"))).collect();
    make(folder.path(), "aws-cli", "monday", &students);
    let told = |arguments: &[&str]| {
        let output = with_stand_in(folder.path()).0.args(arguments).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let said = told(&[]);
    for words in [
        "monday: 40 to launch, t3.small, with 320 GB of disk (gp3) in all\n",
        "80 vCPUs",
        "under $1.20 an hour, and about $25 a month for the disks (us-east-1)\n",
        "WITHOUT --security-group-ids nobody reaches port 80",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    let said = told(&["--list", "--instance-type=m7i.large", "--security-group-ids", "sg-1"]);
    assert!(said.contains("the vCPUs of 40 m7i.large") && !said.contains("WITHOUT"), "{said}");
    make(folder.path(), "aws-cli", "nobody", &[]);
    assert_eq!(told(&[]), "");
}

#[test]
fn a_folder_that_was_left_half_way_launches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "aws-cli", "monday", &[student("ada")]);
    fs::create_dir_all(folder.path().join(".bootseed/ready")).unwrap();
    let (mut command, programs) = with_stand_in(folder.path());
    let said = fails(&mut command, 2);
    assert!(said.contains("left half-way: run bootseed roster again"), "{said}");
    assert!(!programs.join("asked").exists());
}

#[test]
fn shellcheck_has_nothing_to_say() {
    if !have(&["shellcheck"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut students: Vec<Student> = AWKWARD.iter().map(|name| student(name)).collect();
    students.push(("big".into(), format!("web: {{index: {}}}\n", "x".repeat(EC2))));
    make(folder.path(), "aws-cli", "$(touch broken) 'a' \"b\"", &students);
    let script = folder.path().join("launch.sh");
    assert!(fs::read_to_string(&script).unwrap().contains(" compressed "));
    let mut command = Command::new("shellcheck");
    succeeds(command.args(["--norc", "--severity=style", "--format=gcc"]).arg(&script));
}

#[test]
fn a_class_without_machines_is_a_script_too() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), "aws-cli", "nobody", &[]);
    let said = succeeds(&mut with_stand_in(folder.path()).0);
    assert_eq!(String::from_utf8_lossy(&said), "nobody: launched 0, skipped 0, failed 0\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn bash_reads_every_name_as_it_is(names in prop::collection::vec("[^/\0]{1,40}", 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        // Only names of files, as students have them.
        let fine = |name: &&String| ![".", ".."].contains(&name.as_str());
        let mut students: Vec<Student> =
            names.iter().filter(fine).map(|name| (name.clone(), "web: {}\n".into())).collect();
        students.retain(|(name, _)| name.len() < 200);
        make(folder.path(), "aws-cli", "monday", &students);
        let said = succeeds(with_stand_in(folder.path()).0.arg("--list"));
        let mut expected: String =
            students.iter().map(|(name, _)| format!("{name}: would be launched\n")).collect();
        expected += &format!("monday: would launch {}, skip 0\n", students.len());
        prop_assert_eq!(String::from_utf8(said).unwrap(), expected);
    }
}
