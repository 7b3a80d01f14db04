//! What the author of a parameter file asked for, as it was written: no defaults filled in.
//!
//! In: the tree of a parameter file ([`crate::source::Node`]). Out: a [`Spec`] and every mistake
//! found on the way. The structures here are the one place where a parameter is declared: their
//! documentation is the JSON Schema that `bootseed schema` prints, the reference in `docs` and
//! the list of known keys in error messages.
//!
//! To add a parameter: add a documented field, check its value in `check` of the same file, use it
//! in `plan`.

mod account;
mod app;
mod assign;
mod auth;
mod cloud_config;
mod conda;
mod delivery;
mod expected;
mod https;
mod machine;
mod nested;
mod odd;
mod packages;
mod parts;
mod paths;
mod place;
mod published;
mod restarting;
mod shape;
mod size;
mod status;
mod unknown;
mod user_data;
mod vain;
mod version;
mod waiting;
mod web;
mod word;

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use account::{User, WITHOUT_GROUP, is_system_account, is_system_group};
pub use app::{
    ARCHIVES, App, Archive, BeforeStart, Git, Once, is_app_name, is_module, upload_bytes,
};
pub use assign::{assign, cell_value};
pub use auth::{Auth, Visitor};
pub use cloud_config::check_cloud_config;
pub use conda::{
    Conda, Environment, Installer, Installers, check_channel, check_name, check_pip_url,
    needs_terms, pip_option, second_python, terms_missing,
};
pub use delivery::{Command, File, LineEndings};
pub use https::Https;
pub use machine::{Apt, AptSource, Swap};
pub use packages::{check_match_spec, check_requirement, package_channel, package_name};
pub use parts::{Part, PartKind};
pub use paths::{local_files, local_places, paths};
pub use place::{plain, under};
pub use size::size;
pub use status::Status;
pub use user_data::{check_kind, parameters, user_data};
pub use web::{WEB_ROOT, Web};
pub use word::{is_owner_word, shorten};

use crate::catalog::Choice;
use crate::catalog::distro::Distro;
use crate::diagnostic::{Diagnostic, Place, Report};
use crate::source::{Node, Path};

/// One machine: what is on it when its first boot has ended.
///
/// Every key may be left out; what is not asked for is not done.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "bootseed parameter file")]
pub struct Spec {
    /// The Linux distribution of the image that the machine is launched from: `ubuntu` (the
    /// default) or `debian`.
    pub distro: Option<Choice<Distro>>,
    /// Name of the machine: letters, digits, `-` and `.`; at most 63 characters between dots.
    #[schemars(example = &"hello-cju")]
    pub hostname: Option<String>,
    /// Time zone by its IANA name, such as `Asia/Seoul`.
    #[schemars(example = &"Asia/Seoul")]
    pub timezone: Option<String>,
    /// Locale of the system, such as `en_US.UTF-8` or `ko_KR.UTF-8`.
    #[schemars(example = &"ko_KR.UTF-8")]
    pub locale: Option<String>,
    /// Swap space: a size such as `2G` or `512M`, `auto` (up to 2 GiB, by the memory the machine
    /// has and the free space of its disk), or `0` for none. Creating a conda environment needs
    /// about 1.5 GiB of memory and swap together.
    #[schemars(example = &"auto")]
    pub swap: Option<Swap>,
    /// Accounts, beside the image's own (`ubuntu`, `admin`, …). `root` may have
    /// `ssh_authorized_keys`, with which it may log in then.
    pub users: Vec<User>,
    /// Is the image's own account made, which the key is for that the cloud gives? Default: true.
    pub default_user: Option<bool>,
    /// May accounts log in over SSH with their passwords? The cloud images of Ubuntu and Debian take
    /// keys only, so that a password is good for the console and for `sudo`. Default: as the image.
    pub ssh_password_login: Option<bool>,
    /// Debian packages to install: a name, or `name=version`. Installing all of them is stopped after
    /// an hour (3600 s) and tried again.
    pub packages: Vec<String>,
    /// Are the packages of the image brought up to date, too? It is done once, before `packages`, and
    /// takes minutes; a new kernel is in use from the next boot on. Default: false.
    pub package_upgrade: Option<bool>,
    /// systemd services to enable and start, after the packages are there.
    pub services: Vec<String>,
    /// Files to lay down before anything is installed.
    pub files: Vec<File>,
    /// Commands to run once as root, in this order, when everything else is ready. A text is bash,
    /// one line or several; a list is a program and its arguments, taken as they are. Each is a
    /// process of its own that begins in `/root`: a `cd` or an `export` holds to the end of its text,
    /// so what belongs together is one text of several lines (`- |`). Each is stopped after an hour (3600 s) and is not tried again when it fails; one cut off by a power cut runs again
    /// on the next boot.
    pub run: Vec<Command>,
    /// Where Debian packages come from.
    pub apt: Option<Apt>,
    /// Conda and its environments.
    pub conda: Option<Conda>,
    /// The web server.
    pub web: Option<Web>,
    /// A web application of the owner's, behind the web server.
    pub app: Option<App>,
    /// Whom the machine tells how far it is.
    pub status: Option<Status>,
    /// Further parts of the user-data: scripts, boothooks, include lists, other cloud-configs.
    pub parts: Vec<Part>,
    /// Any other cloud-init keys, merged into the result: lists are appended to those of bootseed,
    /// maps are merged key by key, and a value that contradicts one of bootseed's is an error.
    /// Accounts of one name are one, and the image's own is kept. Without quotes a value is
    /// what cloud-init would make of it (`yes` is true), but `0644`, `3.10` and `12:30:45` stay text.
    pub cloud_config: Map<String, Value>,
}

/// A parameter file as far as it can be read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What it asks for. With an error in the report, something in it is not what was written.
    pub spec: Option<Spec>,
    /// Every mistake.
    pub report: Report,
    /// Where something had to be left out, or put in.
    gaps: HashSet<Path>,
    /// The tree with the keys that were meant, where others stand in the file.
    corrected: Option<Node>,
}

impl Loaded {
    /// What is left of `found` without what only follows from mistakes in [`Loaded::report`].
    pub fn beside_gaps(&self, found: Report) -> Report {
        let above: HashSet<Path> = self.gaps.iter().filter_map(Path::parent).collect();
        let below = |path: &Path| {
            let ways = (0..=path.segments().len()).map(|end| path.segments()[..end].to_vec());
            ways.map(Path::from).any(|way| self.gaps.contains(&way))
        };
        let follows = |diagnostic: &Diagnostic| match &diagnostic.place {
            Place::Path { path, .. } => above.contains(path) || below(path),
            _ => false,
        };
        let found = found.into_iter().filter(|diagnostic| !follows(diagnostic));
        found.map(|diagnostic| self.placed(diagnostic)).collect()
    }
}

impl Loaded {
    /// In the file there are other keys on the way to the place.
    fn placed(&self, diagnostic: Diagnostic) -> Diagnostic {
        match diagnostic.place.span(self.corrected.as_ref()) {
            Some(span) => diagnostic.at_span(span),
            None => diagnostic,
        }
    }
}

/// Reads a tree and finds every mistake in it, even beside others.
pub fn load_all(tree: &Node) -> Loaded {
    if let Some(foreign) = user_data::foreign(tree) {
        return Loaded { report: foreign.into(), ..Loaded::default() };
    }
    let mut report = Report::default();
    let shape::Conformed { value, gaps, corrected } =
        shape::conform(tree, shape::own(), &mut report);
    let (spec, mut found) = match serde_json::from_value::<Spec>(value) {
        Ok(spec) => {
            let mut found = Report::default();
            spec.check(&mut found);
            (Some(spec), found)
        }
        // The shape is right and the values fit: whatever it is, it does not show what was read.
        Err(_) if report.has_errors() => (None, Report::default()),
        Err(_) => (None, Diagnostic::error("parameter-file", "this cannot be read").into()),
    };
    let gaps = gaps.into_iter().collect();
    let mut loaded = Loaded { spec, report: Report::default(), gaps, corrected };
    found = loaded.beside_gaps(found);
    loaded
        .report
        .extend(report.into_iter().map(|diagnostic| loaded.placed(diagnostic)).collect::<Report>());
    loaded.report.extend(found);
    loaded
}

/// Reads a tree into a [`Spec`]. The report holds every mistake; with an error in it there is no
/// `Spec`.
pub fn load(tree: &Node) -> (Option<Spec>, Report) {
    let Loaded { spec, report, .. } = load_all(tree);
    (spec.filter(|_| !report.has_errors()), report)
}

/// The value of a piece of cloud-config, as it is meant for cloud-init.
pub fn cloud_config_value(tree: &Node) -> Value {
    tree.to_cloud_json()
}

/// The JSON Schema of the parameter file, every definition written out where it is used.
pub fn schema() -> Value {
    published::published(shape::own().clone())
}

/// Is there a parameter at `path`, or a place for any key of the owner's?
pub fn is_parameter(path: &Path) -> bool {
    let open = Path::root().key("cloud_config");
    shape::at(shape::own(), path).is_some() || path.segments().starts_with(open.segments())
}

impl Spec {
    fn check(&self, report: &mut Report) {
        let root = Path::default();
        machine::check(self, report);
        account::check(self, &root.key("users"), report);
        delivery::check(self, report);
        parts::check(&self.parts, &root.key("parts"), report);
        if let Some(conda) = &self.conda {
            conda.check(&root.key("conda"), report);
        }
        if let Some(web) = &self.web {
            web.check(&root.key("web"), report);
        }
        if let Some(app) = &self.app {
            app.check(&root.key("app"), report);
        }
        if let Some(status) = &self.status {
            status.check(&root.key("status"), report);
        }
        let at = root.key("cloud_config");
        check_cloud_config(&self.cloud_config, &at, self, report);
    }
}
