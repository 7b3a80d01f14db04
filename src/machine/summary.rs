//! A machine for people and programs: what `bootseed plan` says.
//!
//! In: a [`Machine`] and its [`Size`]. Out: a [`Summary`], which is written in words (`Display`) or as
//! JSON. No text of the owner's gets to a terminal as it is: not what moves the cursor, and no secret.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Machine, Size};
use crate::catalog::Listed;
use crate::diagnostic;
use crate::plan::{Conda, Plan};

/// What bootseed plan --json prints. Fields may be added; none is taken away or changes its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// The distribution of the image, as in `distro`.
    pub distro: &'static str,
    /// Its name for people.
    pub image: &'static str,
    /// What cloud-init itself sets before the first step.
    pub before: Vec<String>,
    /// The steps on the first boot, in order.
    pub steps: Vec<Step>,
    /// The installer of conda, one for each architecture; a machine takes one of them.
    pub downloads: Vec<Download>,
    /// About how many MB the installer of conda has; 0 without one.
    pub download_mb: u32,
    /// The root volume that it takes, in GB.
    pub volume_gb: u32,
    /// Enough memory, in MB.
    pub memory_mb: u32,
    /// How large the user-data is.
    pub size: Size,
    /// What `memory_mb` depends on.
    #[serde(skip)]
    #[schemars(skip)]
    memory: &'static str,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// Its name, as in status.json.
    pub step: String,
    /// What it does. A secret in it is shown as ***.
    pub does: String,
}

/// A file that is downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Download {
    /// For which architecture.
    pub arch: String,
    /// From where.
    pub url: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

impl Machine {
    /// What will happen, in order, and what it takes.
    pub fn summary(&self, size: Size) -> Summary {
        let plan = &self.plan;
        let shown = |step: &crate::step::Step| Step {
            step: diagnostic::visible(&step.name),
            does: diagnostic::visible(&diagnostic::hide_secrets(&step.sentence)),
        };
        let (memory_mb, memory) = memory(plan);
        Summary {
            distro: plan.distro.0.name(),
            image: plan.distro.0.about(),
            before: before(plan),
            steps: self.steps.iter().map(shown).collect(),
            downloads: plan.conda.as_ref().map(downloads).unwrap_or_default(),
            download_mb: plan.conda.as_ref().map_or(0, |conda| conda.distribution.0.download_mb),
            volume_gb: plan.volume_gb(),
            memory_mb,
            memory,
            size,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "On the first boot of a machine with {}:\n", self.image)?;
        if !self.before.is_empty() {
            writeln!(f, "  First  cloud-init sets {}.", self.before.join(", "))?;
        }
        let width = self.steps.iter().map(|one| one.step.chars().count()).max().unwrap_or_default();
        for (i, Step { step, does }) in self.steps.iter().enumerate() {
            writeln!(f, "  {:>5}  {step:<width$}  {does}", i + 1)?;
        }
        writeln!(f)?;
        if !self.downloads.is_empty() {
            writeln!(f, "Downloads: about {} MB, one of", self.download_mb)?;
        }
        for Download { arch, url, sha256 } in &self.downloads {
            writeln!(f, "  {arch:<8} {}\n           sha256 {sha256}", diagnostic::visible(url))?;
        }
        writeln!(f, "Disk: a root volume of {} GB or more", self.volume_gb)?;
        writeln!(f, "Memory: {}", self.memory)?;
        write!(f, "{}", self.size)
    }
}

fn memory(plan: &Plan) -> (u32, &'static str) {
    match (&plan.conda, plan.swap_mb) {
        (None, _) if plan.app.is_some() => (1024, "1 GB is enough"),
        (None, _) => (512, "512 MB is enough"),
        (Some(_), Some(_)) => (1024, "1 GB is enough, with the swap that is made"),
        (Some(_), None) => (2048, "2 GB or more; set `swap: auto` for a smaller machine"),
    }
}

/// What cloud-init's own modules do before the program starts.
fn before(plan: &Plan) -> Vec<String> {
    let named =
        [("hostname", &plan.hostname), ("timezone", &plan.timezone), ("locale", &plan.locale)];
    let named = named.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    let mut parts: Vec<String> =
        named.map(|(key, value)| format!("{key} {}", diagnostic::visible(value))).collect();
    let others = ["swap", "apt", "users"].into_iter().filter(|key| plan.keys.have(key));
    parts.extend(others.map(String::from));
    match plan.files.len() {
        0 => {}
        1 => parts.push("1 file".into()),
        count => parts.push(format!("{count} files")),
    }
    parts
}

fn downloads(conda: &Conda) -> Vec<Download> {
    let all = conda.installers.iter();
    all.map(|installer| Download {
        arch: installer.arch.to_string(),
        url: installer.url.to_string(),
        sha256: installer.sha256.to_string(),
    })
    .collect()
}
