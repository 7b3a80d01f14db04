//! Whether bytes are fit to be read as a parameter file.
//!
//! In: bytes or a reader. Out: a [`Source`] with `\n` line ends and no byte order mark, or a
//! [`SourceError`] that says what is wrong and where.

use std::{
    fmt,
    io::{self, Read},
    sync::Arc,
};

use super::{MAX_BYTES, Source, Span};

/// Why a file cannot be read as text at all.
#[derive(Debug)]
pub enum SourceError {
    /// Reading failed.
    Io {
        /// The file.
        name: String,
        /// What the system said.
        error: io::Error,
    },
    /// More than [`MAX_BYTES`].
    TooBig {
        /// The file.
        name: String,
    },
    /// Nothing in it but blank lines and comments.
    Empty {
        /// The file.
        name: String,
    },
    /// UTF-16 or UTF-32.
    Encoding {
        /// The file.
        name: String,
        /// `UTF-16` or `UTF-32`.
        encoding: &'static str,
    },
    /// Bytes that are no UTF-8.
    NotUtf8 {
        /// Where, in the text with a replacement character in its place.
        span: Span,
        /// How many bytes come before it.
        offset: usize,
        /// The first byte that does not fit.
        byte: u8,
    },
    /// A character that no text editor shows.
    Control {
        /// Where.
        span: Span,
        /// The character.
        character: char,
    },
}

impl SourceError {
    /// What is wrong, without the place.
    pub fn message(&self) -> String {
        match self {
            SourceError::Io { error, .. } => error.to_string(),
            SourceError::TooBig { .. } => format!(
                "the file is larger than {MAX_BYTES} bytes (1 MiB), too large for a parameter file"
            ),
            SourceError::Empty { .. } => {
                "the file is empty: it holds nothing but blank lines and comments".into()
            }
            SourceError::Encoding { encoding, .. } => format!("the file is {encoding} text"),
            SourceError::NotUtf8 { offset, byte, .. } => {
                format!("byte {offset} (0x{byte:02X}) is not UTF-8 text")
            }
            SourceError::Control { character, .. } => {
                format!("{} is not allowed here", describe(*character))
            }
        }
    }

    /// What is wrong, behind the name of the file or its place.
    pub fn titled(&self) -> String {
        let place = match self {
            SourceError::Io { name, .. }
            | SourceError::TooBig { name }
            | SourceError::Empty { name }
            | SourceError::Encoding { name, .. } => name.clone(),
            SourceError::NotUtf8 { span, .. } | SourceError::Control { span, .. } => {
                format!("{}:{}", span.source().name(), span.position())
            }
        };
        format!("{place}: {}", self.message())
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            SourceError::Io { .. } => "is it a file that you may read?",
            SourceError::TooBig { .. } => "is this the right file?",
            SourceError::Empty { .. } => {
                "`bootseed init -o FILE` writes a parameter file to start from"
            }
            SourceError::Encoding { .. } | SourceError::NotUtf8 { .. } => {
                "save the file as UTF-8; in Windows Notepad: Save as, Encoding: UTF-8"
            }
            SourceError::Control { character, .. } => advice(*character),
        }
    }

    /// Where it is, if it is in one place.
    pub fn span(&self) -> Option<&Span> {
        match self {
            SourceError::NotUtf8 { span, .. } | SourceError::Control { span, .. } => Some(span),
            _ => None,
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.titled(), self.help())
    }
}

impl std::error::Error for SourceError {}

impl Source {
    /// A source from the bytes of a file. CRLF becomes LF and a byte order mark is dropped;
    /// anything else that is no plain UTF-8 text is refused.
    ///
    /// # Errors
    /// Too large, empty, another encoding, or control characters.
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Arc<Source>, SourceError> {
        let name = name.into();
        if bytes.len() > MAX_BYTES {
            return Err(SourceError::TooBig { name });
        }
        if let Some(encoding) = wide_encoding(bytes) {
            return Err(SourceError::Encoding { name, encoding });
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = str::from_utf8(bytes).map_err(|error| not_utf8(&name, bytes, &error))?;
        let source = Source::new(name, text.replace("\r\n", "\n"));
        check_characters(&source)?;
        if is_blank(source.text()) {
            return Err(SourceError::Empty { name: source.name().to_owned() });
        }
        Ok(source)
    }

    /// A source from a reader, which is asked for no more than one byte above [`MAX_BYTES`].
    ///
    /// # Errors
    /// As [`Source::from_bytes`], and when reading fails.
    pub fn read(name: impl Into<String>, reader: impl Read) -> Result<Arc<Source>, SourceError> {
        let name = name.into();
        let mut bytes = Vec::new();
        match reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes) {
            Ok(_) => Source::from_bytes(name, &bytes),
            Err(error) => Err(SourceError::Io { name, error }),
        }
    }
}

/// The name of a two- or four-byte encoding, by its byte order mark or by the NULs it gives to
/// plain letters.
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, 1..=255, ..] => Some("UTF-32"),
        [1..=255, 0, 0, 0, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

fn not_utf8(name: &str, bytes: &[u8], error: &std::str::Utf8Error) -> SourceError {
    let offset = error.valid_up_to();
    let source = Source::new(name, String::from_utf8_lossy(bytes).replace("\r\n", "\n"));
    let carriage_returns = bytes.get(..offset).unwrap_or_default().windows(2);
    let at = offset - carriage_returns.filter(|pair| pair == b"\r\n").count();
    let span = Span::new(&source, at..at + char::REPLACEMENT_CHARACTER.len_utf8());
    SourceError::NotUtf8 { span, offset, byte: bytes.get(offset).copied().unwrap_or(0) }
}

fn check_characters(source: &Arc<Source>) -> Result<(), SourceError> {
    let found = source.text().char_indices().find(|(_, c)| is_refused(*c));
    found.map_or(Ok(()), |(at, character)| {
        let span = Span::new(source, at..at + character.len_utf8());
        Err(SourceError::Control { span, character })
    })
}

fn is_refused(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

fn describe(c: char) -> String {
    match c {
        '\0' => "a NUL byte".to_owned(),
        '\r' => "a carriage return without a line feed".to_owned(),
        '\u{1B}' => "an escape character (U+001B)".to_owned(),
        _ => format!("the control character U+{:04X}", u32::from(c)),
    }
}

fn advice(c: char) -> &'static str {
    match c {
        '\0' => "is this a text file?",
        '\r' => "save the file with LF or CRLF line ends",
        _ => "remove it, or write it as an escape in a double-quoted string",
    }
}

/// Whether there is nothing to read: only blank lines, comments and document marks.
fn is_blank(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#') || matches!(line, "---" | "..."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> String {
        Source::from_bytes("a.yaml", bytes).map_or_else(|e| e.to_string(), |s| s.text().to_owned())
    }

    #[test]
    fn a_byte_order_mark_and_crlf_are_harmless() {
        assert_eq!(message(b"\xEF\xBB\xBFa: 1\r\nb: 2\r\n"), "a: 1\nb: 2\n");
    }

    #[test]
    fn every_unreadable_file_gets_its_own_message() {
        let cases: &[(&[u8], &str)] = &[
            (b"", "nothing but blank lines"),
            (b"\n  # hi\n---\n", "nothing but blank lines"),
            (b"\xFF\xFEa\0", "is UTF-16 text"),
            (b"\xFE\xFF\0a", "is UTF-16 text"),
            (b"a\0:\0 \0", "is UTF-16 text"),
            (b"a\0\0\0:\0\0\0", "is UTF-32 text"),
            (b"a: 1\nb: \xE9t", "a.yaml:2:4: byte 8 (0xE9) is not UTF-8"),
            (b"\xC3\xA9: \xE9", "a.yaml:1:4: byte 4 (0xE9)"),
            (b"a: x\0y", "a.yaml:1:5: a NUL byte"),
            (b"a: 1\rb: 2", "a.yaml:1:5: a carriage return"),
            (b"a: \x1B[31m", "a.yaml:1:4: an escape character"),
            (b"a: \x7F", "U+007F"),
            (b"a: \xC2\x85", "U+0085"),
            (b"a: \xEF\xBF\xBF", "U+FFFF"),
        ];
        for (bytes, expected) in cases {
            let message = message(bytes);
            assert!(message.contains(expected), "{bytes:?}: {message}");
        }
    }

    #[test]
    fn reading_stops_just_above_the_limit() {
        struct Counted<'a>(&'a mut usize);
        impl Read for Counted<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                buffer.fill(b'a');
                *self.0 += buffer.len();
                Ok(buffer.len())
            }
        }
        let mut given = 0;
        let error = Source::read("big.yaml", Counted(&mut given)).unwrap_err();
        assert!(error.to_string().contains("larger than 1048576 bytes"), "{error}");
        assert!(given <= MAX_BYTES + 1, "{given}");
        assert!(Source::from_bytes("fits", &vec![b'a'; MAX_BYTES]).is_ok());
        assert!(Source::from_bytes("big", &vec![b'a'; MAX_BYTES + 1]).is_err());
    }

    #[test]
    fn a_failing_reader_is_named() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        assert_eq!(
            Source::read("a.yaml", Failing).unwrap_err().to_string(),
            "a.yaml: gone; is it a file that you may read?"
        );
    }
}
