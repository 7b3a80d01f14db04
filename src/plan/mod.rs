//! Every choice made: what a machine will be, with nothing left open.
//!
//! In: a [`Spec`] and the folder that its local files are relative to. Out: a [`Plan`], or the
//! mistakes that only show when the parts are put together. To add something the machine should
//! have: a field here, filled in by the file of its area, and its place in the templates.

mod accounts;
mod app;
mod archives;
mod conda;
mod delivery;
mod environment_file;
mod exposed;
mod https;
mod keys;
mod needs;
mod parts;
mod password;
mod settings;
mod telling;
mod terms;
mod together;
mod web;

use std::path::Path as FilePath;

use serde::Serialize;
use serde_json::Value;

pub use accounts::{Account, Accounts, Group};
pub use app::{App, PACKED as PACKED_APP, Source as AppSource, Start};
pub use conda::{Conda, Environment, Installer, Pip};
pub use delivery::{Placed, PlannedFile};
pub use https::Https;
pub use keys::Keys;
pub use parts::Part;
use settings::Settings;
pub use telling::{TOKEN, Telling};
pub use web::Web;

use crate::catalog::Choice;
use crate::catalog::distro::Distro;
use crate::diagnostic::Report;
use crate::source::{Node, Path};
use crate::spec::{self, Spec};

/// What the machine will be. This is what templates see.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Plan {
    /// The distribution of the image.
    pub distro: Choice<Distro>,
    /// Name of the machine.
    pub hostname: Option<String>,
    /// Its time zone, such as `Asia/Seoul`.
    pub timezone: Option<String>,
    /// Its locale, such as `ko_KR.UTF-8`.
    pub locale: Option<String>,
    /// Size of its swap file at most, in MB.
    pub swap_mb: Option<u32>,
    /// Accounts and groups.
    #[serde(skip)]
    pub accounts: Accounts,
    /// Keys of cloud-config that cloud-init itself acts on, in the order they are written.
    pub keys: Keys,
    /// More entries of the owner's for lists that bootseed writes to as well.
    pub write_files: Vec<Value>,
    /// See `write_files`.
    pub bootcmd: Vec<Value>,
    /// See `write_files`.
    pub runcmd: Vec<Value>,
    /// Files that cloud-init lays down.
    pub files: Vec<PlannedFile>,
    /// Files that are put in their place once the accounts exist.
    pub placed: Vec<Placed>,
    /// Parts of the user-data beside the cloud-config.
    #[serde(skip)]
    pub parts: Vec<Part>,
    /// Are the packages of the image brought up to date?
    pub package_upgrade: bool,
    /// Packages to install.
    pub packages: Vec<String>,
    /// Services to enable and start.
    pub services: Vec<String>,
    /// Commands, each as a program with its arguments: first those that put the files of `late` in
    /// their places, then the owner's.
    pub run: Vec<Vec<String>>,
    /// Files whose owners come with a package.
    pub late: Vec<Placed>,
    /// The web server.
    pub web: Option<Web>,
    /// Conda and its environments.
    pub conda: Option<Conda>,
    /// The owner's web application.
    pub app: Option<App>,
    /// Whom the machine tells how it is.
    #[serde(skip)]
    pub telling: Option<Telling>,
}

/// With so many mistakes in the parameters the plan is not looked at as well.
const MANY: usize = 100;

/// The plan that a parameter file asks for, and everything that is wrong with it. `folder` is as in
/// [`resolve`].
pub fn read(tree: &Node, folder: &FilePath) -> (Option<Plan>, Report) {
    let mut report = Report::default();
    let loaded = spec::load_all(tree);
    let mut plan = None;
    let few = loaded.report.error_count() < MANY;
    if let Some(spec) = loaded.spec.as_ref().filter(|_| few) {
        let (resolved, found) = resolve(spec, folder);
        report.extend(loaded.beside_gaps(found));
        if let Some(resolved) = resolved.as_ref().filter(|_| !loaded.report.has_errors()) {
            exposed::check(tree, resolved, &mut report);
        }
        plan = resolved;
    }
    report.extend(loaded.report);
    (plan.filter(|_| !report.has_errors()), report)
}

/// Makes every choice that `spec` leaves open. `folder` is where its local files are looked for.
/// With an error in the report there is no plan.
pub fn resolve(spec: &Spec, folder: &FilePath) -> (Option<Plan>, Report) {
    let mut report = Report::default();
    let sorted = parts::sort(spec, folder, &mut report);
    let mut extras = vec![(Path::default().key("cloud_config"), spec.cloud_config.clone())];
    extras.extend(sorted.configs);
    let accounts = Accounts::resolve(spec, &extras, &mut report);
    let delivery::Delivery { mut files, placed, late } =
        delivery::files(spec, &accounts, folder, &mut report);
    files.extend(sorted.files);
    let archives = archives::resolve(spec, folder, &mut report);
    files.extend(archives.keys.iter().cloned());
    let (web, conda, app) = site(spec, folder, &mut report);
    let own = spec.run.iter().map(delivery::argv);
    let Settings { hostname, timezone, locale, swap_mb } = Settings::resolve(spec, &extras);
    let mut plan = Plan {
        distro: spec.distro.unwrap_or_default(),
        hostname,
        timezone,
        locale,
        swap_mb,
        write_files: keys::list(&extras, "write_files", &mut report),
        bootcmd: keys::list(&extras, "bootcmd", &mut report),
        runcmd: keys::list(&extras, "runcmd", &mut report),
        files,
        placed,
        parts: sorted.mime,
        package_upgrade: spec.package_upgrade == Some(true),
        packages: spec.packages.clone(),
        services: spec.services.clone(),
        run: late.iter().map(Placed::command).chain(own).collect(),
        late,
        conda,
        web,
        app,
        ..Plan::default()
    };
    plan.keys = Keys::resolve(spec, &extras, (&accounts, &archives), plan.distro.0, &mut report);
    plan.accounts = accounts;
    let (file, placed) = plan.web.as_ref().and_then(Web::passwords).unzip();
    plan.files.extend(file);
    plan.placed.extend(placed);
    let (telling, token) = spec.status.as_ref().and_then(telling::resolve).unzip();
    plan.telling = telling;
    plan.files.extend(token.flatten());
    plan.files.extend(plan.app.as_ref().and_then(App::file));
    plan.files.extend(plan.web.as_ref().and_then(Web::start_page));
    plan.files.extend(plan.web.as_ref().and_then(Web::own_site));
    together::check(spec, &plan, &mut report);
    (Some(plan).filter(|_| !report.has_errors()), report)
}

/// The application, with the web server before it and conda below it.
fn site(
    spec: &Spec,
    folder: &FilePath,
    report: &mut Report,
) -> (Option<Web>, Option<Conda>, Option<App>) {
    let before = spec.app.as_ref().map(|_| spec::Web::default());
    let web =
        spec.web.as_ref().or(before.as_ref()).map(|web| web::resolve(web, spec, folder, report));
    let mut conda = spec.conda.as_ref().map(|conda| conda::resolve(conda, folder, report));
    let app = spec.app.as_ref();
    let app = app.and_then(|app| app::resolve(app, conda.as_ref(), folder, report));
    if let (Some(app), Some(conda)) = (&app, &mut conda) {
        conda.add_pip(&app.python);
    }
    (web, conda, app)
}

impl Plan {
    /// Is there a password in it, or something else that not everybody may read?
    pub fn holds_secrets(&self) -> bool {
        let token = self.telling.as_ref().is_some_and(|telling| telling.token);
        token || self.keys.hold_secret() || self.web.as_ref().is_some_and(|web| web.auth.is_some())
    }

    /// TCP ports that have to be open to visitors.
    pub fn ports(&self) -> Vec<u32> {
        self.web.as_ref().map(Web::ports).unwrap_or_default()
    }

    /// Is there anything that cloud-init could fail at? It sets a host name, whatever it is.
    pub fn may_fail(&self) -> bool {
        let lists = [&self.write_files, &self.bootcmd];
        !self.files.is_empty()
            || !self.placed.is_empty()
            || lists.iter().any(|list| !list.is_empty())
            || self.keys.iter().any(|(key, _)| !SAFE.contains(&key.as_str()))
    }
}

/// Keys that cloud-init does not fail at.
const SAFE: &[&str] =
    &["fqdn", "hostname", "locale", "prefer_fqdn_over_hostname", "swap", "timezone"];
