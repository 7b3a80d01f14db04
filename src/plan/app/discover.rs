//! How an application is started, found in its code.
//!
//! In: [`Code`]. Out: every [`Start`] that the first rule with an answer finds. To add a rule: a
//! function and its line in `RULES`, in the order in which they are asked.

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

const RULES: &[Rule] = &[procfile, django, asgi, flask, streamlit];

/// What the first rule with an answer finds.
pub(super) fn discover(code: &Code) -> Vec<Found> {
    RULES.iter().map(|rule| rule(code)).find(|found| !found.is_empty()).unwrap_or_default()
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

const ASGI: &[&str] = &["FastAPI", "Starlette", "Litestar", "Quart"];

fn asgi(code: &Code) -> Vec<Found> {
    let one = |path: &&str| {
        let text = code.text(path)?;
        let name = text.lines().find_map(|line| made_by(line, ASGI))?;
        Some(found(path, name, Framework::Asgi))
    };
    ASGI_FILES.iter().find_map(one).into_iter().collect()
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
    let top = |path: &&str| match path.strip_suffix("/__init__.py") {
        Some(package) => !package.contains('/'),
        None => !path.contains('/'),
    };
    python_files(code).filter(top).filter_map(|path| flask_file(code, path)).collect()
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
    let imports = |text: &str| {
        text.lines()
            .any(|line| line.starts_with("import streamlit") || line.starts_with("from streamlit"))
    };
    let top = python_files(code).filter(|path| !path.contains('/'));
    let all = top.filter(|path| code.text(path).is_some_and(|text| imports(&text)));
    all.map(|path| Found {
        start: Start::Command(format!(
            "streamlit run {} --server.port $PORT --server.address 127.0.0.1 \
             --server.headless true --browser.gatherUsageStats false",
            shlex::try_quote(path).unwrap_or(path.into())
        )),
        framework: Some(Framework::Streamlit),
        file: path.to_string(),
    })
    .collect()
}

fn found(path: &str, name: &str, framework: Framework) -> Found {
    let module = path.trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".");
    let start = Start::Module(format!("{module}:{name}"));
    Found { start, framework: Some(framework), file: path.to_string() }
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
mod tests {
    use super::*;

    /// What is found in these files, as a parameter file says it.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let code = Code::of(files);
        discover(&code).iter().map(|found| found.written().replace(" (", "; ")).collect()
    }

    const FACTORY: &str = "from flask import Flask\n\ndef create_app(config=None):\n    pass\n";

    /// The layouts of applications that are taught with, and what starts each.
    #[test]
    fn each_layout_has_its_command() {
        let object = "from flask import Flask\napp = Flask(__name__)\n";
        let settings = "WSGI_APPLICATION = 'locallibrary.wsgi.application'\n";
        let run = "from blog import create_app\n\napp = create_app()\n";
        let fastapi = "import fastapi\nsite: fastapi.FastAPI = fastapi.FastAPI(title='x')\n";
        for (files, expected) in [
            (&[("app.py", object)][..], "module: app:app"),
            (
                &[("hello_cju/__init__.py", FACTORY), ("config.py", "")],
                "module: hello_cju:create_app()",
            ),
            (&[("run.py", run), ("blog/__init__.py", FACTORY)], "module: run:app"),
            (
                &[("wsgi.py", "from site_app import app\n"), ("site_app.py", object)],
                "module: wsgi:app",
            ),
            (
                &[("manage.py", ""), ("a/settings.py", settings)],
                "module: locallibrary.wsgi:application",
            ),
            (&[("main.py", fastapi), ("app.py", object)], "module: main:site"),
            (&[("app/main.py", "app = FastAPI()\n")], "module: app.main:app"),
            (
                &[("microblog.py", run), (".flaskenv", "FLASK_APP=microblog.py\n")],
                "module: microblog:app",
            ),
            (&[("Procfile", "web: gunicorn -w 4 'a:make()' --log-file -\n")], "module: a:make()"),
            (
                &[("Procfile", "release: x\nweb: flask db upgrade && gunicorn a:b\n")],
                "command: flask db upgrade && gunicorn a:b",
            ),
            (
                &[("tests/app.py", object), ("conftest.py", object), ("serve.py", object)],
                "module: serve:app",
            ),
        ] {
            let all = found(files);
            assert_eq!(all.len(), 1, "{files:?}: {all:?}");
            assert_eq!(all[0].split(';').next(), Some(expected), "{files:?}");
        }
    }

    #[test]
    fn streamlit_is_told_its_port() {
        let all = found(&[("my page.py", "import streamlit as st\nst.write(1)\n")]);
        assert!(all[0].starts_with("command: streamlit run 'my page.py' --server.port $PORT"));
    }

    #[test]
    fn nothing_is_found_in_what_is_no_application() {
        assert!(found(&[("a.py", "print(1)\n"), ("README.md", "flask\n")]).is_empty());
        let two = found(&[("a/__init__.py", FACTORY), ("b/__init__.py", FACTORY)]);
        assert_eq!(two.len(), 2);
    }
}
