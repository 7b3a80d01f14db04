//! A few KiB that ask for gigabytes or days are looked at in little memory and time.

use std::time::{Duration, Instant};

use super::*;

/// Far more than any of them takes without optimisation, and far less than it would take otherwise.
const LONG: Duration = Duration::from_secs(40);

/// Time that this thread was given, on Linux: other programs may be busy too.
fn given() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn zeros(mebibytes: usize) -> Vec<u8> {
    Payload::of(&vec![0; mebibytes << 20]).compressed().bytes().to_vec()
}

/// Looks at it; returns what was found and how many bytes are in all its parts.
fn looked(bytes: &[u8]) -> (Inspection, usize) {
    let (start, before) = (Instant::now(), given());
    let found = inspect(bytes);
    let took = before.and_then(|before| Some(given()? - before)).unwrap_or(start.elapsed());
    assert!(took < LONG, "{took:?} for {} bytes", bytes.len());
    let held = found.parts.iter().map(|part| part.content.len()).sum();
    (found, held)
}

#[test]
fn compressed_parts_share_one_budget() {
    let part = format!(
        "--b\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n{}\n",
        STANDARD.encode(zeros(24))
    );
    let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    let message = Payload::of(format!("{head}{}--b--\n", part.repeat(20)).as_bytes()).compressed();
    assert!(message.bytes().len() < 20_000, "{}", message.bytes().len());
    let (found, held) = looked(message.bytes());
    assert!(held <= 64 << 20, "{held}");
    assert!(
        found.warnings.iter().any(|said| said.contains("beyond 64 MiB")),
        "{:?}",
        found.warnings
    );
}

#[test]
fn gzip_has_an_end_however_it_is_repeated() {
    let many = zeros(30).repeat(10);
    assert_eq!(looked(&many).1, 0);
    let mut nested = zeros(60);
    for _ in 0..6 {
        nested = STANDARD.encode(Payload::of(&nested).compressed().base64()).into_bytes();
    }
    looked(&nested);
}

#[test]
fn text_that_is_slow_to_read_is_not_read() {
    let deep = |open: &str, count: usize| open.repeat(count);
    let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    let within: String = (0..5_000)
        .map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"))
        .collect();
    let config =
        format!("--b\nContent-Type: text/cloud-config\n\n{}\n", "- [a, b]\n".repeat(99_000));
    let table = [
        format!("UserData: {}", deep("[", 100_000)),
        format!("UserData: {}", deep("\n- ", 100_000)),
        format!("UserData: {}", deep("[a,", 400_000)),
        deep("{\"UserData\":", 100_000),
        format!("#cloud-config\na: {}", deep("[", 500_000)),
        format!("#cloud-config\n{}", deep("? ", 100_000)),
        format!("#cloud-config-archive\n{}", deep("- x\n", 200_000)),
        format!("MIME-Version: 1.0\n{within}\n#!/bin/sh\n"),
        format!("{head}{}", deep("--b\n\n\n", 300_000)),
        format!("{head}{}", config.repeat(4)),
        deep(" ", 1 << 20),
        STANDARD.encode(deep("A", 1 << 20)),
    ];
    for text in &table {
        looked(text.as_bytes());
    }
    let mut bomb = "UserData: x\na0: &a0 [x, x, x, x]\n".to_string();
    for level in 1..12 {
        let below = level - 1;
        bomb += &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n");
    }
    looked(bomb.as_bytes());
}
