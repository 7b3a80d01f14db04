//! What cloud-init of three versions makes of the accounts: its own functions are asked, in the root
//! file systems of the boot tests, for an image whose account is called `ubuntu`.

use std::process::Command;

use serde_json::{Value, json};

use super::machine::{self, Machine, Suite};
use super::values::document;
use super::values::tools::succeeds;

/// What Ubuntu's images say about their own account.
const ASK: &str = r#"
import json, yaml
from cloudinit.distros import ug_util
class Image:
    def get_default_user(self):
        return dict(name="ubuntu", lock_passwd=True, groups=["adm", "sudo"], shell="/bin/bash")
config = yaml.safe_load(open("/accounts.yaml"))
print(json.dumps(ug_util.normalize_users_groups(config, Image())[0]))"#;

#[test]
fn the_image_s_own_account_can_log_in_with_its_password() {
    if !machine::can_boot() {
        return;
    }
    let own = json!({ "name": "ubuntu", "password": "x", "shell": "/bin/sh", "groups": ["users"] });
    let document = document::render(&json!({ "users": [{ "name": "kim" }, own] })).unwrap();
    let hash = document.text_at("user.hashed_passwd").unwrap();
    for suite in Suite::ALL {
        let machine = Machine::unpack(suite, "accounts");
        machine.write("/accounts.yaml", &document.text);
        let mut command = Command::new("chroot");
        command.arg(machine.path("/")).args(["/usr/bin/python3", "-c", ASK]);
        let said = succeeds(&mut command);
        let found: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        let own = json!({
            "lock_passwd": false, "hashed_passwd": hash, "shell": "/bin/sh",
            "groups": "adm,sudo,users", "default": true,
        });
        assert_eq!(found["ubuntu"], own, "{suite}");
        assert_eq!(found["kim"]["shell"], "/bin/bash", "{suite}");
    }
}
