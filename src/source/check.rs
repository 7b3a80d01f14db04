//! What YAML allows and a parameter file does not.
//!
//! In: a key, a tag or a position met while reading. Out: a [`SyntaxError`] that says what to
//! write instead.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{ScalarStyle, Tag};

use super::slip::slip_in_key;
use super::{Entry, Kind, Node, Plain, Span, SyntaxError};

/// The text and place of a key.
pub(super) fn key_of(node: Node) -> Result<(String, Span), SyntaxError> {
    let span = node.span;
    let what = match node.kind {
        Kind::Scalar(scalar) if scalar.plain && scalar.text.is_empty() => {
            return Err(SyntaxError::new(span, "a key is missing before this `:`"));
        }
        Kind::Scalar(scalar) => {
            let slip = slip_in_key(&scalar.text, &span).filter(|_| scalar.plain);
            return slip.map_or(Ok((scalar.text, span)), Err);
        }
        Kind::List(_) => "a list",
        Kind::Map(_) => "a map",
    };
    Err(SyntaxError::new(span, format!("{what} cannot be a key"))
        .help("a key is a word; put a text that begins with `{` or `[` in quotes"))
}

/// The same key twice in one map.
pub(super) fn duplicate_key(key: &str, span: Span, first: &Entry) -> SyntaxError {
    // What has blanks in it may be anything that lacks a `:`.
    let shown = if key.contains(char::is_whitespace) { String::new() } else { format!(" `{key}`") };
    SyntaxError::new(span, format!("the key{shown} stands here a second time"))
        .help("remove one of the two, or join what is below them")
        .related(first.key_span.clone(), "first here")
}

/// Whether a tagged scalar counts as plain, that is, may be something else than text.
pub(super) fn retyped(
    tag: &Tag,
    text: &str,
    style: ScalarStyle,
    span: &Span,
) -> Result<bool, SyntaxError> {
    if tag.handle.is_empty() && tag.suffix == "!" {
        return Ok(false);
    }
    let look = Plain::of(text);
    let fits = match (tag.is_yaml_core_schema(), tag.suffix.as_str()) {
        (true, "str") => return Ok(false),
        (true, "null") => look == Plain::Null,
        (true, "bool") => matches!(look, Plain::Bool(_)),
        (true, "int") => matches!(look, Plain::Int(_)),
        (true, "float") => matches!(look, Plain::Int(_) | Plain::Float(_)),
        _ => return Err(foreign_tag(tag, span)),
    };
    if fits {
        return Ok(true);
    }
    let what = if style == ScalarStyle::Plain { "word" } else { "text" };
    let message = format!("the tag `!!{}` does not fit this {what}", tag.suffix);
    Err(SyntaxError::new(span.clone(), message).help("remove the tag"))
}

/// The text that a tag `!!binary` stands for; what is no text is written for cloud-init another way.
pub(super) fn binary(text: &str, span: &Span) -> Result<String, SyntaxError> {
    let packed: String = text.split_whitespace().collect();
    let wrong = |message: &str| SyntaxError::new(span.clone(), message);
    let bytes = STANDARD.decode(packed).map_err(|_| {
        wrong("what is tagged `!!binary` is not base64").help("remove the tag, or encode it anew")
    })?;
    String::from_utf8(bytes).map_err(|_| {
        wrong("what is tagged `!!binary` is not text").help(
            "remove the tag, and write `encoding: b64` beside it; or bring the file with `from:`",
        )
    })
}

/// Is it that tag?
pub(super) fn is_binary(tag: &Tag) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == "binary"
}

/// A tag that means nothing here.
pub(super) fn foreign_tag(tag: &Tag, span: &Span) -> SyntaxError {
    // A password may begin with `!`: only the tags of YAML itself are named.
    let shown = match tag.is_yaml_core_schema() {
        true => format!("the tag `!!{}`", tag.suffix),
        false => "a word that begins with `!` is a tag, which".to_owned(),
    };
    SyntaxError::new(span.clone(), format!("{shown} means nothing here"))
        .help("remove the tag; a text that begins with `!` is put in quotes")
}

/// The mistake, if the line on which `span` begins is indented with a tab.
pub(super) fn tab_in_indent(span: &Span) -> Option<SyntaxError> {
    let source = span.source();
    let start = source.line_range(span.start()).start;
    let indent = source.text().get(start..span.start())?;
    let blank = indent.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    let tab = indent.find('\t').filter(|_| blank)?;
    Some(tab_error(Span::new(source, start + tab..start + tab + 1)))
}

fn tab_error(span: Span) -> SyntaxError {
    SyntaxError::new(span, "this line is indented with a tab")
        .help("YAML is indented with spaces: replace each tab by two spaces")
}

/// The tab that made the YAML reader stop at or soon after `span`.
pub(super) fn tab_near(span: &Span) -> Option<SyntaxError> {
    let source = span.source();
    let line = source.line_range(span.start()).start;
    tab_in_lines(span, line).or_else(|| {
        let before = source.text().get(line..span.start())?;
        let tab = line + before.len().checked_sub(1).filter(|_| before.ends_with('\t'))?;
        let span = Span::new(source, tab..tab + 1);
        Some(SyntaxError::new(span, "a tab stands here").help("YAML wants a space here"))
    })
}

/// A tab in the indentation of the line that begins at `line` or of the next one with something
/// on it.
fn tab_in_lines(span: &Span, line: usize) -> Option<SyntaxError> {
    let mut at = line;
    let mut written = 0;
    for text in span.source().text().get(line..)?.split('\n') {
        let code = text.trim_start_matches([' ', '\t']);
        let indent = text.get(..text.len() - code.len())?;
        if let Some(tab) = indent.find('\t').filter(|_| !code.is_empty()) {
            return Some(tab_error(Span::new(span.source(), at + tab..at + tab + 1)));
        }
        written += usize::from(!code.is_empty());
        if written == 2 {
            return None;
        }
        at += text.len() + 1;
    }
    None
}
