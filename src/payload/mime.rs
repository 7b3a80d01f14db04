//! A MIME message with several parts, as cloud-init reads it.
//!
//! cloud-init (all versions up to 26.2) damages characters that are not ASCII in a part with 7bit
//! or 8bit encoding, whatever its charset: such parts are base64.
//! <https://docs.cloud-init.io/en/latest/explanation/format.html#mime-multi-part-archive>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::plan::Part;

/// Longest line of a part that is not encoded (RFC 5322, 2.1.1).
const LINE: usize = 998;

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
    let plain = text.is_ascii()
        && !text.contains(['\r', '\0'])
        && text.lines().all(|line| line.len() <= LINE);
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
        let name: String = sum.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let boundary = format!("=={name}==");
        if !bodies.iter().any(|body| body.contains(&boundary)) {
            return boundary;
        }
        digest.update(boundary.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Part {
        Part { mime_type: "text/x-shellscript", name: "a.sh".into(), text: text.into() }
    }

    #[test]
    fn ascii_stays_readable_and_the_rest_is_base64() {
        let message = message("#cloud-config\n{}\n", &[part("#!/bin/sh\necho 안녕\n")]);
        assert!(message.starts_with("Content-Type: multipart/mixed; boundary=\"=="), "{message}");
        assert!(message.contains("7bit\nContent-Disposition: attachment; filename=\"cloud-config.yaml\"\n\n#cloud-config\n{}\n"));
        assert!(message.contains(&STANDARD.encode("#!/bin/sh\necho 안녕\n")));
        assert!(message.is_ascii());
    }

    #[test]
    fn a_boundary_never_occurs_in_a_part() {
        let bodies = |text: &str| vec![text.to_string()];
        let first = boundary(&bodies("x"));
        // The only way to hold one's own boundary is to be given it.
        let trap = format!("x{first}");
        assert!(!trap.contains(&boundary(&bodies(&trap))));
    }
}
