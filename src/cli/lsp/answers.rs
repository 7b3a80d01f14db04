//! What the editor is told: of what was found, of a key, what could be written, what repairs it.

use std::collections::HashMap;
use std::ops::Range;

use bootseed::diagnostic::Severity;
use bootseed::lint::{self, Explained, Finding};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CompletionItem, CompletionItemKind,
    CompletionTextEdit, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    Documentation, Hover, HoverContents, Location, MarkupContent, MarkupKind, NumberOrString,
    Position, Range as Place, TextEdit, Uri, WorkspaceEdit,
};

use super::cursor::{Cursor, cursor};
use super::document::Document;
use super::topics::Topic;
use crate::cli::lint::Chosen;

pub(super) fn diagnostics(document: &Document, uri: &Uri) -> Vec<Diagnostic> {
    document.found.iter().map(|finding| diagnostic(document, uri, finding)).collect()
}

fn diagnostic(document: &Document, uri: &Uri, finding: &Finding) -> Diagnostic {
    let one = &finding.diagnostic;
    let severity = match one.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Hint => DiagnosticSeverity::HINT,
    };
    let help = one.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let related = one.related.iter().filter(|(span, _)| span.source().name() == document.name);
    let related = related.map(|(span, words)| DiagnosticRelatedInformation {
        location: Location { uri: uri.clone(), range: document.text.place(span.range()) },
        message: words.clone(),
    });
    Diagnostic {
        range: document.text.place(document.range(finding)),
        severity: Some(severity),
        code: Some(NumberOrString::String(one.id.to_owned())),
        source: Some("bootseed".to_owned()),
        message: format!("{}{help}", one.message),
        related_information: Some(related.collect()),
        ..Diagnostic::default()
    }
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

fn at(document: &Document, position: Position) -> Option<(usize, Cursor)> {
    let (number, byte) = document.text.find(position);
    Some((number, cursor(&document.text, number, byte)?))
}

/// The key that the cursor is on or behind.
pub(super) fn hover(document: &Document, position: Position) -> Option<Hover> {
    let (number, cursor) = at(document, position)?;
    let (name, range) = cursor.key?;
    let mut path = cursor.above;
    path.push(name);
    let topic = document.model?.topic(&path)?;
    let mut text = topic.about;
    // Time zones and the like are too many to be read.
    if (1..=20).contains(&topic.words.len()) {
        text.push_str(&format!("\n\nOne of `{}`", topic.words.join("`, `")));
    }
    let contents = HoverContents::Markup(markdown(text));
    Some(Hover { contents, range: Some(document.text.within(number, range)) })
}

/// The keys that may stand here, or the words of the value.
pub(super) fn completion(document: &Document, position: Position) -> Vec<CompletionItem> {
    let Some((number, cursor)) = at(document, position) else { return Vec::new() };
    let Some(model) = document.model else { return Vec::new() };
    let place = document.text.within(number, cursor.word.clone());
    match (cursor.key, cursor.in_value) {
        (Some((name, _)), true) => {
            let mut path = cursor.above;
            path.push(name);
            let words = model.topic(&path).map(|topic| topic.words).unwrap_or_default();
            words.into_iter().map(|word| item(&word, word.clone(), place, None)).collect()
        }
        (key, _) => {
            // A list is begun with a dash.
            let end = if key.is_some() { "" } else { ": " };
            let keys = model.below(&cursor.above).into_iter();
            let item = |topic: Topic| {
                item(&topic.name, format!("{}{end}", topic.name), place, Some(topic.about))
            };
            keys.map(item).collect()
        }
    }
}

fn item(label: &str, text: String, place: Place, about: Option<String>) -> CompletionItem {
    let kind = match about {
        Some(_) => CompletionItemKind::PROPERTY,
        None => CompletionItemKind::ENUM_MEMBER,
    };
    CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        documentation: about.map(|about| Documentation::MarkupContent(markdown(about))),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: place, new_text: text })),
        ..CompletionItem::default()
    }
}

/// More repairs of one place are not offered: nobody reads them.
const MOST: usize = 50;

/// The repairs of what was found there, and all of them at once.
pub(super) fn actions(
    document: &Document,
    params: &CodeActionParams,
    chosen: &Chosen,
) -> Vec<CodeAction> {
    let uri = &params.text_document.uri;
    let wanted = |kind: &CodeActionKind| {
        let within = |only: &CodeActionKind| kind.as_str().starts_with(only.as_str());
        params.context.only.as_ref().is_none_or(|all| all.iter().any(within))
    };
    let mut actions = Vec::new();
    if wanted(&CodeActionKind::QUICKFIX) {
        let there = document.found.iter().filter(|one| touches(document, one, params.range));
        let fixable = there.filter(|one| one.fix.is_some()).take(MOST);
        actions.extend(fixable.filter_map(|finding| quick(document, uri, finding)));
    }
    if wanted(&CodeActionKind::SOURCE_FIX_ALL)
        && let Some(text) = document.repaired(chosen)
    {
        let edit = vec![edit(document, 0..document.text.text().len(), text)];
        let title = "make all safe repairs".to_owned();
        actions.push(action(title, CodeActionKind::SOURCE_FIX_ALL, uri, edit, None));
    }
    actions
}

fn touches(document: &Document, finding: &Finding, place: Place) -> bool {
    let own = document.text.place(document.range(finding));
    own.start <= place.end && place.start <= own.end
}

fn quick(document: &Document, uri: &Uri, finding: &Finding) -> Option<CodeAction> {
    let fix = finding.fix.as_ref()?;
    lint::applied(&document.name, document.text.text(), &[fix])?;
    let edits = fix.edits.iter().map(|one| edit(document, one.span.range(), one.text.clone()));
    let of = diagnostic(document, uri, finding);
    let title = match lint::explain(finding.diagnostic.id) {
        Some(Explained::Rule(rule)) => format!("{} ({})", fix.title, rule.id),
        _ => fix.title.clone(),
    };
    Some(action(title, CodeActionKind::QUICKFIX, uri, edits.collect(), Some(of)))
}

fn edit(document: &Document, range: Range<usize>, text: String) -> TextEdit {
    TextEdit { range: document.text.place(range), new_text: text }
}

#[expect(
    clippy::mutable_key_type,
    reason = "the protocol's own type; its hash is that of the text"
)]
fn action(
    title: String,
    kind: CodeActionKind,
    uri: &Uri,
    edits: Vec<TextEdit>,
    of: Option<Diagnostic>,
) -> CodeAction {
    let changes = HashMap::from([(uri.clone(), edits)]);
    CodeAction {
        title,
        kind: Some(kind),
        diagnostics: of.map(|one| vec![one]),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    }
}
