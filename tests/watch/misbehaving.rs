//! Fifty servers that misbehave, each in its own way, beside some that do not.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::servers::{Manner, Servers, answer, endless, http, question};
use crate::tools::{run, status, watch};

/// A manner that answers with an expression of bytes.
macro_rules! says {
    ($bytes:expr) => {
        |stream, _| Box::pin(async move { answer(stream, $bytes).await })
    };
}

/// A manner that never ends an answer: its head, and what it goes on with, and how often.
macro_rules! never_ends {
    ($head:expr, $piece:expr, $pause:expr) => {
        |stream, _| {
            Box::pin(async move {
                endless(stream, $head, $piece, Duration::from_millis($pause)).await;
            })
        }
    };
}

/// Its first answer is right, all others do not come.
const FIRST_ONLY: Manner = |stream, number| {
    Box::pin(async move {
        match number {
            0 => answer(stream, http("200 OK", &status("running", "STEP"))).await,
            _ => sleep(Duration::from_secs(60)).await,
        }
    })
};

/// Does not read what it is asked.
const RESETS: Manner = |stream, _| {
    Box::pin(async move {
        let _ = stream.set_zero_linger();
        drop(stream);
    })
};

const SILENT: Manner = |stream, _| {
    Box::pin(async move {
        sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
};

const HANGS_UP: Manner = |mut stream, _| {
    Box::pin(async move {
        question(&mut stream).await;
    })
};

/// Says something before it is asked, as an SSH server does.
const SSH: Manner = |mut stream, _| {
    Box::pin(async move {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await;
        sleep(Duration::from_secs(60)).await;
    })
};

/// Right, though in an odd way.
const RIGHT: &[(&str, Manner)] = &[
    ("plain", says!(http("200 OK", &status("ready", "READY http://x/")))),
    ("until-close", says!(format!("HTTP/1.1 200 OK\r\n\r\n{}", status("ready", "READY")))),
    ("http-1.0", says!(format!("HTTP/1.0 200 OK\r\n\r\n{}", status("ready", "READY")))),
    ("in-chunks", |stream, _| {
        Box::pin(async move {
            let body = status("ready", "READY");
            let (one, two) = body.split_at(20);
            let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            answer(stream, format!("{head}{}{}0\r\n\r\n", chunk(one), chunk(two))).await;
        })
    }),
    ("a-second-late", |mut stream, _| {
        Box::pin(async move {
            question(&mut stream).await;
            sleep(Duration::from_millis(1000)).await;
            let _ = stream.write_all(http("200 OK", &status("ready", "READY")).as_bytes()).await;
        })
    }),
    ("keeps-the-line", |mut stream, _| {
        Box::pin(async move {
            question(&mut stream).await;
            let _ = stream.write_all(http("200 OK", &status("ready", "READY")).as_bytes()).await;
            sleep(Duration::from_secs(60)).await;
        })
    }),
    (
        "more-keys",
        says!(http("200 OK", &status("ready", "READY").replacen('{', "{\"new\": [1], ", 1))),
    ),
    (
        "continues",
        says!(
            "HTTP/1.1 100 Continue\r\n\r\n".to_owned() + &http("200 OK", &status("ready", "READY"))
        ),
    ),
];

/// Name, manner, state in the end, and words of its details.
const WRONG: &[(&str, Manner, &str, &str)] = &[
    ("silent", SILENT, "unreachable", "no answer in 4 s"),
    ("resets", RESETS, "unreachable", ""),
    ("hangs-up", HANGS_UP, "unreachable", "cut off"),
    ("once-only", FIRST_ONLY, "unreachable", "no answer in 4 s"),
    ("slow-head", never_ends!("HTTP/1.1 200 OK\r\nX: ", b"x", 100), "unreachable", "no answer"),
    ("slow-body", never_ends!("HTTP/1.1 200 OK\r\n\r\n{", b" ", 100), "unreachable", "no answer"),
    ("slow-line", never_ends!("", b"H", 500), "unreachable", "no answer"),
    ("endless-line", never_ends!("HTTP/1.1 200 ", &[b'x'; 4096], 0), "odd", "not speak HTTP"),
    ("endless-head", never_ends!("HTTP/1.1 200 OK\r\n", b"X: yyyyyyyyyyyyyyyy\r\n".repeat(64).as_slice(), 0), "odd", "not speak HTTP"),
    ("endless-header", never_ends!("HTTP/1.1 200 OK\r\nX: ", &[b'y'; 1024], 0), "odd", "not speak HTTP"),
    ("endless-body", never_ends!("HTTP/1.1 200 OK\r\n\r\n", &[b' '; 65536], 0), "odd", "more than 256 kB"),
    ("endless-chunks", never_ends!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4\r\n    \r\n".repeat(4096).as_slice(), 0), "odd", "more than 256 kB"),
    ("endless-chunk", never_ends!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n", &[b' '; 65536], 0), "odd", "more than 256 kB"),
    ("endless-100", never_ends!("", b"HTTP/1.1 100 Continue\r\n\r\n", 1), "unreachable", "no answer in 4 s"),
    ("endless-garbage", never_ends!("", &[0xff; 65536], 0), "odd", "not speak HTTP"),
    ("huge-length", says!(b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n{"), "", ""),
    ("wrong-length", says!(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{"), "odd", "not speak HTTP"),
    ("two-lengths", says!(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), "odd", "not speak HTTP"),
    ("cut-off", says!(format!("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{}", status("ready", "x"))), "unreachable", "cut off"),
    ("cut-json", says!(http("200 OK", "{\"version\": 1, \"state\": \"rea")), "odd", "something else than JSON"),
    ("wrong-chunk", says!(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "", ""),
    ("http-0.9", says!("<html>hello</html>"), "odd", "not speak HTTP"),
    ("http-2", says!(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64"), "odd", "not speak HTTP"),
    ("tls-on-80", says!(b"\x15\x03\x01\0\x02\x02\x46"), "odd", "not speak HTTP; is it https://?"),
    ("ssh", SSH, "odd", "not speak HTTP"),
    ("garbage", says!([0x80, 0xff, 0, 7, 27, b'[', b'2', b'J', 10]), "odd", "not speak HTTP"),
    ("nul-in-header", says!(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n{}"), "odd", "not speak HTTP"),
    ("empty-body", says!(http("200 OK", "")), "odd", "something else than JSON"),
    ("no-content", says!("HTTP/1.1 204 No Content\r\n\r\n"), "odd", "HTTP status 204"),
    ("html", says!(http("200 OK", "<!doctype html><h1>Welcome to nginx!</h1>")), "odd", "another web server"),
    ("gzip", says!(http("200 OK\r\nContent-Encoding: gzip", "\u{1f}\u{8b}")), "odd", "something else than JSON"),
    ("other-json", says!(http("200 OK", "{\"status\": \"ok\"}")), "odd", "it has no `version`"),
    ("array", says!(http("200 OK", "[]")), "odd", "it has no `version`"),
    ("later", says!(http("200 OK", &status("ready", "READY").replace("\"version\":1", "\"version\":2"))), "odd", "version 2"),
    ("wrong-version", says!(http("200 OK", &status("ready", "x").replace("\"version\":1", "\"version\":\"1\""))), "odd", "no such number"),
    ("wrong-state", says!(http("200 OK", &status("fine\u{1b}[2J", "x"))), "odd", "unknown variant `fine [2J`"),
    ("wrong-steps", says!(http("200 OK", "{\"version\": 1, \"state\": \"ready\", \"message\": \"\", \"steps\": 7}")), "odd", "no status of bootseed"),
    ("wrong-number", says!(http("200 OK", &status("ready", "x").replace("\"seconds\":4", "\"seconds\":-4"))), "odd", "no status of bootseed"),
    ("infinite", says!(http("200 OK", &status("ready", "x").replace("\"seconds\":4", "\"seconds\":1e999"))), "odd", "something else than JSON"),
    ("deep", says!(http("200 OK", &"[".repeat(100_000))), "odd", "something else than JSON"),
    ("many-steps", says!(http("200 OK", &json!({"version": 1, "state": "ready", "message": "", "steps": vec![json!({"step": "", "state": "done", "tries": 0, "seconds": 0, "reason": ""}); 2000]}).to_string())), "odd", "it has 2000 steps"),
    ("not-utf-8", says!([b"HTTP/1.1 200 OK\r\n\r\n{\"a\": \"".as_slice(), &[0xff], b"\"}"].concat()), "odd", "something else than JSON"),
    ("redirects", says!("HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\x07x\r\nContent-Length: 0\r\n\r\n".replace('\x07', "")), "odd", "redirects to https://elsewhere.example/x, which is not followed"),
    ("redirects-home", says!("HTTP/1.1 301 M\r\nLocation: /status.json\r\nContent-Length: 0\r\n\r\n"), "odd", "redirects to /status.json"),
    ("redirects-nowhere", says!("HTTP/1.1 307 T\r\nContent-Length: 0\r\n\r\n"), "odd", "redirects to nowhere"),
    ("wants-a-password", says!(http("401 Unauthorized\r\nWWW-Authenticate: Basic realm=x", "")), "odd", "HTTP status 401"),
    ("not-there", says!(http("404 Not Found", "no")), "odd", "HTTP status 404"),
    ("no-gateway", says!(http("502 Bad Gateway", "no")), "odd", "HTTP status 502"),
    ("status-999", says!(http("999 X", "no")), "odd", "HTTP status 999"),
    ("fails", says!(http("200 OK", &status("failed", "FAILED at conda: \u{1b}]0;x\u{7}disk \u{202e}full"))), "failed", "conda: ]0;x disk full"),
    ("hides", says!(http("200 OK", &status("failed", "FAILED at web: a\r\u{9b}2Kb\u{200b}c"))), "failed", "web: a 2Kb c"),
];

#[test]
fn fifty_servers_that_misbehave_neither_delay_nor_confuse() {
    assert!(WRONG.len() >= 50, "{}", WRONG.len());
    // Among one another, so that each has neighbours of the other kind.
    let right = RIGHT.iter().map(|(name, manner)| (*name, *manner));
    let wrong = WRONG.iter().map(|(name, manner, ..)| (*name, *manner));
    let mut all: Vec<(&str, Manner)> = wrong.chain(right).collect();
    all.sort_by_key(|(name, _)| name.len());
    let servers = Servers::start(all.iter().map(|(_, manner)| *manner).collect());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let named = all.iter().map(|(name, _)| *name).zip(&servers.places);
    let mut hosts: Vec<String> = named.map(|(name, place)| format!("{name}={place}")).collect();
    hosts.push(format!("closed={closed}"));
    hosts.push("nameless=no-such-host.invalid:80".into());
    let mut command =
        watch(&["--json", "--until", "ready", "--timeout", "14s", "--interval", "1s"]);
    command.env("RES_OPTIONS", "timeout:1 attempts:1");
    let run = run(command.args(["--patience", "4s"]).args(&hosts));
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.took < Duration::from_secs(30), "{:?}", run.took);
    for (name, _) in RIGHT {
        let last = run.last(name);
        assert_eq!(
            (&last["state"], last["after_seconds"].as_u64() <= Some(3)),
            (&json!("ready"), true),
            "{last}"
        );
    }
    let more = [
        ("closed", "unreachable", "nothing listens at port"),
        ("nameless", "unreachable", "is not found"),
    ];
    let wrong = WRONG.iter().map(|(name, _, state, words)| (*name, *state, *words));
    let mut unexpected = Vec::new();
    for (name, state, words) in wrong.chain(more) {
        let last = run.last(name);
        let (found, details) = (last["state"].as_str().unwrap(), last["details"].as_str().unwrap());
        if !(state == found || state.is_empty() && found != "ready") || !details.contains(words) {
            unexpected.push(format!("{name}: {last}"));
        }
    }
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    assert!(!run.out.contains(|c: char| c.is_control() && c != '\n'), "{:?}", run.out);
    assert!(!run.err.contains(|c: char| c.is_control() && c != '\n'), "{:?}", run.err);
    let ready = format!("{} of {} ready", RIGHT.len(), hosts.len());
    assert!(run.err.contains(&ready), "{}", run.err);
    assert!(run.err.contains("the time is over, and not all are ready:\n  "), "{}", run.err);
}
