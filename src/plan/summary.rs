//! The plan in words.

use super::{Conda, Plan};
use crate::catalog::Listed;

/// Space for logs, package lists and growth, in MB.
const ROOM_MB: u32 = 2000;

/// Space of the swap that `auto` makes at most, in MB.
const AUTO_SWAP_MB: u32 = 2048;

/// Sizes of root volumes worth proposing, in GB.
const VOLUMES: &[u32] = &[8, 12, 16, 20, 24, 32, 48, 64, 96, 128];

impl Plan {
    /// What will happen, in order, and what it takes.
    pub fn summary(&self) -> String {
        let mut text =
            format!("On the first boot of a machine with {}:\n\n", self.distro.0.about());
        let before = self.before();
        if !before.is_empty() {
            text += &format!("  First  cloud-init sets {}.\n", before.join(", "));
        }
        let width = self.steps.iter().map(|step| step.chars().count()).max().unwrap_or_default();
        for (i, step) in self.steps.iter().enumerate() {
            text += &format!("  {:>5}  {:<width$}  {}\n", i + 1, step, self.describe(step));
        }
        text += "\n";
        if let Some(conda) = &self.conda {
            text += &downloads(conda);
        }
        text += &format!("Disk: a root volume of {} GB or more\n", self.volume_gb());
        text += &format!("Memory: {}\n", self.memory());
        text
    }

    /// Size of the root volume that this takes, in GB.
    pub fn volume_gb(&self) -> u32 {
        let conda = self.conda.as_ref().map_or(0, |conda| conda.disk_mb);
        let megabytes = self
            .distro
            .0
            .disk_mb
            .saturating_add(conda)
            .saturating_add(self.swap_mb())
            .saturating_add(ROOM_MB);
        let enough = |gigabytes: &&u32| **gigabytes * 1000 >= megabytes;
        VOLUMES.iter().find(enough).copied().unwrap_or(megabytes / 1000 + 1)
    }

    /// What the parameters add to the user-data: their names and bytes.
    pub fn weights(&self) -> Vec<(String, usize)> {
        let files = self.files.iter().map(|file| (file.origin.clone(), file.text.len()));
        let parts = self.parts.iter().map(|part| (part.origin.clone(), part.text.len()));
        let run = self.run.iter().enumerate().map(|(i, words)| {
            let origin = match i.checked_sub(self.late.len()) {
                Some(i) => format!("run[{i}]"),
                None => "files".into(),
            };
            (origin, words.iter().map(|word| word.len() + 1).sum())
        });
        let keys = self.keys.weights().into_iter();
        files.chain(parts).chain(run).chain(keys).collect()
    }

    /// Size of the swap file at most, in MB.
    fn swap_mb(&self) -> u32 {
        let Some(swap) = self.keys.get("swap") else { return 0 };
        let bytes = swap.get("size").and_then(serde_json::Value::as_u64);
        bytes.map_or(AUTO_SWAP_MB, |bytes| u32::try_from(bytes >> 20).unwrap_or(u32::MAX >> 1))
    }

    fn memory(&self) -> String {
        match (&self.conda, self.keys.get("swap")) {
            (None, _) => "512 MB is enough".into(),
            (Some(_), Some(_)) => "1 GB is enough, with the swap that is made".into(),
            (Some(_), None) => "2 GB or more; set `swap: auto` for a smaller machine".into(),
        }
    }

    /// What cloud-init's own modules do before the provisioning program starts.
    fn before(&self) -> Vec<String> {
        let mut parts: Vec<String> = ["hostname", "timezone", "locale"]
            .into_iter()
            .filter_map(|key| Some(format!("{key} {}", self.keys.get(key)?.as_str()?)))
            .collect();
        let others =
            ["swap", "apt", "users"].into_iter().filter(|key| self.keys.get(key).is_some());
        parts.extend(others.map(String::from));
        if !self.files.is_empty() {
            parts.push(files(self.files.len()));
        }
        parts
    }

    fn describe(&self, step: &str) -> String {
        let conda = self.conda.as_ref();
        match step.split_once(':').unwrap_or((step, "")) {
            ("files", _) => format!("{} given to their owners", files(self.placed.len())),
            ("web", _) => {
                let port = self.web.as_ref().map(|web| web.port).unwrap_or_default();
                format!(
                    "nginx is installed, configured, enabled and started, and answers on port {port}"
                )
            }
            ("packages", _) => format!("Debian packages: {}", self.packages.join(", ")),
            ("conda", _) => conda.map(installing).unwrap_or_default(),
            ("terms", _) => "Anaconda's Terms of Service are accepted for everybody".into(),
            ("env", name) => conda.map(|conda| creating(conda, name)).unwrap_or_default(),
            ("services", _) => format!("enabled and started: {}", self.services.join(", ")),
            ("run", number) => self.running(number.parse().unwrap_or_default()),
            _ => "the result is looked at".into(),
        }
    }
}

impl Plan {
    /// What the command of this number does, from 1.
    fn running(&self, number: usize) -> String {
        let Some(place) = number.checked_sub(1) else { return String::new() };
        if let Some(file) = self.late.get(place) {
            return format!("{} is given to {}", file.path, file.owner.trim_end_matches(':'));
        }
        let command = self.run.get(place);
        command.map(|words| format!("your command: {}", shown(words))).unwrap_or_default()
    }
}

fn installing(conda: &Conda) -> String {
    format!(
        "{} is downloaded (about {} MB), checked and installed into {}",
        conda.title, conda.distribution.0.download_mb, conda.prefix
    )
}

fn creating(conda: &Conda, name: &str) -> String {
    let named = conda.environments.iter().find(|environment| environment.name == name);
    let Some(environment) = named else { return String::new() };
    let pip = conda.pip.get(name).map(|pip| format!("; by pip: {}", pip.join(", ")));
    format!(
        "{} from {}{}",
        environment.packages.join(", "),
        environment.channels.join(", "),
        pip.unwrap_or_default()
    )
}

/// A command as its author wrote it, on one line.
fn shown(words: &[String]) -> String {
    let text = match words {
        [bash, _, _, option, line] if bash == "bash" && option == "-c" => line.clone(),
        words => words.join(" "),
    };
    text.trim_end().replace('\n', "; ")
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".into() } else { format!("{count} files") }
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
