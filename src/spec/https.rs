//! Parameters of HTTPS: for which names, and by which authority.

use schemars::JsonSchema;
use serde::Deserialize;

use super::word;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// HTTPS, with a certificate that the machine asks an authority for, by default Let's Encrypt, and
/// renews. Who writes this accepts the terms of the authority. The site answers by HTTP until the
/// certificate is there.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Https {
    /// The name of the site. The machine asks once the name points to it, for which it waits an hour
    /// and then looks again each hour.
    #[schemars(example = &"www.example.org")]
    pub name: Option<String>,
    /// More names of the same site.
    pub other_names: Vec<String>,
    /// Instead of a name: a certificate for the machine's own address, valid for six days and renewed
    /// all the time.
    pub address: Option<bool>,
    /// Where the authority writes to.
    pub email: Option<String>,
    /// From Let's Encrypt's test authority, whose certificates no browser trusts: it has no limits.
    pub staging: Option<bool>,
    /// The URL of another authority (its ACME directory). Its own certificate is looked for among those
    /// of the system.
    pub directory: Option<String>,
}

/// Names below these are the clouds' own, and Let's Encrypt gives no certificates for them.
const OF_CLOUDS: &[&str] = &["amazonaws.com", "compute.internal"];

impl Https {
    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.name.iter().chain(&self.other_names)
    }

    pub(super) fn check(&self, at: &Path, report: &mut Report) {
        let error = |id, message: String| Diagnostic::error(id, message);
        let by_address = self.address == Some(true);
        if by_address && self.name.is_some() {
            let message = "`name` and `address` contradict each other".to_string();
            let help = "keep one of the two";
            report.push(error("https-name", message).at(&at.key("address")).help(help));
        }
        if !by_address && self.name.is_none() {
            let help =
                "write `name: www.example.org`; or `address: true` for a machine without one";
            let message = "for which name is the certificate?".to_string();
            report.push(error("https-name", message).at_key(at).help(help));
        }
        for (i, name) in self.other_names.iter().enumerate() {
            self.check_name(name, &at.key("other_names").index(i), report);
        }
        if let Some(name) = &self.name {
            self.check_name(name, &at.key("name"), report);
        }
        let email = self.email.as_deref();
        if let Some(email) = email.filter(|email| !is_email(email)) {
            let message = format!("`{}` is not an e-mail address", word::shorten(email));
            let help = "write it as `mina@example.org`, or leave it out";
            report.push(error("email", message).at(&at.key("email")).help(help));
        }
        if let Some(url) = &self.directory {
            word::url(url, &at.key("directory"), report);
            if self.staging.is_some() {
                let message = "`staging` is Let's Encrypt's own, and `directory` another authority";
                let help = "keep one of the two";
                let at = at.key("staging");
                report.push(error("https-authority", message.into()).at(&at).help(help));
            }
        }
    }

    fn check_name(&self, name: &str, at: &Path, report: &mut Report) {
        let cloud = OF_CLOUDS.iter().any(|domain| name.ends_with(&format!(".{domain}")));
        let (message, help) = if name.starts_with("*.") {
            ("this way gives no certificates for `*`", "write each name")
        } else if !is_name(name) {
            (
                "it is not a name that an authority gives certificates for",
                "write it as `www.example.org`, in small letters; other scripts as `xn--…`; for an \
                 address there is `address: true`",
            )
        } else if cloud && self.directory.is_none() {
            (
                "Let's Encrypt gives no certificates for names of the cloud's own",
                "take a name of your own, or `address: true`",
            )
        } else {
            return;
        };
        let message = format!("`{}`: {message}", word::shorten(name));
        report.push(Diagnostic::error("https-name", message).at(at).help(help));
    }
}

/// A host name of two labels or more, in letters that the DNS has.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        let clean = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(clean)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= 253 && name.contains('.') && name.split('.').all(label) && !number
}

/// Enough of RFC 5321 for what people have.
fn is_email(text: &str) -> bool {
    let clean = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_{|}~.-".contains(c);
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !name.starts_with('-')
            && name.chars().all(clean)
            && is_name(&host.to_lowercase())
    })
}
