//! Which kind of file it is, by what is in it.
//!
//! In: a file, or the beginning of its text. Out: whether it is a workbook, or else a [`Format`];
//! or the [`Fault`] that says what other file it is. Its name only breaks ties.

use std::io::{self, Read, Seek, SeekFrom};

use super::{fault::Fault, foreign::Foreign};

/// What the file is made of.
pub(super) trait Bytes: Read + Seek + Send {}

impl<T: Read + Seek + Send> Bytes for T {}

/// A file that can be read again.
pub(super) type Input = Box<dyn Bytes>;

/// How many bytes are read at once.
pub(super) const CHUNK: u64 = 1 << 16;

/// A kind of text that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Delimited,
    Json,
    Yaml,
}

/// What is looked for inside a ZIP archive, in this order; names are not compressed there.
const IN_ZIP: &[(&[u8], Option<Foreign>)] = &[
    (b"application/vnd.oasis.opendocument", Some(Foreign::OpenDocument)),
    (b"application/hwp+zip", Some(Foreign::Hwp)),
    (b"xl/workbook.xml", None),
    (b"xl/workbook.bin", Some(Foreign::Binary)),
    (b"word/document.xml", Some(Foreign::Word)),
    (b"ppt/presentation.xml", Some(Foreign::Word)),
    (b"Index/Document.iwa", Some(Foreign::Numbers)),
    // A workbook whose main part has another name: let the reader say so.
    (b"[Content_Types].xml", None),
];

/// The same inside an OLE file, whose names are UTF-16.
const IN_OLE: &[(&[u8], Option<Foreign>)] = &[
    (b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", Some(Foreign::Locked)),
    (b"HWP Document File", Some(Foreign::Hwp)),
    (b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0", Some(Foreign::Word)),
];

/// Is it a workbook? Text is not looked at.
///
/// # Errors
/// An empty file, one of another kind, or one that cannot be read.
pub(super) fn is_workbook(file: &mut Input) -> Result<bool, Fault> {
    let mut first = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(32).read_to_end(&mut first)?;
    match &first[..] {
        [] => Err(Fault::Empty),
        [b'P', b'K', 3, 4, ..] => inside(file, IN_ZIP, Foreign::Zip).map(|()| true),
        [b'P', b'K', 5, 6, ..] => Err(Fault::Foreign(Foreign::Zip)),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => inside(file, IN_OLE, Foreign::OldExcel).map(|()| false),
        other => Foreign::of(other).map_or(Ok(false), |foreign| Err(Fault::Foreign(foreign))),
    }
}

/// What a container holds: the first of `known`, or else `other`.
fn inside(
    file: &mut Input,
    known: &[(&[u8], Option<Foreign>)],
    other: Foreign,
) -> Result<(), Fault> {
    let mut found = vec![false; known.len()];
    let mut window = Vec::new();
    each_chunk(file, 0, |chunk| {
        window.extend_from_slice(chunk);
        for (found, (name, _)) in found.iter_mut().zip(known) {
            *found = *found || window.windows(name.len()).any(|part| part == *name);
        }
        window.drain(..window.len().saturating_sub(64));
    })?;
    let first = found.iter().zip(known).find(|(found, _)| **found);
    match first.map_or(Some(other), |(_, (_, foreign))| *foreign) {
        Some(foreign) => Err(Fault::Foreign(foreign)),
        None => Ok(()),
    }
}

/// Shows a file to `look`, from a byte to its end.
pub(super) fn each_chunk(
    file: &mut Input,
    from: u64,
    mut look: impl FnMut(&[u8]),
) -> io::Result<()> {
    file.seek(SeekFrom::Start(from))?;
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        if file.take(CHUNK).read_to_end(&mut chunk)? == 0 {
            return Ok(());
        }
        look(&chunk);
    }
}

/// What a text is.
///
/// # Errors
/// A web page or other XML.
pub(super) fn of_text(name: &str, text: &str) -> Result<Format, Fault> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    let lower = name.to_lowercase();
    let named = |extension: &str| lower.ends_with(extension);
    match text.chars().next() {
        Some('<') => Err(Fault::Foreign(markup(text))),
        Some('[' | '{') if !named(".yaml") && !named(".yml") => Ok(Format::Json),
        _ if is_yaml(text) || named(".yaml") || named(".yml") => Ok(Format::Yaml),
        _ if named(".json") => Ok(Format::Json),
        _ => Ok(Format::Delimited),
    }
}

fn markup(text: &str) -> Foreign {
    let start = text.get(..1024).unwrap_or(text).to_lowercase();
    let html = ["<html", "<!doctype html", "<table", "<head", "<meta", "<body", "<style", "<div"];
    if html.iter().any(|tag| start.contains(tag)) { Foreign::Html } else { Foreign::Xml }
}

/// Whether the first line that is no comment begins an item of a list or a document.
fn is_yaml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_end);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let first = first.trim_start();
    first == "-"
        || first.starts_with("- ")
        || first.starts_with("---")
        || first.starts_with("%YAML")
}
