//! Keys that people write where cloud-init does not look for them.

/// What to say about such a key.
pub(super) enum About {
    /// Another word was meant.
    Instead(&'static str),
    /// It belongs elsewhere, or nowhere.
    Elsewhere(&'static str),
}

use About::{Elsewhere, Instead};

const NETWORK: &str = "cloud-init does not read the network from user-data: it belongs into the \
     cloud's own form, or into the file network-config of a NoCloud seed";
const IMAGE: &str = "it belongs into the image, below /etc/cloud/cloud.cfg.d: cloud-init reads it \
     before user-data";
const META: &str = "it belongs into the file meta-data, not into user-data";
const BUTANE: &str = "this is a key of Ignition and Butane (Fedora CoreOS, Flatcar), which read \
     another file; cloud-init passes over it";
const COREOS: &str = "this is a key of the old CoreOS, whose own program read it; cloud-init passes \
     over it";
const AMAZON: &str = "only Amazon Linux knows it; elsewhere write `package_update` and \
     `package_upgrade`";

/// Path above, key, and what to say.
const KEYS: &[(&str, &str, About)] = &[
    ("", "network", Elsewhere(NETWORK)),
    ("", "ethernets", Elsewhere(NETWORK)),
    ("", "datasource", Elsewhere(IMAGE)),
    ("", "datasource_list", Elsewhere(IMAGE)),
    ("", "cloud_config_url", Elsewhere(IMAGE)),
    ("", "instance-id", Elsewhere(META)),
    ("", "local-hostname", Elsewhere(META)),
    ("", "public-keys", Elsewhere(META)),
    ("", "user-data", Elsewhere("write the keys below it at the start of a line")),
    ("", "coreos", Elsewhere(COREOS)),
    ("", "rancher", Elsewhere("this is a key of RancherOS; cloud-init passes over it")),
    ("", "k3os", Elsewhere("this is a key of k3OS; cloud-init passes over it")),
    ("", "stages", Elsewhere("this is a key of Kairos; cloud-init passes over it")),
    ("", "passwd", Elsewhere(BUTANE)),
    ("", "storage", Elsewhere(BUTANE)),
    ("", "systemd", Elsewhere(BUTANE)),
    ("", "ignition", Elsewhere(BUTANE)),
    ("", "variant", Elsewhere(BUTANE)),
    ("", "repo_update", Elsewhere(AMAZON)),
    ("", "repo_upgrade", Elsewhere(AMAZON)),
    ("", "repo_releasever", Elsewhere(AMAZON)),
    ("", "apt_sources", Elsewhere("write `apt: {sources: …}`: the old spelling is gone")),
    ("", "apt_mirror", Elsewhere("write `apt: {primary: …}`: the old spelling is gone")),
    ("", "apt_proxy", Elsewhere("write `apt: {proxy: …}`: the old spelling is gone")),
    ("", "sudo", Elsewhere("it is a key of an account below `users:`")),
    ("", "shell", Elsewhere("it is a key of an account below `users:`")),
    ("", "commands", Instead("runcmd")),
    ("", "run_cmd", Instead("runcmd")),
    ("", "cmd", Instead("runcmd")),
    ("", "files", Instead("write_files")),
    ("", "package", Instead("packages")),
    ("", "ssh_keys_authorized", Instead("ssh_authorized_keys")),
    ("", "authorized_keys", Instead("ssh_authorized_keys")),
    ("", "update", Instead("package_update")),
    ("", "upgrade", Instead("package_upgrade")),
    ("", "apt_upgrade_packages", Instead("package_upgrade")),
    ("users[]", "home", Instead("homedir")),
    ("users[]", "home_dir", Instead("homedir")),
    ("users[]", "username", Instead("name")),
    ("users[]", "user", Instead("name")),
    ("users[]", "ssh_pwauth", Elsewhere("write it at the start of a line: it is for all accounts")),
    ("users[]", "ssh-pwauth", Elsewhere("write `ssh_pwauth` at the start of a line")),
    (
        "users[]",
        "chpasswd",
        Elsewhere("write it at the start of a line: it is no key of an account"),
    ),
    (
        "users[]",
        "password",
        Elsewhere(
            "write `plain_text_passwd`, or `passwd` with a hash as `mkpasswd -m sha-512` makes it",
        ),
    ),
    ("users[]", "ssh_keys", Instead("ssh_authorized_keys")),
    ("users[]", "ssh_key", Instead("ssh_authorized_keys")),
    ("users[]", "ssh_authorized_key", Instead("ssh_authorized_keys")),
    ("users[]", "authorized_keys", Instead("ssh_authorized_keys")),
    ("users[]", "group", Instead("groups")),
    ("users[]", "comment", Instead("gecos")),
    ("users[]", "lock_password", Instead("lock_passwd")),
    ("users[]", "password_hash", Instead("passwd")),
    ("users[]", "password-hash", Instead("passwd")),
    ("users[]", "coreos-ssh-import-github", Elsewhere(COREOS)),
    ("write_files[]", "mode", Instead("permissions")),
    ("write_files[]", "permission", Instead("permissions")),
    ("write_files[]", "contents", Instead("content")),
    ("write_files[]", "text", Instead("content")),
    ("write_files[]", "file", Instead("path")),
    ("write_files[]", "name", Instead("path")),
    ("write_files[]", "user", Instead("owner")),
    ("write_files[]", "group", Elsewhere("write it behind the owner: `owner: root:www-data`")),
];

pub(super) fn about(above: &str, key: &str) -> Option<&'static About> {
    let above = if above == "user" { "users[]" } else { above };
    KEYS.iter().find(|(path, name, _)| *path == above && *name == key).map(|(.., about)| about)
}
