//! What the files of an image are called.

use super::record::{Record, bytes, number, record};
use super::{SECTOR, susp};

/// Continuations that are followed for one name.
const MAX_AREAS: usize = 4;

/// Bytes of a name.
const MAX_BYTES: usize = 1024;

/// Where the names of an image are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Beside the record, after so many bytes that are another's.
    RockRidge(usize),
    /// In UCS-2.
    Joliet,
    /// In capitals.
    Plain,
}

impl Names {
    /// Rock Ridge, if the folder's record of itself says so (SUSP 5.3).
    pub(super) fn rock_ridge(folder: &[u8]) -> Option<Names> {
        let beside = record(folder, 0).ok()?.beside();
        let (letters, data) = fields(beside).next()?;
        let found = letters == b"SP" && data.starts_with(&susp::MAGIC);
        found.then(|| Names::RockRidge(data.get(2).copied().unwrap_or_default().into()))
    }

    /// The name of an entry.
    pub(super) fn of(self, image: &[u8], entry: &Record<'_>) -> String {
        let identifier = entry.identifier();
        match self {
            Names::RockRidge(skip) => rock_ridge_name(image, entry, skip)
                .unwrap_or_else(|| plain(&String::from_utf8_lossy(identifier))),
            Names::Joliet => {
                let units = identifier.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]]));
                let name = String::from_utf16_lossy(&units.collect::<Vec<_>>());
                without_version(&name).to_string()
            }
            Names::Plain => plain(&String::from_utf8_lossy(identifier)),
        }
    }
}

/// As Linux shows a name without extensions: small letters, no version, no dot at the end.
fn plain(identifier: &str) -> String {
    without_version(identifier).to_lowercase()
}

fn without_version(name: &str) -> &str {
    let name = name.rsplit_once(';').map_or(name, |(name, _)| name);
    name.strip_suffix('.').unwrap_or(name)
}

/// The pieces of a name (RRIP 4.1.4), which go on elsewhere where a `CE` says so (SUSP 5.1).
fn rock_ridge_name(image: &[u8], entry: &Record<'_>, skip: usize) -> Option<String> {
    let mut name = Vec::new();
    let mut area = entry.beside().get(skip..)?;
    for _ in 0..MAX_AREAS {
        let mut next = None;
        for (letters, data) in fields(area) {
            match letters {
                b"NM" if name.len() < MAX_BYTES => name.extend(data.get(1..).unwrap_or_default()),
                b"CE" if data.len() >= 24 => {
                    let at = number(data, 0).saturating_mul(SECTOR);
                    let at = at.saturating_add(number(data, 8));
                    next = bytes(image, at, number(data, 16).min(SECTOR), "a name").ok();
                }
                _ => {}
            }
        }
        let Some(more) = next else { break };
        area = more;
    }
    (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned())
}

/// The fields of an area: letters and data.
fn fields(area: &[u8]) -> impl Iterator<Item = (&[u8; 2], &[u8])> {
    let mut rest = area;
    std::iter::from_fn(move || {
        let length = usize::from(*rest.get(2)?);
        let field = rest.get(..length)?;
        rest = &rest[length..];
        Some((field.first_chunk::<2>()?, field.get(4..)?))
    })
}
