//! The page that an instructor opens from disk to launch the machines of a roster.
//!
//! In: one [`Entry`] after the other. Out: one HTML file without any external resource, written as
//! the entries come. The texts for the launch form are mostly equal, so the first one is there in
//! full, and of the others only the lines that differ; `page.js` puts them together.
//!
//! Nothing from the roster is in the page as HTML: all of it is JSON in blocks of data, which
//! `page.js` shows as text. A Content-Security-Policy allows its one script and its one style by
//! their hashes, questions to the machines (`live.js`) whose addresses somebody enters, and nothing
//! else.

mod json;
mod way;

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use similar::algorithms::{Capture, Replace, diff_slices};
use similar::{Algorithm, DiffTag};

use super::Entry;
use crate::destination::{Destination, EC2};
use way::Way;

const FRAME: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = concat!(include_str!("page.js"), include_str!("live.js"));

/// Bytes of texts after which a page takes no more, but says which file has the text: a browser
/// reads the page as a whole.
const MOST: usize = 128 << 20;

/// How much of a hash tells whether a file has changed since it was copied.
const MARK: usize = 12;

/// A page being written.
pub struct Page<W> {
    out: W,
    way: Way,
    /// What the first machine needs.
    needs: Option<String>,
    /// The text that others are made from.
    reference: Option<String>,
    /// The JSON of a text.
    text: Vec<u8>,
    /// Bytes of texts so far.
    texts: usize,
    most: usize,
}

/// What the whole page says of itself.
#[derive(Serialize)]
struct About<'a> {
    title: &'a str,
    /// How the machines are launched.
    how: &'a str,
    /// Is there anything to copy?
    copy: bool,
    /// Bytes of user-data that EC2 takes, if the machines are for it.
    limit: Option<usize>,
}

impl<W: Write> Page<W> {
    /// Begins a page. `out` should have a buffer: it is written to in small pieces.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(mut out: W, title: &str, destination: &Destination) -> io::Result<Page<W>> {
        let (way, mut about) = (Way::of(destination), Vec::new());
        let limit = way.ec2.then_some(EC2.bytes);
        let head = About { title, how: &way.how, copy: way.form, limit };
        head.serialize(&mut json::serializer(&mut about))?;
        out.write_all(pieces().0.as_bytes())?;
        out.write_all(&about)?;
        out.write_all(b"\n")?;
        Ok(Page { out, way, needs: None, reference: None, text: Vec::new(), texts: 0, most: MOST })
    }

    /// Adds a student.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn row(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.text.clear();
        self.text(entry)?;
        self.texts += self.text.len();
        let mark = entry.sha256.get(..MARK).unwrap_or(entry.sha256);
        let Entry { student, name, hostname, file, base64, .. } = *entry;
        let needs = Some(entry.needs).filter(|needs| self.needs.as_deref() != Some(*needs));
        let row = (student, name, hostname, file, size(entry), u8::from(base64), mark, needs);
        row.serialize(&mut json::serializer(&mut self.out))?;
        self.needs.get_or_insert_with(|| entry.needs.to_owned());
        self.out.write_all(b"\n")?;
        self.out.write_all(&self.text)?;
        self.out.write_all(b"\n")
    }

    /// Writes down the text in full, or what makes it from the first one, or that it is not here.
    fn text(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let mut json = json::serializer(&mut self.text);
        if self.texts > self.most || !self.way.takes(entry.base64) {
            json.serialize_none()?;
        } else if entry.base64 {
            json.serialize_str(entry.user_data)?;
        } else if let Some(reference) = &self.reference {
            json.collect_seq(edits(reference, entry.user_data))?;
        } else {
            json.serialize_str(entry.user_data)?;
            self.reference = Some(entry.user_data.to_owned());
        }
        Ok(())
    }

    /// Ends the page and gives back what it was written to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end(mut self) -> io::Result<W> {
        self.out.write_all(pieces().1.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The page before and behind the data.
fn pieces() -> (String, String) {
    let (head, tail) = FRAME.split_once("@DATA@\n").unwrap_or((FRAME, ""));
    let head = head.replace("@STYLE@", STYLE).replace("@POLICY@", &policy());
    (head, tail.replace("@SCRIPT@", SCRIPT))
}

/// What the browser may load for the page: the style and the script that are in it.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; \
         connect-src http: https:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// What makes a text out of the reference: the first of the lines that go, how many they are, and
/// the text in their place.
fn edits(reference: &str, text: &str) -> Vec<(usize, usize, String)> {
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (old, new) = (lines(reference), lines(text));
    // Not `capture_diff_slices`: it moves insertions for the eye, and leaves their lines behind.
    let mut found = Replace::new(Capture::new());
    let Ok(()) = diff_slices(Algorithm::Myers, &mut found, &old, &new);
    let edits = found.into_inner().into_ops().into_iter().filter(|op| op.tag() != DiffTag::Equal);
    edits
        .map(|op| (op.old_range().start, op.old_range().len(), new[op.new_range()].concat()))
        .collect()
}

/// Bytes of user-data as EC2 counts them: before base64.
fn size(entry: &Entry<'_>) -> usize {
    if !entry.base64 {
        return entry.user_data.len();
    }
    entry.user_data.trim_end().trim_end_matches('=').len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::Listed;

    fn entry<'a>(student: &'a str, user_data: &'a str) -> Entry<'a> {
        Entry {
            student,
            name: None,
            hostname: Some("vm"),
            file: "machines/a.yaml",
            sha256: "0123456789abcdef",
            user_data,
            base64: false,
            needs: "8 GB",
        }
    }

    fn page(title: &str, most: usize, entries: &[Entry<'_>]) -> String {
        let mut page = Page::new(Vec::new(), title, Destination::ALL[0]).unwrap();
        page.most = most;
        for entry in entries {
            page.row(entry).unwrap();
        }
        String::from_utf8(page.end().unwrap()).unwrap()
    }

    /// The lines of data.
    fn data(page: &str) -> Vec<Value> {
        let (_, rest) = page.split_once("id=\"data\">\n").unwrap();
        let (lines, _) = rest.split_once("</script>").unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
        page.split_once(start).unwrap().1.split_once(end).unwrap().0
    }

    #[test]
    fn the_policy_allows_what_is_in_the_page() {
        let page = page("x", MOST, &[]);
        assert!(
            !page.contains("@STYLE@") && !page.contains("@SCRIPT@") && !page.contains("@POLICY@")
        );
        for (start, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let hash = STANDARD.encode(Sha256::digest(between(&page, start, end)));
            assert!(page.contains(&format!("-src 'sha256-{hash}';")), "{start}");
        }
        let addresses = ["src=", "@import", "url(", "href=\"http"];
        assert_eq!(addresses.map(|word| page.contains(word)), [false; 4]);
    }

    #[test]
    fn the_first_text_is_whole_and_others_are_what_differs() {
        let text = "a\nb\nhostname: x\n";
        let mut compressed = entry("c", "H4sIAA==");
        compressed.base64 = true;
        let other = "a\nb\nhostname: 이</script>\n";
        let all = [compressed, entry("d", text), entry("e", other), entry("f", text)];
        let page = page("</script>&", MOST, &all);
        let row = |student: &str, size: usize, base64: u8| {
            let needs = (student == "c").then_some("8 GB");
            json!([student, null, "vm", "machines/a.yaml", size, base64, "0123456789ab", needs])
        };
        let expected = [
            json!({"title": "</script>&", "how": Way::of(Destination::ALL[0]).how, "copy": true, "limit": 16_384}),
            row("c", 4, 1),
            json!("H4sIAA=="),
            row("d", 16, 0),
            json!(text),
            row("e", other.len(), 0),
            json!([[2, 1, "hostname: 이</script>\n"]]),
            row("f", 16, 0),
            json!([]),
        ];
        assert_eq!(data(&page), expected);
    }

    proptest! {
        #[test]
        fn any_text_is_made_from_any_other(
            reference in "([aé😀]{0,2}(\n|\r\n)?){0,20}",
            text in "([aé😀]{0,2}(\n|\r\n)?){0,20}",
        ) {
            let lines: Vec<&str> = reference.split_inclusive('\n').collect();
            let (mut made, mut at) = (String::new(), 0);
            for (from, gone, new) in edits(&reference, &text) {
                made += &(lines[at..from].concat() + &new);
                at = from + gone;
            }
            prop_assert_eq!(made + &lines[at..].concat(), text);
        }
    }

    #[test]
    fn a_page_takes_no_more_text_than_a_browser_reads() {
        let texts: Vec<String> = (0..40).map(|line| format!("{line:04}\n")).collect();
        let all: Vec<Entry<'_>> = texts.iter().map(|text| entry("a", text)).collect();
        let lines = data(&page("x", 100, &all));
        let there = lines[2..].iter().step_by(2).take_while(|text| !text.is_null()).count();
        assert_eq!((lines.len(), there), (81, 7));
        assert!(lines[2 + 2 * there..].iter().step_by(2).all(Value::is_null));
    }

    #[test]
    fn the_size_is_what_ec2_counts() {
        for (text, expected) in [("AAAA", 3), ("AAA=", 2), ("AA==\n", 1), ("", 0)] {
            let mut entry = entry("a", text);
            entry.base64 = true;
            assert_eq!(size(&entry), expected, "{text:?}");
        }
        assert_eq!(size(&entry("a", "가\n")), 4);
    }
}
