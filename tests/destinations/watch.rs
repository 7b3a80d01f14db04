//! What Terraform and the AWS CLI really list, read by `bootseed watch`.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::Value;

use crate::aws::{Server, image};
use crate::host::have;
use crate::terraform::terraform;
use crate::tools::{ROOT, bootseed, python_programs, said, succeeds};

const ROSTER: &str = "id,name\nkim,김철수\nlee,이영희\npark,박민수\n";
const SPEC: &str = "hostname: lab-{{ student.id }}\nweb: {port: 8080}\n";

/// The folder of a class.
fn roster(folder: &Path, destination: &str) -> std::path::PathBuf {
    let class = folder.join("monday");
    fs::write(folder.join("students.csv"), ROSTER).unwrap();
    fs::write(folder.join("class.yaml"), SPEC).unwrap();
    let mut command = bootseed(&["roster", "students.csv", "class.yaml", "--for", destination]);
    succeeds(command.args(["-o", "monday"]).current_dir(folder));
    class
}

/// What `bootseed watch --json` says last of each machine: state and address.
fn watched(command: &mut Command, list: &Path) -> Vec<[String; 3]> {
    let output = command.stdin(fs::File::open(list).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut last: Vec<[String; 3]> = Vec::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let one = ["student", "state", "address"].map(|key| text(&line[key]));
        last.retain(|old| old[0] != one[0]);
        last.push(one);
    }
    last.sort();
    last
}

const OPTIONS: [&str; 6] = ["--json", "--until", "ready", "--timeout", "2s", "--class"];

/// What EC2 says of machines that `launch.sh` tagged, and what `launch.sh` hands over.
#[test]
fn machines_of_launch_sh_are_known_by_their_tags() {
    let Some(programs) = python_programs("watch with the AWS CLI") else { return };
    if !have(&["unshare"]) {
        return;
    }
    let (server, folder) = (Server::start(&programs), tempfile::tempdir().unwrap());
    let class = roster(folder.path(), "aws-cli");
    let image = image(&server, folder.path());
    let script = class.join("launch.sh");
    succeeds(server.command(&script, folder.path()).args(["--image-id", &image]));
    let ec2 = |words: &[&str]| server.aws(folder.path(), &[&["ec2"], words].concat());
    let of_lee = ["describe-instances", "--filters", "Name=tag:Name,Values=lee*", "--query"];
    let id = ec2(&[&of_lee[..], &["Reservations[0].Instances[0].InstanceId"]].concat());
    ec2(&["terminate-instances", "--instance-ids", id.as_str().unwrap()]);
    let list = folder.path().join("list.json");
    fs::write(&list, ec2(&["describe-instances"]).to_string()).unwrap();

    // Without a network: nobody out there is asked.
    let alone = || {
        let mut command = Command::new("unshare");
        command.args(["--net", "--", env!("CARGO_BIN_EXE_bootseed"), "watch"]).args(OPTIONS);
        command
    };
    let found = watched(alone().arg(&class).args(["--port", "8080", "-"]), &list);
    let states: Vec<&str> = found.iter().map(|one| &one[1][..]).collect();
    assert_eq!(states, ["unreachable", "no-machine", "unreachable"], "{found:?}");
    assert!(found[0][2].ends_with(":8080"), "{found:?}");

    let handed = folder.path().join("handed");
    let stand_in = programs_with(folder.path(), &handed);
    let mut command = server.command(&script, folder.path());
    let path = format!("{}:{}:/usr/bin:/bin", stand_in.display(), programs.display());
    succeeds(command.args(["--watch", "--html", "a b.html"]).env("PATH", path));
    let arguments = fs::read_to_string(handed.with_extension("arguments")).unwrap();
    let expected = ["watch", "--class", &class.display().to_string(), "-", "--html", "a b.html"];
    assert_eq!(arguments.lines().collect::<Vec<_>>(), expected);
    assert_eq!(watched(alone().arg(&class).arg("-"), &handed), found);
}

/// A folder with a program in place of bootseed, which keeps what it is given.
fn programs_with(folder: &Path, handed: &Path) -> std::path::PathBuf {
    let programs = folder.join("programs");
    fs::create_dir(&programs).unwrap();
    let shown = handed.display();
    let text = format!("#!/bin/sh\ncat >'{shown}'\nprintf '%s\\n' \"$@\" >'{shown}.arguments'\n");
    fs::write(programs.join("bootseed"), text).unwrap();
    fs::set_permissions(programs.join("bootseed"), fs::Permissions::from_mode(0o755)).unwrap();
    programs
}

/// In place of the resources of `examples/terraform/main.tf`, with its output.
const MACHINES: &str = r#"
resource "terraform_data" "machine" {
  for_each = var.machines
  input    = each.key == "lee" ? null : "127.0.0.1"
}

output "addresses" {
  value = { for name, machine in terraform_data.machine : name => machine.output if name != "park" }
}

output "groups" {
  value = ["80", "none"]
}
"#;

#[test]
fn outputs_of_terraform_are_read() {
    if !have(&["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let class = roster(folder.path(), "tfvars");
    let variables = Path::new(ROOT).join("examples/terraform/variables.tf");
    fs::copy(variables, class.join("variables.tf")).unwrap();
    fs::write(class.join("main.tf"), MACHINES).unwrap();
    terraform(&class, &["init", "-input=false"]);
    terraform(&class, &["apply", "-input=false", "-auto-approve"]);
    let list = folder.path().join("list.json");
    fs::write(&list, terraform(&class, &["output", "-json"])).unwrap();
    let port = ready_machine().to_string();
    let mut command = bootseed(&["watch"]);
    let found = watched(command.args(OPTIONS).arg(&class).args(["--port", &port, "-"]), &list);
    let machine =
        |student: &str, state: &str, address: &str| [student, state, address].map(str::to_owned);
    let expected = [
        machine("kim", "ready", &format!("127.0.0.1:{port}")),
        machine("lee", "no-address", "-"),
        machine("park", "no-machine", "-"),
    ];
    assert_eq!(found, expected);
}

/// The port of a machine that is ready, until this process ends.
fn ready_machine() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let body = "{\"version\": 1, \"state\": \"ready\", \"message\": \"READY\", \"steps\": []}";
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]).and_then(|_| stream.write_all(answer.as_bytes()));
        }
    });
    port
}
