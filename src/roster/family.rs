//! What the machine of each student is.
//!
//! In: the tree of a parameter file and the columns of a roster; then the cells of one student after
//! the other. Out: the whole tree of a student, with every value at its place in the roster, so that
//! a mistake can be shown where it is.

use std::sync::Arc;

use super::column;
use super::filler::Filler;
use super::manner::Manner;
use super::text::{Text, TextError};
use crate::diagnostic::{Diagnostic, Report};
use crate::secret::Secret;
use crate::source::{Kind, Node, Path, Segment, Source, Span};
use crate::spec;

/// The machines of a roster, which differ in some places.
pub struct Family {
    roster: String,
    /// What a row is called in messages.
    unit: &'static str,
    pub(super) header: Arc<[String]>,
    /// The parameter file; a parameter that only the roster sets has an empty value.
    tree: Node,
    pub(super) places: Vec<Place>,
    filler: Filler,
    /// Stands for the place of a value that is not shown.
    nowhere: Arc<Source>,
}

/// A parameter, and where its value comes from.
pub(super) struct Place {
    pub(super) at: Path,
    pub(super) from: From,
}

pub(super) enum From {
    /// The cell of a column; where it is empty, what the parameter file says.
    Cell { column: usize, default: Option<Node> },
    /// A text of the parameter file.
    Text { text: Text, span: Span },
    /// A password that is made for the student.
    Password,
}

/// The parameter file of one student.
pub struct Variant {
    /// With the student's values at their places, as far as they are good.
    pub tree: Node,
    /// What is wrong with the cells.
    pub report: Report,
    /// The places whose value is not the student's.
    pub(super) gaps: Vec<Path>,
}

/// A row of the roster.
#[derive(Clone, Copy)]
pub struct Student<'a> {
    /// Its number, for messages.
    pub row: usize,
    /// A cell for each column.
    pub cells: &'a [String],
    /// The password of the student's account, if one is wanted.
    pub password: Option<&'a Secret<String>>,
    /// The token of the student's machine, if it tells somebody how it is.
    pub token: Option<&'a Secret<String>>,
}

impl Family {
    /// Finds what differs. `roster` is the name of the roster in messages, `unit` what a row of it
    /// is called there, and `account` the account whose password is made for each student.
    ///
    /// # Errors
    /// Columns that are named like a parameter and are none, texts that use no column, an account
    /// that is not among the `users`.
    pub fn new(
        (roster, unit): (&str, &'static str),
        header: &[String],
        tree: Node,
        account: Option<&str>,
    ) -> Result<Family, Report> {
        let (mut report, nowhere) = (Report::default(), Source::new("", ""));
        let mut places = columns(roster, header, &tree, &mut report);
        let mut texts = Vec::new();
        walk(&tree, &Path::root(), &mut |at, text, span| {
            if !text.contains("{{") {
                return;
            }
            let manner = Manner::of(at, text, &tree);
            match Text::read(text, header, manner) {
                Ok(text) => texts.extend(text.map(|text| (at.clone(), text, span.clone()))),
                Err(error) => report.push(unusable(error, span)),
            }
        });
        // What a column sets does not come from the parameter file.
        texts.retain(|(at, ..)| !places.iter().any(|place| is_below(at, &place.at)));
        let texts =
            texts.into_iter().map(|(at, text, span)| Place { at, from: From::Text { text, span } });
        places.extend(texts);
        let mut family = Family {
            roster: roster.into(),
            unit,
            header: header.into(),
            tree,
            places,
            filler: Filler::default(),
            nowhere,
        };
        report.extend(account.and_then(|name| family.add_password(name).err()).unwrap_or_default());
        report.extend(family.make_room().err().unwrap_or_default());
        if report.has_errors() { Err(report) } else { Ok(family) }
    }

    /// Columns that are probably meant to set a parameter and do not. `used` are those that are used
    /// elsewhere.
    pub fn doubts(&self, used: &[usize]) -> Report {
        let in_use = |column: &usize| {
            used.contains(column)
                || self.places.iter().any(|place| match &place.from {
                    From::Cell { column: other, .. } => other == column,
                    From::Text { text, .. } => text.columns().contains(column),
                    From::Password => false,
                })
        };
        let idle = (0..self.header.len()).filter(|column| !in_use(column));
        let doubt = |column: usize| {
            let name = &self.header[column];
            Some(column::doubt(&self.roster, name, &column::meant(name)?))
        };
        idle.filter_map(doubt).collect()
    }

    /// The text of a student, such as the name of a file. A mistake has its place in the roster.
    ///
    /// # Errors
    /// A cell that is used is empty, or does not fit.
    pub fn fill(&self, text: &Text, student: &Student<'_>) -> Result<String, Report> {
        text.fill(&self.header, student.cells, &self.filler)
            .map_err(|error| self.shown(error, text.columns(), student).into())
    }

    /// The whole parameter file of a student, and what is wrong with the cells.
    pub fn variant(&self, student: &Student<'_>) -> Variant {
        let (tree, report, gaps) = (self.tree.clone(), Report::default(), Vec::new());
        let mut variant = Variant { tree, report, gaps };
        for place in &self.places {
            let set = self.value(place, student).map(|node| {
                let span = node.span.clone();
                // There is room for it: `make_room` has seen to that.
                let _ = variant.tree.set_written(&place.at, node, &span);
            });
            if let Err(found) = set {
                variant.report.extend(found);
                variant.gaps.push(place.at.clone());
            }
        }
        variant
    }

    /// The value of a place, whose span is in the roster where it comes from there.
    fn value(&self, place: &Place, student: &Student<'_>) -> Result<Node, Report> {
        match &place.from {
            From::Text { text, .. } => {
                let filled = self.fill(text, student)?;
                let span = self.cell_of(text, student);
                Ok(Node::scalar(filled, false, span))
            }
            From::Cell { column, default } => {
                let source = self.cell(*column, student);
                match default {
                    _ if !source.text().is_empty() => spec::cell_value(&place.at, &source),
                    Some(default) => Ok(default.clone()),
                    None => Err(self.empty(*column, &place.at, student).into()),
                }
            }
            From::Password => {
                let password = student.password.map(|password| password.expose().clone());
                let span = Span::new(&self.nowhere, 0..0);
                Ok(Node::scalar(password.unwrap_or_default(), false, span))
            }
        }
    }

    fn empty(&self, column: usize, at: &Path, student: &Student<'_>) -> Diagnostic {
        let source = self.cell(column, student);
        let message = format!("the cell of `{}` is empty", self.header[column]);
        let help = format!("fill it in, or set `{at}` in the parameter file for such students");
        Diagnostic::error("roster-cell", message).at_span(Span::new(&source, 0..0)).help(help)
    }

    /// The place of the first cell that a text uses.
    pub fn cell_of(&self, text: &Text, student: &Student<'_>) -> Span {
        let source = match text.columns().first() {
            Some(column) => self.cell(*column, student),
            None => Source::value(format!("{}, {} {}", self.roster, self.unit, student.row), ""),
        };
        Span::new(&source, 0..source.text().len())
    }

    pub(super) fn cell(&self, column: usize, student: &Student<'_>) -> Arc<Source> {
        let text = student.cells.get(column).map_or("", String::as_str);
        let Family { roster, unit, header, .. } = self;
        let place = format!("{roster}, {unit} {}, column {}", student.row, header[column]);
        Source::value(place, text)
    }

    /// Do the machines tell somebody how they are, without a token of the author's?
    pub fn wants_tokens(&self) -> bool {
        let status = self.tree.entry("status").map(|entry| &entry.value);
        let has = |key| status.is_some_and(|status| status.entry(key).is_some());
        has("report") && !has("token")
    }

    fn add_password(&mut self, account: &str) -> Result<(), Report> {
        let users = self.tree.entry("users").map(|entry| entry.value.items()).unwrap_or_default();
        let named = |user: &Node| {
            let name = user.entry("name").and_then(|entry| entry.value.as_scalar());
            name.is_some_and(|name| name.text == account)
        };
        let Some(index) = users.iter().position(named) else {
            let message = format!("there is no account `{account}` to give a password to");
            let help = format!("add it to the parameter file: users: [{{name: {account}}}]");
            return Err(Diagnostic::error("roster-account", message).help(help).into());
        };
        let at = Path::root().key("users").index(index).key("password");
        self.places.push(Place { at, from: From::Password });
        Ok(())
    }

    /// Puts something at every place, so that there is a place for each student's value.
    fn make_room(&mut self) -> Result<(), Report> {
        let mut report = Report::default();
        for place in &self.places {
            if self.tree.get(&place.at).is_some() {
                continue;
            }
            let span = Span::new(&Source::value(format!("{}, header", self.roster), ""), 0..0);
            let nothing = Node::scalar("", true, span);
            if let Err(message) = self.tree.set(&place.at, nothing) {
                report.push(Diagnostic::error("roster-column", message).at(&place.at));
            }
        }
        if report.has_errors() { Err(report) } else { Ok(()) }
    }
}

fn columns(roster: &str, header: &[String], tree: &Node, report: &mut Report) -> Vec<Place> {
    let mut places = Vec::new();
    for (column, name) in header.iter().enumerate() {
        match column::parameter(roster, name) {
            Ok(Some(at)) => {
                let default = tree.get(&at).filter(|node| !node.is_null()).cloned();
                places.push(Place { at, from: From::Cell { column, default } });
            }
            Ok(None) => {}
            Err(found) => report.extend(found),
        }
    }
    places
}

pub(super) fn diagnostic(error: TextError) -> Diagnostic {
    Diagnostic::error("roster-text", error.message).help(error.help)
}

/// A text that cannot be used, with the place of the words that are wrong.
fn unusable(error: TextError, span: &Span) -> Diagnostic {
    let words = error.words.clone().unwrap_or_default();
    let at = span.text().find(&words).filter(|_| !words.is_empty());
    let narrow = |at: usize| {
        let start = span.start() + at;
        Span::new(span.source(), start..start + words.len())
    };
    diagnostic(error).at_span(at.map_or_else(|| span.clone(), narrow))
}

pub(super) fn is_below(path: &Path, above: &Path) -> bool {
    path.segments().starts_with(above.segments())
}

/// Every text of a tree.
pub(super) fn walk(node: &Node, at: &Path, found: &mut impl FnMut(&Path, &str, &Span)) {
    match &node.kind {
        Kind::Scalar(scalar) => found(at, &scalar.text, &node.span),
        Kind::List(items) => {
            items.iter().enumerate().for_each(|(i, item)| walk(item, &at.index(i), found));
        }
        Kind::Map(entries) => entries.iter().for_each(|entry| {
            walk(&entry.value, &at.child(Segment::Key(entry.key.clone().into())), found);
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic;
    use crate::source::parse;

    const HEADER: [&str; 4] = ["id", "name", "hostname", "users[0].password"];

    fn family(text: &str) -> Result<Family, String> {
        let tree = parse(&Source::new("class.yaml", text)).unwrap();
        let header = HEADER.map(String::from);
        Family::new(("students.csv", "row"), &header, tree, None)
            .map_err(|report| diagnostic::render(&report, None, false))
    }

    /// What is said about a student with these cells.
    fn said(text: &str, cells: [&str; 4]) -> String {
        let family = family(text).unwrap();
        let cells = cells.map(String::from);
        let student = Student { row: 17, cells: &cells, password: None, token: None };
        let variant = family.variant(&student);
        let loaded = spec::load_all(&variant.tree);
        let (own, common) = family.sort(loaded.report, &variant, &student);
        let said = |report: &Report| diagnostic::excerpts(report, Some(&variant.tree), false);
        said(&own) + &said(&variant.report) + &said(&common)
    }

    const SPEC: &str = "hostname: lab\nusers: [{name: kim}]\nweb:\n  index: |\n    <h1>{{ student.name }}</h1>\n  server_name: \"{{ student.id }}.example.org\"\n";

    #[test]
    fn the_values_of_a_student_come_to_their_places() {
        let family = family(SPEC).unwrap();
        let cells = ["s1", "김철수", "lab-1", "top secret"].map(String::from);
        let student = Student { row: 2, cells: &cells, password: None, token: None };
        let Variant { tree, report, .. } = family.variant(&student);
        assert!(report.is_empty());
        let json = r#"{"hostname":"lab-1","users":[{"name":"kim","password":"top secret"}],"web":{"index":"<h1>김철수</h1>\n","server_name":"s1.example.org"}}"#;
        assert_eq!(tree.to_json().to_string(), json);
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let text = said(SPEC, ["s 1", "", "lab 1", "x\ny"]);
        let expected = "\
error[hostname]: students.csv, row 17, column hostname: `lab 1` cannot be a host name
  |
1 | lab 1
  | ^^^^^
  |
  = help: use letters, digits and -, at most 63 characters between dots, such as `lab-1`

error[server-name]: students.csv, row 17, column id: `s 1.example.org` has a space, which a server name cannot have
  |
1 | s 1
  | ^^^
  |
 ::: class.yaml:6:16
  |
6 |   server_name: \"{{ student.id }}.example.org\"
  |                ------------------------------ it is used here
  |
  = help: write a host name such as `www.example.org`

error[password]: students.csv, row 17, column users[0].password: nobody could log in with this password
 |
 = help: use at most 511 bytes, and no control characters such as line ends

error[roster-text]: students.csv, row 17, column name: the cell of `name` is empty
 |
 = help: fill it in, or give a default: {{ student.name | default(\"…\") }}

";
        assert_eq!(text, expected);
    }
}
