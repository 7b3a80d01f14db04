//! Parameters of how the machine tells of itself.

use schemars::JsonSchema;
use serde::Deserialize;

use super::word::{self, Word};
use crate::diagnostic::{Diagnostic, Report};
use crate::secret::Secret;
use crate::source::Path;

/// How the machine tells how far it is, beside its console and its web server.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// URL that the machine posts its `status.json` to: once it runs, and when it is ready or has
    /// failed, on every boot. `bootseed watch --listen` takes such posts. Nothing fails because of it.
    #[schemars(example = &"http://192.0.2.7:8900/")]
    pub report: Option<String>,
    /// Sent along as `Authorization: Bearer …`, from a file that only root can read. In a class
    /// `bootseed roster` makes one for each student.
    pub token: Option<Secret<String>>,
}

/// What may stand behind `Bearer`: <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>
const TOKEN: Word = Word {
    id: "status-token",
    what: "token",
    max: 256,
    first: |c| c.is_ascii_alphanumeric(),
    rest: |c| c.is_ascii_alphanumeric() || "-._~+/=".contains(c),
    help: "use letters and digits, such as what `openssl rand -hex 16` prints",
};

impl Status {
    pub(super) fn check(&self, at: &Path, report: &mut Report) {
        if let Some(url) = &self.report {
            word::url(url, &at.key("report"), report);
        }
        let Some(token) = &self.token else { return };
        if !TOKEN.is(token.expose()) {
            let message = "a token has letters, digits and `-._~+/=`, at most 256";
            let at = at.key("token");
            report.push(Diagnostic::error(TOKEN.id, message).at(&at).help(TOKEN.help).secret());
        }
        if self.report.is_none() {
            let help = "add `report:`, or leave the token out";
            let message = "nobody is sent this token";
            report.push(
                Diagnostic::error("status-report", message).at_key(&at.key("token")).help(help),
            );
        }
    }
}
