//! Every choice made: what a machine will be, with nothing left open.
//!
//! In: a [`Spec`] and the folder that its local files are relative to. Out: a [`Plan`], or the
//! mistakes that only show when the parts are put together. To add something the machine should
//! have: a field here, filled in by the file of its area, and its place in the templates.

mod conda;
mod delivery;
mod environment_file;
mod keys;
mod parts;
mod password;
mod summary;
mod terms;
mod web;

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use conda::{Conda, Environment, Installer};
pub use delivery::{Placed, PlannedFile};
pub use keys::Keys;
pub use parts::Part;
pub use web::Web;

use crate::catalog::Choice;
use crate::catalog::distro::Distro;
use crate::diagnostic::Report;
use crate::source::{Node, Path};
use crate::spec::{self, Spec};

/// What the machine will be. This is what templates see.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The distribution of the image.
    pub distro: Choice<Distro>,
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
    /// Debian packages.
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
    pub conda: Option<Arc<Conda>>,
    /// What the provisioning program does, by the names that the console and the status show.
    pub steps: Vec<String>,
    /// The number of each step, from 1.
    pub number: BTreeMap<String, usize>,
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
        plan = resolved;
    }
    report.extend(loaded.report);
    (plan.filter(|_| !report.has_errors()), report)
}

/// Makes every choice that `spec` leaves open. `folder` is where its local files are looked for.
/// With an error in the report there is no plan.
pub fn resolve(spec: &Spec, folder: &FilePath) -> (Option<Plan>, Report) {
    Resolver::new(folder).resolve(spec)
}

/// Makes the choices of one machine after the other, and those that are the same only once.
pub struct Resolver<'a> {
    folder: &'a FilePath,
    conda: Option<(spec::Conda, Arc<Conda>)>,
}

impl<'a> Resolver<'a> {
    /// Has made none yet. `folder` is as in [`resolve`].
    pub fn new(folder: &'a FilePath) -> Resolver<'a> {
        Resolver { folder, conda: None }
    }

    /// As [`resolve`]. Local files that describe an environment are read again only for other
    /// parameters.
    pub fn resolve(&mut self, spec: &Spec) -> (Option<Plan>, Report) {
        let mut report = Report::default();
        let folder = self.folder;
        let delivery::Delivery { mut files, placed, late } =
            delivery::files(spec, folder, &mut report);
        let sorted = parts::sort(spec, folder, &mut report);
        files.extend(sorted.files);
        let mut extras = vec![(Path::default().key("cloud_config"), spec.cloud_config.clone())];
        extras.extend(sorted.configs);
        let web = spec.web.as_ref().map(|web| web::resolve(web, spec));
        let own = spec.run.iter().map(delivery::argv);
        let mut plan = Plan {
            distro: spec.distro.unwrap_or_default(),
            keys: Keys::default(),
            write_files: keys::list(&extras, "write_files", &mut report),
            bootcmd: keys::list(&extras, "bootcmd", &mut report),
            runcmd: keys::list(&extras, "runcmd", &mut report),
            files,
            placed,
            parts: sorted.mime,
            packages: spec.packages.clone(),
            services: spec.services.clone(),
            run: late.iter().map(Placed::command).chain(own).collect(),
            late,
            number: BTreeMap::new(),
            conda: spec.conda.as_ref().map(|conda| self.conda(conda, &mut report)),
            web,
            steps: Vec::new(),
        };
        plan.keys = Keys::resolve(spec, &extras, plan.distro.0, &mut report);
        plan.files.extend(plan.web.as_ref().and_then(Web::start_page));
        plan.steps = steps(&plan);
        plan.number = plan.steps.iter().cloned().zip(1..).collect();
        (Some(plan).filter(|_| !report.has_errors()), report)
    }

    fn conda(&mut self, wanted: &spec::Conda, report: &mut Report) -> Arc<Conda> {
        match &self.conda {
            Some((last, conda)) if last == wanted => Arc::clone(conda),
            _ => {
                let mut found = Report::default();
                let conda = Arc::new(conda::resolve(wanted, self.folder, &mut found));
                // What is wrong is said again for each machine.
                self.conda = found.is_empty().then(|| (wanted.clone(), Arc::clone(&conda)));
                report.extend(found);
                conda
            }
        }
    }
}

impl Plan {
    /// Is this `other` with other values of cloud-init's keys, other contents of files, and nothing
    /// else? The locale counts as more: a command of the document has it, too.
    pub fn is_another_copy_of(&self, other: &Plan) -> bool {
        // Without `..`, so that a new field has to be thought of here.
        let Plan {
            distro,
            keys,
            write_files,
            bootcmd,
            runcmd,
            files,
            placed,
            parts,
            packages,
            services,
            run,
            late,
            web,
            conda,
            steps,
            number,
        } = other;
        let same_keys = self.keys.iter().map(|(key, _)| key).eq(keys.iter().map(|(key, _)| key));
        let lists = [(&self.write_files, write_files), (&self.bootcmd, bootcmd)];
        same_keys
            && self.keys.get("locale") == keys.get("locale")
            && self.files.len() == files.len()
            && self.distro == *distro
            && lists.iter().all(|(ours, theirs)| ours == theirs)
            && self.runcmd == *runcmd
            && (&self.placed, &self.late) == (placed, late)
            && self.parts == *parts
            && (&self.packages, &self.services, &self.run) == (packages, services, run)
            && self.web.as_ref().map(Web::settings) == web.as_ref().map(Web::settings)
            && self.conda == *conda
            && (&self.steps, &self.number) == (steps, number)
    }
}

/// The steps in the order in which they are counted.
fn steps(plan: &Plan) -> Vec<String> {
    let named = |wanted: bool, name: &str| wanted.then(|| name.to_string());
    let mut steps = Vec::new();
    steps.extend(named(!plan.placed.is_empty(), "files"));
    steps.extend(named(plan.web.is_some(), "web"));
    steps.extend(named(!plan.packages.is_empty(), "packages"));
    if let Some(conda) = &plan.conda {
        steps.push("conda".to_string());
        steps.extend(named(!conda.terms.is_empty(), "terms"));
        steps.extend(
            conda.environments.iter().map(|environment| format!("env:{}", environment.name)),
        );
    }
    steps.extend(named(!plan.services.is_empty(), "services"));
    steps.extend((1..=plan.run.len()).map(|number| format!("run:{number}")));
    steps.push("verify".to_string());
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, parse};

    #[test]
    fn each_machine_has_its_own_conda() {
        let folder = FilePath::new(".");
        let mut resolver = Resolver::new(folder);
        for conda in [
            "{environments: [{name: a, python: 3.9}]}",
            "{environments: [{name: a, python: 3.9}]}",
            "{environments: [{name: b, python: 3.9}]}",
            "{version: '0', environments: [{name: b, python: 3.9}]}",
            "{version: '0', environments: [{name: b, python: 3.9}]}",
            "{environments: [{name: b, python: 3.9}]}",
        ] {
            let tree = parse(&Source::new("a.yaml", format!("conda: {conda}\n"))).unwrap();
            let spec = spec::load(&tree).0.unwrap();
            let (plan, report) = resolver.resolve(&spec);
            let (expected, found) = resolve(&spec, folder);
            assert_eq!(plan, expected, "{conda}");
            assert_eq!(report.error_count(), found.error_count(), "{conda}");
        }
    }
}
