//! Messages on standard input and output, each behind its `Content-Length`.
//!
//! What is no message is answered with an error and passed over; only where the length itself cannot
//! be read is nothing known of what follows, and the input ends there.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::thread::{self, JoinHandle};

use lsp_server::{Connection, ErrorCode, Message};
use serde_json::json;

/// A message that is longer, in bytes, is no text that anybody edits.
const MOST: usize = 64 << 20;

/// A header that is longer, in bytes, is none.
const HEADER: u64 = 4096;

/// The server's end, and the thread that writes what it says, which ends with it.
pub(super) fn start() -> (Connection, JoinHandle<()>) {
    let (server, Connection { sender, receiver }) = Connection::memory();
    thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        while let Ok(Some(bytes)) = frame(&mut input) {
            let Ok(message) = serde_json::from_slice::<Message>(&bytes) else {
                refuse();
                continue;
            };
            let exit = matches!(&message, Message::Notification(one) if one.method == "exit");
            if sender.send(message).is_err() || exit {
                break;
            }
        }
    });
    let writer = thread::spawn(move || {
        for message in receiver {
            if message.write(&mut io::stdout().lock()).is_err() {
                break;
            }
        }
    });
    (server, writer)
}

/// The bytes of the next message; nothing at the end.
pub(super) fn frame(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(HEADER).read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line);
        match line.trim_end() {
            _ if read == 0 => return Ok(None),
            "" => break,
            header => {
                let named = header.split_once(':');
                let value = named.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
                length = value.and_then(|(_, value)| value.trim().parse::<usize>().ok()).or(length);
            }
        }
    }
    let Some(length) = length.filter(|length| *length <= MOST) else { return Ok(None) };
    let mut bytes = Vec::new();
    let read = input.by_ref().take(length as u64).read_to_end(&mut bytes)?;
    Ok((read == length).then_some(bytes))
}

/// Says that a message could not be read; nobody knows its number.
fn refuse() {
    let error = json!({"code": ErrorCode::ParseError as i32, "message": "this is no message"});
    let text = json!({"jsonrpc": "2.0", "id": null, "error": error}).to_string();
    let mut out = io::stdout().lock();
    let _ = write!(out, "Content-Length: {}\r\n\r\n{text}", text.len());
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_and_impossible_ones_end_the_input() {
        let read = |text: &str| frame(&mut text.as_bytes()).unwrap();
        assert_eq!(read("content-length: 2\r\nX: y\r\n\r\n{}rest").unwrap(), b"{}");
        assert_eq!(read("Content-Length: 99999999999\r\n\r\n{}"), None);
        assert_eq!(read("Content-Length: 9\r\n\r\n{}"), None, "cut off");
        assert_eq!(read("Content-Length: 99999999999999999999\r\n\r\n{}"), None);
        assert_eq!(read("garbage"), None);
    }
}
