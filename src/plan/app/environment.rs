//! Where an application runs: its Python, and what pip adds to that.
//!
//! To know another framework: a variant of [`Framework`] with its lines.

use super::code::Code;
use super::{Start, requirements};
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::plan::Conda;
use crate::source::Path;
use crate::spec;

/// What an application is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framework {
    Bottle,
    Dash,
    Django,
    FastApi,
    Flask,
    Gradio,
    Litestar,
    Quart,
    Sanic,
    Starlette,
    Streamlit,
}

/// What these bring along.
const OF_GRADIO: &[&str] = &[
    "gradio",
    "gradio_client",
    "fastapi",
    "starlette",
    "httpx",
    "huggingface_hub",
    "numpy",
    "pandas",
    "PIL",
    "pydantic",
    "yaml",
    "aiofiles",
    "jinja2",
    "markupsafe",
    "orjson",
    "pydub",
    "typer",
];
const OF_STREAMLIT: &[&str] = &[
    "streamlit",
    "altair",
    "blinker",
    "cachetools",
    "click",
    "git",
    "google",
    "jinja2",
    "numpy",
    "packaging",
    "pandas",
    "PIL",
    "pyarrow",
    "pydeck",
    "requests",
    "tenacity",
    "toml",
    "tornado",
    "typing_extensions",
    "watchdog",
];

impl Framework {
    /// The package of pip's that it is.
    fn package(self) -> &'static str {
        match self {
            Framework::Bottle => "bottle",
            Framework::Dash => "dash",
            Framework::Django => "django",
            Framework::FastApi => "fastapi",
            Framework::Flask => "flask",
            Framework::Gradio => "gradio",
            Framework::Litestar => "litestar",
            Framework::Quart => "quart",
            Framework::Sanic => "sanic",
            Framework::Starlette => "starlette",
            Framework::Streamlit => "streamlit",
        }
    }

    /// The modules that it brings along, its own included.
    pub(super) fn brings(self) -> &'static [&'static str] {
        const FLASK: &[&str] =
            &["flask", "werkzeug", "jinja2", "markupsafe", "click", "itsdangerous", "blinker"];
        const ASGI: &[&str] = &["fastapi", "starlette", "pydantic", "anyio", "typing_extensions"];
        match self {
            Framework::Bottle => &["bottle"],
            Framework::Dash => &["dash", "flask", "werkzeug", "plotly", "requests"],
            Framework::Django => &["django", "asgiref", "sqlparse"],
            Framework::FastApi | Framework::Starlette => ASGI,
            Framework::Flask => FLASK,
            Framework::Gradio => OF_GRADIO,
            Framework::Litestar => &["litestar", "msgspec", "httpx", "anyio", "click"],
            Framework::Quart => &["quart", "flask", "werkzeug", "jinja2", "hypercorn", "aiofiles"],
            Framework::Sanic => &["sanic", "httptools", "aiofiles", "websockets"],
            Framework::Streamlit => OF_STREAMLIT,
        }
    }

    /// Is it of WSGI, with which gunicorn alone serves it?
    fn is_wsgi(self) -> bool {
        matches!(self, Framework::Bottle | Framework::Dash | Framework::Django | Framework::Flask)
    }
}

/// Where its Python is, and whether that is to be made for it.
pub(super) fn python(
    app: &spec::App,
    name: &str,
    conda: Option<&Conda>,
    at: &Path,
    report: &mut Report,
) -> Option<(String, bool)> {
    let known: Vec<&str> =
        conda.iter().flat_map(|conda| &conda.environments).map(|one| one.name.as_str()).collect();
    let home = |env: &str| conda.map(|conda| (format!("{}/envs/{env}", conda.prefix), false));
    let (message, help) = match (&app.env, &known[..]) {
        (Some(env), known) if known.contains(&env.as_str()) => return home(env),
        (None, [only]) => return home(only),
        (None, []) => return Some((format!("/opt/venv/{name}"), true)),
        (None, known) => (
            "which environment does the application run in?".to_string(),
            format!("set `app.env` to one of: {}", known.join(", ")),
        ),
        (Some(env), known) => (
            format!("there is no conda environment `{env}`"),
            match nearest(env, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write it below `conda.environments` as well: - name: {env}"),
            },
        ),
    };
    let at = if app.env.is_some() { at.key("env") } else { at.clone() };
    report.push(Diagnostic::error("app-env", message).at(&at).help(help));
    None
}

/// What pip adds: what was asked for, what serves it, and the framework where nothing names it.
pub(super) fn packages(
    app: &spec::App,
    code: Option<&Code>,
    start: &Start,
    framework: Option<Framework>,
) -> Vec<String> {
    let named = app.requirements.as_deref();
    let said = !app.packages.is_empty()
        || code.is_none_or(|code| named != Some("none") && requirements::are_declared(code, named));
    let alone = framework.map(Framework::package).filter(|_| !said);
    let servers: &[&str] = match start {
        Start::Command(_) => &[],
        Start::Module(_) if framework.is_some_and(Framework::is_wsgi) => &["gunicorn"],
        Start::Module(_) => &["gunicorn", "uvicorn-worker", "websockets"],
    };
    let companion = code.and_then(|code| requirements::companion(code, named));
    let servers = servers.iter().copied().chain(companion);
    app.packages
        .iter()
        .map(String::as_str)
        .chain(alone)
        .chain(servers)
        .map(str::to_string)
        .collect()
}
