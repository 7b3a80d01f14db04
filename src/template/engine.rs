//! Minijinja, set up so that the safe thing happens by default: values are quoted for the kind of
//! file that the template makes, what is undefined is an error, and every value that goes into a
//! YAML document is remembered, to be looked for when the document is read back.

use std::error::Error as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

use super::embedded::EMBEDDED;
use super::escape::Escape;
use super::filters;
use crate::source::Yaml11;

/// Where templates come from: the built-in ones, and a folder whose files go before them.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    folder: Option<PathBuf>,
    without_comments: bool,
}

impl Templates {
    /// The built-in templates, with those of `folder` over and beside them.
    pub fn with_folder(folder: Option<PathBuf>) -> Templates {
        Templates { folder, without_comments: false }
    }

    /// The same templates without the lines that are comments and nothing else.
    #[must_use]
    pub fn without_comments(self) -> Templates {
        Templates { without_comments: true, ..self }
    }

    /// Do the templates keep their comments?
    pub fn have_comments(&self) -> bool {
        !self.without_comments
    }

    /// Are they bootseed's, all of them?
    pub fn are_own(&self) -> bool {
        self.folder.is_none()
    }

    fn load(&self, name: &str) -> Result<Option<String>, Error> {
        let text = self.find(name)?;
        Ok(if self.without_comments { text.map(|text| drop_comments(&text)) } else { text })
    }

    /// The file that a template is in, if it is one of the folder.
    fn file(&self, name: &str) -> Option<PathBuf> {
        self.folder.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    /// What a template is called in a message: its file, or its name.
    pub fn shown(&self, name: &str) -> String {
        self.file(name).map_or_else(|| name.to_string(), |file| file.display().to_string())
    }

    fn find(&self, name: &str) -> Result<Option<String>, Error> {
        match self.file(name) {
            Some(path) => std::fs::read_to_string(&path).map(Some).map_err(|error| {
                let message = format!("cannot read {}", path.display());
                Error::new(ErrorKind::InvalidOperation, message).with_source(error)
            }),
            None => Ok(EMBEDDED
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, text)| text.to_string())),
        }
    }
}

/// The template without comments. It is the template and not its result that loses them, so no
/// value can lose a line that looks like a comment.
fn drop_comments(text: &str) -> String {
    let comment = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("# ") || line == "#"
    };
    text.split_inclusive('\n').filter(|line| !comment(line)).collect()
}

/// The values that went into a YAML document, in their order.
#[derive(Clone, Default)]
pub(super) struct Trace(Arc<Mutex<Vec<Yaml11>>>);

impl Trace {
    pub(super) fn add(&self, value: Yaml11) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(value);
    }

    fn take(&self) -> Vec<Yaml11> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a template gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The values that were written as YAML, in their order.
    pub written: Vec<Yaml11>,
}

/// The template cannot be read, is not well-formed, or uses what does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

/// The mistake is in a built-in template, or in none.
impl From<Error> for TemplateError {
    fn from(error: Error) -> TemplateError {
        Templates::default().error(&error)
    }
}

impl Templates {
    // The message tells the causes already: there is no `source` that would tell them again.
    fn error(&self, error: &Error) -> TemplateError {
        TemplateError(explain(error, self))
    }
}

/// Templates, compiled once and used as often as wanted.
pub struct Engine {
    environment: Environment<'static>,
    trace: Trace,
    templates: Templates,
}

impl Engine {
    /// None of them is looked up yet.
    pub fn new(templates: &Templates) -> Engine {
        let trace = Trace::default();
        let environment = environment(templates.clone(), &trace);
        Engine { environment, trace, templates: templates.clone() }
    }

    /// Renders the template `name` with `context`.
    ///
    /// # Errors
    /// A mistake in the template: never one in the values, which were checked before.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<Rendered, TemplateError> {
        let found = self.environment.get_template(name);
        let text = found.and_then(|template| template.render(Serde(context)));
        let written = self.trace.take();
        let text = text.map_err(|error| self.templates.error(&error))?;
        Ok(Rendered { text, written })
    }
}

/// Renders the template `name` with `context`. `text` is the template itself where it is not to be
/// looked up.
///
/// # Errors
/// As [`Engine::render`].
pub fn render(
    name: &str,
    text: Option<String>,
    context: impl Serialize,
    templates: &Templates,
) -> Result<Rendered, TemplateError> {
    let mut engine = Engine::new(templates);
    if let Some(text) = text {
        let added = engine.environment.add_template_owned(name.to_string(), text);
        added.map_err(|error| templates.error(&error))?;
    }
    engine.render(name, context)
}

fn environment(templates: Templates, trace: &Trace) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_loader(move |name| templates.load(name));
    environment.set_auto_escape_callback(|name| match Escape::of(name) {
        Some(escape) => AutoEscape::Custom(escape.name().into()),
        None => AutoEscape::None,
    });
    let remembered = trace.clone();
    environment.set_formatter(move |out, state, value| format(out, state, value, &remembered));
    filters::register(&mut environment, trace);
    environment
}

/// Writes a value the way the file that the template makes wants it quoted.
fn format(out: &mut Output, state: &State, value: &Value, trace: &Trace) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let escape = match state.auto_escape() {
        _ if value.is_safe() => None,
        AutoEscape::Custom(name) => Escape::named(name),
        AutoEscape::Html => Escape::named("html"),
        AutoEscape::Json => Escape::named("yaml"),
        _ => None,
    };
    let text = match escape {
        Some(escape) => escape.write(value, trace)?,
        None => value.to_string(),
    };
    out.write_str(&text).map_err(Error::from)
}

/// A minijinja error on one line: what, where, and the line of the template.
fn explain(error: &Error, templates: &Templates) -> String {
    let name = error.name().map(|name| templates.shown(name));
    let place = match (name, error.line()) {
        (Some(name), Some(line)) => format!("{name}:{line}: "),
        (Some(name), None) => format!("{name}: "),
        _ => String::new(),
    };
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let mut text = format!("{place}{}{detail}", error.kind());
    if let Some(shown) = line_of(error) {
        text += &format!("\n  | {shown}");
    }
    let mut source = error.source();
    while let Some(cause) = source {
        let shown = cause.downcast_ref::<Error>();
        let shown = shown.map_or_else(|| cause.to_string(), |error| explain(error, templates));
        text += &format!("\n  because {shown}");
        source = cause.downcast_ref::<Error>().map_or_else(|| cause.source(), |_| None);
    }
    text
}

fn line_of(error: &Error) -> Option<&str> {
    let text = error.template_source()?;
    text.lines().nth(error.line()?.checked_sub(1)?)
}
