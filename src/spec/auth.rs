//! Parameters of who may see the site.

use schemars::JsonSchema;
use serde::Deserialize;

use super::account::{can_log_in, check_hash, is_hash};
use super::word::Word;
use crate::diagnostic::{Diagnostic, Report};
use crate::secret::Secret;
use crate::source::Path;

/// Names and passwords that a browser asks for (HTTP Basic authentication). Without HTTPS they can be
/// read on the way. `status.json` can be read without one.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Who may see it.
    pub users: Vec<Visitor>,
    /// Addresses that it is for, each with everything below it, such as `/admin/`. Default: the whole
    /// site.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// Somebody who may see the site; no account of the machine.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Visitor {
    /// What they type as the name.
    #[schemars(example = &"mina")]
    pub name: String,
    /// Password in plain text. Only its SHA-512 hash goes into the user-data.
    pub password: Option<Secret<String>>,
    /// Password as a crypt(3) hash, as `mkpasswd -m sha-512` prints it.
    pub password_hash: Option<Secret<String>>,
}

/// A name in a file of `htpasswd`.
const VISITOR: Word = Word {
    id: "visitor-name",
    what: "name",
    max: 64,
    first: |c| c.is_ascii_graphic() && c != ':' && c != '#',
    rest: |c| c.is_ascii_graphic() && c != ':',
    help: "use letters, digits and signs without `:`",
};

impl Auth {
    pub(super) fn check(&self, at: &Path, report: &mut Report) {
        let error = |id, message: &str| Diagnostic::error(id, message.to_string());
        if self.users.is_empty() {
            let help = "write `users: [{name: …, password: …}]`, or leave `auth` out";
            report.push(error("auth-users", "nobody could see the site").at_key(at).help(help));
        }
        for (i, visitor) in self.users.iter().enumerate() {
            let place = at.key("users").index(i);
            visitor.check(&place, report);
            if self.users[..i].iter().any(|other| other.name == visitor.name) {
                let message = "this name is there twice";
                let help = "leave one of the two out";
                report.push(error("visitor-name", message).at(&place.key("name")).help(help));
            }
        }
        for (i, path) in self.paths.iter().enumerate().filter(|(_, path)| !is_folder(path)) {
            let message = format!("`{path}` is not an address");
            let help = "write it from the slash on, such as `/admin/`";
            let at = at.key("paths").index(i);
            report.push(error("auth-path", &message).at(&at).help(help));
        }
    }
}

/// Signs that mean nothing else in a regular expression, but the dot.
fn is_folder(path: &str) -> bool {
    let clean = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    path.starts_with('/') && path.chars().all(clean)
}

impl Visitor {
    fn check(&self, at: &Path, report: &mut Report) {
        VISITOR.check(&self.name, &at.key("name"), report);
        let password = self.password.as_ref().map(Secret::expose);
        let (message, help) = match (password, &self.password_hash) {
            (None, Some(hash)) => {
                return check_hash(hash.expose(), &at.key("password_hash"), report);
            }
            (Some(_), Some(_)) => {
                ("`password` and `password_hash` contradict each other", "keep one of the two")
            }
            (None, None) => ("there is no password", "add `password:`"),
            (Some(text), _) if is_hash(text) => {
                ("this password is a hash already", "write it as `password_hash`")
            }
            (Some(text), _) if text.is_empty() || !can_log_in(text) => {
                ("nobody could type this password", "write another one")
            }
            (Some(_), None) => return,
        };
        report.push(Diagnostic::error("auth-password", message).at_key(at).help(help));
    }
}
