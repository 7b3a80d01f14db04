//! The owner's web application, with every choice made.
//!
//! In: `app` of a parameter file, and the folder of the code where it is on this computer. Out: an
//! [`App`], or what is wrong with it.

mod code;
mod database;
mod discover;
mod environment;
#[cfg(not(target_family = "wasm"))]
mod folder;
#[cfg(target_family = "wasm")]
mod no_folder;
mod pack;
mod python;
mod requirements;
mod undeclared;

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Conda, PlannedFile};
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;
use crate::spec::{self, BeforeStart};
use code::Code;
use environment::{Framework, packages};

/// Where the packed code waits on the machine.
pub const PACKED: &str = "/var/lib/bootseed/app.tar.xz";

/// What an application is called whose code is in the parameter file.
const NAME: &str = "site";

/// The account that applications run as.
const USER: &str = "app";

/// Largest request, in bytes: 20 MiB. The web servers' own 1 MB is less than a photo.
const UPLOAD_BYTES: u64 = 20 << 20;

/// Processes and threads that suit 1 GB of memory. One process, as on the owner's computer: what a
/// program keeps in variables, and a key that it makes when it starts, are not the same in two.
const WORKERS: u32 = 1;
const THREADS: u32 = 8;

/// For Flask-SocketIO, which keeps its connections in one process, and each takes a thread.
/// <https://flask-socketio.readthedocs.io/en/latest/deployment.html#gunicorn-web-server>
const OF_SOCKETS: (u32, u32) = (1, 100);

/// The port of an application that is no module.
const PORT: u32 = 8000;

const FILES: &[(&str, &str)] = &[
    ("/etc/systemd/system/app.service", "app/app.service.j2"),
    ("/etc/bootseed/gunicorn.conf.py", "app/gunicorn.conf.py.j2"),
];

/// What `requirements` says where there is to be no file.
const NO_FILE: &str = "none";

/// The application of the machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct App {
    /// What it is called.
    pub name: String,
    /// The folder of its code.
    pub folder: String,
    /// The folder that it runs in: the same, or one in it.
    pub root: String,
    /// Where the code comes from.
    pub source: Source,
    /// The folder of its Python.
    pub python: String,
    /// Is that a virtual environment, which is still to be made?
    pub venv: bool,
    /// Its file of requirements, if it was named; an empty text if there is to be none.
    pub requirements: Option<String>,
    /// What pip adds.
    pub packages: Vec<String>,
    /// What is started.
    pub start: Start,
    /// Lines of bash before it is started with new code, each with whether it may run only once.
    pub before_start: Vec<(String, bool)>,
    /// Variables.
    pub environment: BTreeMap<String, String>,
    /// Variables with random values.
    pub secrets: Vec<String>,
    /// Addresses of folders that the web server serves, with the folders.
    pub statics: Vec<(String, String)>,
    /// Largest request, in bytes.
    pub upload_bytes: u64,
    /// The address that shows whether it works.
    pub health: String,
    /// Processes.
    pub workers: u32,
    /// Threads of each.
    pub threads: u32,
    /// The port that it has, if it is no module.
    pub port: u32,
    /// The account that it runs as.
    pub user: String,
    /// The packed code.
    #[serde(skip)]
    packed: Option<Vec<u8>>,
}

/// Where the code comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The user-data.
    File {
        /// The SHA-256 of the packed code.
        sha256: String,
    },
    /// A Git repository.
    Git {
        /// Its address.
        url: String,
        /// The commit, tag or branch.
        commit: String,
        /// The folder of it that is needed, or an empty text.
        path: String,
    },
    /// An archive.
    Archive {
        /// Its address.
        url: String,
        /// Its SHA-256.
        sha256: String,
    },
}

/// What is started.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// An application for gunicorn.
    Module(String),
    /// A line of bash.
    Command(String),
}

impl Default for Source {
    fn default() -> Source {
        Source::File { sha256: String::new() }
    }
}

impl Default for Start {
    fn default() -> Start {
        Start::Command(String::new())
    }
}

pub(super) fn resolve(
    app: &spec::App,
    conda: Option<&Conda>,
    folder: &FilePath,
    report: &mut Report,
) -> Option<App> {
    let at = Path::default().key("app");
    let code = match &app.from {
        Some(from) => Some(Code::read(&folder.join(from), &app.include, &at, report)?),
        None if !app.code.is_empty() => Some(Code::written(&app.code)),
        None => None,
    };
    if let Some(code) = code.as_ref().filter(|_| app.requirements.as_deref() != Some(NO_FILE)) {
        requirements::check(code, app.requirements.as_deref(), &at, report);
    }
    let name = name(app, &at, report)?;
    let (start, framework) = start(app, code.as_ref(), &at, report)?;
    if let Some(code) = &code {
        warn(app, code, conda.is_some(), (&start, framework), &at, report);
    }
    let (python, venv) = environment::python(app, &name, conda, &at, report)?;
    let packages = packages(app, code.as_ref(), &start, framework);
    let sockets = code.as_ref().is_some_and(|code| python::uses(code, "flask_socketio"));
    let (workers, threads) = if sockets { OF_SOCKETS } else { (WORKERS, THREADS) };
    let release = code.as_ref().and_then(discover::release).filter(|_| app.before_start.is_empty());
    let packed = code.and_then(|code| pack(&code, &at, report));
    let folder = format!("/srv/{name}");
    let root = match path(app) {
        "" => folder.clone(),
        path => format!("{folder}/{path}"),
    };
    let before_start = before_start(app, release);
    let source = source(app, packed.as_deref());
    let own = App {
        name,
        folder,
        root,
        source,
        python,
        venv,
        packages,
        start,
        before_start,
        packed,
        workers,
        threads,
        ..App::default()
    };
    Some(own.with_settings(app))
}

/// What works on the owner's computer, and would not on the machine.
fn warn(
    app: &spec::App,
    code: &Code,
    conda: bool,
    (start, framework): (&Start, Option<Framework>),
    at: &Path,
    report: &mut Report,
) {
    let undeclared = !conda
        && app.packages.is_empty()
        && app.requirements.is_none()
        && !requirements::are_declared(code, None);
    if undeclared && !requirements::warn_of_unread(code, at, report) {
        undeclared::warn(code, framework, at, report);
    }
    if app.before_start.is_empty() && discover::release(code).is_none() {
        database::warn(code, start, at, report);
    }
}

fn bytes(app: &spec::App) -> u64 {
    let given = app.upload_limit.as_deref().and_then(|text| spec::upload_bytes(text).ok());
    given.unwrap_or(UPLOAD_BYTES)
}

fn pack(code: &Code, at: &Path, report: &mut Report) -> Option<Vec<u8>> {
    let packed = code.packed();
    let complain = |error| {
        let message = format!("the folder cannot be packed: {error}");
        let help = "give its files shorter names";
        report.push(Diagnostic::error("app-folder", message).at(&code.place(at)).help(help));
    };
    packed.map_err(complain).ok()
}

fn before_start(app: &spec::App, release: Option<String>) -> Vec<(String, bool)> {
    let own = app.before_start.iter();
    let own = own.map(|one| (one.line().to_string(), matches!(one, BeforeStart::Once(_))));
    own.chain(release.map(|line| (line, false))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The folder of the application in a repository or an archive.
fn path(app: &spec::App) -> &str {
    let git = app.git.as_ref().and_then(|git| git.path.as_deref());
    let archive = app.archive.as_ref().and_then(|archive| archive.path.as_deref());
    git.or(archive).unwrap_or_default().trim_matches('/')
}

fn source(app: &spec::App, packed: Option<&[u8]>) -> Source {
    match (&app.git, &app.archive) {
        (Some(git), _) => Source::Git {
            url: git.url.clone(),
            commit: git.commit.clone().or(git.branch.clone()).unwrap_or_default(),
            path: path(app).to_string(),
        },
        (_, Some(archive)) => Source::Archive {
            url: archive.url.clone(),
            sha256: archive.sha256.to_ascii_lowercase(),
        },
        _ => Source::File { sha256: hex(&Sha256::digest(packed.unwrap_or_default())) },
    }
}

/// The name that was given, or that of the folder, repository or archive.
fn name(app: &spec::App, at: &Path, report: &mut Report) -> Option<String> {
    if let Some(name) = &app.name {
        return Some(name.clone());
    }
    let git = app.git.as_ref().map(|git| git.url.trim_end_matches('/').trim_end_matches(".git"));
    let archive = app.archive.as_ref().map(|archive| archive.url.as_str());
    let place = app.from.as_deref().or(git).or(archive).unwrap_or_default();
    let last = place.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
    let name = last.split(".tar").next().unwrap_or(last);
    let name = name.trim_end_matches(".zip").trim_end_matches(".tgz");
    if spec::is_app_name(name) {
        return Some(name.to_string());
    }
    if app.from.is_none() && !app.code.is_empty() {
        return Some(NAME.to_string());
    }
    let message = "the application has no name of its own that a folder can have";
    let help = "set `app.name`, such as `hello_cju`";
    let at = match (&app.from, &app.git) {
        (Some(_), _) => at.key("from"),
        (_, Some(_)) => at.key("git").key("url"),
        _ => at.key("archive").key("url"),
    };
    report.push(Diagnostic::error("app-name", message).at(&at).help(help));
    None
}

/// What was said, or what is found in the code.
fn start(
    app: &spec::App,
    code: Option<&Code>,
    at: &Path,
    report: &mut Report,
) -> Option<(Start, Option<Framework>)> {
    if let Some(module) = &app.module {
        return Some((Start::Module(module.clone()), None));
    }
    if let Some(command) = &app.command {
        return Some((Start::Command(command.clone()), None));
    }
    let code = code?;
    let mut found = discover::discover(code);
    let (message, help) = match &found[..] {
        [_] => {
            let only = found.remove(0);
            let patched = discover::patched_by(code, &only.file).filter(|_| only.is_module());
            match patched {
                None => return Some((only.start, only.framework)),
                Some((library, file)) => (
                    format!("`{file}` patches Python for {library}, which stops under gunicorn"),
                    format!(
                        "take the call out, as threads serve the application here; or set \
                         `app.command`, such as `python {file}`, of a program that listens at \
                         127.0.0.1 and at the port that the variable PORT says"
                    ),
                ),
            }
        }
        [] => ("no application was found in the code".to_string(), discover::instead(code)),
        all => {
            let named: Vec<String> = all.iter().map(discover::Found::written).collect();
            (
                format!("{} applications were found in the code", all.len()),
                format!("write the one that is meant: {}", named.join("; or ")),
            )
        }
    };
    report.push(Diagnostic::error("app-start", message).at(&code.place(at)).help(help));
    None
}

impl App {
    /// Takes over what is no choice.
    fn with_settings(self, app: &spec::App) -> App {
        let folder = |inner: &str| {
            format!("{}/{}/", self.root, inner.trim_matches('/').trim_start_matches("./"))
        };
        let statics = app.statics.iter().map(|(url, inner)| (url.clone(), folder(inner))).collect();
        let none = |file: &String| if file == NO_FILE { String::new() } else { file.clone() };
        App {
            requirements: app.requirements.as_ref().map(none),
            environment: app.environment.clone(),
            secrets: app.secrets.clone(),
            statics,
            upload_bytes: bytes(app),
            health: app.health.clone().unwrap_or_else(|| "/".into()),
            workers: app.workers.unwrap_or(self.workers),
            threads: app.threads.unwrap_or(self.threads),
            port: PORT,
            user: app.user.clone().unwrap_or_else(|| USER.into()),
            ..self
        }
    }

    /// The file with the packed code, if it travels in the user-data.
    pub(super) fn file(&self) -> Option<PlannedFile> {
        Some(PlannedFile {
            path: PACKED.into(),
            mode: "0600".into(),
            text: STANDARD.encode(self.packed.as_ref()?),
            base64: true,
            origin: "app.from".into(),
        })
    }

    /// Files that are made for it by templates: where they go, and the template.
    pub fn files(&self) -> &'static [(&'static str, &'static str)] {
        match self.start {
            Start::Module(_) => FILES,
            Start::Command(_) => &FILES[..1],
        }
    }
}
