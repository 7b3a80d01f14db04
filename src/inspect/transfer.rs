//! Transfer encodings of a MIME part, undone as Python's `email` does it.
//!
//! Python never refuses: what cannot be decoded stays as it is. `get_payload` in
//! <https://github.com/python/cpython/blob/3.11/Lib/email/message.py>

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A way to undo an encoding.
type Decoder = fn(&[u8]) -> Vec<u8>;

/// The encodings, by name in small letters. Python knows uuencode as well, which nobody sends.
const ENCODINGS: &[(&str, Decoder)] = &[("base64", base64), ("quoted-printable", quoted_printable)];

/// The content; `None` when this encoding, as 7bit, changes nothing.
pub(super) fn decode(encoding: &str, body: &[u8]) -> Option<Vec<u8>> {
    let (_, decode) = ENCODINGS.iter().find(|(name, _)| encoding.eq_ignore_ascii_case(name))?;
    Some(decode(body))
}

/// What Python makes of text that is not encoded and not ASCII: bytes that are no UTF-8 for
/// characters up to U+00FF, and six or ten characters for any other. `raw-unicode-escape`
pub(super) fn damage(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for c in text.chars() {
        match u32::from(c) {
            code @ 0..=0xFF => bytes.push(code as u8),
            code @ 0x100..=0xFFFF => bytes.extend(format!("\\u{code:04x}").bytes()),
            code => bytes.extend(format!("\\U{code:08x}").bytes()),
        }
    }
    bytes
}

/// Characters that do not belong are passed over, and padding ends it.
fn base64(body: &[u8]) -> Vec<u8> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let (mut packed, mut padding) = (Vec::new(), 0);
    for &byte in body {
        if byte.is_ascii_alphanumeric() || b"+/".contains(&byte) {
            packed.push(byte);
            padding = 0;
        } else if byte == b'=' && packed.len() % 4 >= 2 {
            padding += 1;
            if packed.len() % 4 + padding == 4 {
                break;
            }
        }
    }
    ENGINE.decode(&packed).unwrap_or_else(|_| body.to_vec())
}

fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), body);
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'=', []) => {}
            (b'=', [b'\n', more @ ..]) | (b'=', [b'\r', b'\n', more @ ..]) => rest = more,
            (b'=', [b'\r', ..]) => {
                let end = after.iter().position(|byte| *byte == b'\n');
                rest = end.map_or(&[], |end| &after[end + 1..]);
            }
            (b'=', [b'=', more @ ..]) => {
                bytes.push(b'=');
                rest = more;
            }
            (b'=', [high, low, more @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap_or_default() << 4 | hex(*low).unwrap_or_default());
                rest = more;
            }
            _ => bytes.push(first),
        }
    }
    bytes
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone_as_python_undoes_them() {
        let table: [(&str, &str, &[u8]); 8] = [
            ("base64", "IyEvYmluL3No\n!!!Cg", b"#!/bin/sh\n"),
            ("BASE64", "YQ==YQ==", b"a"),
            ("base64", "YQ", b"a"),
            ("base64", "YWI=YQ==", b"ab"),
            ("base64", "YWJjZ", b"YWJjZ"),
            ("quoted-printable", "a=EC=95=88=\nb=\r\nc", b"a\xec\x95\x88bc"),
            ("quoted-printable", "a==b =zz =", b"a=b =zz "),
            ("base64", "", b""),
        ];
        for (encoding, body, content) in table {
            let found = decode(encoding, body.as_bytes()).unwrap();
            assert_eq!(found, content, "{encoding} {body:?}");
        }
        assert_eq!(decode("8bit", b"a"), None);
        assert_eq!(decode("base64 ", b"YQ=="), None);
    }

    #[test]
    fn text_that_is_not_encoded_is_damaged() {
        assert_eq!(damage("a\u{e9}\u{c548}\u{1f600}"), b"a\xe9\\uc548\\U0001f600");
    }
}
