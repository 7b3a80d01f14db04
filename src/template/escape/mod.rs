//! How a value is quoted, by the kind of file that a template makes.
//!
//! A template's name says what it makes: `NAME.yaml.j2` a YAML document, `NAME.sh.j2` a bash
//! program, and so on. Other names get values as they are. To add a kind: a file with its `write`
//! function, a `mod` line and a line in `ALL`.

mod hcl;
mod html;
mod nginx;
mod python;
mod shell;
pub(super) mod systemd;
pub(super) mod yaml;

pub use systemd::is_noncharacter;
pub use yaml::MIME_HEADER;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::engine::{TemplateError, Trace};

/// One kind of quoting.
pub struct Escape {
    name: &'static str,
    suffix: &'static str,
    write: fn(&Value, &mut Trace) -> Result<String, Error>,
}

const ALL: &[Escape] = &[
    Escape { name: "yaml", suffix: ".yaml.j2", write: yaml::write },
    Escape { name: "shell", suffix: ".sh.j2", write: |value, _| shell::write(value) },
    Escape { name: "nginx", suffix: ".conf.j2", write: |value, _| nginx::write(value) },
    Escape { name: "systemd", suffix: ".service.j2", write: |value, _| systemd::write(value) },
    Escape { name: "python", suffix: ".py.j2", write: |value, _| python::write(value) },
    Escape { name: "hcl", suffix: ".tf.j2", write: |value, _| hcl::write(value) },
    Escape { name: "html", suffix: ".html.j2", write: |value, _| html::write(value) },
];

impl Escape {
    /// The quoting for a template of this name.
    pub fn of(template: &str) -> Option<&'static Escape> {
        ALL.iter().find(|escape| template.ends_with(escape.suffix))
    }

    /// The quoting of this name.
    pub fn named(name: &str) -> Option<&'static Escape> {
        ALL.iter().find(|escape| escape.name == name)
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn write(&self, value: &Value, trace: &mut Trace) -> Result<String, Error> {
        (self.write)(value, trace)
    }
}

/// A text as one word of a bash program, as a template would write it.
///
/// # Errors
/// It has a NUL in it.
pub fn shell_word(text: &str) -> Result<String, TemplateError> {
    Ok(shell::write(&Value::from(text))?)
}

/// A text as a template would write it into an HTML page.
pub fn html_text(text: &str) -> String {
    html::escaped(text)
}

/// A value that cannot stand in this kind of file.
fn refuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// The text of a scalar; lists and maps have none.
fn scalar_text(value: &Value, file: &str) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => Ok(value.to_string()),
        kind => Err(refuse(format!("a {kind} cannot be written into {file}"))),
    }
}
