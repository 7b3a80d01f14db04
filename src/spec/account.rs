//! Parameters of an account on the machine.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Spec;
use super::word::{self, Word};
pub use crate::catalog::accounts::WITHOUT_GROUP;
use crate::catalog::accounts::{GROUPS, SYSTEM};
use crate::catalog::distro::Distro;
use crate::diagnostic::{Diagnostic, Report};
use crate::secret::Secret;
use crate::source::Path;

/// An account on the machine.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Login name: small letters, digits, `-` and `_`. The name of the image's own account
    /// (`ubuntu`; `admin` or `debian`) gives that one what stands here beside what it has.
    pub name: String,
    /// Groups beside the account's own, made when they do not exist.
    #[serde(default)]
    pub groups: Vec<String>,
    /// May the account become root with `sudo`, without a password? Default: false.
    pub sudo: Option<bool>,
    /// Public SSH keys that may log in, each on one line as in `~/.ssh/id_ed25519.pub`.
    #[serde(default)]
    pub ssh_authorized_keys: Vec<String>,
    /// Password in plain text. Only its SHA-512 hash goes into the user-data, but the parameter
    /// file holds it: `password_hash` keeps it out of both. It is for the console and for `sudo`; SSH
    /// takes it only with `ssh_password_login`.
    pub password: Option<Secret<String>>,
    /// Password as a crypt(3) hash, as `mkpasswd -m sha-512` prints it.
    pub password_hash: Option<Secret<String>>,
    /// Login shell. Default: `/bin/bash`.
    pub shell: Option<String>,
}

const ROOT: &str = "root";

const KEY_TYPES: &[&str] = &["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"];

/// Names that no account can have, whatever the distribution; root has only keys.
pub(super) fn reserved() -> Vec<&'static str> {
    SYSTEM.iter().chain(GROUPS).copied().filter(|name| *name != ROOT).collect()
}

pub(super) fn check(spec: &Spec, at: &Path, report: &mut Report) {
    let distro = spec.distro.unwrap_or_default().0;
    let mut seen = HashSet::new();
    for (i, user) in spec.users.iter().enumerate() {
        let at = at.index(i);
        user.check(distro, &at, report);
        if !seen.insert(&user.name) {
            let message = format!("the user `{}` is listed twice", word::shorten(&user.name));
            let help = "merge the two entries into one";
            report
                .push(Diagnostic::error("duplicate-user", message).at(&at.key("name")).help(help));
        }
    }
}

/// Is there such an account on every image? A number needs none.
pub fn is_system_account(name: &str) -> bool {
    SYSTEM.contains(&name) || !name.is_empty() && name.chars().all(|c| c.is_ascii_digit())
}

/// Is there a group of this name, but no account, on every image of the distribution?
pub fn is_system_group(name: &str, distro: &Distro) -> bool {
    GROUPS.contains(&name) || distro.more_groups.contains(&name)
}

impl User {
    fn check(&self, distro: &Distro, at: &Path, report: &mut Report) {
        self.check_name(distro, &at.key("name"), report);
        if self.sudo == Some(false) && self.is_of_image(distro) {
            let message = format!("`{}` is the image's own account, which has sudo", self.name);
            let help = "leave `sudo` out, or choose another name";
            report.push(Diagnostic::error("user-sudo", message).at(&at.key("sudo")).help(help));
        }
        for (i, group) in self.groups.iter().enumerate() {
            word::GROUP.check(group, &at.key("groups").index(i), report);
        }
        for (i, key) in self.ssh_authorized_keys.iter().enumerate() {
            check_ssh_key(key, &at.key("ssh_authorized_keys").index(i), report);
        }
        if let Some(shell) = &self.shell {
            let at = at.key("shell");
            if word::absolute_path(shell, &at, report) && shell.ends_with('/') {
                let message = "the path names a directory, not a program";
                let help = "write the whole path of a shell, such as /bin/bash";
                report.push(Diagnostic::error("user-shell", message).at(&at).help(help));
            }
        }
        self.check_password(at, report);
    }

    /// Is it the account that images of this distribution come with?
    pub fn is_of_image(&self, distro: &Distro) -> bool {
        distro.image_users.contains(&self.name.as_str())
    }

    /// Is it given keys, and nothing else?
    fn is_keys_alone(&self) -> bool {
        let nothing = self.groups.is_empty() && self.sudo.is_none() && self.shell.is_none();
        let no_password = self.password.is_none() && self.password_hash.is_none();
        nothing && no_password && !self.ssh_authorized_keys.is_empty()
    }

    /// Is it root, whose account is there?
    pub fn is_root(&self) -> bool {
        self.name == ROOT
    }

    fn check_name(&self, distro: &Distro, at: &Path, report: &mut Report) {
        if !word::USER.check(&self.name, at, report) {
            return;
        }
        let name = self.name.as_str();
        if name == ROOT && self.is_keys_alone() {
            return;
        }
        let message = if SYSTEM.contains(&name) {
            format!("`{name}` is an account of the system itself")
        } else if is_system_group(name, distro) {
            format!("there is a group `{name}` on every machine, so no account can be called that")
        } else {
            return;
        };
        let help = match name {
            ROOT => {
                "give root nothing but `ssh_authorized_keys`; or choose another name, and give \
                     that account `sudo: true`"
                    .into()
            }
            _ if SYSTEM.contains(&name) => "choose another name".into(),
            _ => {
                let own = distro.default_user;
                format!("choose another name; the image's own account is called `{own}`")
            }
        };
        report.push(Diagnostic::error("user-name", message).at(at).help(help));
    }

    fn check_password(&self, at: &Path, report: &mut Report) {
        if self.password.is_some() && self.password_hash.is_some() {
            let message = "`password` and `password_hash` contradict each other";
            let help = "keep one of the two";
            report.push(
                Diagnostic::error("two-passwords", message)
                    .at_key(&at.key("password_hash"))
                    .help(help),
            );
        }
        if self.password.as_ref().is_some_and(|password| password.expose().is_empty()) {
            let message = "an empty password would let anybody in";
            let help = "write one, or leave `password` out: nobody can log in with a password then";
            report.push(
                Diagnostic::error("empty-password", message).at_key(&at.key("password")).help(help),
            );
        }
        if self.password.as_ref().is_some_and(|password| !can_log_in(password.expose())) {
            let message = "nobody could log in with this password";
            let help = "use at most 511 bytes, and no control characters such as line ends";
            report.push(Diagnostic::error("password", message).at(&at.key("password")).help(help));
        }
        if self.password.as_ref().is_some_and(|password| is_hash(password.expose())) {
            let message = "this password is a hash already, and would be hashed again";
            let help = "write it as `password_hash`";
            report.push(
                Diagnostic::error("password", message).at_key(&at.key("password")).help(help),
            );
        }
        if let Some(hash) = &self.password_hash {
            check_hash(hash.expose(), &at.key("password_hash"), report);
        }
    }
}

/// crypt(3) takes 511 bytes and stops at a NUL; a login prompt takes no control characters.
/// <https://manpages.debian.org/bookworm/libcrypt-dev/crypt.3.en.html>
pub(super) fn can_log_in(password: &str) -> bool {
    password.len() < 512 && !password.chars().any(char::is_control)
}

fn check_ssh_key(key: &str, at: &Path, report: &mut Report) {
    let is_key = |part: &str| KEY_TYPES.iter().any(|kind| part.starts_with(kind));
    let printable = key.chars().all(|c| !c.is_control());
    let has_body =
        key.split(' ').skip_while(|part| !is_key(part)).nth(1).is_some_and(|b| b.len() > 20);
    if printable && has_body {
        return;
    }
    let message = if key.contains("PRIVATE KEY") {
        "this is a private key: it must never leave your computer"
    } else {
        "this is not a public SSH key"
    };
    let help = "paste the one line of the .pub file: ssh-ed25519 AAAA… comment";
    let diagnostic = Diagnostic::error("ssh-key", message).at(at).help(help);
    let public = key.starts_with("ssh-") || key.starts_with("ecdsa-");
    let short = key.len() <= 60 && !key.contains('\n') && !key.contains("PRIVATE");
    report.push(if public || short { diagnostic } else { diagnostic.secret() });
}

/// A hash of one of the methods that crypt(5) of Debian and Ubuntu still takes at login.
const HASH: Word = Word {
    id: "password-hash",
    what: "password hash",
    max: 384,
    first: |c| c == '$',
    rest: |c| c.is_ascii_graphic() && !":;*!\\".contains(c),
    help: "make one with `mkpasswd -m sha-512` (package whois); it begins with $6$ or $y$. For a \
           password in plain text use `password`",
};

/// Does it look like a hash of crypt(3), also of a method that no machine takes any more?
pub(super) fn is_hash(text: &str) -> bool {
    const METHODS: &[&str] =
        &["1", "2a", "2b", "2x", "2y", "5", "6", "7", "gy", "md5", "sha1", "y", "argon2id"];
    let mut parts = text.strip_prefix('$').unwrap_or_default().split('$');
    parts.next().is_some_and(|method| METHODS.contains(&method)) && parts.count() >= 2
}

pub(super) fn check_hash(hash: &str, at: &Path, report: &mut Report) {
    let known = ["$6$", "$5$", "$y$", "$2b$", "$gy$", "$7$"].iter().any(|id| hash.starts_with(id));
    let fits = hash.chars().count() <= HASH.max && hash.chars().all(HASH.rest);
    if !(known && fits) {
        // The value is a secret: the message does not repeat it.
        let message = "this is not a password hash";
        report.push(Diagnostic::error(HASH.id, message).at(at).help(HASH.help).secret());
    }
}
