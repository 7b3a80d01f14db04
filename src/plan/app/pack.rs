//! The files of an application as one archive.
//!
//! In: [`Code`]. Out: .tar.xz, the same bytes for the same files.

use liblzma::stream::{Check, Filters, LzmaOptions, PRESET_EXTREME, Stream};
use liblzma::write::XzEncoder;

use super::code::Code;

/// Every file was changed at this time, 2020-01-01, so that the same files are the same bytes. Python
/// packages cannot have files from before 1980.
const MTIME: u64 = 1_577_836_800;

impl Code {
    /// All files as .tar.xz.
    pub(super) fn pack(&self) -> std::io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(XzEncoder::new_stream(Vec::new(), stream()?));
        for (path, member) in &self.members {
            let mut header = tar::Header::new_ustar();
            header.set_size(member.bytes.len() as u64);
            header.set_mode(if member.executable { 0o755 } else { 0o644 });
            header.set_mtime(MTIME);
            tar.append_data(&mut header, path, &member.bytes[..])?;
        }
        tar.into_inner()?.finish()
    }
}

/// xz at its best for a few files: a larger window would only cost memory.
fn stream() -> std::io::Result<Stream> {
    let mut options = LzmaOptions::new_preset(6 | PRESET_EXTREME)?;
    options.dict_size(4 << 20);
    let mut filters = Filters::new();
    filters.lzma2(&options);
    Ok(Stream::new_stream_encoder(&filters, Check::Crc32)?)
}
