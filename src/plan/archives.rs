//! Archives of packages beside the distribution's own, and the keys that they are signed with.
//!
//! In: `apt.sources`. Out: their lines, to which cloud-init adds the release, and files with the
//! keys, which are there before: so neither a key server nor `gpg` is needed on the machine.

use std::path::Path as FilePath;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::PlannedFile;
use super::delivery::read_local;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;
use crate::spec::{AptSource, Spec};

/// Where keys are that are good for the archive alone that names them.
/// <https://wiki.debian.org/DebianRepository/UseThirdParty>
const KEYRINGS: &str = "/etc/apt/keyrings";

/// How a binary key begins: with the first byte of a packet "public key".
/// <https://www.rfc-editor.org/rfc/rfc9580#section-4.2>
const PACKETS: &[u8] = &[0x98, 0x99, 0xC6];

/// What becomes of the archives.
#[derive(Default)]
pub(super) struct Archives {
    /// Name and line of each.
    pub(super) lines: Vec<(String, String)>,
    /// Their keys.
    pub(super) keys: Vec<PlannedFile>,
}

pub(super) fn resolve(spec: &Spec, folder: &FilePath, report: &mut Report) -> Archives {
    let mut archives = Archives::default();
    let sources = spec.apt.iter().flat_map(|apt| apt.sources.iter().enumerate());
    for (i, source) in sources {
        let at = Path::default().key("apt").key("sources").index(i);
        let Some(key) = key(source, folder, &at, report) else { continue };
        archives.lines.push((source.name.clone(), source.line(&key.path)));
        archives.keys.push(key);
    }
    archives
}

/// The file of its key. apt knows by the ending whether it is text.
fn key(
    source: &AptSource,
    folder: &FilePath,
    at: &Path,
    report: &mut Report,
) -> Option<PlannedFile> {
    let path = format!("{KEYRINGS}/{}", source.name);
    let armored = |text: String| PlannedFile::text(format!("{path}.asc"), text, at.to_string());
    if let Some(text) = &source.key {
        return Some(armored(text.clone()));
    }
    let at = at.key("key_from");
    let bytes = read_local(source.key_from.as_ref()?, folder, &at, report)?;
    match String::from_utf8(bytes) {
        Ok(text) if text.contains("BEGIN PGP PUBLIC KEY") => {
            Some(armored(text.replace("\r\n", "\n")))
        }
        Err(error) if error.as_bytes().first().is_some_and(|byte| PACKETS.contains(byte)) => {
            let text = STANDARD.encode(error.as_bytes());
            let file = PlannedFile::text(format!("{path}.gpg"), text, at.to_string());
            Some(PlannedFile { base64: true, ..file })
        }
        _ => {
            let message = "this is not the file of a public key of PGP";
            let help = "download the one that the archive's instructions name, as text or binary";
            report.push(Diagnostic::error("apt-key", message).at(&at).help(help));
            None
        }
    }
}
