//! A parameter file, rendered, and what is found in its user-data mapped back to it.

use std::path::Path;
use std::sync::Arc;

use bootseed::diagnostic::{Diagnostic, Place, Report, Severity};
use bootseed::lint::schema;
use bootseed::lint::{self, Finding, Settings};
use bootseed::machine::Order;
use bootseed::plan::{self, Plan};
use bootseed::source::{Entry, Node, Source, Span};
use bootseed::spec;
use bootseed::template::Templates;

use super::settings::Chosen;

/// A parameter file and what was made of it.
pub(super) struct Parameters {
    tree: Node,
    report: Report,
    /// Are its keys those of cloud-config as well?
    either: bool,
    /// The user-data, if some could be made.
    document: Option<String>,
}

/// The parameters in these bytes; `None` if they are no parameter file, or if they are no good as one
/// and would be user-data with the header.
fn read(path: &Path, bytes: &[u8]) -> Option<(Parameters, Option<Plan>)> {
    let name = if path == Path::new("-") { "<stdin>".into() } else { path.display().to_string() };
    let tree = spec::parameters(&name, bytes)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let (plan, mut report) = plan::read(&tree, &folder);
    report.dedup();
    let both = |entry: &Entry| schema::top_keys().any(|key| key == entry.key);
    let either = tree.entries().iter().all(both);
    if either && report.has_errors() && lacks_nothing_but_its_header(bytes) {
        return None;
    }
    Some((Parameters { tree, report, either, document: None }, plan))
}

fn lacks_nothing_but_its_header(bytes: &[u8]) -> bool {
    let found = lint::report(&lint::lint("", bytes, &Settings::default()));
    let mut errors = found.iter().filter(|one| one.severity == Severity::Error);
    errors.all(|one| one.id == "missing-header")
}

/// Are these bytes a parameter file?
pub(super) fn is_one(path: &Path, bytes: &[u8]) -> bool {
    read(path, bytes).is_some()
}

/// What a parameter file renders to; `None` if this is none.
pub(super) fn rendered(path: &Path, bytes: &[u8]) -> anyhow::Result<Option<Parameters>> {
    let Some((mut parameters, plan)) = read(path, bytes) else { return Ok(None) };
    if let Some(plan) = plan.filter(|_| !parameters.report.has_errors()) {
        let templates = Templates::with_folder(None);
        let machine = Order::new(&templates).machine(plan)?;
        parameters.document = Some(machine.document.text().to_owned());
    }
    Ok(Some(parameters))
}

impl Parameters {
    /// What is wrong with the parameters, and with what they render to.
    pub(super) fn findings(self, name: &str, chosen: &Chosen) -> Vec<Finding> {
        let source = self.tree.span.source();
        let own = self.report.into_iter().map(|mut diagnostic| {
            if let Some(span) = diagnostic.place.span(Some(&self.tree)) {
                diagnostic.place = Place::Span(span);
            }
            Finding { diagnostic, fix: None }
        });
        let mut found: Vec<Finding> = own.collect();
        if self.either && chosen.settings.wants(HEADER) {
            found.insert(0, unclear(source));
        }
        let Some(document) = &self.document else { return found };
        let made = format!("{name} (rendered)");
        for mut finding in lint::lint(&made, document.as_bytes(), &chosen.settings) {
            finding.fix = None;
            finding.diagnostic.related = None;
            if let Some(span) = finding.diagnostic.place.span(None) {
                finding.diagnostic.place = Place::Span(back(source, span));
            }
            found.push(finding);
        }
        found
    }
}

const HEADER: &str = "missing-header";

/// It could be either: it is said for what it is taken.
fn unclear(source: &Arc<Source>) -> Finding {
    let message = "this is taken for a parameter file, whose keys cloud-config has, too";
    let help =
        "user-data begins with the line `#cloud-config`: without it a machine passes over it";
    let place = Span::new(source, source.line_range(0));
    let diagnostic = Diagnostic::new(HEADER, Severity::Hint, message).help(help).at_span(place);
    Finding { diagnostic, fix: None }
}

/// The line of the parameter file that a line of the user-data was made of, if there is one alone.
fn back(source: &Arc<Source>, span: Span) -> Span {
    let line = span.source().line_range(span.start());
    let rendered = span.source().text().get(line).unwrap_or_default();
    for wanted in
        [span.text().lines().next().unwrap_or_default(), rendered.trim().trim_start_matches("- ")]
    {
        let wanted = wanted.trim();
        let mut found = source.text().match_indices(wanted);
        if wanted.len() > 3
            && let (Some((at, _)), None) = (found.next(), found.next())
        {
            return Span::new(source, at..at + wanted.len());
        }
    }
    span
}
