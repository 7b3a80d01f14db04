//! The page of a class against machines: live ones, dead ones, and others that answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use serde_json::json;

use crate::browser::{Browser, ENTER};
use crate::page::{class, opened};

/// A server that answers every question with these bytes, until this process ends.
fn server(answer: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            });
        }
    });
    place
}

/// What a machine of bootseed answers, with the header that lets a page from disk read it.
fn machine(state: &str, message: &str, step: &str) -> SocketAddr {
    let steps = format!(
        "[{{\"step\": \"web\", \"state\": \"done\", \"tries\": 1, \"seconds\": 4, \"reason\": \"\"}}, \
         {{\"step\": \"conda\", \"tries\": 2, \"seconds\": 35, {step}}}]"
    );
    let (state, message) = (json!(state), json!(message));
    let body = format!(
        "{{\"version\": 1, \"state\": {state}, \"seconds\": 130, \"message\": {message}, \
         \"steps\": {steps}}}"
    );
    cors(&body)
}

fn cors(body: &str) -> SocketAddr {
    server(format!(
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    ))
}

/// A port at which nothing listens.
fn dead() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn state(browser: &Browser, row: usize, expected: &str) {
    let shown =
        format!("document.querySelector('#rows tr:nth-child({row}) .live output').textContent");
    browser.until(&format!("{shown} === {}", json!(expected)));
}

/// Types an address into a row, as a person does.
fn type_in(browser: &Browser, row: usize, address: &str) {
    browser.click(&format!("#rows tr:nth-child({row}) .live input"));
    browser.press(&format!("{address}{ENTER}"));
}

#[test]
fn machines_are_seen_from_a_page_on_disk() {
    let students = class(9);
    let Some((browser, folder)) = opened(&students) else { return };
    let running = machine(
        "running",
        "x",
        "\"state\": \"running\", \"reason\": \"\", \"done\": 30, \"total\": 120",
    );
    let retrying =
        machine("running", "x", "\"state\": \"retrying\", \"reason\": \"HTTP <b>502</b>\"");
    let ready = machine("ready", "READY http://x/", "\"state\": \"done\", \"reason\": \"\"");
    let failed = machine(
        "failed",
        "FAILED at conda: disk \u{202e}full",
        "\"state\": \"failed\", \"reason\": \"\"",
    );
    let later = cors("{\"version\": 2, \"state\": \"ready\", \"message\": \"\", \"steps\": []}");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let forbidden = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".into());
    type_in(&browser, 1, &ready.to_string());
    state(&browser, 1, "✓ ready: after 3 min");
    assert_eq!(browser.run("return document.getElementById('why').hidden"), true);
    type_in(&browser, 2, "http://a b/");
    state(&browser, 2, "? no address: write 203.0.113.5, host:8080 or https://host");

    // The rest as a list, each student by another name.
    let id = |at: usize| &students[at].id;
    let list = format!(
        "student\tid\taddress\tstate\n{}\ti-2\thttp://{running}/\trunning\n\
         {}, {retrying}\n{failed} {}\n{} {later}\n\"{}\";\"{}\"\n{} http://{forbidden}\n\
         nobody 203.0.113.9\n",
        id(1),
        students[2].hostname,
        id(3),
        id(4),
        id(5),
        dead(),
        id(6),
    ) + &format!("{} {}\n", id(7), silent.local_addr().unwrap());
    browser.click("#list-open");
    browser.run(&format!("document.getElementById('list-text').value = {}", json!(list)));
    browser.click("#list-take");
    let said = browser.text("document.getElementById('list-said').textContent");
    assert_eq!(said, "7 addresses taken. 1 lines are of nobody here.");
    browser.run("document.getElementById('list').close()");
    for (row, expected) in [
        (2, "… setting up: conda (2/2), try 2, 25 %"),
        (3, "↻ trying again: conda (2/2), try 2: HTTP <b>502</b>"),
        (4, "✗ failed: conda: disk full"),
        (5, "? not bootseed"),
        (6, "! no answer"),
        (7, "! no answer"),
        (8, "! no answer"),
        (9, ""),
    ] {
        state(&browser, row, expected);
    }
    let up = "1 of 9 ready, 1 failed, 1 not bootseed, 3 no answer, 1 without an address";
    assert_eq!(browser.text("document.getElementById('up').textContent"), up);
    let why = browser.text("document.getElementById('why').innerText");
    assert!(why.contains("security group") && why.contains("inbound rule"), "{why}");
    browser.click("#unready");
    browser.until("document.querySelectorAll('#rows tr').length === 8");

    // Another day: the addresses are there still, and the machines are asked again.
    browser.open(&folder.path().join("index.html"));
    state(&browser, 4, "✗ failed: conda: disk full");
    let own = "document.querySelector('#rows tr:nth-child(1) .live input').value";
    assert_eq!(browser.text(own), ready.to_string());
    // One who has no machine any more.
    browser.run(
        "const field = document.querySelector('#rows tr:nth-child(4) .live input');
        field.value = ''; field.dispatchEvent(new Event('change', {bubbles: true}))",
    );
    state(&browser, 4, "");
    let asked = browser.requests().into_iter().filter(|url| !url.starts_with("file:"));
    assert!(
        asked
            .into_iter()
            .all(|url| url.ends_with("/status.json") && url.starts_with("http://127.0.0.1:"))
    );
}

/// The addresses of one class are not those of another, beside it on the same disk.
#[test]
fn each_class_has_its_own_addresses() {
    let Some((browser, folder)) = opened(&class(1)) else { return };
    let ready = machine("ready", "READY", "\"state\": \"done\", \"reason\": \"\"");
    type_in(&browser, 1, &ready.to_string());
    state(&browser, 1, "✓ ready: after 3 min");
    let other = folder.path().join("other.html");
    std::fs::copy(folder.path().join("index.html"), &other).unwrap();
    browser.open(&other);
    assert_eq!(browser.text("document.querySelector('.live input').value"), "");
}
