//! The AWS CLI, against a server of the test's own that plays EC2 and CloudFormation (moto).
//!
//! The installed CLI is version 1, which encodes `--user-data` itself. Version 2 does the same for
//! RunInstances, and hands over what `fileb://` reads as it is: the same bytes.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::catalog::Listed;
use bootseed::preset::Preset;
use serde_json::Value;

use crate::machines::{EC2, LARGE, PACKED, PARTS, sized};
use crate::tools::{ROOT, inspect, python_programs, render, spec, succeeds};

/// EC2 on a free port of the loopback, until it is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
    programs: PathBuf,
}

impl Server {
    pub(crate) fn start(programs: &Path) -> Server {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut command = Command::new(programs.join("moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Server { child, port, programs: programs.into() };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(120), "moto_server does not come up");
            thread::sleep(Duration::from_millis(100));
        }
        server
    }

    /// A program in a folder, with the AWS CLI on its path that talks to this server.
    pub(crate) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear().env("HOME", folder).env("LC_ALL", "C.UTF-8");
        command.env("PATH", format!("{}:/usr/bin:/bin", self.programs.display()));
        command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port));
        command.env("AWS_DEFAULT_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command
    }

    /// What the AWS CLI answers.
    pub(crate) fn aws(&self, folder: &Path, arguments: &[&str]) -> Value {
        let mut command = self.command(&self.programs.join("aws"), folder);
        let text = succeeds(command.args(arguments).args(["--output", "json"]));
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// What EC2 would hand out to a machine. Asked of the server itself: a start of the AWS CLI
    /// takes longer than all the rest, and who launched the machine has used it.
    pub(crate) fn user_data(&self, instance: &str) -> Vec<u8> {
        let credential = "Credential=test/20260101/us-east-1/ec2/aws4_request";
        let form = "Action=DescribeInstanceAttribute&Attribute=userData&InstanceId=";
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--fail", "-d", &format!("{form}{instance}"), "-H"]);
        curl.arg(format!("Authorization: AWS4-HMAC-SHA256 {credential}"));
        let answer = succeeds(curl.arg(format!("http://127.0.0.1:{}/", self.port)));
        let answer = String::from_utf8(answer).unwrap();
        let (_, value) = answer.split_once("<value>").expect("it has user-data");
        STANDARD.decode(value.split_once("</value>").unwrap().0.trim()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn image(server: &Server, folder: &Path) -> String {
    let found = server.aws(folder, &["ec2", "describe-images", "--query", "Images[0].ImageId"]);
    found.as_str().expect("moto has images").to_string()
}

/// What the machine makes of the bytes that it is handed, by a program that is not bootseed's.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return bytes.to_vec();
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.gz"), bytes).unwrap();
    succeeds(Command::new("gzip").args(["-dc", "a.gz"]).current_dir(folder.path()))
}

fn run_instances(server: &Server, folder: &Path, file: &str) -> Vec<u8> {
    let out = folder.display().to_string();
    render(file, &[&["--for", "aws-cli", "-o", &out][..], &PACKED].concat());
    let image = image(server, folder);
    let request = "file://run-instances.json";
    // moto does not know the parameters of SSM that images are named by.
    let mut arguments =
        vec!["ec2", "run-instances", "--cli-input-json", request, "--image-id", &image];
    if folder.join("user-data.gz").exists() {
        arguments.extend(["--user-data", "fileb://user-data.gz"]);
    }
    let found = server.aws(folder, &arguments);
    let instance = found["Instances"][0]["InstanceId"].as_str().unwrap().to_string();
    server.user_data(&instance)
}

fn launch_template(server: &Server, folder: &Path, file: &str) -> Vec<u8> {
    let template = folder.join("launch-template.json");
    let out = template.display().to_string();
    render(file, &[&["--for", "aws-launch-template", "-o", &out][..], &PACKED].concat());
    assert_eq!(inspect(&template)["warnings"], serde_json::json!([]));
    let arguments =
        ["ec2", "create-launch-template", "--cli-input-json", "file://launch-template.json"];
    let found = server.aws(folder, &arguments);
    let id = found["LaunchTemplate"]["LaunchTemplateId"].as_str().unwrap().to_string();
    // What the note says of later versions.
    let again = "create-launch-template-version";
    let next = server.aws(folder, &["ec2", again, arguments[2], arguments[3]]);
    assert_eq!(next["LaunchTemplateVersion"]["VersionNumber"], 2);
    let found = server
        .aws(folder, &["ec2", "describe-launch-template-versions", "--launch-template-id", &id]);
    let data = &found["LaunchTemplateVersions"][0]["LaunchTemplateData"]["UserData"];
    let data = STANDARD.decode(data.as_str().unwrap()).unwrap();
    server.aws(folder, &["ec2", "delete-launch-template", "--launch-template-id", &id]);
    data
}

fn stack(server: &Server, folder: &Path, file: &str, name: &str) -> Vec<u8> {
    let template = folder.join("stack.yaml");
    let out = template.display().to_string();
    render(file, &[&["--for", "cloudformation", "-o", &out][..], &PACKED].concat());
    // moto has no parameters of Canonical's, and takes the default before it looks at others.
    let text = fs::read_to_string(&template).unwrap();
    let image_of = |line: &str| line.trim_start().starts_with("Default: /aws/service/");
    let other = format!("    Default: /test/{name}");
    let lines: Vec<&str> =
        text.split('\n').map(|line| if image_of(line) { &other[..] } else { line }).collect();
    assert_ne!(lines.join("\n"), text);
    fs::write(&template, lines.join("\n")).unwrap();
    let image = image(server, folder);
    let ssm = ["ssm", "put-parameter", "--type", "String", "--name"];
    server.aws(folder, &[&ssm[..], &[&format!("/test/{name}"), "--value", &image]].concat());
    let create = ["cloudformation", "create-stack", "--stack-name", name];
    let body = ["--template-body", "file://stack.yaml"];
    server.aws(folder, &[&create[..], &body[..]].concat());
    let found = server.aws(
        folder,
        &[
            "cloudformation",
            "describe-stack-resource",
            "--logical-resource-id",
            "Machine",
            "--stack-name",
            name,
        ],
    );
    let instance = &found["StackResourceDetail"]["PhysicalResourceId"];
    server.user_data(instance.as_str().expect("the stack has a machine"))
}

#[test]
fn user_data_comes_back_from_the_aws_cli() {
    let Some(programs) = python_programs("the AWS CLI") else { return };
    let server = Server::start(&programs);
    for (name, bytes) in [("exactly", EC2), ("over", LARGE), ("parts", 0)] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let file = if bytes == 0 { spec(folder, PARTS) } else { sized(folder, bytes) };
        let document = render(&file, &PACKED);
        for (way, found) in [
            ("run-instances", run_instances(&server, folder, &file)),
            ("create-launch-template", launch_template(&server, folder, &file)),
            ("create-stack", stack(&server, folder, &file, name)),
        ] {
            assert!(found.len() <= EC2, "{name}, {way}: {} bytes", found.len());
            assert_eq!(found.starts_with(b"\x1f\x8b"), document.len() > EC2, "{name}, {way}");
            assert!(unpacked(&found) == document, "{name}, {way}: it is not what was rendered");
        }
    }
}

/// `--user-data fileb://FILE` hands over the document as it is, in either version of the CLI.
#[test]
fn a_file_is_handed_over_byte_for_byte() {
    let Some(programs) = python_programs("the AWS CLI with fileb://") else { return };
    let server = Server::start(&programs);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let document = render(&sized(folder, 12_000), &[]);
    fs::write(folder.join("user-data"), &document).unwrap();
    let image = image(&server, folder);
    for prefix in ["fileb", "file"] {
        let user_data = format!("{prefix}://user-data");
        let arguments = ["ec2", "run-instances", "--image-id", &image, "--user-data", &user_data];
        let found = server.aws(folder, &arguments);
        let instance = found["Instances"][0]["InstanceId"].as_str().unwrap().to_string();
        assert!(server.user_data(&instance) == document, "{prefix}");
    }
}

#[test]
fn cfn_lint_accepts_every_template() {
    let Some(programs) = python_programs("cfn-lint") else { return };
    let folder = tempfile::tempdir().unwrap();
    let parts = spec(folder.path(), PARTS);
    let presets = Preset::ALL.iter().map(|preset| format!("--preset={}", preset.name()));
    let more = ["examples/data-science.yaml", "examples/operations.yaml", &parts];
    let machines = presets.chain(more.iter().map(|name| name.to_string()));
    let mut templates = Vec::new();
    for (number, machine) in machines.enumerate() {
        for compress in ["auto", "always"] {
            let template = folder.path().join(format!("{number}-{compress}.yaml"));
            let mut arguments = vec!["--for", "cloudformation", "--compress", compress, "-o"];
            let place = template.display().to_string();
            arguments.push(&place);
            render_in(&machine, &arguments);
            templates.push(template);
        }
    }
    let bare = spec(folder.path(), "hostname: bare\n");
    let template = folder.path().join("bare.yaml");
    render_in(&bare, &["--for", "cloudformation", "-o", &template.display().to_string()]);
    templates.push(template);
    let mut command = Command::new(programs.join("cfn-lint"));
    command.args(["--non-zero-exit-code", "informational", "--regions", "us-east-1", "--"]);
    succeeds(command.args(templates));
}

/// Renders from the top of the repository, which the examples are relative to.
fn render_in(machine: &str, arguments: &[&str]) {
    let mut command = crate::tools::bootseed(&["render", machine]);
    succeeds(command.args(arguments).current_dir(ROOT));
}
