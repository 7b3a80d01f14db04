//! Parameters of the machine itself: distribution, names, swap, apt.

use std::collections::HashSet;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Spec, size, word};
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::source::Path;

/// Swap space, as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Swap(String);

/// Where Debian packages come from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Apt {
    /// URL of a mirror of the distribution's archive, used instead of the image's own. Ubuntu has
    /// ARM in an archive of its own: a mirror with `ports` in its URL serves ARM machines, any other
    /// Intel and AMD.
    #[schemars(example = &"https://ftp.kaist.ac.kr/ubuntu/")]
    pub mirror: Option<String>,
    /// URL of an HTTP proxy for apt.
    pub proxy: Option<String>,
    /// Archives of others, beside the distribution's own.
    #[serde(default)]
    pub sources: Vec<AptSource>,
}

/// An archive of packages beside the distribution's own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AptSource {
    /// Its name: that of its file in `/etc/apt/sources.list.d`, without the ending.
    #[schemars(example = &"docker")]
    pub name: String,
    /// Its line of `sources.list`; `$RELEASE` stands for the code name of the release, and where the
    /// key is need not be said.
    #[schemars(example = &"deb https://download.docker.com/linux/ubuntu $RELEASE stable")]
    pub source: String,
    /// The public key that it is signed with, as text: `-----BEGIN PGP PUBLIC KEY BLOCK-----` and so
    /// on. Either `key` or `key_from`.
    pub key: Option<String>,
    /// A file on this computer with that key, as text or binary, relative to the parameter file.
    pub key_from: Option<String>,
}

/// Names of zone.tab of the IANA time zone database, plus `UTC` and `Etc/UTC`: those that
/// every image has, without `tzdata-legacy`. <https://www.iana.org/time-zones>
const TIME_ZONES: &str = include_str!("timezones.txt");

/// Other names of time zones with the one to write instead: links of the IANA database that newer
/// images have in `tzdata-legacy` only, and abbreviations.
const TIME_ZONE_LINKS: &str = include_str!("timezone_links.txt");

/// Locales in UTF-8: `/usr/share/i18n/SUPPORTED` of Debian's package `locales`. `locale-gen` makes
/// no other, and cloud-init fails then.
const LOCALES: &str = include_str!("locales.txt");

/// The time zones that there are.
pub(super) fn time_zones() -> Vec<&'static str> {
    TIME_ZONES.lines().collect()
}

/// The locales that there are, by all their names.
pub(super) fn locales() -> Vec<String> {
    let full = |name: &str| match name.split_once('@') {
        _ if name.contains('.') => None,
        Some((name, modifier)) => Some(format!("{name}.UTF-8@{modifier}")),
        None => Some(format!("{name}.UTF-8")),
    };
    let known = ["C", "POSIX"].into_iter().chain(LOCALES.lines());
    known.clone().map(str::to_owned).chain(known.skip(2).filter_map(full)).collect()
}

impl Swap {
    /// Bytes of swap: `Ok(None)` is `auto`. Sizes are binary: 1K = 1024.
    pub fn bytes(&self) -> Result<Option<u64>, String> {
        let text = self.0.trim();
        if text == "auto" {
            return Ok(None);
        }
        size(text).map(Some)
    }
}

pub(super) fn check(spec: &Spec, report: &mut Report) {
    let root = Path::default();
    if let Some(hostname) = &spec.hostname {
        check_hostname(hostname, &root.key("hostname"), report);
    }
    if let Some(timezone) = &spec.timezone {
        check_timezone(timezone, &root.key("timezone"), report);
    }
    if let Some(locale) = &spec.locale {
        check_locale(locale, &root.key("locale"), report);
    }
    if let Some(swap) = &spec.swap {
        check_swap(swap, &root.key("swap"), report);
    }
    let apt = root.key("apt");
    let urls = spec.apt.iter().flat_map(|a| [("mirror", &a.mirror), ("proxy", &a.proxy)]);
    for (key, value) in urls {
        if let Some(value) = value {
            word::url(value, &apt.key(key), report);
        }
    }
    let sources = spec.apt.iter().flat_map(|apt| apt.sources.iter().enumerate());
    let mut seen = HashSet::new();
    for (i, source) in sources {
        let at = apt.key("sources").index(i);
        source.check(&at, report);
        if !seen.insert(&source.name) {
            let message = format!("two archives are called `{}`", word::shorten(&source.name));
            let diagnostic = Diagnostic::error("apt-source", message).at(&at.key("name"));
            report.push(diagnostic.help("give each a name of its own"));
        }
    }
}

/// How a key begins that may leave the computer, and how one that may not.
const PUBLIC_KEY: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const PRIVATE_KEY: &str = "PRIVATE KEY";

impl AptSource {
    fn check(&self, at: &Path, report: &mut Report) {
        word::ARCHIVE.check(&self.name, &at.key("name"), report);
        self.check_line(&at.key("source"), report);
        let (message, help) = match (&self.key, &self.key_from) {
            (Some(_), Some(_)) => {
                ("`key` and `key_from` contradict each other", "keep one of the two")
            }
            (None, None) => (
                "apt takes nothing from an archive whose key it does not have",
                "add `key_from:` with the file of its public key, or `key:` with its text",
            ),
            (Some(key), None) if !key.trim_start().starts_with(PUBLIC_KEY) => {
                let message = match key.contains(PRIVATE_KEY) {
                    true => "this is a private key: it must never leave your computer",
                    false => "this is not a public key of PGP",
                };
                let help = format!("paste all of it, from {PUBLIC_KEY} on");
                let diagnostic = Diagnostic::error("apt-key", message).at(&at.key("key"));
                report.push(diagnostic.help(help).secret());
                return;
            }
            _ => return,
        };
        report.push(Diagnostic::error("apt-key", message).at(at).help(help));
    }

    /// <https://manpages.debian.org/bookworm/apt/sources.list.5.en.html>
    fn check_line(&self, at: &Path, report: &mut Report) {
        let rest = self.source.split_once(' ').map_or("", |(_, rest)| rest).trim_start();
        let (options, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((options, rest)) => (options, rest),
            None => ("", rest),
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let (url, suite) = (words.first().unwrap_or(&""), words.get(1).unwrap_or(&""));
        let message = if !self.source.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            "a line of `sources.list` is one line of ASCII"
        } else if !["deb ", "deb-src "].iter().any(|kind| self.source.starts_with(kind)) {
            "a line of `sources.list` begins with `deb `"
        } else if !["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) {
            "the address of an archive begins with https://"
        } else if options.contains("signed-by") {
            "where the key is, bootseed says itself"
        } else if suite.is_empty() || (words.len() < 3 && !suite.ends_with('/')) {
            "behind the address come the release and the components"
        } else {
            return;
        };
        let help = "write it such as: deb https://download.docker.com/linux/ubuntu $RELEASE stable";
        report.push(Diagnostic::error("apt-source", message).at(at).help(help));
    }

    /// Its line, with the file that its key is in.
    pub fn line(&self, key_file: &str) -> String {
        let (kind, rest) = self.source.split_once(' ').unwrap_or((&self.source, ""));
        match rest.trim_start().strip_prefix('[') {
            Some(rest) => format!("{kind} [signed-by={key_file} {}", rest.trim_start()),
            None => format!("{kind} [signed-by={key_file}] {}", rest.trim_start()),
        }
    }
}

/// Host names by RFC 1123: <https://www.rfc-editor.org/rfc/rfc1123#page-13>
fn check_hostname(name: &str, at: &Path, report: &mut Report) {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name == "localhost" {
        let message = "every machine calls itself `localhost`";
        let help = "choose a name of its own, such as `hello-cju`";
        report.push(Diagnostic::error("hostname", message).at(at).help(help));
        return;
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        let message = format!("`{name}` is an IP address; a machine's name is not");
        let help = "choose a name, such as `hello-cju`";
        report.push(Diagnostic::error("hostname", message).at(at).help(help));
        return;
    }
    if name.len() <= 253 && name.split('.').all(label) {
        return;
    }
    let message = format!("`{}` cannot be a host name", word::shorten(name));
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let better: String = name.chars().map(kept).take(63).collect();
    let better = better.trim_matches(|c| c == '-' || c == '.').to_string();
    let rule = "use letters, digits and -, at most 63 characters between dots";
    let help = if better.split('.').all(label) {
        format!("{rule}, such as `{better}`")
    } else {
        rule.into()
    };
    report.push(Diagnostic::error("hostname", message).at(at).help(help));
}

fn check_timezone(name: &str, at: &Path, report: &mut Report) {
    static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| TIME_ZONES.lines().collect());
    if KNOWN.contains(name) {
        return;
    }
    let city = |zone: &'static str| zone.rsplit('/').next().unwrap_or(zone);
    let by_city = || nearest(name, TIME_ZONES.lines().map(city));
    let linked = |line: &'static str| line.split_once(' ').filter(|(old, _)| *old == name);
    let zone = TIME_ZONE_LINKS.lines().find_map(linked).map(|(_, zone)| zone);
    let near = || {
        nearest(name, TIME_ZONES.lines())
            .or_else(|| by_city().and_then(|c| TIME_ZONES.lines().find(|zone| city(zone) == c)))
    };
    let help = match zone.or_else(near) {
        Some(zone) => format!("did you mean `{zone}`?"),
        None => "write it as Area/City, such as Asia/Seoul or Europe/Berlin".into(),
    };
    let message = format!("there is no time zone `{}`", word::shorten(name));
    report.push(Diagnostic::error("timezone", message).at(at).help(help));
}

fn check_locale(name: &str, at: &Path, report: &mut Report) {
    let known = |name: &str| LOCALES.lines().any(|locale| locale == name);
    if !word::LOCALE.check(name, at, report)
        || ["C", "POSIX"].contains(&name)
        || known(name)
        || known(&name.replacen(".UTF-8", "", 1))
    {
        return;
    }
    let (base, modifier) = name.split_once('@').unwrap_or((name, ""));
    let base = base.split('.').next().unwrap_or(base);
    let better = match modifier {
        "" => format!("{base}.UTF-8"),
        modifier => format!("{base}@{modifier}"),
    };
    let country = match name {
        "en" => "US".into(),
        "zh" => "CN".into(),
        name => name.to_uppercase(),
    };
    let at_home = format!("{name}_{country}.UTF-8");
    let of_language = |locale: &&str| locale.split('_').next() == Some(name);
    let by_language = || LOCALES.lines().filter(of_language).max_by_key(|one| *one == at_home);
    let near = LOCALES.lines().find(|locale| *locale == better).or_else(by_language);
    let help = match near.or_else(|| nearest(name, LOCALES.lines())) {
        Some(locale) => format!("did you mean `{locale}`?"),
        None => word::LOCALE.help.into(),
    };
    let message = format!("there is no locale `{}` in UTF-8", word::shorten(name));
    report.push(Diagnostic::error("locale", message).at(at).help(help));
}

fn check_swap(swap: &Swap, at: &Path, report: &mut Report) {
    let trouble = match swap.bytes() {
        Ok(None | Some(0)) => return,
        Ok(Some(bytes)) if bytes < 1 << 20 => format!(
            "`{}` is {bytes} bytes; less than 1M of swap makes no sense",
            word::shorten(&swap.0)
        ),
        Ok(Some(bytes)) if bytes > 1 << 40 => "more than 1024G of swap makes no sense".to_string(),
        Ok(Some(_)) => return,
        Err(trouble) => trouble,
    };
    let help = "write a size such as 2G or 512M, `auto`, or 0 for none";
    report.push(Diagnostic::error("swap", trouble).at(at).help(help));
}
