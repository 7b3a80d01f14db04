//! From the outside in: the envelopes, the message or archive, the parts; and what of it reaches
//! the machine.

use std::borrow::Cow;

use super::archive::{self, Closed};
use super::budget::Budget;
use super::envelope::{self, BEYOND, Opened, Sort};
use super::found::{Found, Label};
use super::kind::NOTHING;
use super::{Inspection, Kind, Layer, Part, fate, files, message, yaml};
use crate::catalog::Listed;
use crate::destination::Destination;
use crate::payload::Payload;
use crate::source::yaml11::Tree;

/// Envelopes within envelopes that are opened; a machine opens far fewer.
const DEPTH: usize = 8;

/// The envelopes that were taken off, as far as they decide about the next one.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    sorts: Vec<Sort>,
    /// Nothing of it reaches a machine.
    lost: bool,
    /// Where the compressed payload was found, what takes it.
    fits: Option<Vec<&'static str>>,
}

impl Way {
    fn has(&self, sort: Sort) -> bool {
        self.sorts.contains(&sort)
    }

    /// Why no machine gets through this envelope, after those before it: a cloud undoes base64
    /// once, cloud-init then gzip once.
    fn blocked(&self, next: Option<Sort>) -> Option<&'static str> {
        use Sort::{Base64, Base64Carrier, Gzip, PlainCarrier, TextCarrier};
        let last = self.sorts.last();
        match next {
            None | Some(Gzip) if last == Some(&Sort::CloudFormation) => Some(PLAIN_IN_TEMPLATE),
            None | Some(Gzip) if last == Some(&Sort::LaunchTemplate) => Some(PLAIN_IN_LAUNCH),
            Some(Gzip) if self.has(Gzip) => {
                Some("it is compressed twice: a machine undoes it once")
            }
            Some(Gzip) if self.has(TextCarrier) => {
                Some("it is compressed, and marked as base64 alone: it has to be gzip+base64")
            }
            Some(Base64) if self.has(Gzip) => {
                Some("it is base64 inside gzip: a machine does not undo base64 after gzip")
            }
            Some(Base64) if self.has(Base64) => {
                Some("it is encoded in base64 twice: a machine undoes it once at most")
            }
            Some(Base64) if last == Some(&PlainCarrier) => {
                Some("it is base64, and nothing says so: no machine undoes it here")
            }
            None | Some(Gzip) if matches!(last, Some(Base64Carrier | TextCarrier)) => {
                Some("it is marked as base64, and is not")
            }
            Some(Gzip | Base64) | None => None,
            Some(_) if self.sorts.is_empty() => None,
            Some(_) => Some("no machine opens this envelope inside the one before it"),
        }
    }
}

impl Inspection {
    /// Takes the envelopes off, and looks at what is inside.
    pub(super) fn open(&mut self, bytes: &[u8], mut way: Way, budget: &mut Budget) {
        let mut bytes = Cow::Borrowed(bytes);
        while way.sorts.len() < DEPTH {
            let Some(mut opened) = envelope::open(&bytes, budget) else { break };
            if opened.sort == Sort::Gzip && way.fits.is_none() {
                way.fits = Some(fits(&bytes));
            }
            self.note_envelope(&mut opened, &mut way);
            if opened.inside.len() > 1 {
                return self.open_machines(opened, &way, budget);
            }
            bytes = opened.inside.pop().map(|(_, content)| content).unwrap_or_default().into();
        }
        if let Some(why) = way.blocked(None) {
            self.warnings.push(why.into());
            way.lost = true;
        }
        self.find_parts(&bytes, &mut way, budget);
        if way.lost {
            self.parts.iter_mut().for_each(Part::is_lost);
        }
        if self.parts.iter().any(|part| part.used) {
            self.fits = way.fits.unwrap_or_else(|| fits(&bytes));
        } else if self.parts.iter().all(Part::lacks_header) && !self.parts.is_empty() {
            self.fits = vec![ADDS_HEADER];
        }
    }

    fn note_envelope(&mut self, opened: &mut Opened, way: &mut Way) {
        let blocked = way.blocked(Some(opened.sort)).map(str::to_string);
        way.lost |= opened.lost.is_some() || blocked.is_some();
        self.warnings
            .extend([opened.warning.take(), opened.lost.take(), blocked].into_iter().flatten());
        self.notes.extend(opened.note.take());
        let bytes = opened.inside.iter().map(|(_, content)| content.len()).sum();
        self.layers.push(Layer { envelope: opened.envelope.clone(), bytes });
        way.sorts.push(opened.sort);
    }

    fn open_machines(&mut self, opened: Opened, way: &Way, budget: &mut Budget) {
        for (name, content) in opened.inside {
            let bytes = content.len();
            let mut machine = Inspection { machine: Some(name), bytes, ..Inspection::default() };
            machine.open(&content, way.clone(), budget);
            self.machines.push(machine);
        }
    }

    fn find_parts(&mut self, bytes: &[u8], way: &mut Way, budget: &mut Budget) {
        if !message::is_message(bytes) {
            return self.add(Found::new(Label::Content, bytes), way, budget);
        }
        self.layers.push(Layer { envelope: "MIME message".into(), bytes: bytes.len() });
        let text = String::from_utf8_lossy(bytes);
        if std::str::from_utf8(bytes).is_err() {
            self.give_up("a MIME message that is not UTF-8 text", way);
        }
        let parts = message::parts(&text);
        if parts.is_empty() {
            let message = "the MIME message has no part: its boundary does not occur in it";
            self.warnings.push(message.into());
        }
        parts.into_iter().for_each(|part| self.add(part, way, budget));
    }

    /// Notes a part down, and the items in the place of an archive.
    fn add(&mut self, mut part: Found, way: &mut Way, budget: &mut Budget) {
        self.decompress(&mut part, way, budget);
        let kind = Kind::of(&part.label, &part.content).0;
        if kind != Kind::Archive || matches!(part.label, Label::Item(_)) {
            return self.take(part, budget);
        }
        let bytes = part.content.len();
        let layer = Layer { envelope: "cloud-config archive".into(), bytes };
        match archive::items(part.seen(), budget) {
            Ok(items) => {
                self.layers.push(layer);
                part.said.iter().for_each(|said| self.warn(&part, said));
                items.into_iter().for_each(|item| self.take(item, budget));
            }
            Err(closed) => {
                match &closed {
                    Closed::Lost(why) => {
                        self.warn(&part, &format!("the archive is passed over: {why}"))
                    }
                    Closed::Fatal(why) => self.give_up(why, way),
                    Closed::Beyond => self.notes.push(LARGE_ARCHIVE.into()),
                }
                self.take(part, budget);
                let lost = !matches!(closed, Closed::Beyond);
                self.parts.last_mut().filter(|_| lost).into_iter().for_each(Part::is_lost);
            }
        }
    }

    /// Unpacks a part whose type says that it is compressed; the content decides then.
    fn decompress(&mut self, part: &mut Found, way: &mut Way, budget: &mut Budget) {
        let Label::Mime(name) = &part.label else { return };
        if !COMPRESSED.contains(&name.as_str()) {
            return;
        }
        let unpacked = envelope::gunzip(part.seen(), budget);
        match unpacked {
            Some(unpacked) if unpacked.beyond => {
                self.warn(part, BEYOND);
                part.content.clear();
            }
            Some(unpacked) if unpacked.damaged.is_none() && is_text(&unpacked.content) => {
                part.content = unpacked.content;
                part.damaged = None;
                part.label = Label::Mime("text/plain".into());
                if !part.content.is_ascii() {
                    part.is_damaged(
                        "characters that are not ASCII are damaged in a compressed part".into(),
                    );
                }
            }
            _ => self.give_up(&format!("a part of type {name} that is no gzip of text"), way),
        }
    }

    fn take(&mut self, part: Found, budget: &mut Budget) {
        let (kind, why) = Kind::of(&part.label, &part.content);
        let tree = yaml::read(&kind, &part.content, budget);
        let fate = fate::of(&kind, &part, &tree, budget);
        for said in part.said.iter().chain(&why).chain(&fate.lost) {
            self.warn(&part, said);
        }
        if let Some(index) = &part.launch_index {
            self.note(&part, &format!("only the machine with the launch index {index} gets it"));
        }
        fate.note.iter().for_each(|said| self.note(&part, said));
        let used = kind != Kind::Unknown && fate.lost.is_none();
        let action = if used { kind.action() } else { NOTHING };
        let (name, bytes, content) = (part.name, part.content.len(), part.content);
        let files = match (&kind, &tree) {
            (Kind::CloudConfig, Ok(Some(config))) => files::of(config, budget),
            _ => Vec::new(),
        };
        self.parts.push(Part { name, kind, bytes, action, used, files, content, tree });
    }

    fn warn(&mut self, part: &Found, warning: &str) {
        self.warnings.push(format!("{}{warning}", place(part)));
    }

    fn note(&mut self, part: &Found, note: &str) {
        self.notes.push(format!("{}{note}", place(part)));
    }

    /// Notes that all user-data is lost.
    fn give_up(&mut self, why: &str, way: &mut Way) {
        self.warnings.push(format!("cloud-init gives up, and all user-data is lost: {why}"));
        way.lost = true;
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html>
const PLAIN_IN_TEMPLATE: &str = "EC2 takes base64 here and this is plain text: CloudFormation \
     makes no machine of it; write `Fn::Base64: |`, or `Fn::Base64: !Sub |`, around the text";

/// `InvalidUserData.Malformed`:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html>
const PLAIN_IN_LAUNCH: &str = "a launch template takes base64 and this is plain text: AWS refuses \
     it; write what `base64 -w0 FILE` prints";

const LARGE_ARCHIVE: &str = "the archive is larger or deeper than what is read here";

/// Types of parts that cloud-init decompresses, to look at what is inside: `cloudinit/user_data.py`
const COMPRESSED: &[&str] = &[
    "application/gzip",
    "application/gzip-compressed",
    "application/gzipped",
    "application/x-compress",
    "application/x-compressed",
    "application/x-gunzip",
    "application/x-gzip",
    "application/x-gzip-compressed",
];

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

/// The destination that writes `#cloud-config` above any map in YAML:
/// <https://github.com/canonical/multipass/issues/1295>
const ADDS_HEADER: &str = "multipass";

fn place(part: &Found) -> String {
    part.name.as_deref().map(|name| format!("{name}: ")).unwrap_or_default()
}

impl Part {
    /// Is it a map in YAML that lacks nothing but its header?
    fn lacks_header(&self) -> bool {
        let map = |tree: &Tree| !tree.all_pairs().is_empty();
        self.kind == Kind::Unknown
            && std::str::from_utf8(&self.content).is_ok()
            && matches!(&self.tree, Ok(Some(tree)) if map(tree))
    }

    fn is_lost(&mut self) {
        (self.used, self.action) = (false, NOTHING);
    }
}

/// Names of the destinations that take these bytes.
fn fits(bytes: &[u8]) -> Vec<&'static str> {
    let payload = Payload::of(bytes);
    Destination::ALL.iter().filter(|one| one.takes(&payload)).map(|one| one.name()).collect()
}
