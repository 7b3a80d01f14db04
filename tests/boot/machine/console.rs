//! What a machine writes to its console.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// A machine's console: kept in memory for the test, and in a file for people.
#[derive(Clone)]
pub(super) struct Console {
    text: Arc<Mutex<String>>,
    file: Arc<Mutex<File>>,
}

impl Console {
    pub(super) fn new(file: &Path) -> Self {
        let file = File::create(file).expect("a file for the console");
        Console { text: Arc::default(), file: Arc::new(Mutex::new(file)) }
    }

    /// Copies from a pipe until its other end is closed.
    pub(super) fn follow(&self, mut pipe: impl Read + Send + 'static) -> JoinHandle<()> {
        let console = self.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                let plain = String::from_utf8_lossy(&buffer[..length]).replace('\r', "");
                console.text.lock().expect("no reader panics").push_str(&plain);
                // A full disk spoils the copy for people, not the test.
                let _ = console.file.lock().expect("no reader panics").write_all(plain.as_bytes());
            }
        })
    }

    pub(super) fn text(&self) -> String {
        self.text.lock().expect("no reader panics").clone()
    }
}
