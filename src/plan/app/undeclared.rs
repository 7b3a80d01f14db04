//! What the code imports, and nothing installs.
//!
//! In: [`Code`] that says nowhere what it needs. Out: a warning with the names. `stdlib.txt` has the
//! modules of Python 3.8 to 3.14 itself: <https://docs.python.org/3/library/sys.html#sys.stdlib_module_names>.

use std::collections::BTreeSet;

use super::code::Code;
use super::environment::Framework;
use super::python::python_files;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

const STDLIB: &str = include_str!("stdlib.txt");

/// What serves an application, which bootseed has installed.
const SERVERS: &[&str] = &["gunicorn", "uvicorn", "uvicorn_worker", "websockets"];

/// So many names are shown.
const SHOWN: usize = 8;

/// Warns of imports that will fail on the machine.
pub(super) fn warn(code: &Code, framework: Option<Framework>, at: &Path, report: &mut Report) {
    let names = missing(code, framework);
    if names.is_empty() {
        return;
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let message =
        format!("nothing says that pip is to install what is imported: {}{more}", shown.join(", "));
    let help = match code.paths().find(|path| is_of_requirements(path)) {
        Some(file) => format!("write app.requirements: {file}, if that is its file"),
        None => {
            "write requirements.txt, as `pip freeze >requirements.txt` does in its environment; or \
                 name the packages in `app.packages`"
                .to_owned()
        }
    };
    report.push(Diagnostic::warning("requirements", message).at(&code.place(at)).help(help));
}

/// A file of requirements that is not where it is looked for.
fn is_of_requirements(path: &str) -> bool {
    let below = path.split_once('/').is_some_and(|(folder, _)| folder == "requirements");
    path.ends_with("requirements.txt") || below && path.ends_with(".txt")
}

/// The modules at the top of a package that are neither Python's, nor the code's own, nor come with
/// the framework.
fn missing(code: &Code, framework: Option<Framework>) -> BTreeSet<String> {
    let own = |path: &str| {
        let path = path.strip_suffix(".py").unwrap_or(path);
        path.split('/').map(str::to_owned).collect::<Vec<_>>()
    };
    let own: BTreeSet<String> = code.paths().flat_map(own).collect();
    let brought = framework.map_or(&[][..], Framework::brings);
    let texts = python_files(code).filter_map(|path| code.text(path));
    let named = texts.flat_map(|text| text.lines().flat_map(imported).collect::<Vec<_>>());
    let known = |name: &str| {
        STDLIB.lines().any(|one| one == name) || brought.contains(&name) || SERVERS.contains(&name)
    };
    named.filter(|name| !known(name) && !own.contains(name)).collect()
}

/// The packages in a line such as `import a.b, c as d` or `from a.b import c`.
fn imported(line: &str) -> Vec<String> {
    let first = |module: &str| {
        let name: String =
            module.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        (!name.is_empty()).then_some(name)
    };
    let code = line.split('#').next().unwrap_or_default();
    // A line of a docstring has other words in it.
    let is_module = |part: &str| {
        let words: Vec<&str> = part.split_whitespace().collect();
        matches!(words[..], [_] | [_, "as", _])
    };
    match (code.strip_prefix("import "), code.strip_prefix("from ")) {
        (Some(modules), _) if modules.split(',').all(is_module) => {
            modules.split(',').filter_map(first).collect()
        }
        (_, Some(rest)) if rest.split_whitespace().nth(1) == Some("import") => {
            first(rest).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_installs_is_named() {
        let app = "import os, json as j\nfrom flask import Flask\nfrom . import x\nimport shop.cart\n\
                   from flask_restx import Api\nimport cv2.aruco as a, PIL\nfrom __future__ import y\n\
                   def f():\n    import later\n'''\nfrom the start\nimport data from there\n'''\n";
        let code = Code::of(&[("app.py", app), ("shop/__init__.py", ""), ("shop/cart.py", "")]);
        let names = missing(&code, Some(Framework::Flask));
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["PIL", "cv2", "flask_restx"]);
        assert!(is_of_requirements("todo/requirements.txt"));
        assert!(is_of_requirements("requirements/base.txt") && !is_of_requirements("a/b.txt"));
    }
}
