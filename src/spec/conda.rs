//! Parameters of conda: the distribution, where it comes from, and its environments.

use schemars::JsonSchema;
use serde::Deserialize;

use super::packages::{check_match_spec, check_requirement, package_channel, package_name};
use super::place::under;
use super::version::check_python;
use super::word;
use crate::catalog::Choice;
use crate::catalog::conda::Distribution;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// Conda and its environments.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conda {
    /// `anaconda`, `miniconda` or `miniforge` (the default).
    pub distribution: Option<Choice<Distribution>>,
    /// Version of the installer, one of those whose SHA-256 bootseed knows (any other is answered
    /// with the list). Default: the best attested recent one.
    #[schemars(example = &"2025.12-2")]
    pub version: Option<String>,
    /// An installer of your own choice, with its checksum; `version` does not count then.
    pub installer: Option<Installers>,
    /// Base URL of a mirror laid out like repo.anaconda.com, with `archive/`, `miniconda/`,
    /// `miniforge/`, `pkgs/` and, for channels by name, `cloud/`.
    #[schemars(example = &"https://mirrors.tuna.tsinghua.edu.cn/anaconda")]
    pub mirror: Option<String>,
    /// Directory that conda is installed into. Default: `/opt/conda`.
    pub prefix: Option<String>,
    /// Account that conda and its environments belong to, and that may install into them: one of
    /// `users`, or the image's own. What it puts there other accounts run, root among them, so it
    /// should be one that may use `sudo`. Default: root, and below `/home/NAME` that account.
    #[schemars(example = &"ubuntu")]
    pub owner: Option<String>,
    /// Channels that packages come from, the most important first. Default: `conda-forge` alone,
    /// or `defaults` once `accept_anaconda_terms` is true.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Do you accept the Terms of Service of Anaconda's own channels
    /// (<https://www.anaconda.com/legal/terms/terms-of-service>) for everybody who uses the machine?
    /// Needed for the channel `defaults`, not for installing Anaconda itself. Default: false.
    pub accept_anaconda_terms: Option<bool>,
    /// Longest time that creating one environment may take, in minutes, before it is stopped and
    /// tried again. Default: 60.
    #[schemars(range(min = 1, max = 1440))]
    pub time_limit: Option<u32>,
    /// Environments to create.
    #[serde(default)]
    pub environments: Vec<Environment>,
}

/// Installers by the architecture of the machine (`uname -m`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Installers {
    /// For Intel and AMD machines.
    pub x86_64: Option<Installer>,
    /// For ARM machines, such as AWS Graviton.
    pub aarch64: Option<Installer>,
}

/// One installer file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Installer {
    /// Where it is downloaded from.
    pub url: String,
    /// Its SHA-256: 64 hexadecimal digits. A file with another sum is never executed.
    pub sha256: String,
}

/// A conda environment.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Name, as in `conda activate NAME`. May be left out when `file` gives one.
    #[schemars(example = &"hello_cju")]
    pub name: Option<String>,
    /// Version of Python, such as `3.9`. Default: the newest. (An unquoted 3.10 means 3.10.)
    #[schemars(example = &"3.12")]
    pub python: Option<String>,
    /// Conda packages: a name, or a match specification such as `flask>=3` or `numpy=1.26`.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Packages that pip adds when the conda packages are there.
    #[serde(default)]
    pub pip: Vec<String>,
    /// URL of the index that pip takes its packages from instead of PyPI.
    #[schemars(example = &"https://download.pytorch.org/whl/cpu")]
    pub index_url: Option<String>,
    /// URLs of indexes that pip looks in as well; it takes the highest version of all of them.
    #[serde(default)]
    pub extra_index_urls: Vec<String>,
    /// URLs of pages with links to packages, which pip looks through as well.
    #[serde(default)]
    pub find_links: Vec<String>,
    /// An `environment.yml` on this computer, relative to the parameter file. Its name, channels,
    /// packages and pip packages are taken over; `prefix` and `nodefaults` are dropped.
    pub file: Option<String>,
}

/// Channels that Anaconda's Terms of Service apply to, by name.
const TERMS_CHANNELS: &[&str] =
    &["defaults", "anaconda", "main", "r", "msys2", "pkgs/main", "pkgs/r"];

/// Does a channel of this name or URL need the consent to Anaconda's terms?
pub fn needs_terms(channel: &str) -> bool {
    let host = |host: &&str| channel.contains(*host);
    let own = channel.split_once("conda.anaconda.org/").map(|(_, name)| name.trim_end_matches('/'));
    TERMS_CHANNELS.contains(&own.unwrap_or(channel)) || TERMS_URLS.iter().any(host)
}

const TERMS_URLS: &[&str] = &["repo.anaconda.com/pkgs", "repo.continuum.io/pkgs"];

impl Conda {
    /// The account whose home directory the prefix is in.
    pub fn home(&self) -> Option<&str> {
        self.prefix.as_deref()?.strip_prefix("/home/")?.split_once('/').map(|(user, _)| user)
    }

    pub(super) fn check(&self, at: &Path, report: &mut Report) {
        self.check_origin(at, report);
        if let Some(prefix) = &self.prefix {
            check_prefix(prefix, &at.key("prefix"), report);
        }
        for (i, channel) in self.channels.iter().enumerate() {
            self.check_channel(channel, &at.key("channels").index(i), report);
        }
        let at = at.key("environments");
        for (i, environment) in self.environments.iter().enumerate() {
            let at = at.index(i);
            environment.check(&at, report);
            for (i, package) in environment.packages.iter().enumerate() {
                let channel = package_channel(package).filter(|channel| needs_terms(channel));
                if let Some(channel) = channel.filter(|_| self.accept_anaconda_terms != Some(true))
                {
                    report.push(terms_missing(channel).at(&at.key("packages").index(i)));
                }
            }
        }
    }

    fn check_origin(&self, at: &Path, report: &mut Report) {
        if let Some(mirror) = &self.mirror {
            word::url(mirror, &at.key("mirror"), report);
        }
        if let Some(installers) = &self.installer {
            installers.check(&at.key("installer"), report);
        }
        if self.time_limit.is_some_and(|minutes| !(1..=1440).contains(&minutes)) {
            let message = "the time limit must be between 1 and 1440 minutes";
            let help = "write minutes, such as 60";
            let at = at.key("time_limit");
            report.push(Diagnostic::error("time-limit", message).at(&at).help(help));
        }
    }

    fn check_channel(&self, channel: &str, at: &Path, report: &mut Report) {
        if check_channel(channel, at, report)
            && needs_terms(channel)
            && self.accept_anaconda_terms != Some(true)
        {
            report.push(terms_missing(channel).at(at));
        }
    }
}

/// Reports a channel that is none, or that holds a secret; says whether it is fine.
pub fn check_channel(channel: &str, at: &Path, report: &mut Report) -> bool {
    if !channel.contains('@') && !channel.contains("/t/") {
        return word::CHANNEL.check(channel, at, report);
    }
    let message =
        "there is a token or password in this channel, and user-data is no place for a secret";
    let help = "use a channel that needs none";
    report.push(Diagnostic::error("channel", message).at(at).help(help).secret());
    false
}

/// The diagnostic for a channel that is used without the consent it needs.
pub fn terms_missing(channel: &str) -> Diagnostic {
    let message = format!("the channel `{channel}` is used under Anaconda's Terms of Service");
    let help =
        "use conda-forge; or read the terms and write `accept_anaconda_terms: true` below `conda`";
    Diagnostic::error("anaconda-terms", message).help(help)
}

impl Installers {
    fn check(&self, at: &Path, report: &mut Report) {
        let both = [("x86_64", &self.x86_64), ("aarch64", &self.aarch64)];
        if both.iter().all(|(_, installer)| installer.is_none()) {
            let message = "`installer` names no file";
            let help = "give `url` and `sha256` below `x86_64`, `aarch64` or both";
            report.push(Diagnostic::error("no-installer", message).at_key(at).help(help));
        }
        for (arch, installer) in both {
            if let Some(installer) = installer {
                installer.check(&at.key(arch), report);
            }
        }
    }
}

impl Installer {
    fn check(&self, at: &Path, report: &mut Report) {
        word::url(&self.url, &at.key("url"), report);
        if self.sha256.len() == 64 && self.sha256.chars().all(|c| c.is_ascii_hexdigit()) {
            return;
        }
        let message = format!(
            "a SHA-256 has 64 hexadecimal digits, this has {}",
            self.sha256.chars().count()
        );
        let help = "copy it from the publisher's page, or run sha256sum on the file";
        report.push(Diagnostic::error("sha256", message).at(&at.key("sha256")).help(help));
    }
}

/// The installer refuses a prefix with a space in it; a shebang line cannot be longer than 127
/// characters, and conda writes one for each program of an environment.
fn check_prefix(prefix: &str, at: &Path, report: &mut Report) {
    if !word::absolute_path(prefix, at, report) {
        return;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.+".contains(c);
    let depth = prefix.split('/').filter(|part| !part.is_empty()).count();
    let trouble = match prefix {
        _ if !prefix.chars().all(plain) => {
            "conda's prefix may have letters, digits and / - _ . + only"
        }
        _ if prefix.len() > 60 => "conda's prefix is too long: 60 characters at most",
        _ if depth < 2 => {
            "conda needs a directory of its own, which bootseed may delete after a power cut"
        }
        _ if under(prefix, "/root") => "a prefix in the home of root is of no use to others",
        _ if prefix.starts_with("/tmp/") => "files below /tmp vanish at the next boot",
        _ if belongs_to_the_system(prefix) => {
            "this directory is the system's: bootseed may delete conda's after a power cut"
        }
        _ => return,
    };
    let help = "write an absolute path such as /opt/conda";
    report.push(Diagnostic::error("conda-prefix", trouble).at(at).help(help));
}

/// Directories of the system, and home directories themselves: <https://refspecs.linuxfoundation.org/FHS_3.0/>
fn belongs_to_the_system(prefix: &str) -> bool {
    const SYSTEM: &[&str] = &[
        "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin",
        "snap", "sys", "usr", "var",
    ];
    const LOCAL: &[&str] =
        &["bin", "etc", "games", "include", "lib", "libexec", "man", "sbin", "share", "src"];
    let parts: Vec<&str> = prefix.split('/').filter(|part| !part.is_empty()).collect();
    match parts[..] {
        ["home", _] => true,
        ["var", "local" | "opt" | "tmp" | "www", _, ..] => false,
        ["usr", "local", name, ..] => LOCAL.contains(&name),
        [first, ..] => SYSTEM.contains(&first),
        [] => true,
    }
}

impl Environment {
    fn check(&self, at: &Path, report: &mut Report) {
        if let Some(name) = &self.name {
            check_name(name, &at.key("name"), report);
        } else if self.file.is_none() {
            let message = "the environment has no name";
            let help = "add `name:`, as in `conda activate NAME`";
            report.push(Diagnostic::error("missing-key", message).at(at).help(help));
        }
        if let Some(python) = &self.python {
            check_python(python, &at.key("python"), report);
        }
        if let Some(i) = second_python(&self.packages, self.python.is_some()) {
            let (message, help) = match self.python {
                Some(_) => (
                    "`python` is given twice: as a key, and among the packages",
                    "keep the key, and leave it out here",
                ),
                None => ("`python` is given twice", "keep one of the two"),
            };
            let at = at.key("packages").index(i);
            report.push(Diagnostic::error("two-pythons", message).at(&at).help(help));
        }
        for (i, package) in self.packages.iter().enumerate() {
            check_match_spec(package, &at.key("packages").index(i), report);
        }
        self.check_pip(at, report);
        if self.file.is_some() && !(self.packages.is_empty() && self.pip.is_empty()) {
            let message = "`file` and `packages` or `pip` contradict each other";
            let help = "add the packages to the environment file, or leave `file` out";
            report.push(
                Diagnostic::error("two-environments", message).at_key(&at.key("file")).help(help),
            );
        }
    }

    /// What pip installs, and where from.
    fn check_pip(&self, at: &Path, report: &mut Report) {
        for (i, package) in self.pip.iter().enumerate() {
            check_requirement(package, &at.key("pip").index(i), report);
        }
        let more = [("extra_index_urls", &self.extra_index_urls), ("find_links", &self.find_links)];
        if let Some(url) = &self.index_url {
            word::url(url, &at.key("index_url"), report);
        }
        for (key, urls) in more {
            for (i, url) in urls.iter().enumerate() {
                word::url(url, &at.key(key).index(i), report);
            }
        }
        let places = self.index_url.is_some() || more.iter().any(|(_, urls)| !urls.is_empty());
        if places && self.pip.is_empty() && self.file.is_none() {
            let message = "nothing is taken from the indexes here: there is no `pip` beside them";
            let help = "add `pip:` with the packages; those of conda come from `channels`";
            report.push(Diagnostic::error("idle-index", message).at(at).help(help));
        }
    }
}

/// Options of pip with a URL, and the parameter for each.
const PIP_OPTIONS: &[(&str, &str)] = &[
    ("--index-url", "index_url"),
    ("-i", "index_url"),
    ("--extra-index-url", "extra_index_urls"),
    ("--find-links", "find_links"),
    ("-f", "find_links"),
];

/// The parameter for an option of pip, and the URL that stands behind it.
pub fn pip_option(line: &str) -> Option<(&'static str, &str)> {
    let (option, url) = line.trim().split_once([' ', '='])?;
    let known = PIP_OPTIONS.iter().find(|(name, _)| *name == option)?;
    Some((known.1, url.trim()))
}

/// An address that pip takes packages from.
pub fn check_pip_url(url: &str, at: &Path, report: &mut Report) {
    word::url(url, at, report);
}

/// Which of the packages says for a second time which Python it shall be? With a `key` for it, `python`
/// alone says nothing.
pub fn second_python(packages: &[String], key: bool) -> Option<usize> {
    let is = |spec: &String| package_name(spec) == "python" && !(key && spec == "python");
    let mut found = packages.iter().enumerate().filter(|(_, spec)| is(spec)).map(|(i, _)| i);
    if key { found.next() } else { found.nth(1) }
}

/// An environment's name; `base` and `root` are conda's own.
pub fn check_name(name: &str, at: &Path, report: &mut Report) {
    if word::ENVIRONMENT.check(name, at, report) && ["base", "root"].contains(&name) {
        let message = format!("`{name}` is the name of conda's own environment");
        let help = "choose another name";
        report.push(Diagnostic::error("environment-name", message).at(at).help(help));
    }
}
