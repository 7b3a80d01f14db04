//! A machine that is switched on: its process, what it says, and what becomes of it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{StartError, console};

/// How often a machine that says nothing is looked at.
const GLANCE: Duration = Duration::from_millis(100);

/// How long a machine under KVM may say nothing from the start. A cloud image says its first words
/// in seconds; only KVM that runs nothing, and an image without a serial console, take longer.
const SILENCE_UNDER_KVM: Duration = Duration::from_secs(90);

/// How often a machine under KVM may restart without a word. A BIOS does so once or twice; a
/// processor that KVM gets wrong does nothing else.
const SILENT_RESTARTS_UNDER_KVM: u32 = 8;

/// How long QEMU has to say why it stopped the machine. It tells of that on its monitor, and of the
/// reason on standard error: whichever is read first.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Lines that may wait to be looked at; a machine that talks faster waits, as on a real console.
const WAITING_LINES: usize = 256;

/// How a machine is run.
pub(super) struct Engine {
    /// What runs it, for a person.
    pub(super) name: &'static str,
    /// Runs it; its standard output is the console.
    pub(super) command: Command,
    /// The exit status that asks for being started again.
    pub(super) again: Option<i32>,
    /// Where QEMU tells of events.
    pub(super) monitor: Option<UnixStream>,
    /// Is KVM in use?
    pub(super) kvm: bool,
}

/// A machine that is switched on. Dropping it switches it off and clears everything away.
pub struct Guest {
    engine: Engine,
    child: Child,
    heard: Receiver<Heard>,
    start: Instant,
    /// Has the machine said a word, since it was switched on?
    spoke: bool,
    silent_restarts: u32,
    /// The last line of what runs it on its own account.
    complaint: String,
    /// What has to end with the machine, in this order.
    _cleared_away: Vec<Box<dyn Send>>,
}

/// What is heard of a machine.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing for a while.
    Nothing,
    /// A line on its console.
    Line(String),
    /// A line of what runs it, on its own account.
    Complaint(String),
    /// It restarts, on the same disk.
    Restart,
    /// It switched itself off.
    Off,
    /// What runs it failed, and how.
    Broken(String),
    /// KVM cannot run it, and what is known of that.
    KvmFailed(String),
}

impl Guest {
    /// Switches a machine on.
    pub(super) fn start(
        mut engine: Engine,
        cleared_away: Vec<Box<dyn Send>>,
    ) -> Result<Guest, StartError> {
        let (child, heard) = engine.start().map_err(|source| engine.failed(source))?;
        Ok(Guest {
            engine,
            child,
            heard,
            start: Instant::now(),
            spoke: false,
            silent_restarts: 0,
            complaint: String::new(),
            _cleared_away: cleared_away,
        })
    }

    /// Waits a moment for something to be heard.
    pub(super) fn listen(&mut self) -> Heard {
        let heard = match self.heard.recv_timeout(GLANCE) {
            Ok(heard) => heard,
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Err(RecvTimeoutError::Disconnected) => self.end(),
        };
        match &heard {
            Heard::Line(_) => self.spoke = true,
            Heard::Complaint(line) => self.note_complaint(line),
            Heard::Restart if !self.spoke => self.silent_restarts += 1,
            Heard::KvmFailed(how) if self.engine.kvm => {
                self.hear_out();
                return self.kvm_failed(how);
            }
            Heard::KvmFailed(how) => return Heard::Broken(how.clone()),
            _ => {}
        }
        if self.engine.kvm && !self.spoke {
            if self.silent_restarts > SILENT_RESTARTS_UNDER_KVM {
                return self.kvm_failed("the machine restarts again and again");
            }
            if self.start.elapsed() > SILENCE_UNDER_KVM {
                return self.kvm_failed("the machine says nothing");
            }
        }
        heard
    }

    /// Listens for what QEMU says of itself.
    fn hear_out(&mut self) {
        let until = Instant::now() + LAST_WORDS;
        let left = || until.saturating_duration_since(Instant::now());
        while let Ok(heard) = self.heard.recv_timeout(left()) {
            if let Heard::Complaint(line) = heard {
                self.note_complaint(&line);
            }
        }
    }

    fn note_complaint(&mut self, line: &str) {
        // The state of the processor follows it.
        let told = self.complaint.contains("KVM internal error");
        if !told && !line.trim().is_empty() {
            self.complaint = line.to_string();
        }
    }

    /// Its process has ended.
    fn end(&mut self) -> Heard {
        let status = match self.child.wait() {
            Ok(status) => status,
            Err(error) => return Heard::Broken(self.engine.failed(error).to_string()),
        };
        match status.code() {
            Some(0) => Heard::Off,
            code if code.is_some() && code == self.engine.again => match self.engine.start() {
                Ok((child, heard)) => {
                    (self.child, self.heard) = (child, heard);
                    Heard::Restart
                }
                Err(error) => Heard::Broken(self.engine.failed(error).to_string()),
            },
            _ if self.engine.kvm && (!self.spoke || aborted(status)) => {
                self.kvm_failed(&format!("QEMU ended with {status}"))
            }
            _ => Heard::Broken(format!("{} ended with {status}", self.engine.name)),
        }
    }

    fn kvm_failed(&self, how: &str) -> Heard {
        Heard::KvmFailed(match self.complaint.trim() {
            "" => how.to_string(),
            complaint => format!("{how}: {complaint}"),
        })
    }
}

/// Did an assertion of its own end it? QEMU's are about KVM, once the machine runs.
fn aborted(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(SIGABRT)
}

/// <https://man7.org/linux/man-pages/man7/signal.7.html>
const SIGABRT: i32 = 6;

impl Drop for Guest {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Engine {
    fn start(&mut self) -> io::Result<(Child, Receiver<Heard>)> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = own_group(&mut self.command).spawn()?;
        // The other end of the monitor belongs to the child alone.
        self.command.stdin(Stdio::null());
        let (sender, heard) = sync_channel(WAITING_LINES);
        if let Some(output) = child.stdout.take() {
            follow(output, &sender, |line| Some(Heard::Line(console::plain(line))));
        }
        if let Some(output) = child.stderr.take() {
            follow(output, &sender, |line| Some(Heard::Complaint(console::plain(line))));
        }
        if let Some(mut monitor) = self.monitor.take() {
            // It fails when QEMU has ended at once; its end says why.
            let _ = monitor.write_all(CAPABILITIES);
            follow(monitor, &sender, event);
        }
        Ok((child, heard))
    }

    fn failed(&self, source: io::Error) -> StartError {
        StartError::Io { doing: format!("starting {}", self.name), source }
    }
}

/// Keeps Ctrl-C on the terminal from reaching a program: this one ends it in good order.
pub(super) fn own_group(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    command.process_group(0)
}

/// Sends what the lines of an output mean.
fn follow(
    output: impl Read + Send + 'static,
    sender: &SyncSender<Heard>,
    meaning: impl Fn(&[u8]) -> Option<Heard> + Send + 'static,
) {
    let sender = sender.clone();
    thread::spawn(move || {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            if meaning(&line).is_some_and(|heard| sender.send(heard).is_err()) {
                break;
            }
            line.clear();
        }
    });
}

/// Makes QEMU talk. <https://www.qemu.org/docs/master/interop/qmp-spec.html>
const CAPABILITIES: &[u8] = b"{\"execute\": \"qmp_capabilities\"}\n";

const STOPPED: &str = "QEMU stopped the machine, which could not go on";

/// What an event of QEMU's means. It stops a machine that cannot go on: for an error of KVM's, or
/// because the disk of this computer is full, which it says first.
/// <https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html>
fn event(line: &[u8]) -> Option<Heard> {
    let event: serde_json::Value = serde_json::from_slice(line).ok()?;
    match event["event"].as_str()? {
        "RESET" if event["data"]["guest"] == true => Some(Heard::Restart),
        "STOP" => Some(Heard::KvmFailed(STOPPED.into())),
        "BLOCK_IO_ERROR" if event["data"]["action"] == "stop" => {
            let reason = event["data"]["reason"].as_str().unwrap_or_default();
            Some(Heard::Broken(format!("the disk of this computer fails the machine: {reason}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_understood() {
        let reset = |guest| format!(r#"{{"event": "RESET", "data": {{"guest": {guest}}}}}"#);
        assert_eq!(event(reset(true).as_bytes()), Some(Heard::Restart));
        assert_eq!(event(reset(false).as_bytes()), None, "QEMU's own, before the machine starts");
        assert_eq!(event(br#"{"event": "STOP"}"#), Some(Heard::KvmFailed(STOPPED.into())));
        let full = br#"{"event": "BLOCK_IO_ERROR", "data": {"device": "", "operation": "write",
            "action": "stop", "nospace": true, "reason": "No space left on device"}}"#;
        let Some(Heard::Broken(reason)) = event(full) else { panic!("the disk is full") };
        assert!(reason.ends_with(": No space left on device"), "{reason}");
        for other in [r#"{"QMP": {}}"#, r#"{"return": {}}"#, "", "x", r#"{"event": "RESUME"}"#] {
            assert_eq!(event(other.as_bytes()), None, "{other}");
        }
    }
}
