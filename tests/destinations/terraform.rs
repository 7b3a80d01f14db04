//! Terraform itself: its formatter, and `apply` with its built-in provider.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::catalog::Listed;
use bootseed::preset::Preset;
use serde_json::{Map, Value, json};

use crate::machines::{EC2, PARTS, sized};
use crate::tools::{ROOT, have, render, spec, succeeds};

/// Takes what `examples/terraform` takes, and hands it on.
const FORTY: &str = r##"
variable "machines" {
  type = map(object({
    user_data_base64 = string
    volume_gb        = number
    image            = string
    port             = optional(number)
  }))
}

resource "terraform_data" "machine" {
  for_each = var.machines
  input    = each.value
  lifecycle {
    precondition {
      condition     = startswith(base64decode(each.value.user_data_base64), "#cloud-config\n")
      error_message = "${each.key} has no cloud-config."
    }
  }
}

output "machines" {
  value = { for name, machine in terraform_data.machine : name => machine.output }
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

fn terraform(folder: &Path, arguments: &[&str]) -> Vec<u8> {
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
    if !have("terraform fmt", &["terraform"]) {
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
    }
}

#[test]
fn forty_machines_are_applied() {
    if !have("terraform apply", &["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut machines = Map::new();
    for number in 1..=40 {
        let text = format!(
            "hostname: lab-{number:02}\nweb: {{index: \"안녕 ${{x}} %{{if}} {number}\"}}\n"
        );
        let text = render(&spec(folder.path(), &text), &["--for", "tfvars"]);
        let mut one: Value = serde_json::from_slice(&text).unwrap();
        machines.append(one["machines"].as_object_mut().unwrap());
    }
    assert_eq!(machines.len(), 40);
    let vars = json!({"machines": machines});
    fs::write(folder.path().join("class.auto.tfvars.json"), vars.to_string()).unwrap();
    fs::write(folder.path().join("main.tf"), FORTY).unwrap();
    assert_eq!(applied(folder.path())["machines"]["value"], vars["machines"]);
    // The same again is no change: nothing that Terraform sees moves by itself.
    terraform(folder.path(), &["plan", "-input=false", "-detailed-exitcode"]);
}

#[test]
fn our_files_are_applied() {
    if !have("terraform apply with files", &["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (bytes, name) in [(EC2, "user-data.yaml"), (EC2 + 1, "user-data.gz")] {
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
    if !have("terraform with the external protocol", &["terraform"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let query = json!({"spec": spec(folder.path(), PARTS), "set": "{\"packages\": [\"jq\"]}"});
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
