//! Where the code of an application comes from, if not from this computer.

use schemars::JsonSchema;
use serde::Deserialize;

use super::inner_path;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;
use crate::spec::word::{self, Word};

/// A Git repository.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Git {
    /// Its address, as for `git clone`, by https or http.
    #[schemars(example = &"https://github.com/pallets/flask.git")]
    pub url: String,
    /// The commit (40 hexadecimal digits) or tag.
    pub commit: Option<String>,
    /// A branch instead: whatever it is at on the first boot.
    pub branch: Option<String>,
    /// The folder of the application in the repository. Default: the whole.
    pub path: Option<String>,
}

/// An archive.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// Where it is downloaded from.
    #[schemars(example = &"https://www.example.org/hello-1.0.tar.gz")]
    pub url: String,
    /// Its SHA-256: 64 hexadecimal digits.
    pub sha256: String,
    /// The folder of the application in the archive. Default: the only folder at its top, or the
    /// whole.
    pub path: Option<String>,
}

/// A commit, tag or branch (git-check-ref-format(1), without what a shell user would stumble over).
const REVISION: Word = Word {
    id: "git-commit",
    what: "commit or tag",
    max: 200,
    first: |c| c.is_ascii_alphanumeric(),
    rest: |c| c.is_ascii_alphanumeric() || "-_./+@".contains(c),
    help: "write the 40 digits of the commit, or the name of a tag, such as `v1.0`",
};

impl Git {
    pub(super) fn check(&self, at: &Path, report: &mut Report) {
        word::url(&self.url, &at.key("url"), report);
        if let Some(path) = &self.path {
            inner_path(path, &at.key("path"), report);
        }
        for (key, revision) in [("commit", &self.commit), ("branch", &self.branch)] {
            if let Some(revision) = revision {
                REVISION.check(revision, &at.key(key), report);
            }
        }
        let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(short) = self.commit.as_deref().filter(|text| hexadecimal(text))
            && (7..40).contains(&short.len())
        {
            let message = format!("`{short}` is a commit cut short, which no server looks up");
            let help = "write all 40 digits: git rev-parse HEAD";
            report.push(Diagnostic::error("git-commit", message).at(&at.key("commit")).help(help));
        }
        let help = "write `commit:` with what `git rev-parse HEAD` prints";
        match (&self.commit, &self.branch) {
            (None, None) => {
                let message = "which commit?";
                report.push(Diagnostic::error("git-commit", message).at_key(at).help(help));
            }
            (Some(_), Some(_)) => {
                let message = "`commit` and `branch` contradict each other";
                report.push(
                    Diagnostic::error("git-commit", message).at(&at.key("branch")).help(help),
                );
            }
            (None, Some(branch)) => {
                let message = format!(
                    "machines made later get what `{}` is then, which may be something else",
                    word::shorten(branch)
                );
                report.push(
                    Diagnostic::warning("git-branch", message).at(&at.key("branch")).help(help),
                );
            }
            (Some(_), None) => {}
        }
    }
}

impl Archive {
    pub(super) fn check(&self, at: &Path, report: &mut Report) {
        word::url(&self.url, &at.key("url"), report);
        let name = self.url.split('?').next().unwrap_or_default();
        if !ARCHIVES.iter().any(|ending| name.ends_with(ending)) {
            let message = "the URL does not end as the name of an archive does";
            let help = format!("known: {}", ARCHIVES.join(", "));
            report.push(Diagnostic::error("archive", message).at(&at.key("url")).help(help));
        }
        if self.sha256.len() != 64 || !self.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let message = "a SHA-256 has 64 hexadecimal digits";
            let help = "copy what `sha256sum FILE` prints";
            report.push(Diagnostic::error("sha256", message).at(&at.key("sha256")).help(help));
        }
        if let Some(path) = &self.path {
            inner_path(path, &at.key("path"), report);
        }
    }
}

/// How the names of archives end that the machine can open with what it has.
pub const ARCHIVES: &[&str] =
    &[".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar", ".zip"];
