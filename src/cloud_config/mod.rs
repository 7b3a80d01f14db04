//! The text that cloud-init reads.
//!
//! In: a [`Plan`], or a template of the owner's with parameters. Out: a [`CloudConfig`], which was
//! read back as cloud-init's PyYAML reads it and holds every value unchanged, or an error, which is
//! a mistake in a template.

mod read_back;

pub use read_back::ReadBackError;

use std::sync::Arc;

use crate::plan::Plan;
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

/// Renders the plan of a machine.
pub fn render(plan: &Plan, templates: &Templates) -> Result<CloudConfig, RenderError> {
    checked(&templates.shown(DOCUMENT), template::render(DOCUMENT, None, plan, templates)?)
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
    checked(name, template::render(name, Some(text), params, templates)?)
}

/// The template of the whole document.
const DOCUMENT: &str = "cloud-config.yaml.j2";

/// What a template gave, when it says what went into it.
fn checked(template: &str, rendered: Rendered) -> Result<CloudConfig, RenderError> {
    read_back::compare(&rendered.text, &rendered.written)
        .map_err(|trouble| RenderError::ReadBack { template: template.to_string(), trouble })?;
    Ok(rendered.text.into())
}
