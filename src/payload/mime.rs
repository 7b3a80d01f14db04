//! A MIME message with several parts, as cloud-init reads it.
//!
//! cloud-init (all versions up to 26.2) damages characters that are not ASCII in a part with 7bit
//! or 8bit encoding, whatever its charset: such parts are base64. Any other goes as it is, since base64
//! takes a third more; it may have lines of more than the 998 characters that mail allows (RFC 5322,
//! 2.1.1), which Python's reader does not mind.
//! <https://docs.cloud-init.io/en/latest/explanation/format.html#mime-multi-part-archive>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::plan::Part;

/// Characters in a line of base64 (RFC 2045, 6.8).
const BASE64_LINE: usize = 76;

/// The message: the cloud-config first.
pub(super) fn message(document: &str, parts: &[Part]) -> String {
    let first = ("text/cloud-config", "cloud-config.yaml", document);
    let rest = parts.iter().map(|part| (part.mime_type, part.name.as_str(), part.text.as_str()));
    let bodies: Vec<String> = std::iter::once(first).chain(rest).map(body).collect();
    let boundary = boundary(&bodies);
    let mut message =
        format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\nMIME-Version: 1.0\n\n");
    for body in &bodies {
        message += &format!("--{boundary}\n{body}\n");
    }
    message + &format!("--{boundary}--\n")
}

/// A part with its headers. A line end is added behind it, which belongs to the boundary.
fn body((mime_type, name, text): (&str, &str, &str)) -> String {
    let plain = text.is_ascii() && !text.contains(['\r', '\0']);
    let (encoding, content) = match plain {
        true => ("7bit", text.to_string()),
        false => ("base64", wrapped(&STANDARD.encode(text))),
    };
    let charset = if plain { "us-ascii" } else { "utf-8" };
    format!(
        "Content-Type: {mime_type}; charset=\"{charset}\"\n\
         Content-Transfer-Encoding: {encoding}\n\
         Content-Disposition: attachment; filename=\"{name}\"\n\n{content}"
    )
}

fn wrapped(base64: &str) -> String {
    let mut lines = String::new();
    for (i, c) in base64.chars().enumerate() {
        if i > 0 && i % BASE64_LINE == 0 {
            lines.push('\n');
        }
        lines.push(c);
    }
    lines
}

/// Derived from the content, and found nowhere in it.
fn boundary(bodies: &[String]) -> String {
    let mut digest = Sha256::new();
    for body in bodies {
        digest.update(body.as_bytes());
        digest.update([0]);
    }
    loop {
        let sum = digest.clone().finalize();
        let boundary = format!("=={}==", super::hex(&sum[..12]));
        if !bodies.iter().any(|body| body.contains(&boundary)) {
            return boundary;
        }
        digest.update(boundary.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(text: &str) -> Part {
        let (name, origin) = ("a.sh".into(), "parts[0]".into());
        Part { mime_type: "text/x-shellscript", name, text: text.into(), origin }
    }

    #[test]
    fn ascii_stays_readable_and_the_rest_is_base64() {
        let message = message("#cloud-config\n{}\n", &[part("#!/bin/sh\necho 안녕\n")]);
        assert!(message.starts_with("Content-Type: multipart/mixed; boundary=\"=="), "{message}");
        assert!(message.contains("7bit\nContent-Disposition: attachment; filename=\"cloud-config.yaml\"\n\n#cloud-config\n{}\n"));
        assert!(message.contains(&STANDARD.encode("#!/bin/sh\necho 안녕\n")));
        assert!(message.is_ascii());
        let long = format!("#cloud-config\na: {}\n", "x".repeat(9_000));
        assert!(super::message(&long, &[]).contains(&long), "a packed program is one line");
    }

    #[test]
    fn a_boundary_never_occurs_in_a_part() {
        let bodies = |text: &str| vec![text.to_string()];
        let first = boundary(&bodies("x"));
        // The only way to hold one's own boundary is to be given it.
        let trap = format!("x{first}");
        assert!(!trap.contains(&boundary(&bodies(&trap))));
    }

    /// Texts with what a message is made of.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "(?s:.){0,40}",
            Just("\n".to_string()),
            Just("\n--==".to_string()),
            Just("\r\n\r\n".to_string()),
            Just("MIME-Version: 1.0\n".to_string()),
            Just("From a\n".to_string()),
            Just("x".repeat(1_000)),
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn every_text_comes_out_as_it_went_in(
            document in text(),
            texts in proptest::collection::vec(text(), 0..4),
        ) {
            let parts: Vec<Part> = texts.iter().map(|text| part(text)).collect();
            let message = message(&document, &parts);
            prop_assert!(message.is_ascii());
            prop_assert_eq!(&message, &super::message(&document, &parts));
            let mail = mailparse::parse_mail(message.as_bytes()).unwrap();
            let boundary = mail.ctype.params["boundary"].clone();
            prop_assert!(!document.contains(&boundary) && !texts.concat().contains(&boundary));
            let bodies: Vec<Vec<u8>> =
                mail.subparts.iter().map(|part| part.get_body_raw().unwrap()).collect();
            let expected: Vec<&[u8]> =
                std::iter::once(&document).chain(&texts).map(|text| text.as_bytes()).collect();
            prop_assert_eq!(bodies, expected);
        }
    }
}
