//! The messages of the YAML reader in words that say what to do.
//!
//! In: a message of `saphyr-parser` and where it stopped. Out: a [`SyntaxError`].

use super::{Span, SyntaxError};

const QUOTE: &str = "put a text that begins like this in quotes";

/// Part of the reader's message, our message, and what to write instead.
const MESSAGES: [(&str, &str, &str); 22] = [
    (
        "mapping values are not allowed",
        "a `:` is not allowed here",
        "put a text that holds `: ` in quotes; a key begins its own line, in the column of its \
         neighbours",
    ),
    (
        "illegal placement of ':'",
        "a `:` is not allowed here",
        "is a `]` or `}` missing in the lines above?",
    ),
    (
        "unknown anchor",
        "this alias has no anchor before it",
        "write `&name` before the value that `*name` repeats; put a text that begins with `*` in \
         quotes",
    ),
    (
        "unknown escape character",
        "a `\\` in this text is not followed by an escape",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    (
        "Unicode character escape",
        "an escape in this text is no character",
        "write the character itself",
    ),
    (
        "expected hexdecimal number",
        "an escape in this text is incomplete",
        "`\\x` takes two hexadecimal digits, `\\u` four and `\\U` eight",
    ),
    (
        "expected hexadecimal number",
        "a `\\` in this text is not followed by an escape",
        "write `\\\\` for a backslash, or use single quotes: 'C:\\Users'",
    ),
    (
        "invalid trailing content",
        "something follows the closing quote",
        "a quote inside quotes is written as `''` in single and as `\\\"` in double ones",
    ),
    ("indentation in quoted", "the closing quote is missing", "end the text with the same quote"),
    ("unclosed quote", "the closing quote is missing", "end the text with the same quote"),
    ("unexpected end of stream", "the text ends too early", "is a quote or bracket missing?"),
    ("misplaced bracket", "this bracket closes nothing", "remove it, or put the text in quotes"),
    ("unclosed bracket", "this bracket is never closed", "add the `]` or `}` that is missing"),
    ("expected ',' or ']'", "a `,` or `]` is missing here", "items are separated by `,`"),
    ("expected ',' or '}'", "a `,` or `}` is missing here", "entries are separated by `,`"),
    (
        "expected '-' indicator",
        "this line does not belong to the list above it",
        "begin it with `- `, or indent it like the key it belongs to",
    ),
    (
        "did not find expected key",
        "this line is not indented like those above it",
        "keys of one map begin in the same column",
    ),
    (
        "sequence entries are not allowed",
        "an item (`-`) is not allowed here",
        "an item begins its own line; put a text that begins with `- ` in quotes",
    ),
    (
        "expected comment or line break",
        "`|` and `>` are followed by a line break",
        "write the text on the next line, indented, or put it in quotes",
    ),
    ("anchor or alias", "a name is missing after `&` or `*`", QUOTE),
    (
        "expected <document start>",
        "this line does not fit what stands before it",
        "a parameter file is one map: each line begins with a key and a `:`",
    ),
    ("recursion limit", "lists and maps are nested too deep", "64 levels are allowed"),
];

/// What the reader's `info` means at `span`.
pub(super) fn explain(info: &str, span: Span) -> SyntaxError {
    if info.contains("simple key expect") {
        return missing_colon(&span);
    }
    if info.contains("mapping values are not allowed")
        && let Some(error) = after_odd_line(&span)
    {
        return error;
    }
    let span = back_to_text(span);
    if let Some(character) = info.strip_prefix("unexpected character: `") {
        let character = match character.trim_end_matches('\'') {
            "`" => "a backquote".to_owned(),
            character => format!("`{character}`"),
        };
        return SyntaxError::new(span, format!("a value cannot begin with {character}"))
            .help(QUOTE);
    }
    match MESSAGES.iter().find(|(part, ..)| info.contains(part)) {
        Some((_, message, help)) => SyntaxError::new(span, *message).help(*help),
        None => SyntaxError::new(span, format!("this is not valid YAML: {info}")),
    }
}

/// The reader notices only after the line in which the `:` is missing.
fn missing_colon(span: &Span) -> SyntaxError {
    SyntaxError::new(line_before(span), "a `:` is missing in this line")
        .help("write `key: value` with a space after the `:`, or `- value` for an item of a list")
}

/// A first `:` in its line is refused because of what the line above holds.
fn after_odd_line(span: &Span) -> Option<SyntaxError> {
    let source = span.source();
    let line = source.line_range(span.start());
    let key = source.text().get(line.start..span.start())?;
    let above = line_before(&Span::new(source, line.start..line.start));
    if key.contains(": ") || above.text().is_empty() {
        return None;
    }
    let indent = key.len() - key.trim_start().len();
    let above_indent = above.position().column - 1;
    let here = Span::new(source, line.start + indent..span.start());
    if indent > above_indent && above.text().contains(": ") {
        let message = "this line is indented deeper than the line above it, which has its value";
        let help = "keys of one map begin in the same column; what is below a key follows `key:`";
        return Some(SyntaxError::new(here, message).help(help));
    }
    (indent == above_indent && !above.text().contains(": ")).then(|| missing_colon(&here))
}

/// The last line with something on it before `span`, without blanks around it.
fn line_before(span: &Span) -> Span {
    let source = span.source();
    let line = source.line_range(span.start()).start;
    let until = if span.position().column > 1 { line } else { span.start() };
    let before = source.text().get(..until).unwrap_or("").trim_end();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let indent = before.len() - before.get(line..).unwrap_or("").trim_start().len();
    Span::new(source, indent..before.len())
}

/// A place after the last character is no help: the end of the last line that holds something.
fn back_to_text(span: Span) -> Span {
    let written = span.source().text().trim_end().len();
    if span.start() < written { span } else { Span::new(span.source(), written..written) }
}
