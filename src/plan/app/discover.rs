//! How an application is started, found in its code.
//!
//! In: [`Code`]. Out: every [`Start`] that the first rule with an answer finds. To add a rule: a
//! function and its line in `RULES`, in the order in which they are asked.

use std::collections::BTreeSet;

use super::Start;
use super::code::Code;
use super::environment::Framework;
use crate::spec::is_module;

/// What a rule finds, with what is to be run before.
pub(super) struct Found {
    pub(super) start: Start,
    pub(super) framework: Option<Framework>,
    /// Where it was found.
    pub(super) file: String,
}

impl Found {
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
        return format!("name the folder that it is in: there is one in `{folder}`");
    }
    let itself = |path: &&str| code.text(path).is_some_and(|text| runs_itself(&text, "app"));
    if let Some(file) = top_files(code).find(itself) {
        return format!(
            "in `{file}` put what starts its server below `if __name__ == \"__main__\":`, so that it \
             can be imported; or set `app.command` of a program that listens at $PORT"
        );
    }
    if code.paths().any(|path| path == "index.html") {
        return "for pages alone leave `app` out, and write `web.index` or, for each file, an item of \
                `files` below /var/www/html"
            .into();
    }
    if code.paths().any(|path| path == "package.json") {
        return "for Node.js write `packages: [nodejs, npm]`, `app.before_start: [npm ci]` and \
                `app.command: npm start`; it has to listen at $PORT"
            .into();
    }
    "set `app.module`, such as `hello_cju:create_app()`, or `app.command` of a program that listens at \
     $PORT; or look whether it is all of the code"
        .into()
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
    let elsewhere = |word: &String| word.starts_with("--chdir") || word.starts_with("--app-dir");
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
    top_files(code).filter_map(|path| asgi_file(code, path)).collect()
}

fn asgi_file(code: &Code, path: &str) -> Option<Found> {
    let text = code.text(path)?;
    let made = |line| ASGI.iter().find_map(|(class, of)| Some((made_by(line, &[class])?, *of)));
    let (name, framework) = text.lines().find_map(made)?;
    (!runs_itself(&text, name)).then(|| found(path, name, framework))
}

/// Does it start a server of its own while it is imported, so that the import never ends?
fn runs_itself(text: &str, name: &str) -> bool {
    let starts =
        [format!("{name}.run("), "run(".into(), "bottle.run(".into(), "uvicorn.run(".into()];
    text.lines().any(|line| starts.iter().any(|start| line.starts_with(start)))
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
    if let Some(found) = flask_env(code) {
        return vec![found];
    }
    for file in ["wsgi.py", "app.py", "run.py", "main.py"] {
        if let Some(found) = flask_file(code, file) {
            return vec![found];
        }
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
        let start = Start::Module(format!("{module}:{object}"));
        return Some(Found { start, framework: Some(Framework::Flask), file: ".flaskenv".into() });
    }
    let path = module.replace('.', "/");
    let files = [format!("{path}.py"), format!("{path}/__init__.py")];
    files.iter().find_map(|file| flask_file(code, file))
}

/// The application in a file: a variable, or a function that makes it.
fn flask_file(code: &Code, path: &str) -> Option<Found> {
    let text = code.text(path)?;
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
    Some(found(path, &name, Framework::Flask))
}

/// Is `name` given a value in a line at the top of a module, or imported?
fn is_bound(line: &str, name: &str) -> bool {
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
fn made_by<'a>(line: &'a str, classes: &[&str]) -> Option<&'a str> {
    let (left, right) = line.split_once('=')?;
    let name = left.split(':').next().unwrap_or(left).trim_end();
    let class = right.trim_start().split('(').next()?;
    let class = class.rsplit('.').next()?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && classes.contains(&class)).then_some(name)
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

/// Does a file of Python import a package?
fn imports(text: &str, package: &str) -> bool {
    let named = |line: &str| {
        let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("from "));
        rest.and_then(|rest| rest.trim_start().strip_prefix(package))
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    text.lines().any(named)
}

/// Does any of the code import a package?
pub(super) fn uses(code: &Code, package: &str) -> bool {
    python_files(code).any(|path| code.text(path).is_some_and(|text| imports(&text, package)))
}

/// The modules and packages at the top, which can be imported from there; and those in `src` that
/// pip makes importable.
fn top_files(code: &Code) -> impl Iterator<Item = &str> {
    let installed = code.paths().any(|path| path == "pyproject.toml");
    python_files(code).filter(move |path| {
        let below = path.strip_prefix("src/").filter(|_| installed).unwrap_or(path);
        !below.strip_suffix("/__init__.py").unwrap_or(below).contains('/')
    })
}

/// Python files of an application; tests are not it.
fn python_files(code: &Code) -> impl Iterator<Item = &str> {
    let tests = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.starts_with("test_") || name == "conftest.py" || path.split('/').any(|p| p == "tests")
    };
    code.paths().filter(move |path| path.ends_with(".py") && !tests(path))
}

#[cfg(test)]
mod tests;
