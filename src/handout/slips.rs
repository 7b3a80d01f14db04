//! Slips for the students: who, at which address, with which account and password.
//!
//! In: one [`Slip`] after the other. Out: an HTML page without scripts and without anything from
//! elsewhere, to be printed and cut up; each group of a class begins on a page of its own. Addresses
//! are blank: nobody knows them before the machines are there.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::secret::Secret;

const HEAD: &str = include_str!("slips.html");
const STYLE: &str = include_str!("slips.css");
const TAIL: &str = "</body>\n</html>\n";

/// The port that an address need not say.
const HTTP: u32 = 80;

/// What a student is handed.
pub struct Slip<'a> {
    /// What the student is known by.
    pub student: &'a str,
    /// What the student is called, where that is known beside it.
    pub name: Option<&'a str>,
    /// The group, where the class has groups.
    pub group: Option<&'a str>,
    /// The machine's host name.
    pub hostname: Option<&'a str>,
    /// TCP port of the machine's web server, if it has one.
    pub port: Option<u32>,
    /// Account and password, if one was made.
    pub login: Option<(&'a str, &'a Secret<String>)>,
}

/// A page of slips being written.
pub struct Slips<W> {
    out: W,
    /// The groups so far, each with its slips. Without groups, slips are written as they come.
    groups: Vec<(String, String)>,
    /// Is there a slip outside of groups?
    open: bool,
}

impl<W: Write> Slips<W> {
    /// Begins a page.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(mut out: W, title: &str) -> io::Result<Slips<W>> {
        let hash = STANDARD.encode(Sha256::digest(STYLE));
        let head = HEAD.replace("@STYLE@", STYLE).replace("@HASH@", &hash);
        out.write_all(head.replace("@TITLE@", &escaped(title)).as_bytes())?;
        Ok(Slips { out, groups: Vec::new(), open: false })
    }

    /// Adds a slip.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, slip: &Slip<'_>) -> io::Result<()> {
        let Some(group) = slip.group else {
            let begin = if self.open { "" } else { "<section>\n" };
            self.open = true;
            return write!(self.out, "{begin}{}", article(slip));
        };
        let place = self.groups.iter().position(|(known, _)| known == group);
        let place = place.unwrap_or_else(|| {
            self.groups.push((group.to_owned(), String::new()));
            self.groups.len() - 1
        });
        self.groups[place].1 += &article(slip);
        Ok(())
    }

    /// Ends the page and gives back what it was written to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end(mut self) -> io::Result<W> {
        if self.open {
            self.out.write_all(b"</section>\n")?;
        }
        for (group, slips) in &self.groups {
            let title = if group.is_empty() { "No group" } else { group };
            write!(self.out, "<section>\n<h2>{}</h2>\n{slips}</section>\n", escaped(title))?;
        }
        self.out.write_all(TAIL.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn article(slip: &Slip<'_>) -> String {
    let who = [slip.name, Some(slip.student)].into_iter().flatten();
    let who = who.map(escaped).collect::<Vec<_>>().join(" · ");
    let blank = "<dt>Address</dt><dd class=\"blank\">".to_owned();
    let address = match slip.port {
        None => blank + "&nbsp;",
        Some(HTTP) => blank + "http://",
        Some(port) => format!("{blank}http:// <small>and behind it :{port}</small>"),
    };
    let host = slip.hostname.map(|host| line("Machine", host)).unwrap_or_default();
    let login = slip
        .login
        .map(|(user, password)| line("Account", user) + &line("Password", password.expose()));
    let login = login.unwrap_or_default();
    format!("<article><h3>{who}</h3><dl>{address}</dd>{host}{login}</dl></article>\n")
}

fn line(term: &str, text: &str) -> String {
    format!("<dt>{term}</dt><dd>{}</dd>", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(slips: &[Slip<'_>]) -> String {
        let mut page = Slips::new(Vec::new(), "<b>월요일").unwrap();
        slips.iter().for_each(|slip| page.add(slip).unwrap());
        String::from_utf8(page.end().unwrap()).unwrap()
    }

    fn slip<'a>(student: &'a str, group: Option<&'a str>) -> Slip<'a> {
        Slip { student, name: None, group, hostname: None, port: None, login: None }
    }

    #[test]
    fn a_slip_says_what_a_student_needs() {
        let password = Secret::new("a<b&c".to_owned());
        let page = page(&[Slip {
            name: Some("김철수"),
            hostname: Some("lab-1"),
            port: Some(8080),
            login: Some(("kim", &password)),
            ..slip("s1", None)
        }]);
        assert!(page.contains("<title>&lt;b&gt;월요일</title>"));
        let text = "<h3>김철수 · s1</h3><dl><dt>Address</dt><dd class=\"blank\">http:// \
                    <small>and behind it :8080</small></dd><dt>Machine</dt><dd>lab-1</dd>\
                    <dt>Account</dt><dd>kim</dd><dt>Password</dt><dd>a&lt;b&amp;c</dd></dl>";
        assert!(page.contains(text), "{page}");
        let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(page.contains(&format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style)))));
    }

    #[test]
    fn each_group_has_its_pages() {
        let page = page(&[slip("a", Some("B")), slip("b", Some("")), slip("c", Some("B"))]);
        let order = ["<h2>B</h2>", "<h3>a</h3>", "<h3>c</h3>", "<h2>No group</h2>", "<h3>b</h3>"];
        let places = order.map(|words| page.find(words).unwrap());
        assert!(places.is_sorted(), "{page}");
        assert_eq!(page.matches("<section>").count(), 2);
        let plain = super::tests::page(&[slip("a", None), slip("b", None)]);
        assert_eq!(
            (plain.matches("<section>").count(), plain.matches("</section>").count()),
            (1, 1)
        );
    }
}
