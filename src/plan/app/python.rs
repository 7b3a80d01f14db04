//! What the files of Python in the code say, as far as it can be told line by line.

use super::code::Code;

/// Is `name` given a value in a line at the top of a module, or imported?
pub(super) fn is_bound(line: &str, name: &str) -> bool {
    let assigned = line.strip_prefix(name).map(str::trim_start);
    let assigned = assigned.is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("=="));
    let names = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "));
    let imported = names.is_some_and(|(_, names)| {
        let names = names.trim_matches(['(', ')']).split(',');
        names.map(|one| one.rsplit(" as ").next().unwrap_or(one).trim()).any(|one| one == name)
    });
    assigned || imported
}

/// The variable of a line such as `app = Flask(__name__)` at the top of a module.
pub(super) fn made_by<'a>(line: &'a str, classes: &[&str]) -> Option<&'a str> {
    let (left, right) = line.split_once('=')?;
    let name = left.split(':').next().unwrap_or(left).trim_end();
    let class = right.trim_start().split('(').next()?;
    let class = class.rsplit('.').next()?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && classes.contains(&class)).then_some(name)
}

/// Does a file of Python import a package?
pub(super) fn imports(text: &str, package: &str) -> bool {
    let named = |line: &str| {
        let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("from "));
        rest.and_then(|rest| rest.trim_start().strip_prefix(package))
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    text.lines().any(named)
}

/// Does any of the code import Flask, or a package that is made for it?
pub(super) fn uses_flask(code: &Code) -> bool {
    let imports = |text: &str| {
        text.lines().any(|line| line.starts_with("from flask") || line.starts_with("import flask"))
    };
    python_files(code).any(|path| code.text(path).is_some_and(|text| imports(&text)))
}

/// Does any of the code import a package?
pub(super) fn uses(code: &Code, package: &str) -> bool {
    python_files(code).any(|path| code.text(path).is_some_and(|text| imports(&text, package)))
}

/// The modules and packages at the top, which can be imported from there; and those in `src` that
/// pip makes importable.
pub(super) fn top_files(code: &Code) -> impl Iterator<Item = &str> {
    let installed = code.paths().any(|path| path == "pyproject.toml");
    python_files(code).filter(move |path| {
        let below = path.strip_prefix("src/").filter(|_| installed).unwrap_or(path);
        !below.strip_suffix("/__init__.py").unwrap_or(below).contains('/')
    })
}

/// Python files of an application; tests are not it.
pub(super) fn python_files(code: &Code) -> impl Iterator<Item = &str> {
    let tests = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.starts_with("test_") || name == "conftest.py" || path.split('/').any(|p| p == "tests")
    };
    code.paths().filter(move |path| path.ends_with(".py") && !tests(path))
}

/// Does Python import this file under its name? A package comes before a module.
pub(super) fn can_be_imported(code: &Code, path: &str) -> bool {
    let module = path.strip_suffix(".py").unwrap_or(path);
    let package = format!("{module}/__init__.py");
    !module.contains('.') && code.paths().all(|other| other != package)
}

/// Does it start a server of its own while it is imported, so that the import never ends?
pub(super) fn runs_itself(text: &str, name: &str) -> bool {
    let starts =
        [format!("{name}.run("), "run(".into(), "bottle.run(".into(), "uvicorn.run(".into()];
    text.lines().any(|line| starts.iter().any(|start| line.starts_with(start)))
}
