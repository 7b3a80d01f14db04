//! The files that are the same on every machine that has them: the program, and what goes with it.
//!
//! In: the program, and how it travels. Out: items of `write_files`, which are made and read back once
//! for all machines.

use std::sync::Arc;

use serde::Serialize;

use super::RenderError;
use super::read_back::{self, Fit};
use crate::program::{self, Form, Program};
use crate::template::{self, TemplateError, Templates};

const TEMPLATE: &str = "cloud-config/constant.yaml.j2";

/// A file that goes with the program.
#[derive(Clone, Copy)]
pub(super) struct Carried {
    /// Where it goes.
    pub(super) path: &'static str,
    /// Its mode; `None` for 0644.
    pub(super) mode: Option<&'static str>,
    /// Which of the templates' files it is.
    pub(super) name: &'static str,
}

/// What the template sees.
#[derive(Serialize)]
struct Context<'a> {
    packed: bool,
    bare: bool,
    carried: Vec<Travelling>,
    program: &'a str,
    program_sha256: &'a str,
}

/// A file as it travels.
#[derive(Serialize)]
struct Travelling {
    path: &'static str,
    mode: Option<&'static str>,
    text: String,
}

/// The items, each of them whole lines.
pub(super) fn files(
    program: &Program,
    form: Form,
    carried: &[Carried],
    templates: &Templates,
) -> Result<Arc<String>, RenderError> {
    let names: Vec<&str> = carried.iter().map(|file| file.name).collect();
    let name = format!("{TEMPLATE} {form:?} {} {}", names.join(" "), program.sha256());
    templates.once(&name, || make(program, form, carried, templates))
}

fn make(
    program: &Program,
    form: Form,
    carried: &[Carried],
    templates: &Templates,
) -> Result<String, RenderError> {
    let packed = form == Form::Packed;
    let travelling = |file: &Carried| travelling(*file, packed, program.is_bare(), templates);
    let context = Context {
        packed,
        bare: program.is_bare(),
        carried: carried.iter().map(travelling).collect::<Result<_, _>>()?,
        program: if packed { program.packed() } else { program.text() },
        program_sha256: program.sha256(),
    };
    let rendered = template::render(TEMPLATE, None, context, templates)?;
    let list = format!("write_files:\n{}", rendered.text);
    read_back::compare_map(&list, &rendered.written, Fit::Whole).map_err(|trouble| {
        RenderError::ReadBack { template: templates.shown(TEMPLATE), trouble }
    })?;
    Ok(rendered.text)
}

fn travelling(
    file: Carried,
    packed: bool,
    bare: bool,
    templates: &Templates,
) -> Result<Travelling, TemplateError> {
    let Carried { path, mode, name } = file;
    let mut text = templates.text(name)?;
    if bare && name.ends_with(".py") {
        text = program::without_comments(&text);
    }
    if packed {
        text = program::packed(&text);
    }
    Ok(Travelling { path, mode, text })
}
