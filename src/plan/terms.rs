//! Whose Terms of Service the owner accepts, as `conda tos accept --channel` wants them named.
//!
//! In: the channels in use. Out: the URLs of those that publish terms. A short name such as `main`
//! is no use: `conda tos accept` finds no terms for it, and says so with exit status 0.
//! <https://www.anaconda.com/docs/getting-started/tos-plugin>

/// Where Anaconda's own channels are.
const ANACONDA: &str = "https://repo.anaconda.com";

/// Hosts that these channels have had.
const HOSTS: &[&str] = &["repo.anaconda.com/", "repo.continuum.io/"];

/// What `defaults` stands for on Linux.
const DEFAULTS: &[&str] = &["main", "r"];

/// The URLs to accept terms for, each once. With a `mirror` conda asks that one.
pub(super) fn of<'a>(
    channels: impl IntoIterator<Item = &'a str>,
    mirror: Option<&str>,
) -> Vec<String> {
    let base = mirror.map_or(ANACONDA, |mirror| mirror.trim_end_matches('/'));
    let mut found: Vec<String> = Vec::new();
    for channel in channels {
        let urls: Vec<String> = match channel.strip_prefix("pkgs/") {
            _ if channel == "defaults" => {
                DEFAULTS.iter().map(|name| format!("{base}/pkgs/{name}")).collect()
            }
            Some(name) => vec![format!("{base}/pkgs/{}", first(name))],
            None => by_url(channel).into_iter().collect(),
        };
        for url in urls {
            if !found.contains(&url) {
                found.push(url);
            }
        }
    }
    found
}

/// `https://repo.anaconda.com/pkgs/main/linux-64` is a folder of `…/pkgs/main`.
fn by_url(channel: &str) -> Option<String> {
    let (_, rest) = channel.split_once("://")?;
    let path = HOSTS.iter().find_map(|host| rest.strip_prefix(host))?;
    Some(format!("{ANACONDA}/pkgs/{}", first(path.strip_prefix("pkgs/")?)))
}

fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_channels_with_terms_are_named() {
        let url = |name: &str| format!("{ANACONDA}/pkgs/{name}");
        for (channels, terms) in [
            (&["conda-forge"][..], vec![]),
            (&["conda-forge", "https://conda.example.org/main"], vec![]),
            (&["defaults"], vec![url("main"), url("r")]),
            (&["pkgs/r", "conda-forge", "defaults"], vec![url("r"), url("main")]),
            (&["https://repo.anaconda.com/pkgs/main/linux-64", "pkgs/main"], vec![url("main")]),
            (&["http://repo.continuum.io/pkgs/msys2/"], vec![url("msys2")]),
            (&["main", "anaconda", "https://conda.anaconda.org/main"], vec![]),
        ] {
            assert_eq!(of(channels.iter().copied(), None), terms, "{channels:?}");
        }
        let mirror = of(["pkgs/main", "https://repo.anaconda.com/pkgs/r"], Some("http://a/b/"));
        assert_eq!(mirror, ["http://a/b/pkgs/main", "https://repo.anaconda.com/pkgs/r"]);
    }
}
