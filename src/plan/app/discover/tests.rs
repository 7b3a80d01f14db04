//! Layouts of applications, and what is found in them.

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
        (&[("wsgi.py", "from site_app import app\n"), ("site_app.py", object)], "module: wsgi:app"),
        (
            &[("manage.py", ""), ("a/settings.py", settings)],
            "module: locallibrary.wsgi:application",
        ),
        (&[("main.py", fastapi), ("app.py", object)], "module: main:site"),
        (&[("app/main.py", "app = FastAPI()\n")], "module: app.main:app"),
        (&[("server.py", fastapi), ("README.md", "")], "module: server:site"),
        (
            &[("app.py", "import dash\napp = dash.Dash()\nserver = app.server\n")],
            "module: app:server",
        ),
        (&[("main.py", "import bottle\napp = bottle.Bottle()\n")], "module: main:app"),
        (&[("server.py", "from sanic import Sanic\napp = Sanic('a')\n")], "module: server:app"),
        (&[("pyproject.toml", ""), ("src/shop/__init__.py", FACTORY)], "module: shop:create_app()"),
    ] {
        is_found(files, expected);
    }
}

/// One is found, as a parameter file says it.
fn is_found(files: &[(&str, &str)], expected: &str) {
    let all = found(files);
    assert_eq!(all.len(), 1, "{files:?}: {all:?}");
    assert_eq!(all[0].split(';').next(), Some(expected), "{files:?}");
}

#[test]
fn what_says_how_it_is_started_comes_first() {
    let object = "from flask import Flask\napp = Flask(__name__)\n";
    let run = "from blog import create_app\n\napp = create_app()\n";
    for (files, expected) in [
        (
            &[("microblog.py", run), (".flaskenv", "FLASK_APP=microblog.py\n")][..],
            "module: microblog:app",
        ),
        (&[("app.py", run), ("app/__init__.py", FACTORY)], "module: app:create_app()"),
        (
            &[
                ("app.py", "from flask import Flask\ndef make():\n    return 1\n"),
                (".flaskenv", "FLASK_APP=app:make\n"),
            ],
            "module: app:make()",
        ),
        (
            &[("Procfile", "web: gunicorn --pythonpath mysite mysite.wsgi\n")],
            "command: gunicorn --pythonpath mysite mysite.wsgi",
        ),
        (
            &[
                ("app/main.py", "from app.make import create_app\napp = create_app()\n"),
                ("app/make.py", "import fastapi\n"),
            ],
            "module: app.main:app",
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
        is_found(files, expected);
    }
}

#[test]
fn programs_are_told_their_port() {
    let streamlit = found(&[("my page.py", "import streamlit as st\nst.write(1)\n")]);
    assert!(streamlit[0].starts_with("command: streamlit run 'my page.py' --server.port $PORT"));
    let text = "import gradio as gr\ngr.Interface(str, 'text', 'text').launch()\n";
    let gradio = found(&[("demo.py", text)]);
    assert!(gradio[0].contains("GRADIO_SERVER_PORT=$PORT python demo.py"), "{gradio:?}");
    let own = text.replace("launch()", "launch(server_port=7860)");
    assert!(found(&[("demo.py", &own)]).is_empty());
}

#[test]
fn where_nothing_is_found_something_else_is_said() {
    let object = "from flask import Flask\napp = Flask(__name__)\n";
    for (files, expected) in [
        (&[("README.md", ""), ("web/backend/app.py", object)][..], "in `web/backend`"),
        (
            &[("requirements.txt", ""), ("src/app.py", object)],
            "write `app.module: app:app`, and for its imports `app.environment: {PYTHONPATH: src}`",
        ),
        (&[("index.html", ""), ("a.css", "")], "for pages alone"),
        (
            &[("main.py", "from bottle import Bottle, run\napp = Bottle()\nrun(app, port=8080)\n")],
            "in `main.py` put",
        ),
        (
            &[(
                "main.py",
                "import uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\nuvicorn.run(app)\n",
            )],
            "in `main.py` put",
        ),
        (&[("package.json", "{}"), ("index.html", "")], "for Node.js"),
        (&[("main.py", "import tornado.web\ndef make_app():\n    pass\n")], "tornado has a server"),
        (&[("a.js", "")], "set `app.module`"),
    ] {
        let said = instead(&Code::of(files));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn what_patches_python_is_known() {
    let text = "import eventlet\neventlet.monkey_patch()\nfrom flask import Flask\n";
    let code = Code::of(&[("app.py", text), ("b.py", "import gevent\n")]);
    assert_eq!(patched_by(&code, "app.py"), Some(("eventlet", "app.py")));
    assert_eq!(patched_by(&code, "b.py"), None);
    let said = "import gevent\n'''never call patch_all()'''\n";
    assert_eq!(patched_by(&Code::of(&[("app.py", said)]), "app.py"), None);
}

#[test]
fn nothing_is_found_in_what_is_no_application() {
    assert!(found(&[("a.py", "print(1)\n"), ("README.md", "flask\n")]).is_empty());
    let two = found(&[("a/__init__.py", FACTORY), ("b/__init__.py", FACTORY)]);
    assert_eq!(two.len(), 2);
}
