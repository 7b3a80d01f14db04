//! Terraform itself: its formatter, and `apply` with its built-in provider.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::catalog::Listed;
use bootseed::preset::Preset;
use serde_json::{Value, json};

use crate::host::have;
use crate::machines::{EC2, LARGE, PARTS, sized};
use crate::roster::{AWKWARD, Student, make, resolved};
use crate::tools::{ROOT, bootseed, render, spec, succeeds};

/// In place of the resources of `examples/terraform/main.tf`: they take what its `variables.tf`
/// gives them, and hand it on.
const MACHINES: &str = r##"
resource "terraform_data" "image" {
  for_each = local.images
  input    = each.value
}

resource "terraform_data" "web" {
  for_each = toset(values(local.ports))
  input    = each.value
}

resource "terraform_data" "machine" {
  for_each = var.machines
  input = merge(each.value, {
    image = terraform_data.image[each.value.image].output
    group = terraform_data.web[local.ports[each.key]].output
  })
  lifecycle {
    precondition {
      # The beginnings of gzip and of #cloud-config in base64.
      condition     = can(regex("^(H4sI|I2Nsb3VkLWNvbmZpZ)", each.value.user_data_base64))
      error_message = "${each.key} has no cloud-config."
    }
  }
}

output "machines" {
  value = { for name, machine in terraform_data.machine : name => machine.output }
}

output "groups" {
  value = keys(terraform_data.web)
}
"##;

/// Reads the user-data as our `main.tf` does.
const FILES: &str = r#"
resource "terraform_data" "machine" {
  input = filebase64("${path.module}/FILE")
}

output "user_data_base64" {
  value = terraform_data.machine.output
}
"#;

pub(crate) fn terraform(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new("terraform");
    command.arg(format!("-chdir={}", folder.display())).args(arguments);
    succeeds(command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1"))
}

/// The outputs after `terraform apply`.
fn applied(folder: &Path) -> Value {
    terraform(folder, &["init", "-input=false"]);
    terraform(folder, &["validate"]);
    terraform(folder, &["apply", "-input=false", "-auto-approve"]);
    let outputs = terraform(folder, &["output", "-json"]);
    serde_json::from_slice(&outputs).unwrap()
}

#[test]
fn the_formatter_has_nothing_to_change() {
    if !have(&["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    terraform(&Path::new(ROOT).join("examples/terraform"), &["fmt", "-check", "-diff"]);
    let odd = spec(folder.path(), "hostname: a.b-c\nweb: {port: 8080}\n");
    let bare = format!("{}/bare.yaml", folder.path().display());
    fs::write(&bare, "hostname: bare\n").unwrap();
    let presets = Preset::ALL.iter().map(|preset| format!("--preset={}", preset.name()));
    for machine in presets.chain([odd, bare]) {
        let out = folder.path().join("out");
        render(&machine, &["--for", "terraform", "-o", &out.display().to_string()]);
        terraform(&out, &["fmt", "-check", "-diff"]);
        let main = fs::read_to_string(out.join("main.tf")).unwrap();
        assert!(main.contains("ignore_changes = [ami]") && main.contains("required_version"));
    }
}

/// The machines of a roster, awkward names among them, with three ports and two images.
fn forty() -> Vec<Student> {
    let awkward = AWKWARD.iter().map(|name| name.to_string());
    let names = awkward.chain((1..).map(|number| format!("lab-{number:02}"))).take(40);
    let of = |(number, name): (usize, String)| {
        let distro = ["ubuntu", "debian"][number % 2];
        let web = match number % 3 {
            0 => String::new(),
            1 => format!("web: {{index: {}}}\n", json!(format!("안녕 ${{x}} %{{if}} {name}"))),
            _ => "web: {port: 8080}\n".to_string(),
        };
        (name, format!("hostname: lab-{number}\ndistro: {distro}\n{web}"))
    };
    names.enumerate().map(of).collect()
}

#[test]
fn a_class_of_forty_is_applied() {
    if !have(&["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let students = forty();
    let payloads = make(folder.path(), "tfvars", "monday", &students);
    let variables = Path::new(ROOT).join("examples/terraform/variables.tf");
    fs::copy(variables, folder.path().join("variables.tf")).unwrap();
    fs::write(folder.path().join("main.tf"), MACHINES).unwrap();
    let found = applied(folder.path());
    assert_eq!(found["groups"]["value"], json!(["80", "8080", "none"]));
    let machines = found["machines"]["value"].as_object().unwrap();
    assert_eq!(machines.len(), 40);
    for (number, ((name, text), payload)) in students.iter().zip(payloads).enumerate() {
        let machine = &machines[name];
        let user_data = machine["user_data_base64"].as_str().unwrap();
        assert!(STANDARD.decode(user_data).unwrap() == payload, "{name}");
        assert_eq!(machine["group"], ["none", "80", "8080"][number % 3], "{name}");
        let (plan, _) = resolved(text);
        assert_eq!(machine["image"], plan.distro.0.aws_image, "{name}");
        assert_eq!(machine["volume_gb"], plan.volume_gb(), "{name}");
    }
    // The same again is no change: nothing that Terraform sees moves by itself.
    terraform(folder.path(), &["plan", "-input=false", "-detailed-exitcode"]);
}

/// One student's change is one machine's change, as with `user_data_replace_on_change`.
#[test]
fn only_the_machine_that_changed_is_changed() {
    if !have(&["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (vars, config) = (folder.path().join("class"), folder.path().join("config"));
    fs::create_dir_all(&vars).unwrap();
    fs::create_dir_all(&config).unwrap();
    let mut students = forty();
    make(&vars, "tfvars", "monday", &students);
    let variables = Path::new(ROOT).join("examples/terraform/variables.tf");
    fs::copy(variables, config.join("variables.tf")).unwrap();
    fs::write(config.join("main.tf"), MACHINES).unwrap();
    let file = format!("-var-file={}", vars.join("bootseed.auto.tfvars.json").display());
    terraform(&config, &["init", "-input=false"]);
    terraform(&config, &["apply", "-input=false", "-auto-approve", &file]);
    students[0].1 += "packages: [git]\n";
    students.pop();
    make(&vars, "tfvars", "monday", &students);
    let plan = terraform(&config, &["plan", "-input=false", "-no-color", &file]);
    let plan = String::from_utf8(plan).unwrap();
    assert!(plan.contains("0 to add, 1 to change, 1 to destroy"), "{plan}");
}

/// The command, its example, and Terraform's own files in the same folder.
#[test]
fn what_the_command_makes_is_applied() {
    if !have(&["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let class = folder.path().join("class");
    let mut roster = bootseed(&["roster", "examples/roster/students.csv"]);
    roster.args(["examples/roster/class.yaml", "--for", "tfvars", "-o"]).arg(&class);
    roster.current_dir(ROOT);
    succeeds(&mut roster);
    let variables = Path::new(ROOT).join("examples/terraform/variables.tf");
    fs::copy(variables, class.join("variables.tf")).unwrap();
    fs::write(class.join("main.tf"), MACHINES).unwrap();
    let machines = applied(&class)["machines"]["value"].clone();
    assert_eq!(machines.as_object().unwrap().len(), 40);
    let user_data = machines["20240121"]["user_data_base64"].as_str().unwrap();
    let text = String::from_utf8(STANDARD.decode(user_data).unwrap()).unwrap();
    assert!(text.contains("hostname: lab-21\n") && text.contains("<h1>남궁민 (20240121)</h1>"));
    // A second run leaves Terraform's files where they are, and changes nothing.
    succeeds(&mut roster);
    terraform(&class, &["plan", "-input=false", "-detailed-exitcode"]);
}

#[test]
fn our_files_are_applied() {
    if !have(&["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (bytes, name) in [(EC2, "user-data.yaml"), (LARGE, "user-data.gz")] {
        let out = folder.path().join(name.replace('.', "-"));
        let file = sized(folder.path(), bytes);
        render(&file, &["--for", "terraform", "-o", &out.display().to_string()]);
        let main = fs::read_to_string(out.join("main.tf")).unwrap();
        assert!(main.contains(&format!("filebase64(\"${{path.module}}/{name}\")")), "{main}");
        fs::write(out.join("main.tf"), FILES.replace("FILE", name)).unwrap();
        let found = applied(&out)["user_data_base64"]["value"].as_str().unwrap().to_string();
        assert_eq!(STANDARD.decode(found).unwrap(), fs::read(out.join(name)).unwrap());
    }
}

/// What a program of the data source `external` gives is a map that Terraform's functions read.
#[test]
fn the_answer_of_the_external_protocol_is_understood() {
    if !have(&["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = spec(folder.path(), PARTS);
    let set = "{\"packages\": [\"jq\"]}";
    let query = json!({"spec": file, "set": set, "for": "digitalocean"});
    fs::write(folder.path().join("query"), query.to_string()).unwrap();
    let mut command = Command::new("sh");
    let line = format!("'{}' terraform <query >result.json", env!("CARGO_BIN_EXE_bootseed"));
    succeeds(command.args(["-c", &line]).current_dir(folder.path()));
    let config = r#"
locals {
  result = jsondecode(file("${path.module}/result.json"))
  more   = jsondecode(local.result.json)
}
output "same" {
  value = base64encode(local.result.user_data) == local.result.user_data_base64
}
output "sum" {
  value = sha256(local.result.user_data) == local.result.sha256
}
output "more" {
  value = "${local.more.hostname} ${local.more.volume_gb > 0} ${join(",", local.more.steps)}"
}
"#;
    fs::write(folder.path().join("main.tf"), config).unwrap();
    let found = applied(folder.path());
    let value = |name: &str| found[name]["value"].clone();
    assert_eq!((value("same"), value("sum")), (json!(true), json!(true)));
    assert_eq!(value("more"), "parts true web,packages,verify");
}
