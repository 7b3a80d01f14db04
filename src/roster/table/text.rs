//! A file as text, a piece at a time.
//!
//! In: a file and its encoding, which fits every byte. Out: its text.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult};

use super::{
    encoding::Encoding,
    format::{CHUNK, Input},
};

/// A file that is read as text.
pub(super) struct Text {
    file: Input,
    decoder: Decoder,
    chunk: Vec<u8>,
}

impl Text {
    /// The text of a file from its beginning, without a byte order mark.
    pub(super) fn new(mut file: Input, encoding: Encoding) -> io::Result<Text> {
        file.seek(SeekFrom::Start(encoding.skip))?;
        let decoder = encoding.codec.new_decoder_without_bom_handling();
        Ok(Text { file, decoder, chunk: Vec::new() })
    }

    /// Adds the next piece to `text`; false where there is none after it.
    ///
    /// # Errors
    /// Reading failed, or the file is no longer what it was when its encoding was found.
    pub(super) fn more(&mut self, text: &mut String) -> io::Result<bool> {
        self.chunk.clear();
        let read = (&mut self.file).take(CHUNK).read_to_end(&mut self.chunk)?;
        let last = (read as u64) < CHUNK;
        let most = self.decoder.max_utf8_buffer_length_without_replacement(read);
        text.reserve(most.unwrap_or_default());
        match self.decoder.decode_to_string_without_replacement(&self.chunk, text, last) {
            (DecoderResult::InputEmpty, _) => Ok(!last),
            _ => Err(io::Error::other("the file was changed while it was read")),
        }
    }
}
