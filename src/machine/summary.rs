//! A machine in words: what `bootseed plan` says.

use super::Machine;
use crate::catalog::Listed;
use crate::plan::{Conda, Plan};

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
        text += "\n";
        if let Some(conda) = &plan.conda {
            text += &downloads(conda);
        }
        text += &format!("Disk: a root volume of {} GB or more\n", plan.volume_gb());
        text += &format!("Memory: {}\n", memory(plan));
        text
    }

    /// What has to be chosen where it is launched, in one line.
    pub fn needs(&self) -> String {
        let plan = &self.plan;
        let port = match &plan.web {
            Some(web) => format!("port {} open to the class", web.port),
            None => "no port has to be open".into(),
        };
        let (image, gb) = (plan.distro.0.about(), plan.volume_gb());
        format!("image {image}; machine type t3.small or one as large; root volume {gb} GB; {port}")
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
    let others = ["swap", "apt", "users"].into_iter().filter(|key| plan.keys.have(key));
    parts.extend(others.map(String::from));
    match plan.files.len() {
        0 => {}
        1 => parts.push("1 file".into()),
        count => parts.push(format!("{count} files")),
    }
    parts
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
