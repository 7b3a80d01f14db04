//! Distributions of conda: which installers there are, and their checksums.
//!
//! Every SHA-256 is the publisher's own, cross-checked with the public package files named in each
//! table. To add a distribution: a file with its constant, a `mod` line and an entry in `ALL`. To
//! add a version: a line in its table.

mod anaconda;
mod miniconda;
mod miniforge;

use super::Listed;

/// A way to bring conda to a machine.
pub struct Distribution {
    /// Name in a parameter file.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Where an installer is, with `{version}` and `{arch}` to fill in.
    pub url: &'static str,
    /// The same below a mirror.
    pub mirror_path: &'static str,
    /// Known installers, the default first.
    pub versions: &'static [Version],
    /// Size of the installer in MB, rounded up.
    pub download_mb: u32,
    /// Does its conda have the plugin that records consent to Anaconda's terms?
    pub has_terms: bool,
    /// Free space that the installation needs in MB, with the installer beside it.
    pub disk_mb: u32,
}

/// One release of an installer.
pub struct Version {
    /// As in the file name.
    pub version: &'static str,
    /// SHA-256 of the file for `x86_64`.
    pub x86_64: &'static str,
    /// SHA-256 of the file for `aarch64`.
    pub aarch64: &'static str,
}

impl Listed for Distribution {
    const KIND: &'static str = "conda distribution";
    const ALL: &'static [&'static Distribution] =
        &[&miniforge::MINIFORGE, &miniconda::MINICONDA, &anaconda::ANACONDA];

    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}

impl Distribution {
    /// URL of an installer; below `mirror` if there is one. `arch` is what `uname -m` says.
    pub fn url(&self, mirror: Option<&str>, version: &str, arch: &str) -> String {
        let pattern = match mirror {
            Some(mirror) => format!("{}/{}", mirror.trim_end_matches('/'), self.mirror_path),
            None => self.url.to_string(),
        };
        pattern.replace("{version}", version).replace("{arch}", arch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_checksums() {
        for version in Distribution::ALL.iter().flat_map(|known| known.versions) {
            for sum in [version.x86_64, version.aarch64] {
                assert_eq!(sum.len(), 64, "{}", version.version);
                assert!(sum.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
            }
        }
    }

    #[test]
    fn urls_are_filled_in() {
        let url = anaconda::ANACONDA.url(None, "2025.12-2", "aarch64");
        assert_eq!(url, "https://repo.anaconda.com/archive/Anaconda3-2025.12-2-Linux-aarch64.sh");
        let url = miniforge::MINIFORGE.url(Some("http://127.0.0.1:8000/"), "26.1.1-3", "x86_64");
        assert_eq!(url, "http://127.0.0.1:8000/miniforge/Miniforge3-26.1.1-3-Linux-x86_64.sh");
    }
}
