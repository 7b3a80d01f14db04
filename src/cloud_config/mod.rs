//! The text that cloud-init reads.
//!
//! In: a [`Plan`], or a template of the owner's with parameters. Out: a [`CloudConfig`], which was
//! read back as cloud-init's PyYAML reads it and holds every value unchanged, or an error, which is
//! a mistake in a template.

mod constant;
mod read_back;

use constant::Carried;
use read_back::Fit;
pub use read_back::ReadBackError;

use std::sync::Arc;

use serde::Serialize;

use crate::plan::{Plan, Web};
use crate::program::{Form, Program};
use crate::step::Step;
use crate::template::{self, Rendered, TemplateError, Templates};

/// A cloud-config document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudConfig {
    text: Arc<String>,
}

/// Why a template did not give a document.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A mistake in a template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The result does not read back.
    #[error("{template}: {trouble}")]
    ReadBack {
        /// The template.
        template: String,
        /// What is wrong with the result.
        trouble: ReadBackError,
    },
    /// The template's name does not end in `.yaml.j2`.
    #[error("{0}: a cloud-config template has a name that ends in .yaml.j2")]
    Name(String),
}

impl RenderError {
    /// Is it a mistake in a template that the owner wrote?
    pub fn is_the_users(&self) -> bool {
        match self {
            RenderError::Template(error) => error.is_the_users(),
            RenderError::ReadBack { template, .. } => {
                !template::built_in().any(|name| name == template)
            }
            RenderError::Name(_) => true,
        }
    }
}

impl CloudConfig {
    /// The document.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document, for others to hold as well.
    pub fn shared(&self) -> Arc<String> {
        Arc::clone(&self.text)
    }
}

impl From<String> for CloudConfig {
    fn from(text: String) -> CloudConfig {
        CloudConfig { text: Arc::new(text) }
    }
}

/// What the template of the document sees.
#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    machine: &'a str,
    /// Files by templates of their own: where they go, and the template.
    made_files: Vec<(&'static str, &'static str)>,
}

/// What the template of `machine.yaml` sees.
#[derive(Serialize)]
struct List<'a> {
    family: &'static str,
    address: String,
    steps: &'a [Step],
}

/// Renders a machine: its plan, the list of its steps and its program.
///
/// # Errors
/// A mistake in a template.
pub fn render(
    plan: &Plan,
    steps: &[Step],
    program: &Program,
    form: Form,
    templates: &Templates,
) -> Result<CloudConfig, RenderError> {
    let constant = constant::files(program, form, &carried(plan), templates)?;
    let context =
        Context { plan, machine: &list(plan, steps, templates)?, made_files: made_files(plan) };
    let mut rendered = template::render(DOCUMENT, None, context, templates)?;
    let document = rendered.text.replacen(CONSTANT, &constant, 1);
    if !templates.are_built_in() {
        // Another template may have put the line where such items do not belong.
        rendered.text.clone_from(&document);
    }
    checked(&templates.shown(DOCUMENT), rendered, Fit::Whole)?;
    Ok(document.into())
}

/// The files of the web server and of the application, each with its template.
fn made_files(plan: &Plan) -> Vec<(&'static str, &'static str)> {
    let server = plan.web.iter().flat_map(Web::files);
    let app = plan.app.as_ref().map_or(&[][..], |app| app.files());
    let steady = plan.web.as_ref().filter(|_| plan.app.is_some());
    let steady = steady.map(|web| (web.server.0.drop_in, RESTART));
    server.chain(app.iter().copied()).chain(steady).collect()
}

/// The page that shows how far a machine is, and the program beside that of the steps.
fn carried(plan: &Plan) -> Vec<Carried> {
    let page = Carried { path: "/etc/bootseed/status.html", mode: None, name: STATUS_PAGE };
    let https = Carried { path: "/usr/local/sbin/bootseed-https", mode: Some("0755"), name: HTTPS };
    let asks = |web: &Web| web.https.is_some().then_some(https);
    plan.web.iter().flat_map(|web| [page].into_iter().chain(asks(web))).collect()
}

/// The list of what is to be done.
fn list(plan: &Plan, steps: &[Step], templates: &Templates) -> Result<String, RenderError> {
    let address = plan.web.as_ref().map_or_else(|| ADDRESS.to_string(), |web| web.url(ADDRESS));
    let list = List { family: plan.distro.0.packages.family, address, steps };
    render_map(LIST, list, templates)
}

/// Renders a file beside the user-data that is a map in YAML, such as the meta-data of a machine:
/// quoted and read back like the document.
///
/// # Errors
/// A mistake in a template.
pub fn render_map(
    name: &str,
    context: impl Serialize,
    templates: &Templates,
) -> Result<String, RenderError> {
    let rendered = template::render(name, None, context, templates)?;
    match read_back::compare_map(&rendered.text, &rendered.written, Fit::Whole) {
        Ok(()) => Ok(rendered.text),
        Err(trouble) => Err(RenderError::ReadBack { template: templates.shown(name), trouble }),
    }
}

/// Renders a template of the owner's. `name` chooses the quoting and is shown in errors, `text` is
/// the template and `params` what it can use.
pub fn render_own(
    name: &str,
    text: String,
    params: &serde_json::Value,
    templates: &Templates,
) -> Result<CloudConfig, RenderError> {
    if !name.ends_with(".yaml.j2") {
        return Err(RenderError::Name(name.to_string()));
    }
    checked(name, template::render(name, Some(text), params, templates)?, Fit::Within)
}

/// Stands for the machine's address, which only the machine knows.
const ADDRESS: &str = "ADDRESS";

/// The template of the list of steps.
const LIST: &str = "machine.yaml.j2";

/// The page that shows how far a machine is.
pub const STATUS_PAGE: &str = "status.html";

/// The line of the document in whose place the constant files are put. They have been read back once
/// for all machines, and what is around them is for each.
const CONSTANT: &str = "# (the files that are the same on all machines)\n";

/// What starts a web server again that was killed.
const RESTART: &str = "app/restart.conf.j2";

/// The program that asks for a certificate.
const HTTPS: &str = "guest/https.py";

/// The template of the whole document.
const DOCUMENT: &str = "cloud-config.yaml.j2";

/// What a template gave, when it says what went into it.
fn checked(template: &str, rendered: Rendered, fit: Fit) -> Result<CloudConfig, RenderError> {
    read_back::compare(&rendered.text, &rendered.written, fit)
        .map_err(|trouble| RenderError::ReadBack { template: template.to_string(), trouble })?;
    Ok(rendered.text.into())
}
