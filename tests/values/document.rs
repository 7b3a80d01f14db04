//! A parameter file through the library, and the document that comes out.
//!
//! In: parameters as JSON. Out: a [`Document`] whose places can be looked up, or the [`Refusal`].

use std::path::Path as FilePath;

use bootseed::diagnostic::{self, Place, Report, Severity};
use bootseed::machine::Order;
use bootseed::plan::{self, Part};
use bootseed::program::Form;
use bootseed::source::{self, Node, Path, Source, Yaml11, yaml11};
use bootseed::spec;
use bootseed::step::Step;
use bootseed::template::Templates;
use serde_json::Value;

use super::words;

pub const PROGRAM: &str = "/usr/local/sbin/bootseed-provision";
pub const MACHINE: &str = "/etc/bootseed/machine.yaml";
pub const SITE: &str = "/etc/nginx/conf.d/bootseed.conf";

/// A rendered document.
pub struct Document {
    pub text: String,
    pub tree: Yaml11,
    /// What the program on the machine is told.
    pub machine: Yaml11,
    /// The steps that it was told of.
    pub steps: Vec<Step>,
    /// What goes beside it in a MIME message.
    pub parts: Vec<Part>,
    pub payload: Vec<u8>,
}

/// Why there is none: the paths that errors name, and what a person sees.
#[derive(Debug)]
pub struct Refusal {
    pub paths: Vec<Path>,
    pub shown: String,
    /// Did a template fail? That is no user's mistake.
    pub broken: bool,
}

/// JSON in double quotes that any YAML reader takes: everything odd is escaped.
pub fn quoted(text: &str) -> String {
    let odd =
        |c: &char| c.is_control() || "\"\\\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}".contains(*c);
    let each = |c: char| match odd(&c) {
        true => format!("\\u{:04x}", u32::from(c)),
        false => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(each).collect::<String>())
}

/// A parameter file with these parameters.
pub fn parameter_file(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(parameter_file).collect::<Vec<_>>().join(", "))
        }
        // A key of more than 1,024 characters has to be announced by a question mark.
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("? {}\n: {}", quoted(key), parameter_file(value))
            };
            format!("{{{}}}", map.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Renders these parameters.
pub fn render(parameters: &Value) -> Result<Document, Refusal> {
    render_in(parameters, FilePath::new("/nowhere"))
}

pub fn render_in(parameters: &Value, folder: &FilePath) -> Result<Document, Refusal> {
    render_text(&parameter_file(parameters), folder)
}

pub fn render_text(text: &str, folder: &FilePath) -> Result<Document, Refusal> {
    let source = Source::new("test.yaml", text);
    let tree = source::parse(&source).map_err(|errors| refusal(Report::from(errors), None))?;
    let (spec, report) = spec::load(&tree);
    let spec = spec.ok_or_else(|| refusal(report, Some(&tree)))?;
    let (plan, report) = plan::resolve(&spec, folder);
    let plan = plan.ok_or_else(|| refusal(report, Some(&tree)))?;
    let broken = |error| Refusal { paths: Vec::new(), shown: format!("{error}"), broken: true };
    let templates = Templates::default();
    let order = Order { program: Some(Form::Plain), ..Order::new(&templates) };
    let machine = order.machine(plan).map_err(broken)?;
    let payload = machine.payload.bytes().to_vec();
    let read = Document::read(machine.document.text());
    Ok(Document { steps: machine.steps, parts: machine.plan.parts, payload, ..read })
}

fn refusal(mut report: Report, tree: Option<&Node>) -> Refusal {
    let errors = report.iter().filter(|one| one.severity == Severity::Error);
    let paths = errors.filter_map(|one| match &one.place {
        Place::Path { path, .. } => Some(path.clone()),
        _ => None,
    });
    let paths = paths.collect();
    report.sort(tree);
    Refusal { paths, shown: diagnostic::render(&report, tree, false), broken: false }
}

impl Document {
    pub fn read(text: &str) -> Document {
        let parsed = |text| yaml11::read(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut document = Document {
            text: text.to_string(),
            tree: parsed(text),
            machine: Yaml11::Null,
            steps: Vec::new(),
            parts: Vec::new(),
            payload: Vec::new(),
        };
        // A template of somebody's own has none.
        if !document.file(MACHINE).is_empty() {
            document.machine = parsed(document.file(MACHINE));
        }
        document
    }

    /// The value at keys and indexes: `users.1.name`.
    pub fn at(&self, path: &str) -> Option<&Yaml11> {
        at(&self.tree, path)
    }

    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(text)
    }

    /// Path, content and mode of every file.
    pub fn files(&self) -> Vec<(&str, &str, &str)> {
        let Some(Yaml11::List(files)) = self.at("write_files") else { return Vec::new() };
        let field = |file, name| key(file, name).and_then(text).unwrap_or_default();
        files
            .iter()
            .map(|file| (field(file, "path"), field(file, "content"), field(file, "permissions")))
            .collect()
    }

    pub fn file(&self, path: &str) -> &str {
        self.files().iter().rev().find(|file| file.0 == path).map(|file| file.1).unwrap_or_default()
    }

    pub fn program(&self) -> &str {
        self.file(PROGRAM)
    }

    /// What the program is told of each step, by its name.
    pub fn told(&self) -> Vec<(&str, &Yaml11)> {
        let Some(Yaml11::List(steps)) = key(&self.machine, "steps") else { return Vec::new() };
        let name = |step| key(step, "step").and_then(text).unwrap_or_default();
        steps.iter().map(|step| (name(step), step)).collect()
    }

    /// A value of a step, at keys and indexes.
    pub fn step_at(&self, name: &str, path: &str) -> Option<&Yaml11> {
        let told = self.told();
        let (_, step) = told.iter().find(|(step, _)| *step == name)?;
        at(step, path)
    }

    /// A list of texts of a step; an empty one if there is none.
    pub fn step_list(&self, name: &str, path: &str) -> Vec<&str> {
        match self.step_at(name, path) {
            Some(Yaml11::List(items)) => items.iter().filter_map(text).collect(),
            _ => Vec::new(),
        }
    }

    /// The words of a command line of a step.
    pub fn step_words(&self, name: &str) -> Vec<String> {
        let line = self.step_at(name, "command").and_then(text).unwrap_or_default();
        shlex::split(line).unwrap_or_else(|| panic!("no command line: {line}"))
    }

    /// The words behind a directive of the web server.
    pub fn directive(&self, name: &str) -> Vec<String> {
        words::directive(self.file(SITE), name)
    }
}

/// The value at keys and indexes below another.
pub fn at<'a>(value: &'a Yaml11, path: &str) -> Option<&'a Yaml11> {
    path.split('.').try_fold(value, |value, step| match value {
        Yaml11::List(items) => items.get(step.parse::<usize>().ok()?),
        map => key(map, step),
    })
}

pub fn key<'a>(map: &'a Yaml11, name: &str) -> Option<&'a Yaml11> {
    let Yaml11::Map(entries) = map else { return None };
    entries.iter().find(|(key, _)| text(key) == Some(name)).map(|(_, value)| value)
}

pub fn text(value: &Yaml11) -> Option<&str> {
    match value {
        Yaml11::Str(text) => Some(text),
        _ => None,
    }
}
