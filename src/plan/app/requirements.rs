//! What an application needs from pip, as far as it can be told here.
//!
//! In: [`Code`]. Out: complaints about a file of requirements that no Linux machine can install. To
//! add a package that is no package there: a line of `ELSEWHERE`.

use super::code::Code;
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::source::Path;

/// The file that pip's users write.
pub(super) const USUAL: &str = "requirements.txt";

/// Packages that only Windows has, or that belong to a distribution and are no package of PyPI or
/// cannot be built without its sources, as `pip freeze` lists them there.
const ELSEWHERE: &[&str] = &[
    "appnope",
    "command-not-found",
    "cloud-init",
    "dbus-python",
    "gyp",
    "menuinst",
    "pkg-resources",
    "pygobject",
    "pyobjc-core",
    "pypiwin32",
    "python-apt",
    "pywin32",
    "pywin32-ctypes",
    "pywinpty",
    "ssh-import-id",
    "systemd-python",
    "tensorflow-intel",
    "tensorflow-macos",
    "ubuntu-advantage-tools",
    "ubuntu-drivers-common",
    "ufw",
    "unattended-upgrades",
    "win-inet-pton",
    "win-unicode-console",
    "wincertstore",
    "windows-curses",
    "xkit",
];

/// What else is to be installed for the releases that a file of requirements names. gunicorn before 21
/// takes `pkg_resources`: <https://setuptools.pypa.io/en/latest/history.html#v82-0-0>.
pub(super) fn companion(code: &Code, named: Option<&str>) -> Option<&'static str> {
    let old = |line: &str| {
        let line = line.trim().to_lowercase();
        ["gunicorn==19.", "gunicorn==20."].iter().any(|release| line.starts_with(release))
    };
    code.text(named.unwrap_or(USUAL))?.lines().any(old).then_some("setuptools<81")
}

/// Builds that are not on PyPI: <https://pytorch.org/get-started/previous-versions/>.
const LOCAL: &[&str] = &["+cu", "+cpu"];

/// So many lines are shown.
const SHOWN: usize = 5;

/// Looks at the file of requirements that will be used.
pub(super) fn check(code: &Code, named: Option<&str>, at: &Path, report: &mut Report) {
    let file = named.unwrap_or(USUAL);
    let at = match named {
        Some(_) => at.key("requirements"),
        None => code.place(at),
    };
    let there = code.paths().any(|path| path == file);
    match (code.text(file), named) {
        (Some(text), _) => check_lines(file, &text, &at, report),
        (None, _) if there => {
            let message = format!("`{file}` is not in UTF-8, and pip cannot read it");
            let help = "save it as UTF-8, or take what is not English out of it";
            report.push(Diagnostic::error("requirements", message).at(&at).help(help));
        }
        (None, Some(_)) => {
            let near = nearest(file, code.paths());
            let help = near.map_or("leave it out to have none".into(), |near| {
                format!("did you mean `{near}`?")
            });
            let message = format!("there is no file `{file}` in the application's folder");
            report.push(Diagnostic::error("requirements", message).at(&at).help(help));
        }
        (None, None) => ask_about_a_likely_name(code, &at, report),
    }
}

/// Is there anything that says what it needs?
pub(super) fn are_declared(code: &Code, named: Option<&str>) -> bool {
    let declared = [named.unwrap_or(USUAL), "setup.py"];
    let project = code.text("pyproject.toml").is_some_and(|text| {
        let head = |line: &str| line.split('#').next().unwrap_or_default().trim().to_owned();
        text.lines().any(|line| ["[project]", "[build-system]"].contains(&head(line).as_str()))
    });
    project || code.paths().any(|path| declared.contains(&path))
}

fn ask_about_a_likely_name(code: &Code, at: &Path, report: &mut Report) {
    let likely = |path: &&str| {
        let name = path.to_lowercase();
        !name.contains('/') && name.starts_with("req") && name.ends_with(".txt")
    };
    let likely: Vec<&str> = code.paths().filter(likely).collect();
    if let (false, [one]) = (are_declared(code, None), &likely[..]) {
        let message = format!("is `{one}` its file of requirements?");
        let help = format!("write app.requirements: {one}; or `none` if it is not");
        report.push(Diagnostic::error("requirements", message).at(at).help(help));
    }
}

/// Files of other tools that say what an application needs, and what to do with them.
/// <https://pipenv.pypa.io/en/latest/cli.html>
const UNREAD: &[(&str, &str)] = &[
    ("Pipfile", "`pipenv requirements >requirements.txt` writes them for pip"),
    ("environment.yml", "name it in `conda.environments`, as `file:`"),
    ("environment.yaml", "name it in `conda.environments`, as `file:`"),
    ("conda.yml", "name it in `conda.environments`, as `file:`"),
];

/// Warns of what nothing installs, where nothing else says what is needed; says whether it does.
pub(super) fn warn_of_unread(code: &Code, at: &Path, report: &mut Report) -> bool {
    let there = |name: &str| code.paths().any(|path| path == name);
    let unread = UNREAD.iter().find(|(name, _)| there(name));
    let Some((file, help)) = unread.filter(|_| !are_declared(code, None)) else { return false };
    let message = format!("the packages in `{file}` are not installed");
    let help = format!("{help}; or name them in `app.packages`");
    report.push(Diagnostic::warning("requirements", message).at(&code.place(at)).help(help));
    true
}

fn check_lines(file: &str, text: &str, at: &Path, report: &mut Report) {
    let indexed = has_index(text);
    let is_wrong = |line: &str| !is_for_linux(line) || is_local(line) && !indexed;
    let wrong: Vec<(usize, &str)> =
        text.lines().enumerate().filter(|(_, line)| is_wrong(line)).collect();
    if wrong.is_empty() {
        return;
    }
    let shown: Vec<String> = wrong
        .iter()
        .take(SHOWN)
        .map(|(i, line)| format!("line {}: {}", i + 1, line.trim()))
        .collect();
    let more = match wrong.len() {
        count if count > SHOWN => format!("; and {} more", count - SHOWN),
        _ => String::new(),
    };
    let message =
        format!("`{file}` cannot be installed on another computer: {}{more}", shown.join("; "));
    let help = "write one with what the code imports, such as `flask`, and no more; or leave it \
                aside: requirements: none, packages: [flask, …]";
    report.push(Diagnostic::error("requirements", message).at(at).help(help));
}

/// Can pip install it on any Linux machine?
fn is_for_linux(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default().trim();
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    if line.contains("file://") || line.contains(":\\") {
        return false;
    }
    if is_of_a_list(line) {
        return false;
    }
    // Behind `;` may stand that it is for Windows only.
    if line.contains(';') {
        return true;
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let name = line[..end.unwrap_or(line.len())].to_lowercase().replace(['_', '.'], "-");
    !ELSEWHERE.contains(&name.as_str())
}

/// Is it a line of `conda list --export` or `pip list`, which have other forms?
fn is_of_a_list(line: &str) -> bool {
    let plain = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "._-+".contains(c))
    };
    let parts: Vec<&str> = line.split('=').collect();
    let of_conda = parts.len() == 3 && parts.iter().all(plain);
    let words: Vec<&str> = line.split_whitespace().collect();
    let of_pip = words.len() == 2
        && words.iter().all(plain)
        && words[1].starts_with(|c: char| c.is_ascii_digit());
    let head = line.starts_with("Package ") || line.starts_with("---");
    head || (of_conda || of_pip) && !line.starts_with('-')
}

/// Is it a build that is not on PyPI?
fn is_local(line: &str) -> bool {
    line.contains("==") && LOCAL.iter().any(|build| line.contains(build))
}

/// Does the file name another index than PyPI?
fn has_index(text: &str) -> bool {
    let options = ["--extra-index-url", "--index-url", "-i ", "--find-links", "-f "];
    text.lines().any(|line| options.iter().any(|option| line.trim_start().starts_with(option)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(files: &[(&str, &str)]) -> Vec<String> {
        let mut report = Report::default();
        warn_of_unread(&Code::of(files), &Path::default(), &mut report);
        report.iter().map(|one| one.message.clone()).collect()
    }

    #[test]
    fn packages_that_another_tool_knows_are_not_installed() {
        assert_eq!(said(&[("Pipfile", "")]), ["the packages in `Pipfile` are not installed"]);
        assert_eq!(said(&[("environment.yml", "")]).len(), 1);
        for declared in [("requirements.txt", ""), ("pyproject.toml", "[project]\n")] {
            assert!(said(&[("Pipfile", ""), declared]).is_empty());
        }
        assert_eq!(said(&[("Pipfile", ""), ("pyproject.toml", "[tool.black]\n")]).len(), 1);
        assert!(said(&[("app.py", "")]).is_empty());
    }

    #[test]
    fn lines() {
        let good = [
            "flask",
            "",
            "# x",
            "pywin32==1; sys_platform == 'win32'",
            "-e .",
            "gunicorn>=20.1",
            "a~=1",
            "-r b.txt",
            "a @ https://b/c",
        ];
        let bad = [
            "flask=2.2.5=py311h06a4308_0",
            "Flask              3.1.0",
            "pkg_resources==0.0.0",
            "anyio @ file:///D:/bld/work/dist",
            "pywin32==306",
            "PyGObject==3.42.1",
            "C:\\x",
        ];
        assert!(good.iter().all(|line| is_for_linux(line)));
        assert!(bad.iter().all(|line| !is_for_linux(line)));
        assert!(is_local("torch==2.3.0+cu121") && !is_local("torch>=2"));
        assert!(has_index("--extra-index-url https://a.example/cpu\ntorch==2.3.0+cpu\n"));
        let old = Code::of(&[("requirements.txt", "flask\ngunicorn==20.0.4\n")]);
        assert_eq!(companion(&old, None), Some("setuptools<81"));
        assert_eq!(companion(&Code::of(&[("requirements.txt", "gunicorn>=20\n")]), None), None);
    }
}
