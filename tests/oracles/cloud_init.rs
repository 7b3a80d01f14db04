//! `cloud-init schema` of three versions accepts every document: 20.4 (bullseye), 22.4 (bookworm)
//! and 25.1 (trixie), from Debian's packages, in the root file systems of the boot tests.

use std::process::Command;

use super::documents;
use super::machine::{self, Machine, Suite};
use super::values::tools::said;

/// One process for all files; 20.4 has the command below `devel`.
const CHECK: &str = r#"
for file in /documents/*; do
  if cloud-init schema --help >/dev/null 2>&1; then
    said=$(cloud-init schema --config-file "$file" 2>&1)
  else
    said=$(cloud-init devel schema --config-file "$file" 2>&1)
  fi || echo "REFUSED $file"
  echo "$file: $said"
done"#;

#[test]
fn cloud_init_accepts_every_document() {
    if !machine::can_boot() {
        return;
    }
    let documents = documents();
    for suite in Suite::ALL {
        let machine = Machine::unpack(suite, "schema");
        for (number, (name, document)) in documents.iter().enumerate() {
            let name = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".yaml");
            machine.write(&format!("/documents/{number}-{name}.yaml"), &document.text);
        }
        // One that it must refuse shows that it looks at all.
        machine.write("/documents/wrong.yaml", "#cloud-config\nusers: 7\nruncmd: 8\n");
        let mut command = Command::new("chroot");
        command.arg(machine.path("/")).args(["sh", "-c", CHECK]);
        let said = said(&command.output().expect("chroot runs"));
        let refused: Vec<&str> = said.lines().filter(|line| line.starts_with("REFUSED ")).collect();
        assert_eq!(refused, ["REFUSED /documents/wrong.yaml"], "{suite}: {said}");
        let (said, _) = said.split_once("REFUSED").expect("the wrong one comes last");
        let warned = ["deprecat", "warning"].iter().any(|word| said.to_lowercase().contains(word));
        assert!(!warned, "{suite}: {said}");
    }
}
