//! A thousand machines at once, and many dead ones.

use std::fs;
use std::time::{Duration, Instant};

use crate::servers::{Manner, Servers, answer, http};
use crate::tools::{file, run, status, watch};

const READY: Manner = |stream, _| {
    Box::pin(async move {
        // One after the other, a thousand of these would take most of a minute.
        tokio::time::sleep(Duration::from_millis(50)).await;
        answer(stream, http("200 OK", &status("ready", "READY"))).await;
    })
};

/// Answers nothing until the other side goes away.
const SILENT: Manner = |mut stream, _| {
    Box::pin(async move {
        while tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 64]).await.is_ok_and(|n| n > 0) {}
    })
};

#[test]
fn a_thousand_machines_take_seconds_and_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let servers = Servers::start(vec![READY]);
    let place = servers.places[0];
    let lines: String = (0..1000).map(|number| format!("s{number} {place}\n")).collect();
    let list = file(folder.path(), "list", &lines);
    let mut command = watch(&[&list, "--json", "--until", "ready", "--timeout", "30s"]);
    let mut child =
        command.args(["--jobs", "100"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    let (start, mut memory, mut handles) = (Instant::now(), 0, 0);
    // Linux lets a parent go on a moment before the new program's inherited handles are closed.
    while fs::read_to_string(format!("/proc/{}/comm", child.id())).unwrap() != "bootseed\n" {
        std::thread::sleep(Duration::from_millis(1));
    }
    let code = loop {
        memory = memory.max(peak_kb(child.id()));
        handles = handles.max(open_handles(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = start.elapsed();
    eprintln!("1000 machines: {took:?}, {memory} kB, {handles} handles");
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert!(memory > 0 && memory < 64 << 10, "{memory} kB");
    // Beside connections: the three of every process, and some of tokio.
    assert!(handles > 20 && handles <= 100 + 20, "{handles}");
}

/// Files and connections that a process has open.
fn open_handles(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count)
}

/// Most memory that a process had so far.
fn peak_kb(id: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|line| line.split_whitespace().next());
    peak.and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// A machine that answered is asked again in time, though there are three dead ones for each
/// connection.
#[test]
fn dead_machines_do_not_take_all_connections() {
    let servers = Servers::start(vec![SILENT, READY]);
    let mut hosts = vec![format!("alive={}", servers.places[1])];
    hosts.extend((0..24).map(|number| format!("dead{number}={}", servers.places[0])));
    let mut command = watch(&["--timeout", "7s", "--interval", "1s", "--patience", "3s"]);
    let before = Instant::now();
    let run = run(command.args(["--jobs", "8", "--json"]).args(&hosts));
    assert_eq!(run.code, Some(0), "nothing was waited for: {}", run.err);
    assert!(before.elapsed() < Duration::from_secs(20));
    // A server may hear of the next connection before it hears of the end of the last.
    assert!(servers.most() <= 16, "{}", servers.most());
    assert_eq!(run.last("alive")["state"], "ready");
    assert_eq!(run.last("dead0")["state"], "unreachable");
    assert!(run.err.contains("1 of 25 ready"), "{}", run.err);
}
