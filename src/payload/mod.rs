//! The bytes that a machine gets as its user-data.
//!
//! In: a [`CloudConfig`] and the owner's further parts. Out: a [`Payload`]: the document itself, or
//! a MIME message where there is more than one part; as it is, or compressed; the same bytes every
//! time.

mod bytes;
mod mime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub use bytes::Bytes;

use crate::cloud_config::CloudConfig;
use crate::plan::Part;
use crate::program::{gzip, gzip_at_any_cost};

/// User-data, before it is wrapped for a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    bytes: Bytes,
    form: Form,
}

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One part: the document, or what somebody else made.
    Single,
    /// A MIME message.
    Mime,
    /// Either of them, compressed.
    Gzip,
}

impl Payload {
    /// The document alone, or a MIME message with the document and the parts behind it.
    pub fn new(document: &CloudConfig, parts: &[Part]) -> Payload {
        let single = || Payload { bytes: document.shared().into(), form: Form::Single };
        if parts.is_empty() { single() } else { single().with_parts(parts) }
    }

    /// Bytes that are user-data already; gzip is known by its first two bytes (RFC 1952, 2.3.1).
    pub fn of(bytes: &[u8]) -> Payload {
        let form = if bytes.starts_with(b"\x1f\x8b") { Form::Gzip } else { Form::Single };
        Payload { bytes: bytes.into(), form }
    }

    /// The same as a MIME message, also where one part would do.
    pub fn as_mime(&self) -> Payload {
        match self.form {
            Form::Single => self.with_parts(&[]),
            Form::Mime | Form::Gzip => self.clone(),
        }
    }

    fn with_parts(&self, parts: &[Part]) -> Payload {
        let document = self.text().unwrap_or_default();
        Payload { bytes: mime::message(document, parts).into(), form: Form::Mime }
    }

    /// The same, compressed.
    pub fn compressed(&self) -> Payload {
        if self.is_gzip() {
            return self.clone();
        }
        Payload { bytes: gzip(&self.bytes).into(), form: Form::Gzip }
    }

    /// The same, compressed as far as can be, which takes its time.
    pub fn squeezed(&self) -> Payload {
        if self.is_gzip() {
            return self.clone();
        }
        Payload { bytes: gzip_at_any_cost(&self.bytes).into(), form: Form::Gzip }
    }

    /// The bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Are they compressed?
    pub fn is_gzip(&self) -> bool {
        self.form == Form::Gzip
    }

    /// Is it one cloud-config, as text?
    pub fn is_cloud_config(&self) -> bool {
        let header = self.text().and_then(|text| text.lines().next());
        header.is_some_and(|line| line.trim_end() == "#cloud-config")
    }

    /// The text, unless it is compressed.
    pub fn text(&self) -> Option<&str> {
        self.bytes.text().filter(|_| !self.is_gzip())
    }

    /// The bytes in base64, on one line without an end: a line break would keep cloud-init from
    /// undoing it.
    pub fn base64(&self) -> String {
        STANDARD.encode(&*self.bytes)
    }
}

/// The SHA-256 of bytes in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Two digits a byte.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sum_is_that_of_the_program() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256(b"abc"), expected, "FIPS 180-2, B.1");
    }

    use std::io::Read;

    use super::*;

    #[test]
    fn compressing_is_undone_and_repeats() {
        let bytes = b"#cloud-config\n{}\n".to_vec();
        let payload = Payload::of(&bytes);
        let packed = payload.compressed();
        assert_eq!(packed, payload.compressed());
        assert_eq!(packed.compressed(), packed);
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&packed.bytes()[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, **payload.bytes());
    }
}
