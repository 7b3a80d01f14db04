//! The owner's web application.

use serde_json::{Value, json};

use super::{Job, Kind, Lane};
use crate::plan::{App, AppSource, PACKED_APP, Plan, Start};
use crate::spec::ARCHIVES;

pub(super) const APP: Kind = Kind {
    name: "app",
    lane: Lane::Owner,
    guest: &["download.py", super::PACKAGES, "pip_faults.py", "steps/app.py"],
    jobs,
};

fn jobs(plan: &Plan) -> Vec<Job> {
    let (Some(app), Some(web)) = (&plan.app, &plan.web) else { return Vec::new() };
    let headers = match &web.server_name {
        Some(name) => json!({ "Host": name }),
        None => json!({}),
    };
    let data = json!({
        "folder": app.folder,
        "root": app.root,
        "user": app.user,
        "source": source(app),
        "system": system(plan, app),
        "home": app.python,
        "venv": app.venv,
        "requirements": app.requirements,
        "packages": app.packages,
        "environment": app.environment,
        "secrets": app.secrets,
        "before_start": app.before_start,
        "module": module(app),
        "own_port": app.port,
        "port": web.port,
        "health": app.health,
        "headers": headers,
    });
    vec![Job::new(60, sentence(app, web.server.0.name), data)]
}

fn sentence(app: &App, server: &str) -> String {
    let started = match &app.start {
        Start::Module(module) => format!("gunicorn {module}"),
        Start::Command(line) => line.clone(),
    };
    let from = match &app.source {
        AppSource::File { .. } => "from the user-data".to_string(),
        AppSource::Git { url, commit, .. } => format!("from {url} at {commit}"),
        AppSource::Archive { url, .. } => format!("from {url}"),
    };
    format!("{} {from}, started by `{started}`, answers behind {server}", app.name)
}

/// The application for gunicorn, if it is one.
fn module(app: &App) -> Option<&str> {
    match &app.start {
        Start::Module(module) => Some(module),
        Start::Command(_) => None,
    }
}

fn source(app: &App) -> Value {
    match &app.source {
        AppSource::File { sha256 } => json!({ "file": PACKED_APP, "sha256": sha256 }),
        AppSource::Git { url, commit, path } => {
            json!({ "git": url, "commit": commit, "path": path })
        }
        AppSource::Archive { url, sha256 } => {
            let name = url.split('?').next().unwrap_or(url);
            let ending = ARCHIVES.iter().find(|ending| name.ends_with(*ending));
            let file =
                format!("/var/lib/bootseed/app-archive{}", ending.copied().unwrap_or_default());
            json!({ "url": url, "sha256": sha256, "file": file })
        }
    }
}

/// Packages of the distribution that bring what it is fetched and installed with.
fn system(plan: &Plan, app: &App) -> Vec<&'static str> {
    let packages = plan.distro.0.packages;
    let git = matches!(app.source, AppSource::Git { .. }).then_some(packages.git);
    git.into_iter().chain(app.venv.then_some(packages.venv)).collect()
}
