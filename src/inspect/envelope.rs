//! Envelopes that serve transport: each is taken off, and what was inside is looked at again.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::bufread::GzDecoder;

use super::Kind;
use super::budget::Budget;
use super::kind::sniff;
use super::{request, seed, vmx};

/// An envelope that was taken off.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) envelope: String,
    pub(super) sort: Sort,
    /// What is inside, and whose it is; more than one where the envelope is for several machines.
    pub(super) inside: Vec<(String, Vec<u8>)>,
    pub(super) note: Option<String>,
    pub(super) warning: Option<String>,
    /// Nothing of it reaches a machine, and that is why.
    pub(super) lost: Option<String>,
}

/// What an envelope is to the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sort {
    Gzip,
    Base64,
    /// A request, a template, a drive: what is around user-data on its way to the machine, with
    /// what undoes the base64 inside.
    #[default]
    Carrier,
    /// The same, where nothing undoes base64.
    PlainCarrier,
    /// The same, where base64 is undone in any case.
    Base64Carrier,
    /// The same, where base64 is undone in any case, and nothing may be compressed inside.
    TextCarrier,
    /// A template of CloudFormation, where EC2 takes base64 alone.
    CloudFormation,
    /// A launch template of EC2, which takes base64 alone.
    LaunchTemplate,
}

impl Opened {
    /// One content.
    pub(super) fn one(envelope: impl Into<String>, sort: Sort, content: Vec<u8>) -> Opened {
        let inside = vec![(String::new(), content)];
        Opened { envelope: envelope.into(), sort, inside, ..Opened::default() }
    }
}

/// A way to open an envelope; `None` when the bytes are not in it.
type Opener = fn(&[u8], &mut Budget) -> Option<Opened>;

/// Ways to open an envelope that bytes of any kind may be.
const OPENERS: &[Opener] = &[seed::open, gzip];

/// Ways to open an envelope, for text that is no user-data as it stands.
const TEXT_OPENERS: &[Opener] = &[request::json, request::cli, vmx::open, request::yaml, base64];

pub(super) fn open(bytes: &[u8], budget: &mut Budget) -> Option<Opened> {
    let opened = OPENERS.iter().find_map(|open| open(bytes, budget));
    opened.or_else(|| {
        let text = sniff(bytes).0 == Kind::Unknown;
        text.then(|| TEXT_OPENERS.iter().find_map(|open| open(bytes, budget))).flatten()
    })
}

fn gzip(bytes: &[u8], budget: &mut Budget) -> Option<Opened> {
    let unpacked = gunzip(bytes, budget)?;
    let mut opened = Opened::one("gzip", Sort::Gzip, unpacked.content);
    opened.lost = unpacked.damaged.map(|why| {
        format!("the gzip is damaged: cloud-init unpacks nothing of it, and nothing happens: {why}")
    });
    opened.warning = unpacked.beyond.then(|| BEYOND.to_string());
    Some(opened)
}

pub(super) const BEYOND: &str = "it grows beyond 64 MiB when it is unpacked";

/// What was in a gzip.
pub(super) struct Unpacked {
    pub(super) content: Vec<u8>,
    pub(super) damaged: Option<String>,
    /// It is more than is looked at, and was left where it is.
    pub(super) beyond: bool,
}

/// Unpacks gzip as Python does: all members, with zeros behind each, and nothing else.
/// <https://github.com/python/cpython/blob/3.11/Lib/gzip.py>
pub(super) fn gunzip(bytes: &[u8], budget: &mut Budget) -> Option<Unpacked> {
    const MAGIC: &[u8] = b"\x1f\x8b";
    let mut unpacked = Unpacked { content: Vec::new(), damaged: None, beyond: false };
    let mut rest = bytes.starts_with(MAGIC).then_some(bytes)?;
    while !rest.is_empty() {
        if !rest.starts_with(MAGIC) {
            unpacked.damaged = Some("there are other bytes behind it".into());
            break;
        }
        let mut decoder = GzDecoder::new(rest);
        let before = unpacked.content.len();
        let most = budget.bytes() as u64 + 1;
        let outcome = decoder.by_ref().take(most).read_to_end(&mut unpacked.content);
        if !budget.take(unpacked.content.len() - before) {
            let content = Vec::new();
            return Some(Unpacked { content, damaged: None, beyond: true });
        }
        if let Err(error) = outcome {
            unpacked.damaged = Some(error.to_string());
            break;
        }
        rest = decoder.into_inner();
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        rest = &rest[zeros..];
    }
    Some(unpacked)
}

/// Bytes that tell whether it is worth to look at the rest.
const HEAD: usize = 4096;

fn base64(bytes: &[u8], _: &mut Budget) -> Option<Opened> {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/= \t\r\n\x0c".contains(byte);
    if bytes.iter().take(HEAD).any(|byte| !letter(byte)) {
        return None;
    }
    let packed: Vec<u8> =
        bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    let content = (packed.len() >= 8).then(|| STANDARD.decode(&packed).ok()).flatten()?;
    if !plausible(&content) {
        return None;
    }
    let wrapped = packed.len() != bytes.len();
    let warning = "the base64 has line breaks: EC2 and Hetzner machines undo it only on one line \
         without an end";
    let opened = Opened::one("base64", Sort::Base64, content);
    Some(Opened { warning: wrapped.then(|| warning.into()), ..opened })
}

/// Is it something, or did a word happen to be base64?
fn plausible(content: &[u8]) -> bool {
    let text = std::str::from_utf8(content)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)));
    text || content.starts_with(b"\x1f\x8b") || sniff(content).0 != Kind::Unknown
}
