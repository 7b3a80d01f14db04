//! The text that cloud-init reads.
//!
//! In: a [`Plan`], or a template of the owner's with parameters. Out: a [`CloudConfig`], which was
//! read back as cloud-init's PyYAML reads it and holds every value unchanged, or an error, which is
//! a mistake in a template. Templates are in `templates/`; how a value is quoted in one is decided
//! by its name (`escape`). To add a kind of file that templates can make: a file in `escape/` and
//! its two lines there.

mod engine;
mod escape;
mod filters;
mod read_back;
mod templates;

pub use engine::Templates;
pub use escape::Escape;
pub use read_back::ReadBackError;

use crate::plan::Plan;

/// A cloud-config document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudConfig {
    text: String,
}

/// Why a template did not give a document.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template cannot be read, is not well-formed, or uses what does not exist.
    #[error("{}", engine::explain(.0))]
    Template(#[from] minijinja::Error),
    /// The result does not read back.
    #[error("{template}: {source}")]
    ReadBack {
        /// The template.
        template: String,
        /// What is wrong with the result.
        source: ReadBackError,
    },
    /// The template's name does not end in `.yaml.j2`.
    #[error("{0}: a cloud-config template has a name that ends in .yaml.j2")]
    Name(String),
}

impl CloudConfig {
    /// The document.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Renders the plan of a machine.
pub fn render(plan: &Plan, templates: &Templates) -> Result<CloudConfig, RenderError> {
    engine::render("cloud-config.yaml.j2", None, plan, templates)
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
    engine::render(name, Some(text), params, templates)
}
