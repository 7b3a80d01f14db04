//! How an application is started, found in its code.
//!
//! In: [`Code`]. Out: every [`Start`] that the first rule with an answer finds. To add a rule: a
//! function and its line in `RULES`, in the order in which they are asked.

use std::collections::BTreeSet;

use super::code::Code;
use super::environment::Framework;
use super::python::{
    can_be_imported, imports, is_bound, made_by, python_files, runs_itself, top_files, uses,
    uses_flask,
};
use super::{Start, requirements};
use crate::spec::is_module;

/// What a rule finds, with what is to be run before.
pub(super) struct Found {
    pub(super) start: Start,
    pub(super) framework: Option<Framework>,
    /// Where it was found.
    pub(super) file: String,
}

impl Found {
    /// Is it served by gunicorn?
    pub(super) fn is_module(&self) -> bool {
        matches!(self.start, Start::Module(_))
    }

    /// As a parameter file says it.
    pub(super) fn written(&self) -> String {
        match &self.start {
            Start::Module(module) => format!("module: {module} ({})", self.file),
            Start::Command(command) => format!("command: {command} ({})", self.file),
        }
    }
}

type Rule = fn(&Code) -> Vec<Found>;

const RULES: &[Rule] = &[procfile, django, asgi, dash, flask, bottle, streamlit, gradio];

/// What the first rule with an answer finds.
pub(super) fn discover(code: &Code) -> Vec<Found> {
    RULES.iter().map(|rule| rule(code)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// What to do where nothing is found: it may be in a folder, or be no program.
pub(super) fn instead(code: &Code) -> String {
    let folders = code.paths().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at]));
    let folders: BTreeSet<&str> =
        folders.filter(|folder| folder.matches('/').count() < 2).collect();
    let has_one = |folder: &&&str| !discover(&code.within(folder)).is_empty();
    if let Some(folder) = folders.iter().find(has_one) {
        return in_folder(code, folder);
    }
    let itself = |path: &&str| code.text(path).is_some_and(|text| runs_itself(&text, "app"));
    if let Some(file) = top_files(code).find(itself) {
        return format!(
            "in `{file}` put what starts its server below `if __name__ == \"__main__\":`, so that it \
             can be imported; or set `app.command` of a program that listens at $PORT"
        );
    }
    let pages = code.paths().any(|path| path == "index.html");
    let package = serves_itself(code).filter(|package| !(pages && *package == "http.server"));
    if let Some(package) = package {
        return format!(
            "{package} has a server of its own: set `app.command`, such as `python main.py`; it has to \
             listen at 127.0.0.1 and at the port that the variable PORT says"
        );
    }
    if code.paths().any(|path| path == "package.json") {
        return "for Node.js write `packages: [nodejs, npm]`, `app.before_start: [npm install]` and \
                `app.command: npm start`; it has to listen at $PORT"
            .into();
    }
    if pages {
        return "for pages alone leave `app` out, and write `web.index` or, for each file, an item of \
                `files` below /var/www/html"
            .into();
    }
    "set `app.module`, such as `hello_cju:create_app()`, or `app.command` of a program that listens at \
     $PORT; or look whether it is all of the code"
        .into()
}

/// What to write for an application in a folder; its packages may be named above that.
fn in_folder(code: &Code, folder: &str) -> String {
    let inside = code.within(folder);
    let there = |code: &Code| code.paths().any(|path| path == requirements::USUAL);
    let module = match discover(&inside).into_iter().next().map(|found| found.start) {
        Some(Start::Module(module)) if there(code) && !there(&inside) => module,
        _ => return format!("name the folder that it is in: there is one in `{folder}`"),
    };
    format!(
        "there is one in `{folder}`: write `app.module: {module}`, and for its imports \
         `app.environment: {{PYTHONPATH: {folder}}}`"
    )
}

/// The command behind `release:` in a Procfile, which Heroku runs before it starts new code.
/// <https://devcenter.heroku.com/articles/release-phase>
pub(super) fn release(code: &Code) -> Option<String> {
    process(code, "release")
}

/// A line of a Procfile: <https://devcenter.heroku.com/articles/procfile>
fn process(code: &Code, name: &str) -> Option<String> {
    let text = code.text("Procfile")?;
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let mut found = lines.filter(|(key, _)| key.trim() == name);
    found.next().map(|(_, command)| command.trim().to_string())
}

fn procfile(code: &Code) -> Vec<Found> {
    let Some(line) = process(code, "web").filter(|line| !line.is_empty()) else {
        return Vec::new();
    };
    let start = module_of(&line).map_or(Start::Command(line), Start::Module);
    vec![Found { start, framework: None, file: "Procfile".into() }]
}

/// The application in a command line of gunicorn or uvicorn: they are configured by bootseed.
fn module_of(line: &str) -> Option<String> {
    let words = shlex::split(line)?;
    let server = words.iter().position(|word| {
        let program = word.rsplit('/').next().unwrap_or(word);
        ["gunicorn", "uvicorn"].contains(&program)
    })?;
    let options = ["--chdir", "--app-dir", "--pythonpath"];
    let elsewhere = |word: &String| options.iter().any(|option| word.starts_with(option));
    let pipeline = |word: &String| ["|", "&&", ";", "||"].contains(&word.as_str());
    if words.iter().any(|word| elsewhere(word) || pipeline(word)) {
        return None;
    }
    let is_app = |word: &&String| is_module(word) && word.contains([':', '.']);
    let mut named = words[server + 1..].iter().filter(is_app);
    let module = named.next().cloned();
    module.filter(|_| named.next().is_none())
}

/// <https://docs.djangoproject.com/en/stable/ref/settings/#wsgi-application>
fn django(code: &Code) -> Vec<Found> {
    if code.paths().all(|path| path != "manage.py") {
        return Vec::new();
    }
    let mut all: Vec<Found> = Vec::new();
    for path in python_files(code) {
        let text = code.text(path).unwrap_or_default();
        let named = text.lines().filter_map(|line| line.strip_prefix("WSGI_APPLICATION"));
        let quoted = named.filter_map(|rest| rest.split(['"', '\'']).nth(1));
        for dotted in quoted {
            let Some((module, name)) = dotted.rsplit_once('.') else { continue };
            let start = Start::Module(format!("{module}:{name}"));
            if all.iter().all(|found| found.start != start) {
                let file = path.to_string();
                all.push(Found { start, framework: Some(Framework::Django), file });
            }
        }
    }
    all
}

/// In the order in which FastAPI's own command looks:
/// <https://fastapi.tiangolo.com/fastapi-cli/>
const ASGI_FILES: &[&str] = &[
    "main.py",
    "app.py",
    "api.py",
    "app/main.py",
    "app/app.py",
    "app/api.py",
    "app/__init__.py",
    "src/main.py",
];

/// Classes of applications, with their frameworks.
const ASGI: &[(&str, Framework)] = &[
    ("FastAPI", Framework::FastApi),
    ("Starlette", Framework::Starlette),
    ("Litestar", Framework::Litestar),
    ("Quart", Framework::Quart),
    ("Sanic", Framework::Sanic),
];

fn asgi(code: &Code) -> Vec<Found> {
    if let Some(first) = ASGI_FILES.iter().find_map(|path| asgi_file(code, path)) {
        return vec![first];
    }
    let all: Vec<Found> = top_files(code).filter_map(|path| asgi_file(code, path)).collect();
    let Some(framework) = asgi_of(code).filter(|_| all.is_empty()) else { return all };
    // A function makes it, in a file that is not looked for.
    let bound = ASGI_FILES.iter().find_map(|path| asgi_bound(code, path, framework));
    bound.into_iter().collect()
}

fn asgi_bound(code: &Code, path: &str, framework: Framework) -> Option<Found> {
    let text = code.text(path)?;
    let mut names = ["app", "application"].into_iter();
    let name = names.find(|name| text.lines().any(|line| is_bound(line, name)))?;
    (!runs_itself(&text, name)).then(|| found(path, name, framework))
}

fn asgi_file(code: &Code, path: &str) -> Option<Found> {
    let text = code.text(path)?;
    let made = |line| ASGI.iter().find_map(|(class, of)| Some((made_by(line, &[class])?, *of)));
    let (name, framework) = text.lines().find_map(made)?;
    (!runs_itself(&text, name)).then(|| found(path, name, framework))
}

/// The framework of code that uses one of ASGI, and not Flask.
fn asgi_of(code: &Code) -> Option<Framework> {
    let mut known = ASGI.iter().filter(|(class, _)| uses(code, &class.to_lowercase()));
    known.next().map(|(_, framework)| *framework).filter(|_| !uses_flask(code))
}

/// What Dash names for a server: <https://dash.plotly.com/deployment>
fn dash(code: &Code) -> Vec<Found> {
    let of_dash = |path: &&str| {
        let text = code.text(path).unwrap_or_default();
        imports(&text, "dash") && text.lines().any(|line| is_bound(line, "server"))
    };
    top_files(code).filter(of_dash).map(|path| found(path, "server", Framework::Dash)).collect()
}

/// As Flask's own command looks, and in `run.py` and `main.py`, and in packages:
/// <https://flask.palletsprojects.com/en/stable/cli/#application-discovery>
fn flask(code: &Code) -> Vec<Found> {
    if serves_itself(code).is_some() {
        return Vec::new();
    }
    if let Some(found) = flask_env(code) {
        return vec![found];
    }
    let usual = ["wsgi.py", "app.py", "run.py", "main.py"].into_iter();
    if let Some(found) = usual.filter_map(|file| flask_file(code, file)).next() {
        return vec![found];
    }
    top_files(code).filter_map(|path| flask_file(code, path)).collect()
}

/// An object that gunicorn can serve: <https://bottlepy.org/docs/stable/deployment.html>
fn bottle(code: &Code) -> Vec<Found> {
    let made = |path: &str| {
        let text = code.text(path).filter(|text| imports(text, "bottle"))?;
        let name = text.lines().find_map(|line| made_by(line, &["Bottle", "default_app"]))?;
        (!runs_itself(&text, name)).then(|| found(path, name, Framework::Bottle))
    };
    top_files(code).filter_map(made).collect()
}

/// `FLASK_APP` in `.flaskenv`.
fn flask_env(code: &Code) -> Option<Found> {
    let text = code.text(".flaskenv")?;
    let value = text.lines().find_map(|line| {
        line.trim_start_matches("export ").strip_prefix("FLASK_APP=").map(str::trim)
    })?;
    let value = value.trim_matches(['"', '\'']);
    let (file, object) = value.split_once(':').map_or((value, None), |(a, b)| (a, Some(b)));
    let module = file.trim_end_matches(".py").replace('/', ".");
    if let Some(object) = object {
        // Flask calls what is a function.
        let text = [format!("{}.py", module.replace('.', "/")), format!("{module}/__init__.py")];
        let text = text.iter().find_map(|path| code.text(path)).unwrap_or_default();
        let is_function = text.lines().any(|line| line.starts_with(&format!("def {object}(")));
        let call = if is_function { "()" } else { "" };
        let start = Start::Module(format!("{module}:{object}{call}"));
        return Some(Found { start, framework: Some(Framework::Flask), file: ".flaskenv".into() });
    }
    let path = module.replace('.', "/");
    let files = [format!("{path}.py"), format!("{path}/__init__.py")];
    files.iter().find_map(|file| flask_file(code, file))
}

/// The application in a file: a variable, or a function that makes it.
fn flask_file(code: &Code, path: &str) -> Option<Found> {
    let text = code.text(path).filter(|_| can_be_imported(code, path))?;
    let lines = || text.lines();
    let named = ["app", "application"];
    let object = lines()
        .find_map(|line| made_by(line, &["Flask"]))
        .or_else(|| lines().find_map(|line| named.into_iter().find(|name| is_bound(line, name))));
    let factory = || {
        let made = |line: &str, name: &str| line.starts_with(&format!("def {name}("));
        let names = ["create_app", "make_app"];
        let name = names.into_iter().find(|name| lines().any(|line| made(line, name)))?;
        Some(format!("{name}()"))
    };
    let flask =
        text.contains("flask") || text.contains("create_app") || text.contains("import app");
    let name = object.map(str::to_string).filter(|_| flask).or_else(factory)?;
    Some(found(path, &name, asgi_of(code).unwrap_or(Framework::Flask)))
}

/// Frameworks with servers of their own, which gunicorn's workers do not serve.
const OWN_SERVERS: &[&str] = &["tornado", "aiohttp", "cherrypy", "http.server"];

/// The one that the code uses, unless it uses Flask as well.
fn serves_itself(code: &Code) -> Option<&'static str> {
    let mut known = OWN_SERVERS.iter().filter(|package| uses(code, package));
    known.next().copied().filter(|_| !uses_flask(code) && asgi_of(code).is_none())
}

/// Calls that make waiting in one thread something else, which gunicorn's threads do not bear.
const PATCHES: &[(&str, &str)] = &[("eventlet", "monkey_patch"), ("gevent", "patch_all")];

/// The library whose call there is in what is imported for an application: its file, or a package.
pub(super) fn patched_by<'a>(code: &'a Code, file: &str) -> Option<(&'static str, &'a str)> {
    PATCHES.iter().find_map(|(library, name)| {
        let calls = |line: &str| {
            let called = line.trim().split('(').next().unwrap_or_default();
            called.ends_with(name) && !called.contains([' ', '#'])
        };
        let has = |path: &&str| {
            let text = code.text(path).unwrap_or_default();
            let imported = *path == file || path.ends_with("/__init__.py");
            imported && imports(&text, library) && text.lines().any(calls)
        };
        Some((*library, python_files(code).find(has)?))
    })
}

/// <https://docs.streamlit.io/develop/api-reference/cli/run>
fn streamlit(code: &Code) -> Vec<Found> {
    let command = |file: &str| {
        format!(
            "streamlit run {file} --server.port $PORT --server.address 127.0.0.1 \
             --server.headless true --browser.gatherUsageStats false"
        )
    };
    programs(code, Framework::Streamlit, |text| imports(text, "streamlit"), command)
}

/// <https://www.gradio.app/guides/environment-variables>
fn gradio(code: &Code) -> Vec<Found> {
    let command =
        |file: &str| format!("GRADIO_SERVER_NAME=127.0.0.1 GRADIO_SERVER_PORT=$PORT python {file}");
    let launched = |text: &str| {
        imports(text, "gradio") && text.contains(".launch(") && !text.contains("server_port")
    };
    programs(code, Framework::Gradio, launched, command)
}

/// The files at the top that are programs of a framework, each started by its command.
fn programs(
    code: &Code,
    framework: Framework,
    is_one: impl Fn(&str) -> bool,
    command: impl Fn(&str) -> String,
) -> Vec<Found> {
    let top = python_files(code).filter(|path| !path.contains('/'));
    let all = top.filter(|path| code.text(path).is_some_and(|text| is_one(&text)));
    all.map(|path| Found {
        start: Start::Command(command(&shlex::try_quote(path).unwrap_or(path.into()))),
        framework: Some(framework),
        file: path.to_string(),
    })
    .collect()
}

fn found(path: &str, name: &str, framework: Framework) -> Found {
    let module = path.trim_end_matches(".py").trim_end_matches("/__init__");
    let module = match module.strip_prefix("src/") {
        Some(inner) if path.ends_with("/__init__.py") => inner,
        _ => module,
    };
    let start = Start::Module(format!("{}:{name}", module.replace('/', ".")));
    Found { start, framework: Some(framework), file: path.to_string() }
}

#[cfg(test)]
mod tests;
