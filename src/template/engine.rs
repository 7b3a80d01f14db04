//! Minijinja, set up so that the safe thing happens by default: values are quoted for the kind of
//! file that the template makes, what is undefined is an error, and every value that goes into a
//! YAML document is remembered, to be looked for when the document is read back.

use std::error::Error as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

use super::embedded::EMBEDDED;
use super::escape::Escape;
use super::filters;
use super::memory::Memory;
use crate::source::Yaml11;

/// Templates, each compiled when it is first used: the built-in ones, and a folder whose files go
/// before them.
#[derive(Debug, Clone)]
pub struct Templates {
    source: Source,
    environment: Environment<'static>,
    memory: Memory,
}

/// A template of more bytes is not read.
const LARGEST: u64 = 1 << 20;

/// Where templates come from.
#[derive(Debug, Clone, Default)]
struct Source {
    folder: Option<PathBuf>,
}

impl Default for Templates {
    fn default() -> Templates {
        Templates::new(Source::default())
    }
}

impl Templates {
    /// The built-in templates, with those of `folder` over and beside them.
    pub fn with_folder(folder: Option<PathBuf>) -> Templates {
        Templates::new(Source { folder })
    }

    fn new(source: Source) -> Templates {
        Templates { environment: environment(source.clone()), source, memory: Memory::default() }
    }

    /// A file as it is.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn text(&self, name: &str) -> Result<String, TemplateError> {
        match self.source.find(name) {
            Ok(Some(text)) => Ok(text),
            Ok(None) => {
                Err(TemplateError { text: format!("there is no file {name}"), whose: Whose::Ours })
            }
            Err(error) => Err(self.source.error(&error, false, &[])),
        }
    }

    /// Are all of them the built-in ones?
    pub fn are_built_in(&self) -> bool {
        self.source.folder.is_none()
    }

    /// What depends on the templates alone, made once for all machines: `name` says what it is.
    ///
    /// # Errors
    /// What `make` says.
    pub fn once<T, E>(&self, name: &str, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
    {
        self.memory.once(name, make)
    }

    /// What a template is called in a message: its file, or its name.
    pub fn shown(&self, name: &str) -> String {
        self.source.shown(name)
    }

    fn render(&self, name: &str, context: &impl Serialize) -> Result<Rendered, Error> {
        let captured = self.environment.get_template(name)?.render_captured(Serde(context))?;
        let written = captured.state().get_extension::<Trace>().cloned().unwrap_or_default().0;
        Ok(Rendered { text: captured.into_output(), written })
    }
}

impl Source {
    /// The file that a template is in, if it is one of the folder.
    fn file(&self, name: &str) -> Option<PathBuf> {
        let inside = Path::new(name).components().all(|step| matches!(step, Component::Normal(_)));
        let folders = self.folder.iter().filter(|_| inside);
        folders.map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    /// Refuses what is not in the folder: its text would go out with the user-data.
    fn check(&self, name: &str, path: &Path) -> Result<(), Error> {
        let wrong = |message: String| Err(Error::new(ErrorKind::InvalidOperation, message));
        let folder = self.folder.as_deref().and_then(|folder| folder.canonicalize().ok());
        let within =
            path.canonicalize().is_ok_and(|file| folder.is_some_and(|f| file.starts_with(f)));
        if !within {
            return wrong(format!(
                "`{name}` is a link that leads out of the folder of --templates"
            ));
        }
        match path.metadata() {
            Ok(there) if there.len() > LARGEST => wrong(format!(
                "{} has {} bytes, and {LARGEST} are allowed",
                path.display(),
                there.len()
            )),
            _ => Ok(()),
        }
    }

    fn shown(&self, name: &str) -> String {
        self.file(name).map_or_else(|| name.to_string(), |file| file.display().to_string())
    }

    fn find(&self, name: &str) -> Result<Option<String>, Error> {
        match self.file(name) {
            Some(path) => {
                self.check(name, &path)?;
                std::fs::read_to_string(&path).map(Some).map_err(|error| {
                    let message = format!("cannot read {}", path.display());
                    Error::new(ErrorKind::InvalidOperation, message).with_source(error)
                })
            }
            None => Ok(EMBEDDED
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, text)| text.to_string())),
        }
    }

    // The message tells the causes already: there is no `source` that would tell them again.
    fn error(&self, error: &Error, own: bool, known: &[String]) -> TemplateError {
        let whose = match own || self.folder.is_some() {
            _ if is_of_the_disk(error) => Whose::Disk,
            true => Whose::Owner,
            false => Whose::Ours,
        };
        TemplateError { text: explain(error, self, known), whose }
    }
}

/// The values that went into a YAML document, in their order.
#[derive(Clone, Default)]
pub(super) struct Trace(Vec<Written>);

/// A value that went into a YAML document.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// What a reader has to make of it.
    pub value: Yaml11,
    /// Its characters, where they are the value's own: without quotes, on one line.
    pub plain: Option<String>,
}

impl Trace {
    /// What was written in this run so far.
    pub(super) fn of<'a>(state: &'a mut State<'_, '_>) -> &'a mut Trace {
        state.get_or_insert_extension(Trace::default())
    }

    /// A value in quotes, or over several lines.
    pub(super) fn add(&mut self, value: Yaml11) {
        self.0.push(Written { value, plain: None });
    }

    /// A value as it stands.
    pub(super) fn add_plain(&mut self, value: Yaml11, text: &str) {
        self.0.push(Written { value, plain: Some(text.to_owned()) });
    }
}

/// What a template gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The values that were written as YAML, in their order.
    pub written: Vec<Written>,
}

/// The template cannot be read, is not well-formed, or uses what does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct TemplateError {
    text: String,
    whose: Whose,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The owner's, who wrote a template.
    Owner,
    /// The disk's.
    Disk,
    /// bootseed's own.
    Ours,
}

impl TemplateError {
    /// Is it a mistake in a template that the owner wrote?
    pub fn is_the_users(&self) -> bool {
        self.whose == Whose::Owner
    }
}

/// The mistake is in a built-in template, or in none.
impl From<Error> for TemplateError {
    fn from(error: Error) -> TemplateError {
        Source::default().error(&error, false, &[])
    }
}

/// Renders the template `name` with `context`. `text` is the template itself where it is not to be
/// looked up.
///
/// # Errors
/// A mistake in the template: never one in the values, which were checked before.
pub fn render(
    name: &str,
    text: Option<String>,
    context: impl Serialize,
    templates: &Templates,
) -> Result<Rendered, TemplateError> {
    let own = text.is_some();
    let rendered = match text {
        None => templates.render(name, &context),
        Some(text) => {
            let mut templates = templates.clone();
            let added = templates.environment.add_template_owned(name.to_string(), text);
            added.and_then(|()| templates.render(name, &context))
        }
    };
    rendered.map_err(|error| templates.source.error(&error, own, &names(&context)))
}

/// The names that a template can use.
fn names(context: &impl Serialize) -> Vec<String> {
    let context = serde_json::to_value(context).unwrap_or_default();
    context.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

fn environment(source: Source) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Errors know the text of the template then, also in a release.
    environment.set_debug(true);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_loader(move |name| source.find(name));
    environment.set_auto_escape_callback(|name| match Escape::of(name) {
        Some(escape) => AutoEscape::Custom(escape.name().into()),
        None => AutoEscape::None,
    });
    environment.set_formatter(format);
    filters::register(&mut environment);
    environment
}

/// Writes a value the way the file that the template makes wants it quoted.
fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
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
        Some(escape) => escape.write(value, Trace::of(state))?,
        None => value.to_string(),
    };
    out.write_str(&text).map_err(Error::from)
}

/// A minijinja error on one line: what, where, and the line of the template.
fn explain(error: &Error, source: &Source, known: &[String]) -> String {
    let name = error.name().map(|name| source.shown(name));
    let place = match (name, error.line()) {
        (Some(name), Some(line)) => format!("{name}:{line}: "),
        (Some(name), None) => format!("{name}: "),
        _ => String::new(),
    };
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let mut text = match undefined(error, known) {
        Some(what) => format!("{place}{what}"),
        None => format!("{place}{}{detail}", error.kind()),
    };
    if let Some(shown) = line_of(error) {
        text += &format!("\n  | {shown}");
    }
    let mut because = error.source();
    while let Some(cause) = because {
        let shown = cause.downcast_ref::<Error>();
        let shown = shown.map_or_else(|| cause.to_string(), |error| explain(error, source, known));
        text += &format!("\n  because {shown}");
        because = cause.downcast_ref::<Error>().map_or_else(|| cause.source(), |_| None);
    }
    text
}

/// Could a file not be read? One that is not text is a mistake of its owner's.
fn is_of_the_disk(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(error) = found.downcast_ref::<std::io::Error>() {
            return error.kind() != std::io::ErrorKind::InvalidData;
        }
        cause = found.source();
    }
    false
}

/// What does not exist, and what does.
fn undefined(error: &Error, known: &[String]) -> Option<String> {
    /// Names that are listed.
    const MOST: usize = 30;
    if error.kind() != ErrorKind::UndefinedError {
        return None;
    }
    let shown = error.template_source().zip(error.range());
    let expression = shown.and_then(|(text, range)| text.get(range));
    let name = expression?.trim_start_matches("{{").trim_end_matches("}}");
    let name = name.trim_matches(['-', '+', ' ', '\n']);
    let listed: Vec<&str> = known.iter().map(String::as_str).take(MOST).collect();
    let there = match listed.is_empty() {
        true => String::new(),
        false => format!("; there are: {}", listed.join(", ")),
    };
    Some(format!("there is no value `{name}`{there}"))
}

fn line_of(error: &Error) -> Option<&str> {
    let text = error.template_source()?;
    text.lines().nth(error.line()?.checked_sub(1)?)
}
