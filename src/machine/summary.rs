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
use crate::plan::{Conda, Part, Plan, PlannedFile};

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
    /// What cloud-init runs beside the steps.
    pub also: Vec<String>,
    /// The installer of conda, one for each architecture; a machine takes one of them.
    pub downloads: Vec<Download>,
    /// About how many MB the installer of conda has; 0 without one.
    pub download_mb: u32,
    /// How many certificates for HTTPS there may be, if one is asked for and that is known.
    pub certificates: Option<&'static str>,
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
            also: beside(plan).iter().map(|line| diagnostic::visible(line)).collect(),
            downloads: plan.conda.as_ref().map(downloads).unwrap_or_default(),
            download_mb: plan.conda.as_ref().map_or(0, |conda| conda.distribution.0.download_mb),
            certificates: plan.web.as_ref().and_then(|web| web.https.as_ref()?.limits()),
            volume_gb: plan.volume_gb(),
            memory_mb,
            memory,
            size,
        }
    }

    /// What has to be chosen where it is launched, in one line.
    pub fn needs(&self) -> String {
        let plan = &self.plan;
        let port = match &plan.web {
            Some(_) => {
                let open: Vec<String> = plan.ports().iter().map(u32::to_string).collect();
                format!("port {} open to the class", open.join(" and "))
            }
            None => "no port has to be open".into(),
        };
        let (image, gb) = (plan.distro.0.about(), plan.volume_gb());
        format!("image {image}; machine type t3.small or one as large; root volume {gb} GB; {port}")
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
        for line in &self.also {
            writeln!(f, "   Also  {line}.")?;
        }
        writeln!(f)?;
        if !self.downloads.is_empty() {
            writeln!(f, "Downloads: about {} MB, one of", self.download_mb)?;
        }
        for Download { arch, url, sha256 } in &self.downloads {
            writeln!(f, "  {arch:<8} {}\n           sha256 {sha256}", diagnostic::visible(url))?;
        }
        if let Some(limits) = self.certificates {
            writeln!(f, "Certificates: {limits}")?;
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
    let told = ["hostname", "timezone", "locale", "user"];
    let others = plan.keys.iter().map(|(key, _)| key).filter(|key| !told.contains(&key.as_str()));
    parts.extend(others.cloned());
    let scripts = plan.files.iter().filter(|file| frequency(file).is_some()).count();
    match plan.files.len() + plan.write_files.len() - scripts {
        0 => {}
        1 => parts.push("1 file".into()),
        count => parts.push(format!("{count} files")),
    }
    parts
}

/// What cloud-init runs beside the program, in the order in which it does.
fn beside(plan: &Plan) -> Vec<String> {
    let part = |part: &Part| match part.mime_type {
        "text/cloud-boothook" => format!("{} runs early on every boot", part.name),
        "text/x-include-url" => format!("what the URLs of {} give is user-data, too", part.name),
        _ => format!("{} runs once, when this is done", part.name),
    };
    let scripts = plan.files.iter().filter_map(|file| {
        let (_, name) = file.path.rsplit_once('/')?;
        Some(format!("{name} runs {}", frequency(file)?))
    });
    let commands = [
        (&plan.bootcmd, "bootcmd", "early on every boot"),
        (&plan.runcmd, "runcmd", "once, when this is done"),
    ];
    let commands = commands.into_iter().filter(|(list, ..)| !list.is_empty());
    let commands = commands.map(|(list, key, when)| match list.len() {
        1 => format!("the command of {key} runs {when}"),
        count => format!("{count} commands of {key} run {when}"),
    });
    commands.chain(plan.parts.iter().map(part)).chain(scripts).collect()
}

/// When cloud-init runs a script that it finds in its folders.
fn frequency(file: &PlannedFile) -> Option<&'static str> {
    match file.path.strip_prefix("/var/lib/cloud/scripts/")?.split('/').next()? {
        "per-boot" => Some("at the end of every boot"),
        "per-instance" => Some("once on each new machine"),
        _ => Some("once ever"),
    }
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
