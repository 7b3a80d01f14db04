//! What a machine needs: disk, and room in its user-data.

use super::Plan;

/// Space for logs, package lists and growth, in MB.
const ROOM_MB: u32 = 2000;

/// Sizes of root volumes worth proposing, in GB.
const VOLUMES: &[u32] = &[8, 12, 16, 20, 24, 32, 48, 64, 96, 128];

impl Plan {
    /// Size of the root volume that this takes, in GB.
    pub fn volume_gb(&self) -> u32 {
        let conda = self.conda.as_ref().map_or(0, |conda| conda.disk_mb);
        let megabytes = self
            .distro
            .0
            .disk_mb
            .saturating_add(conda)
            .saturating_add(self.swap_mb.unwrap_or_default())
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
}
