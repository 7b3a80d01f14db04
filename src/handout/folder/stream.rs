//! Files of a result that are written piece by piece.
//!
//! In: a new file. Out: a [`Stream`] for the writer, and what the folder knows of it meanwhile. A
//! file that was not written to its end keeps the result from being completed.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::FolderError;
use super::place::Place;

/// Bytes that are written at a time.
const PIECE: usize = 64 << 10;

/// A file of a result, for writing.
#[derive(Debug)]
pub struct Stream {
    file: BufWriter<File>,
    path: PathBuf,
    ended: Arc<AtomicBool>,
}

/// A file that is written by somebody.
#[derive(Debug)]
pub(super) struct Streamed {
    pub(super) name: String,
    pub(super) mode: u32,
    ended: Arc<AtomicBool>,
}

pub(super) fn open(file: File, name: &str, mode: u32, place: &Place) -> (Stream, Streamed) {
    let ended = Arc::new(AtomicBool::new(false));
    let streamed = Streamed { name: name.into(), mode, ended: Arc::clone(&ended) };
    let (file, path) = (BufWriter::with_capacity(PIECE, file), place.shown.join(name));
    (Stream { file, path, ended }, streamed)
}

impl Stream {
    /// Ends the file.
    ///
    /// # Errors
    /// What is left cannot be written.
    pub fn end(mut self) -> Result<(), FolderError> {
        self.file.flush().map_err(FolderError::io("write", &self.path))?;
        self.ended.store(true, Relaxed);
        Ok(())
    }

    /// For `map_err`: it could not be written.
    pub(in super::super) fn error(&self) -> impl FnOnce(io::Error) -> FolderError {
        FolderError::io("write", &self.path)
    }
}

impl Streamed {
    pub(super) fn is_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
