//! A machine in words: what `bootseed plan` says.

use super::Machine;
use crate::catalog::Listed;
use crate::plan::{Conda, Part, Plan, PlannedFile};

impl Machine {
    /// What will happen, in order, and what it takes.
    pub fn summary(&self) -> String {
        let plan = &self.plan;
        let mut text =
            format!("On the first boot of a machine with {}:\n\n", plan.distro.0.about());
        let before = before(plan);
        if !before.is_empty() {
            text += &format!("  First  cloud-init sets {}.\n", before.join(", "));
        }
        let width = self.steps.iter().map(|step| step.name.chars().count()).max();
        let width = width.unwrap_or_default();
        for (i, step) in self.steps.iter().enumerate() {
            text += &format!("  {:>5}  {:<width$}  {}\n", i + 1, step.name, step.sentence);
        }
        for line in beside(plan) {
            text += &format!("   Also  {line}.\n");
        }
        text += "\n";
        if let Some(conda) = &plan.conda {
            text += &downloads(conda);
        }
        text += &format!("Disk: a root volume of {} GB or more\n", plan.volume_gb());
        text += &format!("Memory: {}\n", memory(plan));
        text
    }
}

fn memory(plan: &Plan) -> &'static str {
    match (&plan.conda, plan.swap_mb) {
        (None, _) => "512 MB is enough",
        (Some(_), Some(_)) => "1 GB is enough, with the swap that is made",
        (Some(_), None) => "2 GB or more; set `swap: auto` for a smaller machine",
    }
}

/// What cloud-init's own modules do before the program starts.
fn before(plan: &Plan) -> Vec<String> {
    let named =
        [("hostname", &plan.hostname), ("timezone", &plan.timezone), ("locale", &plan.locale)];
    let named = named.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    let mut parts: Vec<String> = named.map(|(key, value)| format!("{key} {value}")).collect();
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

fn downloads(conda: &Conda) -> String {
    let urls: Vec<String> = conda
        .installers
        .iter()
        .map(|installer| {
            format!(
                "  {:<8} {}\n           sha256 {}\n",
                installer.arch, installer.url, installer.sha256
            )
        })
        .collect();
    format!("Downloads: about {} MB, one of\n{}", conda.distribution.0.download_mb, urls.concat())
}
