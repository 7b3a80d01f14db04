//! Packages of conda and of pip: what may be named, and what it is called.

use super::word;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// The name in a match specification of conda: `conda-forge::Python =3.9` is one of `python`.
pub fn package_name(spec: &str) -> String {
    let spec = spec.split('[').next().unwrap_or_default();
    let spec = spec.rsplit_once("::").map_or(spec, |(_, spec)| spec).trim_start();
    let name = spec.split(['=', '<', '>', ' ', '!', '~', ',', '|']).next().unwrap_or_default();
    name.to_lowercase()
}

/// The channel in a match specification, if it names one.
pub fn package_channel(spec: &str) -> Option<&str> {
    let (channel, _) = spec.split('[').next()?.rsplit_once("::")?;
    Some(channel.trim())
}

/// Conda's match specification, as one argument of `conda create`.
/// <https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html>
pub fn check_match_spec(spec: &str, at: &Path, report: &mut Report) {
    let name = package_name(spec);
    if is_for_windows(&name) {
        let message = format!(
            "`{}` exists for Windows only; this list was frozen there",
            word::shorten(spec)
        );
        let help = "name the packages you use, without those they need: `conda env export \
                    --from-history` lists them";
        report.push(Diagnostic::error("conda-package", message).at(at).help(help));
        return;
    }
    let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let clean = |c: char| c.is_ascii_alphanumeric() || " _-.+*<>=!~,|:/[]'\"()^$".contains(c);
    let number = spec.chars().all(|c| c.is_ascii_digit() || c == '.');
    if spec.starts_with(first) && !number && spec.len() <= 300 && spec.chars().all(clean) {
        return;
    }
    let message = format!("`{}` is not a conda package", word::shorten(spec));
    let help = "write a name such as `flask`, or a match specification such as `numpy=1.26`";
    report.push(Diagnostic::error("conda-package", message).at(at).help(help));
}

/// Packages that a list frozen on Windows has, and that Linux does not.
const WINDOWS: &[&str] = &[
    "colorama-win",
    "console_shortcut",
    "menuinst",
    "msys2-conda-epoch",
    "pyreadline",
    "pyreadline3",
    "pywin32",
    "pywinpty",
    "ucrt",
    "vc",
    "vc14_runtime",
    "vs2015_runtime",
    "win_inet_pton",
    "wincertstore",
    "winpty",
];

fn is_for_windows(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    name.starts_with("m2w64-")
        || WINDOWS.contains(&name.replace('-', "_").as_str())
        || WINDOWS.contains(&name.as_str())
}

/// A requirement of pip: PEP 508, nothing that needs a file of the author's computer.
pub fn check_requirement(requirement: &str, at: &Path, report: &mut Report) {
    if has_password(requirement) {
        let message = "there is a token or password in this URL, and user-data is no place for it";
        let help = "install what needs no password, or copy the files with `files`";
        report.push(Diagnostic::error("pip-package", message).at(at).help(help).secret());
        return;
    }
    let name = requirement.split(['=', '<', '>', '[', ' ', '@', ';', '!', '~']).next();
    let windows = name.is_some_and(is_for_windows);
    let trouble = if windows {
        "it exists for Windows only; this list was frozen there"
    } else if requirement.contains("file://") {
        "it points to a file on the computer it was frozen on, which the machine does not have"
    } else if requirement.starts_with("-r") || requirement.starts_with("--requirement") {
        "the machine does not have that file; write its lines here"
    } else if requirement.starts_with('-') {
        "options of pip are not taken here"
    } else if !requirement.starts_with(|c: char| c.is_ascii_alphanumeric())
        || requirement.chars().any(char::is_control)
        || requirement.len() > 500
    {
        "it is not a requirement that pip knows"
    } else {
        return;
    };
    let message = format!("`{}` cannot be installed: {trouble}", word::shorten(requirement));
    let help = "write a name such as `flask-wtf`, or `flask==3.0.3`";
    report.push(Diagnostic::error("pip-package", message).at(at).help(help));
}

fn has_password(url: &str) -> bool {
    let host = url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    host.is_some_and(|host| host.contains('@') && !host.starts_with("git@"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_specification_has_a_name_and_maybe_a_channel() {
        for (spec, name, channel) in [
            ("python", "python", None),
            ("python 3.9", "python", None),
            ("python=3.9=*_cpython", "python", None),
            ("Python>=3.9,<4", "python", None),
            ("python[version='>=3.9', channel=conda-forge::x]", "python", None),
            ("python-dateutil", "python-dateutil", None),
            ("conda-forge::python=3.8", "python", Some("conda-forge")),
            ("pkgs/main/linux-64::numpy 1.26", "numpy", Some("pkgs/main/linux-64")),
            ("https://a.example/b::x~=1", "x", Some("https://a.example/b")),
        ] {
            assert_eq!((package_name(spec).as_str(), package_channel(spec)), (name, channel));
        }
    }
}
