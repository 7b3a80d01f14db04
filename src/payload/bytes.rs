//! Bytes that several hold, and that are never copied on the way from the document to the disk.
//!
//! In: a text, or bytes. Out: [`Bytes`], which know whether they are a text.

use std::ops::Deref;
use std::sync::Arc;

/// Bytes, or a text. Cloning it costs nothing.
#[derive(Debug, Clone)]
pub struct Bytes(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Text(Arc<String>),
    Bytes(Arc<Vec<u8>>),
}

impl Bytes {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.0 {
            Kind::Text(text) => Some(text),
            Kind::Bytes(_) => None,
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Kind::Text(text) => text.as_bytes(),
            Kind::Bytes(bytes) => bytes,
        }
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Bytes) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl From<Arc<String>> for Bytes {
    fn from(text: Arc<String>) -> Bytes {
        Bytes(Kind::Text(text))
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Bytes {
        Arc::new(text).into()
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Bytes {
        text.to_owned().into()
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        match String::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(error) => Bytes(Kind::Bytes(Arc::new(error.into_bytes()))),
        }
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Bytes {
        bytes.to_vec().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_its_bytes() {
        let table: [(&[u8], Option<&str>); 3] =
            [(b"a", Some("a")), ("한글".as_bytes(), Some("한글")), (b"\x1f\x8b", None)];
        for (bytes, text) in table {
            let held = Bytes::from(bytes);
            assert_eq!((&*held, held.text()), (bytes, text));
        }
        assert_eq!(Bytes::from("a"), Bytes::from(b"a".to_vec()));
    }
}
