//! Packages of conda and of pip: what may be named, and what it is called.

use super::conda::pip_option;
use super::{version, word};
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
    let shown = word::address(spec);
    let message = format!("`{shown}` is not a conda package");
    let help = match copied_command(spec) {
        Some(help) => help,
        None if is_match_spec(spec) && version_of(spec).is_none_or(version::is_python) => return,
        None if is_match_spec(spec) => "there is no such version of Python".into(),
        None => several(spec).unwrap_or_else(|| {
            "write a name such as `flask`, or a match specification such as `numpy=1.26`".into()
        }),
    };
    report.push(Diagnostic::error("conda-package", message).at(at).help(help));
}

/// `channel::name version build [key=value]`, with `=` or blanks between the three.
fn is_match_spec(spec: &str) -> bool {
    let graphic = spec.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let (spec, bracket) = spec.find('[').map_or((spec, "]"), |at| spec.split_at(at));
    let (channel, spec) = spec.rsplit_once("::").unwrap_or(("-", spec));
    let name_end = spec.find(|c| !is_name(c)).unwrap_or(spec.len());
    let (name, rest) = spec.split_at(name_end);
    let digits = name.chars().all(|c| c.is_ascii_digit() || c == '.');
    graphic
        && spec.len() <= 300
        && bracket.ends_with(']')
        && !channel.trim().is_empty()
        && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && !digits
        && version_in(rest).is_some()
}

/// What is demanded of the version of Python.
fn version_of(spec: &str) -> Option<&str> {
    let rest = spec.strip_prefix("python").filter(|rest| !rest.starts_with(is_name))?;
    version_in(rest.split('[').next()?).filter(|version| !version.is_empty())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

/// The version in what follows the name, of which there may be none; it may have a build behind it.
fn version_in(rest: &str) -> Option<&str> {
    let rest = rest.trim();
    let simple = !rest.contains(['<', '>', '!', '~', ',', '|']);
    // `=1.26=py312_0`, `==1.26 py312_0`, `1.26 py312_0`
    let inner = rest.trim_start_matches('=');
    let equals = rest.len() - inner.len();
    let end = inner.find([' ', '=']).filter(|_| simple && equals < 3);
    let (version, build) = end.map_or((rest, ""), |end| (&rest[..equals + end], &inner[end + 1..]));
    let build_fits = build.trim().chars().all(|c| is_name(c) || "*^$()|?+".contains(c));
    let fits = rest.is_empty() || version::clauses(version).is_some();
    (build_fits && fits).then_some(version)
}

/// `pip install requests`, in which only the last words are packages.
fn copied_command(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| ["install", "add"].contains(word))?;
    let program = ["pip", "pip3", "conda", "mamba", "uv", "-m"];
    if !words[..at].iter().any(|word| program.contains(word)) {
        return None;
    }
    let names: Vec<&str> =
        words[at + 1..].iter().filter(|word| !word.starts_with('-')).copied().collect();
    Some(format!("write the packages alone, as a list: [{}]", names.join(", ")))
}

/// Several names in one item.
fn several(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    let is_one =
        |word: &&str| word.starts_with(|c: char| c.is_ascii_alphabetic()) && is_match_spec(word);
    let all = words.len() > 1 && words.iter().all(is_one);
    all.then(|| format!("one package is one item of the list: [{}]", words.join(", ")))
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
/// <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>
pub fn check_requirement(requirement: &str, at: &Path, report: &mut Report) {
    if has_password(requirement) {
        let message = "there is a token or password in this URL, and user-data is no place for it";
        let help = "install what needs no password, or copy the files with `files`";
        report.push(Diagnostic::error("pip-package", message).at(at).help(help).secret());
        return;
    }
    let Some((trouble, help)) = trouble(requirement) else { return };
    let message = format!("`{}` cannot be installed: {trouble}", word::address(requirement));
    report.push(Diagnostic::error("pip-package", message).at(at).help(help));
}

/// Why pip cannot install it, and what to write.
fn trouble(requirement: &str) -> Option<(String, String)> {
    let name = requirement.split(['=', '<', '>', '[', ' ', '@', ';', '!', '~']).next();
    let option = requirement.split_whitespace().find(|word| word.starts_with('-'));
    let words = requirement.split_whitespace().count();
    let plain = "write a name such as `flask-wtf`, or `flask==3.0.3`";
    let (trouble, help) = if name.is_some_and(is_for_windows) {
        ("it exists for Windows only; this list was frozen there".into(), plain.into())
    } else if let Some(help) = copied_command(requirement) {
        ("it is a command".into(), help)
    } else if requirement.contains("file://") {
        let trouble = "it points to a file on the computer it was frozen on, which the machine does \
                       not have";
        (trouble.into(), plain.into())
    } else if requirement.starts_with("-r") || requirement.starts_with("--requirement") {
        ("the machine does not have that file; write its lines here".into(), plain.into())
    } else if let Some(option) = option {
        let at = requirement.find(option).unwrap_or_default();
        let help = pip_option(&requirement[at..])
            .map(|(key, _)| format!("write `{key}:` beside `pip`, and the address there"));
        (
            format!("`{}` is an option of pip, and none is taken here", word::shorten(option)),
            help.unwrap_or_else(|| plain.into()),
        )
    } else if requirement.len() > 500 || !is_requirement(requirement) {
        let single = requirement.split_once('=').filter(|_| requirement.matches('=').count() == 1);
        let spaced = requirement.split_once(' ').filter(|_| words == 2);
        let pinned = single.or(spaced).map(|(name, version)| (name.trim(), version.trim()));
        let version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let help = match pinned.filter(|(_, text)| version(text)) {
            Some((name, version)) => format!("write `{name}=={version}`"),
            None => several(requirement).unwrap_or_else(|| plain.into()),
        };
        ("it is not a requirement that pip knows".into(), help)
    } else {
        return None;
    };
    Some((trouble, help))
}

/// `name[extra] >= 1.0, < 2 ; marker`, `name @ URL ; marker`, or a URL alone.
fn is_requirement(text: &str) -> bool {
    let (package, marker) = text.split_once(';').unwrap_or((text, "python"));
    let graphic = text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let url = |text: &str| text.contains("://") && !text.trim().contains(' ');
    if !graphic || marker.trim().is_empty() || package.starts_with(' ') {
        return false;
    }
    let name_end = package.find(|c| !is_name(c)).unwrap_or(package.len());
    let (name, rest) = package.split_at(name_end);
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if url(package) && !package.contains(" @") {
        return ends(name.chars().next());
    }
    let rest = rest.trim();
    let (extras, rest) = match rest.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some(parts) => parts,
            None => return false,
        },
        None => ("", rest),
    };
    let rest = rest.trim();
    let inside = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest);
    let extra = |c: char| is_name(c) || c == ' ' || c == ',';
    ends(name.chars().next())
        && ends(name.chars().next_back())
        && extras.chars().all(extra)
        && match inside.strip_prefix('@') {
            Some(rest) => url(rest),
            None => inside.is_empty() || version::python_clauses(inside),
        }
}

fn has_password(url: &str) -> bool {
    let host = url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    host.is_some_and(|host| host.contains('@') && !host.starts_with("git@"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a package, and what to write instead.
    fn said(check: fn(&str, &Path, &mut Report), text: &str) -> Option<String> {
        let mut report = Report::default();
        check(text, &Path::default(), &mut report);
        let said = report.into_iter().next()?;
        Some(format!("{}; {}", said.message, said.help.unwrap_or_default()))
    }

    #[test]
    fn match_specifications_of_conda_are_told_from_other_text() {
        for spec in [
            "flask",
            "flask>=3",
            "numpy=1.26",
            "numpy 1.26",
            "numpy=1.26.4=py312hc5e2394_0",
            "numpy 1.26.4 py312hc5e2394_0",
            "numpy==1.26.4",
            "numpy >=1.2, <2",
            "numpy=1.26.*",
            "numpy>1.8,<2|==1.7",
            "_libgcc_mutex=0.1=main",
            "openssl=1.1.1w",
            "tzdata=2024a=h04d1e81_0",
            "jpeg 9e *_2",
            "python=3.9=*_cpython",
            "conda-forge::numpy",
            "conda-forge/linux-64::numpy=1.26",
            "numpy[version='>=1.2', build=py39*]",
            "ca-certificates",
            "libstdcxx-ng~=12.2",
            "pytorch=2.1=*cuda*",
            "xorg-libx11",
        ] {
            assert_eq!(said(check_match_spec, spec), None);
        }
        for (spec, help) in [
            ("flask numpy", "one package is one item of the list: [flask, numpy]"),
            ("flask, numpy", "[flask, numpy]"),
            ("pip install requests", "write the packages alone, as a list: [requests]"),
            ("conda install -c conda-forge flask", "as a list: [conda-forge, flask]"),
            ("flask --upgrade", "write a name"),
            ("-c conda-forge", "write a name"),
            ("3.9", "write a name"),
            ("numpy>", "write a name"),
            ("numpy=", "write a name"),
            ("한글", "write a name"),
            ("numpy[", "write a name"),
            ("numpy>=1.2 <2", "write a name"),
            ("::numpy", "write a name"),
            ("./local.tar.bz2", "write a name"),
        ] {
            let said = said(check_match_spec, spec).unwrap_or_default();
            assert!(said.ends_with(help) || said.contains(help), "{spec}: {said}");
        }
    }

    #[test]
    fn requirements_of_pip_are_told_from_other_text() {
        for requirement in [
            "flask",
            "flask==3.0.3",
            "flask >= 3, < 4",
            "flask>=3,<4",
            "Flask_WTF.x-y",
            "requests[security,socks]>=2.8.1",
            "requests [security] >= 2.8.1 ; python_version < \"3.8\"",
            "torch==2.1.0+cu121",
            "a===1.0",
            "a~=1.4.2",
            "a!=1.5",
            "a==1.*",
            "a (>=1.0)",
            "pip @ https://github.com/pypa/pip/archive/1.3.1.zip",
            "git+https://github.com/pallets/flask@main",
            "https://example.org/a-1.0-py3-none-any.whl",
            "jupyterlab-language-pack-ko-KR",
        ] {
            assert_eq!(said(check_requirement, requirement), None);
        }
        for (requirement, expected) in [
            ("flask numpy", "[flask, numpy]"),
            ("flask, numpy", "[flask, numpy]"),
            ("pip install requests", "it is a command; write the packages alone"),
            ("flask --upgrade", "`--upgrade` is an option of pip"),
            ("torch==2.1 --index-url https://a.example", "`--index-url` is an option of pip"),
            ("-e .", "`-e` is an option of pip"),
            ("-r requirements.txt", "write its lines here"),
            ("flask=3.0", "write `flask==3.0`"),
            ("flask 3.0", "write `flask==3.0`"),
            ("flask>", "it is not a requirement"),
            ("flask>=", "it is not a requirement"),
            ("flask[", "it is not a requirement"),
            ("flask;", "it is not a requirement"),
            ("flask-", "it is not a requirement"),
            ("./flask", "it is not a requirement"),
            ("flask @ here", "it is not a requirement"),
            ("", "it is not a requirement"),
        ] {
            let said = said(check_requirement, requirement).unwrap_or_default();
            assert!(said.contains(expected), "{requirement}: {said}");
        }
    }

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
