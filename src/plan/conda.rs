//! Conda and its environments, with every choice made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path as FilePath;

use serde::Serialize;

use super::{environment_file, terms};
use crate::catalog::Choice;
use crate::catalog::conda::Distribution;
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::source::{Path, Plain, Yaml11, resolve_plain};
use crate::spec;

/// Free space that an environment needs with the packages it is made from, in MB. An environment
/// with Python alone takes about 250 MB; downloads and unpacked packages come on top.
const ENVIRONMENT_MB: u32 = 700;

/// The channel that needs no consent: <https://conda-forge.org/>
const CONDA_FORGE: &str = "conda-forge";

/// Where it is when nobody says otherwise.
const PREFIX: &str = "/opt/conda";

/// Conda on the machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conda {
    /// The distribution.
    #[serde(skip)]
    pub distribution: Choice<Distribution>,
    /// Its name for people, with the version.
    pub title: String,
    /// Directory it is installed into.
    pub prefix: String,
    /// The account that it is given to; root's otherwise.
    pub owner: Option<String>,
    /// Installers by architecture.
    pub installers: Vec<Installer>,
    /// Free space needed before anything is downloaded, in MB.
    pub disk_mb: u32,
    /// Lines of `.condarc`.
    pub condarc: Vec<String>,
    /// URLs of the channels in use whose terms the owner accepts.
    pub terms: Vec<String>,
    /// Longest time for one try at an environment, in minutes.
    pub time_limit: u32,
    /// Environments.
    pub environments: Vec<Environment>,
    /// What pip adds, by environment.
    pub pip: BTreeMap<String, Pip>,
}

/// One installer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Installer {
    /// What `uname -m` says.
    pub arch: &'static str,
    /// Where it is.
    pub url: String,
    /// What its bytes must be.
    pub sha256: String,
}

/// What pip adds to an environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Pip {
    /// Where from, if not from PyPI alone.
    pub index_url: Option<String>,
    /// Other indexes.
    pub extra_index_urls: Vec<String>,
    /// Pages with links to packages.
    pub find_links: Vec<String>,
    /// Its packages.
    pub packages: Vec<String>,
}

/// One environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Environment {
    /// Name.
    pub name: String,
    /// Where its packages come from.
    pub channels: Vec<String>,
    /// Its packages.
    pub packages: Vec<String>,
}

/// An environment before its arguments are put together.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) channels: Vec<String>,
    pub(super) packages: Vec<String>,
    pub(super) pip: Pip,
}

pub(super) fn resolve(conda: &spec::Conda, folder: &FilePath, report: &mut Report) -> Conda {
    let at = Path::default().key("conda");
    let distribution = conda.distribution.unwrap_or_default();
    let channels = channels(conda);
    let drafts = drafts(conda, folder, &at.key("environments"), report);
    let count = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
    let installers = installers(conda, distribution.0, &at, report);
    let terms = terms(conda, &channels, &drafts);
    check_terms(&terms, distribution.0, &at, report);
    Conda {
        distribution,
        title: title(conda, distribution.0),
        prefix: conda.prefix.as_deref().unwrap_or(PREFIX).trim_end_matches('/').into(),
        owner: owner(conda),
        installers,
        disk_mb: distribution.0.disk_mb.saturating_add(count.saturating_mul(ENVIRONMENT_MB)),
        condarc: condarc(conda, &channels),
        terms,
        time_limit: conda.time_limit.unwrap_or(60),
        pip: drafts
            .iter()
            .filter(|draft| !draft.pip.packages.is_empty())
            .map(|draft| (draft.name.clone(), draft.pip.clone()))
            .collect(),
        environments: drafts.into_iter().map(|draft| draft.environment(&channels)).collect(),
    }
}

fn owner(conda: &spec::Conda) -> Option<String> {
    let owner = conda.owner.as_deref().or(conda.home())?;
    Some(owner.to_string()).filter(|owner| owner != "root")
}

fn title(conda: &spec::Conda, known: &Distribution) -> String {
    let version = match (&conda.installer, &conda.version) {
        (Some(_), _) => "from your own installer",
        (None, Some(version)) => version,
        (None, None) => known.versions[0].version,
    };
    format!("{} {version}", known.title)
}

fn channels(conda: &spec::Conda) -> Vec<String> {
    match (&conda.channels[..], conda.accept_anaconda_terms) {
        ([], Some(true)) => vec!["defaults".into()],
        ([], _) => vec![CONDA_FORGE.into()],
        (channels, _) => channels.to_vec(),
    }
}

fn installers(
    conda: &spec::Conda,
    known: &Distribution,
    at: &Path,
    report: &mut Report,
) -> Vec<Installer> {
    if let Some(own) = &conda.installer {
        let both = [("x86_64", &own.x86_64), ("aarch64", &own.aarch64)];
        let given = both.into_iter().filter_map(|(arch, file)| Some((arch, file.as_ref()?)));
        return given
            .map(|(arch, file)| Installer {
                arch,
                url: file.url.clone(),
                sha256: file.sha256.to_ascii_lowercase(),
            })
            .collect();
    }
    let wanted = conda.version.as_deref().unwrap_or(known.versions[0].version);
    let Some(version) = known.versions.iter().find(|version| version.version == wanted) else {
        report.push(unknown_version(known, wanted).at(&at.key("version")));
        return Vec::new();
    };
    [("x86_64", version.x86_64), ("aarch64", version.aarch64)]
        .map(|(arch, sum)| Installer {
            arch,
            url: known.url(conda.mirror.as_deref(), wanted, arch),
            sha256: sum.into(),
        })
        .into()
}

fn unknown_version(known: &Distribution, wanted: &str) -> Diagnostic {
    let names: Vec<&str> = known.versions.iter().map(|version| version.version).collect();
    let near = nearest(wanted, names.iter().copied());
    let help = match near {
        Some(near) => format!("did you mean `{near}`? Known: {}", names.join(", ")),
        None => {
            format!("known: {}; for another give `installer` with its checksum", names.join(", "))
        }
    };
    let message = format!("the checksum of {} `{wanted}` is not known", known.title);
    Diagnostic::error("conda-version", message).help(help)
}

/// The whole `.condarc`. Lists of several such files are merged by conda, so it is written where
/// the installer's own was. <https://docs.conda.io/projects/conda/en/stable/configuration.html>
fn condarc(conda: &spec::Conda, channels: &[String]) -> Vec<String> {
    let mut lines = vec![
        format!("channels: {}", flow(channels)),
        "number_channel_notices: 0".into(),
        "safety_checks: enabled".into(),
    ];
    if let Some(mirror) = conda.mirror.as_deref().map(|mirror| mirror.trim_end_matches('/')) {
        let defaults = ["main", "r"].map(|name| format!("{mirror}/pkgs/{name}"));
        lines.push(format!("channel_alias: {}", quoted(&format!("{mirror}/cloud"))));
        lines.push(format!("default_channels: {}", flow(&defaults)));
    }
    lines
}

/// A YAML list for conda, which reads YAML 1.2.
fn flow(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A text of which YAML would make something else gets quotes: `123`, `on`, `name:`.
fn quoted(text: &str) -> String {
    let name = text.strip_prefix("https://").unwrap_or(text);
    let clean = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(clean)
        && matches!(Plain::of(text), Plain::Text)
        && resolve_plain(text) == Yaml11::Str(text.to_string());
    if plain { text.to_string() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Channels to accept terms for: those that packages come from.
fn terms(conda: &spec::Conda, channels: &[String], drafts: &[Draft]) -> Vec<String> {
    if conda.accept_anaconda_terms != Some(true) {
        return Vec::new();
    }
    let packages = drafts.iter().flat_map(|draft| &draft.packages);
    let named = packages.filter_map(|spec| spec::package_channel(spec));
    let listed = channels.iter().chain(drafts.iter().flat_map(|draft| &draft.channels));
    terms::of(listed.map(String::as_str).chain(named), conda.mirror.as_deref())
}

/// Is there a way to accept them?
fn check_terms(terms: &[String], known: &Distribution, at: &Path, report: &mut Report) {
    if !terms.is_empty() && !known.has_terms {
        let message = format!("{} has no way to record that you accept the terms", known.title);
        let help = "use `distribution: miniconda`, or leave `accept_anaconda_terms` out";
        let place = at.key("accept_anaconda_terms");
        report.push(Diagnostic::error("anaconda-terms", message).at_key(&place).help(help));
    }
}

fn drafts(conda: &spec::Conda, folder: &FilePath, at: &Path, report: &mut Report) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, environment) in conda.environments.iter().enumerate() {
        let at = at.index(i);
        let Some(draft) = draft(environment, conda, folder, &at, report) else { continue };
        if !draft.name.is_empty() && !seen.insert(draft.name.clone()) {
            let message = format!("two environments are called `{}`", draft.name);
            let help = "give each a name of its own";
            report.push(
                Diagnostic::error("duplicate-environment", message).at(&at.key("name")).help(help),
            );
        }
        drafts.push(draft);
    }
    drafts
}

fn draft(
    environment: &spec::Environment,
    conda: &spec::Conda,
    folder: &FilePath,
    at: &Path,
    report: &mut Report,
) -> Option<Draft> {
    let mut draft = match &environment.file {
        Some(file) => {
            let accepted = conda.accept_anaconda_terms == Some(true);
            environment_file::read(file, folder, accepted, &at.key("file"), report)?
        }
        None => Draft {
            name: String::new(),
            channels: Vec::new(),
            packages: environment.packages.clone(),
            pip: Pip { packages: environment.pip.clone(), ..Pip::default() },
        },
    };
    draft.pip.add_places(environment);
    if let Some(name) = &environment.name {
        draft.name.clone_from(name);
    }
    if draft.name.is_empty() && environment.file.is_some() {
        let message = "the environment file gives no name";
        let help = "add `name:` to it, or here";
        report.push(Diagnostic::error("missing-key", message).at(at).help(help));
    }
    let version = environment.python.as_deref();
    if environment.file.is_some() {
        check_python(&draft, version, at, report);
    }
    draft.add_python(version);
    Some(draft)
}

impl Conda {
    /// Adds pip to the environment with this folder, if it lacks it.
    pub(super) fn add_pip(&mut self, home: &str) {
        let prefix = &self.prefix;
        let at_home = |one: &&mut Environment| format!("{prefix}/envs/{}", one.name) == home;
        let Some(environment) = self.environments.iter_mut().find(at_home) else { return };
        if environment.packages.iter().all(|package| spec::package_name(package) != "pip") {
            environment.packages.push("pip".into());
        }
    }
}

/// A version of Python as a match specification.
fn python(version: &str) -> String {
    let operator = if version.starts_with(|c: char| c.is_ascii_digit()) { "=" } else { "" };
    format!("python{operator}{version}")
}

/// Reports an environment file that wants another Python than the parameter beside it, or two.
fn check_python(draft: &Draft, version: Option<&str>, at: &Path, report: &mut Report) {
    let Some(i) = spec::second_python(&draft.packages, version.is_some()) else { return };
    let in_file = &draft.packages[i];
    let (message, at) = match version {
        Some(version) if in_file.replace(' ', "") == python(version) => return,
        Some(_) => (
            format!("`python` is given twice: here, and as `{in_file}` in the environment file"),
            at.key("python"),
        ),
        None => ("the environment file gives `python` twice".into(), at.key("file")),
    };
    report.push(Diagnostic::error("two-pythons", message).at(&at).help("keep one of the two"));
}

impl Pip {
    /// Beside those of an environment file stand those of the parameters.
    fn add_places(&mut self, environment: &spec::Environment) {
        self.index_url = environment.index_url.clone().or(self.index_url.take());
        self.extra_index_urls.extend(environment.extra_index_urls.iter().cloned());
        self.find_links.extend(environment.find_links.iter().cloned());
    }
}

impl Draft {
    /// Python is part of every environment, pip wherever it has work to do.
    fn add_python(&mut self, version: Option<&str>) {
        let has = |packages: &[String], name: &str| {
            packages.iter().any(|spec| spec::package_name(spec) == name)
        };
        match version {
            Some(version) => {
                self.packages.retain(|spec| spec::package_name(spec) != "python");
                self.packages.insert(0, python(version));
            }
            None if !has(&self.packages, "python") => self.packages.insert(0, "python".into()),
            None => {}
        }
        if !self.pip.packages.is_empty() && !has(&self.packages, "pip") {
            self.packages.push("pip".into());
        }
    }

    fn environment(self, channels: &[String]) -> Environment {
        let channels = if self.channels.is_empty() { channels.to_vec() } else { self.channels };
        Environment { name: self.name, channels, packages: self.packages }
    }
}
