//! How much a destination takes, in its own unit.

use std::fmt;

use super::{Destination, DestinationError};
use crate::catalog::Listed;
use crate::payload::Payload;
use crate::plan::Plan;

/// The most that a destination takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// In bytes of the unit.
    pub bytes: usize,
    /// What is counted.
    pub unit: Unit,
}

/// What a destination counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The payload, compressed or not, before base64.
    Raw,
    /// The payload in base64.
    Base64,
    /// The string that is sent: the text itself, or base64 where it is compressed.
    Sent,
}

/// When to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compress {
    /// Only what would not fit otherwise.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

/// A payload is larger than its destination takes.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge {
    destination: &'static str,
    limit: Limit,
    actual: usize,
    compressed: bool,
    largest: Vec<(String, usize)>,
    help: Vec<String>,
    elsewhere: Vec<&'static str>,
}

impl TooLarge {
    /// Says what adds how many bytes, and what else would help.
    pub fn explain(&mut self, weights: Vec<(String, usize)>, help: Vec<String>) {
        self.largest = largest(weights);
        self.help.extend(help);
    }

    /// What it has, in the unit of the limit.
    pub fn actual(&self) -> usize {
        self.actual
    }

    /// Was it compressed already?
    pub fn is_compressed(&self) -> bool {
        self.compressed
    }
}

/// Contributors that a message lists.
const LISTED: usize = 5;

impl std::error::Error for TooLarge {}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit { bytes, unit } = self.limit;
        writeln!(f, "{} takes {bytes} bytes {unit}, this has {}", self.destination, self.actual)?;
        let before = if self.compressed { " before compression" } else { "" };
        writeln!(f, "  the largest parts of it, in bytes{before}:")?;
        for (what, bytes) in &self.largest {
            writeln!(f, "  {bytes:>9}  {what}")?;
        }
        let mut help = self.help.clone();
        if !self.elsewhere.is_empty() {
            help.push(format!("another destination ({})", self.elsewhere.join(", ")));
        }
        match help.is_empty() {
            true => write!(f, "  what would help: less of these"),
            false => write!(f, "  what would help: {}", help.join("; ")),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Raw => "before base64",
            Unit::Base64 => "in base64",
            Unit::Sent => "as it is sent",
        })
    }
}

impl Unit {
    /// The size of a text of so many bytes in this unit.
    pub fn of_text(self, bytes: usize) -> usize {
        match self {
            Unit::Raw | Unit::Sent => bytes,
            Unit::Base64 => bytes.div_ceil(3) * 4,
        }
    }

    /// The size of a payload in this unit.
    pub fn measure(self, payload: &Payload) -> usize {
        let raw = payload.bytes().len();
        let base64 = raw.div_ceil(3) * 4;
        match self {
            Unit::Raw => raw,
            Unit::Base64 => base64,
            Unit::Sent if payload.is_gzip() => base64,
            Unit::Sent => raw,
        }
    }
}

/// More than this, in percent, no slower way of compressing takes off. A page has none: it cannot
/// wait for that at every stroke of a key.
const SQUEEZE: usize = if cfg!(target_family = "wasm") { 0 } else { 7 };

impl Destination {
    /// Does a payload fit, and is it of a kind that is taken?
    pub fn takes(&self, payload: &Payload) -> bool {
        self.allows(payload)
            && self.limit.is_none_or(|limit| limit.unit.measure(payload) <= limit.bytes)
    }

    fn allows(&self, payload: &Payload) -> bool {
        (self.gzip || !payload.is_gzip()) && (self.parts || payload.is_cloud_config())
    }

    /// The payload as this destination gets it: compressed or not.
    ///
    /// # Errors
    /// It is too large, or of a kind that the destination does not take.
    pub fn pack(
        &self,
        plan: &Plan,
        payload: &Payload,
        compress: Compress,
    ) -> Result<Payload, DestinationError> {
        let packed = match compress {
            Compress::Always if !self.gzip => return Err(DestinationError::NoGzip(self.name)),
            Compress::Always => self.compressed(payload),
            Compress::Auto if self.gzip && !self.takes(payload) => self.compressed(payload),
            Compress::Auto | Compress::Never => payload.clone(),
        };
        if !self.allows(&packed) {
            return Err(DestinationError::OnePart(self.name));
        }
        match self.limit {
            Some(limit) if !self.takes(&packed) => Err(Box::new(TooLarge {
                destination: self.name,
                limit,
                actual: limit.unit.measure(&packed),
                compressed: packed.is_gzip(),
                largest: largest(plan.weights()),
                help: self.help(payload, &packed),
                elsewhere: elsewhere(payload),
            })
            .into()),
            _ => Ok(packed),
        }
    }

    /// Compressed, as far as is needed to fit.
    fn compressed(&self, payload: &Payload) -> Payload {
        let packed = payload.compressed();
        let nearly = self.limit.is_some_and(|limit| {
            let size = limit.unit.measure(&packed);
            size > limit.bytes && size <= limit.bytes / 100 * (100 + SQUEEZE)
        });
        if nearly { payload.squeezed() } else { packed }
    }

    /// What would make it fit here, as far as the payload alone tells.
    fn help(&self, payload: &Payload, packed: &Payload) -> Vec<String> {
        let mut help = Vec::new();
        if self.gzip && !packed.is_gzip() && self.takes(&self.compressed(payload)) {
            help.push("compression (--compress auto)".to_string());
        }
        help
    }
}

/// The destinations with a limit that take the payload, compressed if need be.
fn elsewhere(payload: &Payload) -> Vec<&'static str> {
    let packed = payload.compressed();
    let others = Destination::ALL.iter().filter(|one| one.limit.is_some());
    let others = others.filter(|one| one.takes(payload) || one.takes(&packed));
    others.map(|one| one.name).collect()
}

/// The largest of these.
fn largest(mut weights: Vec<(String, usize)>) -> Vec<(String, usize)> {
    weights.retain(|(_, bytes)| *bytes > 0);
    weights.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    weights.truncate(LISTED);
    weights
}
