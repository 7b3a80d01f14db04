//! A command that waits for the end of cloud-init.

use super::Command;

/// Does it wait for cloud-init? With a time limit of its own (`timeout 60 cloud-init …`) it ends.
pub fn waits_for_cloud_init(command: &Command) -> bool {
    let status = command.arguments().first().is_some_and(|word| word.text == "status");
    command.program() == "cloud-init"
        && status
        && (command.has(&["--wait"]) || command.has_letter('w'))
}
