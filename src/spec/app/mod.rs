//! Parameters of the owner's web application: where its code comes from, and how it is run.

mod source;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::packages::check_requirement;
use super::size;
use super::word::{self, Word};
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;
use crate::template::is_noncharacter;

pub use source::{ARCHIVES, Archive, Git};

/// A web application that runs around the clock behind the web server. Its code comes from one of
/// `from`, `code`, `git` and `archive`. On the machine it is the systemd service `app`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct App {
    /// What it is called; its code is in `/srv/NAME`. Default: the name of the folder, the repository
    /// or the archive.
    #[schemars(example = &"hello_cju")]
    pub name: Option<String>,
    /// A folder on this computer, relative to the parameter file, whose files travel in the
    /// user-data. What `.gitignore` names, `.git`, `__pycache__` and virtual environments stay behind.
    pub from: Option<String>,
    /// The application itself, for a small one: its files by their paths, each with its text.
    pub code: BTreeMap<String, String>,
    /// Files of `from` that are taken although they look like secrets or data, such as `.env`.
    pub include: Vec<String>,
    /// A Git repository that the machine fetches it from.
    pub git: Option<Git>,
    /// A .tar or .zip file that the machine downloads.
    pub archive: Option<Archive>,
    /// The conda environment that it runs in. Default: the only one there is; without conda a virtual
    /// environment of the image's Python in `/opt/venv/NAME`.
    pub env: Option<String>,
    /// Its file of requirements for pip, relative to the code. Default: `requirements.txt`, if there
    /// is one, or else what `pyproject.toml` says.
    #[schemars(example = &"requirements.txt")]
    pub requirements: Option<String>,
    /// Packages that pip adds beside those. gunicorn need not be named.
    pub packages: Vec<String>,
    /// The WSGI or ASGI application as gunicorn and uvicorn name it: `MODULE:VARIABLE` or
    /// `MODULE:FUNCTION()`. Default: found in the code of `from`.
    #[schemars(example = &"hello_cju:create_app()")]
    pub module: Option<String>,
    /// A command that serves it at 127.0.0.1 on the port `$PORT`, instead of `module`: a line of bash.
    #[schemars(example = &"streamlit run main.py --server.port $PORT")]
    pub command: Option<String>,
    /// Commands to run before it is started with new code, in its folder, with its environment and as
    /// its user: lines of bash. If one fails, so does the application. `{once: LINE}` is run only once on a
    /// machine. What the first run of them had made when the power was cut is removed, and they run
    /// again.
    pub before_start: Vec<BeforeStart>,
    /// Environment variables. They are no place for a secret: user-data can be read on the machine.
    pub environment: BTreeMap<String, String>,
    /// Environment variables that get a random value on the machine, such as `SECRET_KEY`: made on the
    /// first boot, the same on every later one, another on every machine.
    pub secrets: Vec<String>,
    /// Folders of the code that the web server serves by itself, by their address: `/static/: static`.
    #[serde(rename = "static")]
    pub statics: BTreeMap<String, String>,
    /// Largest request that the web server passes on, such as `512K`, `20M` (the default) or `1G`.
    pub upload_limit: Option<String>,
    /// The address that shows whether it works: any answer below status 500 will do. Default: `/`.
    #[schemars(example = &"/health")]
    pub health: Option<String>,
    /// Processes that gunicorn starts. Default: 1, so that what the program keeps in variables is the
    /// same for all visitors.
    #[schemars(range(min = 1, max = 64))]
    pub workers: Option<u32>,
    /// Threads of each process. Default: 8.
    #[schemars(range(min = 1, max = 256))]
    pub threads: Option<u32>,
    /// The account that it runs as, which owns its code. Default: `app`, an account that can do
    /// nothing else.
    pub user: Option<String>,
}

/// A command of `before_start`: a line of bash.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BeforeStart {
    /// Run again whenever the code changes.
    Always(String),
    /// Run once on a machine.
    Once(Once),
}

/// A command that may run only once.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Once {
    /// The line of bash.
    pub once: String,
}

impl BeforeStart {
    /// The line of bash.
    pub fn line(&self) -> &str {
        match self {
            BeforeStart::Always(line) | BeforeStart::Once(Once { once: line }) => line,
        }
    }
}

/// What names the folder below `/srv`.
const NAME: Word = Word {
    id: "app-name",
    what: "application name",
    max: 60,
    first: |c| c.is_ascii_alphanumeric(),
    rest: |c| c.is_ascii_alphanumeric() || "-_.".contains(c),
    help: "set `app.name`: letters, digits, `-`, `_` and `.`, such as `hello_cju`",
};

/// POSIX's names of variables.
const VARIABLE: Word = Word {
    id: "variable-name",
    what: "variable name",
    max: 200,
    first: |c| c.is_ascii_alphabetic() || c == '_',
    rest: |c| c.is_ascii_alphanumeric() || c == '_',
    help: "use letters, digits and `_`, such as `DATABASE_URL`",
};

/// Can an application be called so?
pub fn is_app_name(name: &str) -> bool {
    NAME.is(name)
}

impl App {
    pub(super) fn check(&self, at: &Path, report: &mut Report) {
        self.check_source(at, report);
        self.check_start(at, report);
        if let Some(name) = &self.name {
            NAME.check(name, &at.key("name"), report);
        }
        if let Some(user) = &self.user {
            word::USER.check(user, &at.key("user"), report);
        }
        for (i, package) in self.packages.iter().enumerate() {
            check_requirement(package, &at.key("packages").index(i), report);
        }
        self.check_variables(at, report);
        self.check_served(at, report);
    }

    fn has_code(&self) -> bool {
        !self.code.is_empty()
    }

    fn check_source(&self, at: &Path, report: &mut Report) {
        let given =
            [self.from.is_some(), self.has_code(), self.git.is_some(), self.archive.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            let message = "the code comes from exactly one of `from`, `code`, `git` and `archive`";
            let help = "write `from: FOLDER` for a folder on this computer; or `code: {app.py: …}` with \
                        the text itself; or `git: {url: …, commit: …}`; or `archive: {url: …, \
                        sha256: …}`";
            report.push(Diagnostic::error("app-source", message).at_key(at).help(help));
        }
        for (i, _) in self.include.iter().enumerate().filter(|_| self.from.is_none()) {
            let message = "there is no folder `from` that it could be in";
            let help = "leave `include` out";
            let at = at.key("include").index(i);
            report.push(Diagnostic::error("app-include", message).at(&at).help(help));
        }
        for path in self.code.keys() {
            self.check_code_path(path, &at.key("code").key(path.clone()), report);
        }
        if let Some(git) = &self.git {
            git.check(&at.key("git"), report);
        }
        if let Some(archive) = &self.archive {
            archive.check(&at.key("archive"), report);
        }
        if let Some(file) = &self.requirements {
            inner_path(file, &at.key("requirements"), report);
        }
    }

    fn check_code_path(&self, path: &str, at: &Path, report: &mut Report) {
        inner_path(path, at, report);
        let below = format!("{path}/");
        let (message, help) = if path.split('/').any(|part| ["", "."].contains(&part)) {
            ("a file cannot be called so", "write its path, such as `templates/index.html`")
        } else if path.len() > 200 || path.split('/').any(|part| part.len() > 90) {
            ("this name is too long", "write a shorter one")
        } else if self.code.keys().any(|other| other.starts_with(&below)) {
            ("another file is below this one, which would have to be a folder", "rename one")
        } else {
            return;
        };
        report.push(Diagnostic::error("app-path", message).at_key(at).help(help));
    }

    fn check_start(&self, at: &Path, report: &mut Report) {
        let (module, command) = (at.key("module"), at.key("command"));
        if let (Some(_), Some(_)) = (&self.module, &self.command) {
            let message = "`module` and `command` contradict each other";
            let help = "keep one of the two";
            report.push(Diagnostic::error("app-start", message).at(&command).help(help));
        }
        if let Some(name) = self.module.as_deref().filter(|name| !is_module(name)) {
            let message = format!("`{}` does not name an application", word::shorten(name));
            let help = "write MODULE:VARIABLE, such as `app:app`, or MODULE:FUNCTION(), such as \
                        `hello_cju:create_app()`, without `.py` and without folders";
            report.push(Diagnostic::error("app-module", message).at(&module).help(help));
        }
        let lines = self.command.iter().map(|line| (&line[..], command.clone()));
        let before = self.before_start.iter().enumerate();
        let before = before.map(|(i, one)| (one.line(), at.key("before_start").index(i)));
        for (line, at) in lines.chain(before) {
            word::no_nul(line, &at, report);
            if line.contains(is_noncharacter) {
                let message =
                    "there is a character in it that is none, and systemd takes it for a mistake";
                let help = "write another one";
                report.push(Diagnostic::error("app-start", message).at(&at).help(help));
            }
        }
        let at_hand = self.from.is_some() || self.has_code();
        if self.module.is_none() && self.command.is_none() && !at_hand {
            let message = "what is to be run? The code is not at hand to look for it";
            let help = "set `app.module`, such as `hello_cju:create_app()`, or `app.command`";
            report.push(Diagnostic::error("app-start", message).at_key(at).help(help));
        }
    }

    fn check_variables(&self, at: &Path, report: &mut Report) {
        for (name, value) in &self.environment {
            let at = at.key("environment").key(name.clone());
            VARIABLE.check(name, &at, report);
            if value.contains(['\0', '\n', '\r']) || value.contains(is_noncharacter) {
                let message = "systemd takes no such character in a variable";
                let help = "write a text on one line";
                report.push(Diagnostic::error("variable-value", message).at(&at).help(help));
            }
            if name == "PORT" {
                let message =
                    "the port is chosen by bootseed: the web server passes requests on to it";
                let help = "leave `PORT` out; for the port of the site set `web.port`";
                report.push(Diagnostic::error("variable-name", message).at(&at).help(help));
            }
        }
        for (i, name) in self.secrets.iter().enumerate() {
            let at = at.key("secrets").index(i);
            VARIABLE.check(name, &at, report);
            if self.environment.contains_key(name) {
                let message = format!("`{name}` stands in `environment`, too");
                let help = "keep one of the two";
                report.push(Diagnostic::error("variable-name", message).at(&at).help(help));
            }
        }
    }

    fn check_served(&self, at: &Path, report: &mut Report) {
        for (url, folder) in &self.statics {
            let at = at.key("static").key(url.clone());
            let whole = url.len() > 1 && url.starts_with('/') && url.ends_with('/');
            if !whole || !is_address(url) {
                let message = format!("`{}` is not the address of a folder", word::shorten(url));
                let help = "write it with a slash on both ends, such as `/static/: hello/static`";
                report.push(Diagnostic::error("app-static", message).at_key(&at).help(help));
            }
            inner_path(folder, &at, report);
        }
        if let Some(health) = self.health.as_deref().filter(|text| !is_address(text)) {
            let message = format!("`{}` is not an address", word::shorten(health));
            let help = "write it from the slash on, such as `/` or `/health`";
            let at = at.key("health");
            report.push(Diagnostic::error("app-health", message).at(&at).help(help));
        }
        if let Some(Err(message)) = self.upload_limit.as_deref().map(upload_bytes) {
            let help = "write a size such as 512K, 20M or 1G";
            let at = at.key("upload_limit");
            report.push(Diagnostic::error("upload-limit", message).at(&at).help(help));
        }
        for (key, number, most) in [("workers", self.workers, 64), ("threads", self.threads, 256)] {
            if number.is_some_and(|number| !(1..=most).contains(&number)) {
                let message = format!("`{key}` is a number from 1 to {most}");
                let help = "leave it out: the default suits a machine with 1 GB of memory";
                report.push(Diagnostic::error("app-size", message).at(&at.key(key)).help(help));
            }
        }
    }
}

/// `MODULE`, `MODULE:NAME` or `MODULE:NAME(ARGUMENTS)`, as gunicorn reads it.
/// <https://gunicorn.org/run/#wsgi_app>
pub fn is_module(text: &str) -> bool {
    let (module, object) = text.split_once(':').unwrap_or((text, "application"));
    let name = object.split('(').next().unwrap_or_default();
    let arguments = &object[name.len()..];
    let call = arguments.is_empty() || arguments.starts_with('(') && arguments.ends_with(')');
    let clean = !arguments.contains(|c: char| c.is_control() || "$%`\\".contains(c));
    let file = module.ends_with(".py") && object == "application";
    is_dotted(module) && is_dotted(name) && call && clean && !file
}

/// Names of Python with dots between them.
fn is_dotted(text: &str) -> bool {
    let name = |name: &str| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    text.split('.').all(name)
}

/// The path of a URL, with what may follow it.
fn is_address(text: &str) -> bool {
    let clean = |c: char| c.is_ascii_alphanumeric() || "/-._~%?=&+,:@".contains(c);
    text.starts_with('/') && !text.contains("..") && text.chars().all(clean)
}

/// Bytes of the largest request.
///
/// # Errors
/// What is wrong with it.
pub fn upload_bytes(text: &str) -> Result<u64, String> {
    match size(text)? {
        0 => Err("nothing could be sent to the application".into()),
        bytes if bytes > 1 << 40 => Err("more than a machine can take".into()),
        bytes => Ok(bytes),
    }
}

/// Reports a path that does not stay within the code.
fn inner_path(text: &str, at: &Path, report: &mut Report) {
    let clean = |c: char| c.is_ascii_alphanumeric() || "-_./+@".contains(c);
    let trouble = if text.starts_with('/') {
        "it is relative to the code: no `/` at its beginning"
    } else if text.split('/').any(|part| part == "..") {
        "it has to stay within the code: no `..`"
    } else if !text.chars().all(clean) {
        "use letters, digits and `-_./+@`"
    } else {
        return;
    };
    let message = format!("`{}` is not a path within the code", word::shorten(text));
    report.push(Diagnostic::error("app-path", message).at(at).help(trouble));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_told_from_files() {
        for good in ["app", "app:app", "hello_cju:create_app()", "a.b:make('x')", "config.wsgi"] {
            assert!(is_module(good), "{good}");
        }
        for bad in ["app.py", "app/main:app", "", ":app", "a:", "a:b(", "a:f($x)", "1a:b", "a b:c"]
        {
            assert!(!is_module(bad), "{bad}");
        }
    }
}
