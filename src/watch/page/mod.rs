//! A page to project: how all machines are, readable from the last row.
//!
//! In: a [`Board`]. Out: one HTML file without anything from elsewhere, to be written again and
//! again; the browser reads it anew by itself. Nothing in it is trusted: every text is quoted, and a
//! Content-Security-Policy allows its own style and script by their hashes, and nothing else.

use std::fmt::Write;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::board::{Board, Machine};
use super::state::{Kind, State, time};
use crate::template::html_text;

const FRAME: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the page begins with: by this a file is known to be one that may be replaced.
pub const MARK: &str = "<!doctype html>\n<!-- bootseed watch -->\n";

/// What a page says beside the machines.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// Of what: the class.
    pub title: &'a str,
    /// The time.
    pub now: SystemTime,
    /// How often it is written: a page that is much older says so.
    pub every: Duration,
    /// Is this the last one?
    pub ended: bool,
}

/// The page.
pub fn page(board: &Board, about: &About<'_>, now: Instant) -> String {
    let stamp = about.now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let refresh = match about.ended {
        true => String::new(),
        false => {
            let seconds = about.every.as_secs().max(1);
            format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n")
        }
    };
    let (trouble, work, ready) = sections(board, now);
    let all = [
        ("@POLICY@", policy()),
        ("@REFRESH@", refresh),
        ("@STYLE@", STYLE.to_owned()),
        ("@SCRIPT@", SCRIPT.to_owned()),
        ("@STAMP@", stamp.to_string()),
        ("@EVERY@", about.every.as_millis().to_string()),
        ("@ENDED@", about.ended.to_string()),
        ("@SUMMARY@", html_text(&board.summary())),
        ("@PART@", part(board)),
        ("@TITLE@", html_text(about.title)),
        ("@TROUBLE@", trouble),
        ("@WORK@", work),
        ("@READY@", ready),
    ];
    filled(&all)
}

/// The frame with each place filled once: what fills one place is not looked through for others.
fn filled(all: &[(&str, String)]) -> String {
    let mut page = MARK.to_owned();
    let mut rest = FRAME;
    while let Some(start) = rest.find('@') {
        let (before, found) = rest.split_at(start);
        page += before;
        let known = all.iter().find(|(name, _)| found.starts_with(name));
        let (name, value) = known.map_or(("@", "@"), |(name, value)| (*name, value.as_str()));
        page += value;
        rest = &found[name.len()..];
    }
    page + rest
}

fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// Ready machines as a part of all, for the bar.
fn part(board: &Board) -> String {
    let ready = board.counts().get(&Kind::Ready).copied().unwrap_or_default();
    format!("value=\"{ready}\" max=\"{}\"", board.machines().len().max(1))
}

/// Those in trouble, those that are not ready yet, and those that are.
fn sections(board: &Board, now: Instant) -> (String, String, String) {
    let (mut trouble, mut work, mut ready) = (String::new(), String::new(), String::new());
    for machine in board.order().into_iter().map(|at| &board.machines()[at]) {
        match machine.state.kind() {
            Kind::Ready => ready += &chip(machine),
            kind if kind.is_trouble() => trouble += &row(machine, now),
            _ => work += &row(machine, now),
        }
    }
    (trouble, work, ready)
}

fn row(machine: &Machine, now: Instant) -> String {
    let kind = machine.state.kind();
    let (sign, word, who) = (kind.sign(), kind.word(), html_text(&machine.who()));
    let details = html_text(&machine.state.details());
    let address = machine.address.as_ref().map(|one| html_text(&one.to_string()));
    let address = address.map(|one| format!(" <small>{one}</small>")).unwrap_or_default();
    let lasting = time(machine.lasting(now).as_secs());
    let class = class(kind);
    let mut row = format!("<li class=\"{class}\"><b>{who}</b>{address} <i>{sign} {word}</i>");
    // Writing to a String cannot fail.
    let _ = write!(row, " <time>{lasting}</time>");
    if let State::Running(work) = &machine.state
        && let Some((done, total)) = work.download.filter(|(_, total)| *total > 0)
    {
        let _ = write!(row, "<progress value=\"{done}\" max=\"{total}\"></progress>");
    }
    if !details.is_empty() {
        let _ = write!(row, "<p>{details}</p>");
    }
    row + "</li>\n"
}

fn chip(machine: &Machine) -> String {
    let title = html_text(&machine.state.details());
    format!("<li title=\"{title}\">✓ {}</li>\n", html_text(&machine.who()))
}

fn class(kind: Kind) -> &'static str {
    match kind {
        kind if kind.is_trouble() => "trouble",
        Kind::Retrying | Kind::NoAddress => "wait",
        _ => "work",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::target::{Place, Target};

    fn board(students: &[&str]) -> Board {
        let target = |student: &&str| Target {
            student: (*student).into(),
            name: None,
            place: Place::NoMachine,
        };
        Board::new(&students.iter().map(target).collect::<Vec<_>>(), Instant::now())
    }

    fn shown(title: &str, students: &[&str], ended: bool) -> String {
        let about = About { title, now: SystemTime::now(), every: Duration::from_secs(5), ended };
        page(&board(students), &about, Instant::now())
    }

    #[test]
    fn no_text_becomes_markup_and_no_place_is_left() {
        let page = shown("</title>@TROUBLE@", &["<script>alert(1)</script>", "@WORK@"], false);
        assert!(page.starts_with(MARK));
        assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"));
        assert!(page.contains("&lt;/title&gt;@TROUBLE@") && page.contains("<b>@WORK@</b>"));
        for place in ["@POLICY@", "@STYLE@", "@SCRIPT@", "@STAMP@", "@READY@", "@SUMMARY@"] {
            assert!(!page.contains(place), "{place}");
        }
        for elsewhere in ["http:", "https:", "src=", "url(", "@import"] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn the_policy_allows_what_is_in_the_page() {
        let page = shown("x", &[], false);
        for (start, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let text = page.split_once(start).unwrap().1.split_once(end).unwrap().0;
            let hash = STANDARD.encode(Sha256::digest(text));
            assert!(page.contains(&format!("-src 'sha256-{hash}';")), "{start}");
        }
    }

    #[test]
    fn the_last_page_is_not_read_again() {
        assert!(shown("x", &[], false).contains("http-equiv=\"refresh\" content=\"5\""));
        assert!(!shown("x", &[], true).contains("refresh"));
    }
}
