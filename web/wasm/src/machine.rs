//! The machine of a parameter file.
//!
//! In: the text of a parameter file, and a destination. Out: the messages, and if none of them is an
//! error, the files for the destination, the plan in words, its size and what to choose where the
//! machine is launched.

use std::path::Path;

use bootseed::catalog::Listed;
use bootseed::destination::{Compress, Destination};
use bootseed::diagnostic::{Diagnostic, Level, Message, Report, messages};
use bootseed::machine::{Machine, MachineError, Order};
use bootseed::plan::{self, Plan};
use bootseed::roster::Unfilled;
use bootseed::source::{self, Node, Source};
use bootseed::spec;
use bootseed::template::Templates;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::file::File;

/// Parameters, and where their machine goes.
#[derive(Deserialize)]
pub struct Ask {
    /// The parameter file.
    text: String,
    /// What it is called in messages.
    #[serde(default = "name")]
    name: String,
    /// The destination, by its name; none in particular without one.
    #[serde(default)]
    destination: Option<String>,
}

/// What to do about a text that waits for a student.
const NOBODY: &str = "drop a roster on this page: it makes a machine for each student";

fn name() -> String {
    "parameters".into()
}

/// The machine, or what is wrong.
pub(crate) fn answer(ask: &Ask) -> Value {
    let tree = match tree(&ask.name, &ask.text) {
        Ok(tree) => tree,
        Err(report) => return json!({ "messages": messages(&report, None) }),
    };
    let (plan, mut report) = planned(&tree);
    report.dedup();
    let found = messages(&report, Some(&tree));
    let Some(plan) = plan.filter(|_| !report.has_errors()) else {
        return json!({ "messages": found });
    };
    let templates = Templates::with_folder(None);
    let order = order(ask.destination.as_deref(), &templates);
    match made(&order, plan) {
        Ok(machine) => json!({ "messages": found, "machine": machine }),
        Err(error) => {
            let own = Message::new(Level::Error, Some(error.id()), error.to_string());
            json!({ "messages": found.into_iter().chain([own]).collect::<Vec<_>>() })
        }
    }
}

/// The tree of a parameter file, or the mistakes that leave none.
pub(crate) fn tree(name: &str, text: &str) -> Result<Node, Report> {
    if let Some(wrong) = spec::check_kind(name, text.as_bytes()) {
        return Err(wrong.into());
    }
    let source = Source::from_bytes(name, text.as_bytes()).map_err(Diagnostic::from)?;
    source::parse(&source).map_err(Report::from)
}

/// For a destination, as the command makes it without further options.
pub(crate) fn order<'a>(name: Option<&str>, templates: &'a Templates) -> Order<'a> {
    let named = Destination::ALL.iter().find(|one| Some(one.name) == name);
    let destination = named.unwrap_or(&Destination::ALL[0]);
    Order { destination, compress: Compress::Auto, program: None, templates }
}

/// Mistakes about files that a page cannot read; nothing else is said of these then.
pub(crate) fn unreachable(tree: &Node) -> Report {
    let wrong = |node: &Node| {
        let message = "a page in the browser cannot read files of this computer";
        let help = "write the text itself as `content`, an application as `git` or `archive`; or \
                    use the command, which reads them";
        Diagnostic::error("local-file", message).at_span(node.span.clone()).help(help)
    };
    spec::local_places(tree).map(wrong).collect()
}

fn planned(tree: &Node) -> (Option<Plan>, Report) {
    let outside = unreachable(tree);
    if outside.has_errors() {
        return (None, outside);
    }
    let (plan, report) = plan::read(tree, Path::new(""));
    let Some(unfilled) = Unfilled::find(tree) else { return (plan, report) };
    let mut report = unfilled.beside(report, tree);
    report.push(unfilled.diagnostic(NOBODY));
    (None, report)
}

fn made(order: &Order<'_>, plan: Plan) -> Result<Value, MachineError> {
    let (machine, emission) = order.emission(plan)?;
    let summary = machine.summary(order.size(&machine)?);
    let files = emission.artifacts.iter().map(|one| File::new(one.name.clone(), &one.bytes));
    Ok(json!({
        "files": files.collect::<Vec<_>>(),
        "notes": emission.notes,
        "document": machine.document.text(),
        "words": summary.to_string(),
        "summary": summary,
        "launch": launch(&machine),
    }))
}

/// What has to be chosen where it is launched.
fn launch(machine: &Machine) -> Value {
    let web = machine.plan.web.as_ref();
    json!({
        "needs": machine.needs(),
        "port": web.map(|web| web.port),
        "secret": machine.plan.holds_secrets(),
    })
}
