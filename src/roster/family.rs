//! What the machine of each student is.
//!
//! In: the tree of a parameter file and the columns of a roster; then the cells of one student after
//! the other. Out: the values that differ from student to student, or the whole tree of a student
//! with every value at its place in the roster, so that a mistake can be shown where it is.

use std::sync::Arc;

use super::column;
use super::text::{Filler, Text, TextError};
use crate::diagnostic::{Diagnostic, Place as At, Report, conceal_cell};
use crate::secret::Secret;
use crate::source::{Kind, Node, Path, Segment, Source, Span};
use crate::spec;

/// The machines of a roster, which differ in some places.
pub struct Family {
    roster: String,
    header: Arc<[String]>,
    /// The parameter file; a parameter that only the roster sets has an empty value.
    tree: Node,
    places: Vec<Place>,
    filler: Filler,
    /// Stands for the place of a value that is not shown.
    nowhere: Arc<Source>,
}

/// A parameter, and where its value comes from.
struct Place {
    at: Path,
    from: From,
}

enum From {
    /// The cell of a column; where it is empty, what the parameter file says.
    Cell { column: usize, default: Option<Node> },
    /// A text of the parameter file.
    Text { text: Text, span: Span },
    /// A password that is made for the student.
    Password,
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
}

impl Family {
    /// Finds what differs. `roster` is the name of the roster in messages, and `account` that of
    /// the account whose password is made for each student.
    ///
    /// # Errors
    /// Columns that are named like a parameter and are none, texts that use no column, an account
    /// that is not among the `users`.
    pub fn new(
        roster: &str,
        header: &[String],
        tree: Node,
        account: Option<&str>,
    ) -> Result<Family, Report> {
        let (mut report, nowhere) = (Report::default(), Source::new("", ""));
        let mut places = columns(roster, header, &tree, &mut report);
        let mut texts = Vec::new();
        walk(&tree, &Path::root(), &mut |at, text, span| match Text::parse(text, header) {
            Ok(text) => texts.extend(text.map(|text| (at.clone(), text, span.clone()))),
            Err(error) => report.push(diagnostic(error).at_span(span.clone())),
        });
        // What a column sets does not come from the parameter file.
        texts.retain(|(at, ..)| !places.iter().any(|place| is_below(at, &place.at)));
        let texts =
            texts.into_iter().map(|(at, text, span)| Place { at, from: From::Text { text, span } });
        places.extend(texts);
        let mut family = Family {
            roster: roster.into(),
            header: header.into(),
            tree,
            places,
            filler: Filler::default(),
            nowhere,
        };
        report.extend(account.and_then(|name| family.add_password(name).err()));
        report.extend(family.make_room().err().unwrap_or_default());
        if report.has_errors() { Err(report) } else { Ok(family) }
    }

    /// The places that differ.
    pub fn places(&self) -> Vec<Path> {
        self.places.iter().map(|place| place.at.clone()).collect()
    }

    /// The text of a student, such as the name of a file. A mistake has its place in the roster.
    ///
    /// # Errors
    /// A cell that is used is empty, or does not fit.
    pub fn fill(&self, text: &Text, student: &Student<'_>) -> Result<String, Diagnostic> {
        text.fill(&self.header, student.cells, &self.filler)
            .map_err(|error| self.shown(error, text.columns(), student))
    }

    /// The values of the places, in their order. `None` if one of them has a mistake, which
    /// [`Family::machine`] shows.
    pub fn values(&self, student: &Student<'_>) -> Option<Vec<Node>> {
        self.places.iter().map(|place| self.quick_value(place, student)).collect()
    }

    fn quick_value(&self, place: &Place, student: &Student<'_>) -> Option<Node> {
        let node = |text: String| Node::scalar(text, false, Span::new(&self.nowhere, 0..0));
        match &place.from {
            From::Text { text, .. } => {
                text.fill(&self.header, student.cells, &self.filler).ok().map(node)
            }
            _ => self.value(place, student).ok(),
        }
    }

    /// The whole parameter file of a student, and what is wrong with the cells.
    pub fn machine(&self, student: &Student<'_>) -> (Node, Report) {
        let (mut tree, mut report) = (self.tree.clone(), Report::default());
        for place in &self.places {
            match self.value(place, student) {
                Ok(node) => {
                    let span = node.span.clone();
                    // There is room for it: `make_room` has seen to that.
                    let _ = tree.set_written(&place.at, node, &span);
                }
                Err(found) => report.extend(found),
            }
        }
        (tree, report)
    }

    /// The value of a place, whose span is in the roster where it comes from there.
    fn value(&self, place: &Place, student: &Student<'_>) -> Result<Node, Report> {
        match &place.from {
            From::Text { text, .. } => {
                let filled = self.fill(text, student)?;
                let span = self.first_cell(text, student);
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

    /// Complaints about a student's machine with the places in the roster and in the parameter
    /// file that they come from. Those that the roster has no part in come second.
    pub fn sort(&self, found: Report, tree: &Node, student: &Student<'_>) -> (Report, Report) {
        let (mut own, mut common) = (Report::default(), Report::default());
        for diagnostic in found {
            match self.cause(&diagnostic, tree) {
                Some(place) => own.push(self.explained(diagnostic, place, tree, student)),
                None => common.push(diagnostic),
            }
        }
        (own, common)
    }

    /// The place whose value a complaint is about.
    fn cause(&self, diagnostic: &Diagnostic, tree: &Node) -> Option<&Place> {
        let At::Path { path, .. } = &diagnostic.place else {
            let span = diagnostic.place.span(Some(tree))?;
            return self.places.iter().find(|place| self.is_cell(span.source(), place));
        };
        self.places.iter().find(|place| is_below(path, &place.at))
    }

    fn is_cell(&self, source: &Source, place: &Place) -> bool {
        let From::Cell { column, .. } = &place.from else { return false };
        source.name().ends_with(&format!(", column {}", self.header[*column]))
    }

    fn explained(
        &self,
        diagnostic: Diagnostic,
        place: &Place,
        tree: &Node,
        student: &Student<'_>,
    ) -> Diagnostic {
        match &place.from {
            From::Text { text, span } => {
                let message = self.concealed(&diagnostic.message, text.columns(), student);
                let cell = self.first_cell(text, student);
                Diagnostic { message, ..diagnostic }
                    .at_span(cell)
                    .related(span.clone(), "it is used here")
            }
            From::Cell { .. } => match diagnostic.place.span(Some(tree)) {
                Some(span) => diagnostic.at_span(span),
                None => diagnostic,
            },
            From::Password => diagnostic.secret(),
        }
    }

    fn shown(&self, error: TextError, columns: &[usize], student: &Student<'_>) -> Diagnostic {
        let column = error.column.or(columns.first().copied());
        let message = self.concealed(&error.message, columns, student);
        let diagnostic = diagnostic(TextError { message, ..error });
        match column {
            Some(column) => {
                let source = self.cell(column, student);
                diagnostic.at_span(Span::new(&source, 0..source.text().len()))
            }
            None => diagnostic,
        }
    }

    /// A message without the cells that nobody must see.
    fn concealed(&self, message: &str, columns: &[usize], student: &Student<'_>) -> String {
        columns.iter().fold(message.to_owned(), |message, column| {
            conceal_cell(&message, &self.header[*column], &student.cells[*column])
        })
    }

    fn empty(&self, column: usize, at: &Path, student: &Student<'_>) -> Diagnostic {
        let source = self.cell(column, student);
        let message = format!("the cell of `{}` is empty", self.header[column]);
        let help = format!("fill it in, or set `{at}` in the parameter file for such students");
        Diagnostic::error("roster-cell", message).at_span(Span::new(&source, 0..0)).help(help)
    }

    fn first_cell(&self, text: &Text, student: &Student<'_>) -> Span {
        let source = match text.columns().first() {
            Some(column) => self.cell(*column, student),
            None => Source::value(format!("{}, row {}", self.roster, student.row), ""),
        };
        Span::new(&source, 0..source.text().len())
    }

    fn cell(&self, column: usize, student: &Student<'_>) -> Arc<Source> {
        let text = student.cells.get(column).map_or("", String::as_str);
        column::cell(&self.roster, student.row, &self.header[column], text)
    }

    fn add_password(&mut self, account: &str) -> Result<(), Diagnostic> {
        let users = self.tree.entry("users").map(|entry| entry.value.items()).unwrap_or_default();
        let named = |user: &Node| {
            let name = user.entry("name").and_then(|entry| entry.value.as_scalar());
            name.is_some_and(|name| name.text == account)
        };
        let Some(index) = users.iter().position(named) else {
            let message = format!("there is no account `{account}` to give a password to");
            let help = format!("add it to the parameter file: users: [{{name: {account}}}]");
            return Err(Diagnostic::error("roster-account", message).help(help));
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

fn diagnostic(error: TextError) -> Diagnostic {
    Diagnostic::error("roster-text", error.message).help(error.help)
}

fn is_below(path: &Path, above: &Path) -> bool {
    path.segments().starts_with(above.segments())
}

/// Every text of a tree.
fn walk(node: &Node, at: &Path, found: &mut impl FnMut(&Path, &str, &Span)) {
    match &node.kind {
        Kind::Scalar(scalar) => found(at, &scalar.text, &node.span),
        Kind::List(items) => {
            items.iter().enumerate().for_each(|(i, item)| walk(item, &at.index(i), found));
        }
        Kind::Map(entries) => entries.iter().for_each(|entry| {
            walk(&entry.value, &at.child(Segment::Key(entry.key.clone())), found);
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
        Family::new("students.csv", &header, tree, None)
            .map_err(|report| diagnostic::render(&report, None, false))
    }

    /// What is said about a student with these cells.
    fn said(text: &str, cells: [&str; 4]) -> String {
        let family = family(text).unwrap();
        let cells = cells.map(String::from);
        let student = Student { row: 17, cells: &cells, password: None };
        let (tree, mut report) = family.machine(&student);
        let loaded = spec::load_all(&tree);
        let (own, common) = family.sort(loaded.report, &tree, &student);
        report.extend(own);
        diagnostic::excerpts(&report, Some(&tree), false)
            + &diagnostic::excerpts(&common, Some(&tree), false)
    }

    const SPEC: &str = "hostname: lab\nusers: [{name: kim}]\nweb:\n  index: |\n    <h1>{{ student.name }}</h1>\n  server_name: \"{{ student.id }}.example.org\"\n";

    #[test]
    fn the_values_of_a_student_come_to_their_places() {
        let family = family(SPEC).unwrap();
        let cells = ["s1", "김철수", "lab-1", "top secret"].map(String::from);
        let student = Student { row: 2, cells: &cells, password: None };
        let (tree, report) = family.machine(&student);
        assert!(report.is_empty());
        let json = r#"{"hostname":"lab-1","users":[{"name":"kim","password":"top secret"}],"web":{"index":"<h1>김철수</h1>\n","server_name":"s1.example.org"}}"#;
        assert_eq!(tree.to_json().to_string(), json);
        let values = family.values(&student).unwrap();
        let set = family.places().into_iter().zip(values).map(|(at, value)| {
            assert_eq!(tree.get(&at).unwrap().to_json(), value.to_json(), "{at}");
        });
        assert_eq!(set.count(), 4);
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let text = said(SPEC, ["s 1", "", "lab 1", "x\ny"]);
        let expected = "\
error: students.csv, row 17, column hostname: `lab 1` cannot be a host name
  |
1 | lab 1
  | ^^^^^
  |
  = help: use letters, digits and -, at most 63 characters between dots, such as `lab-1`

error: students.csv, row 17, column id: `s 1.example.org` has a space, which a server name cannot have
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

error: students.csv, row 17, column name: the cell of `name` is empty
  |
1 |
  | ^
  |
  = help: fill it in, or give a default: {{ student.name | default(\"…\") }}

error: students.csv, row 17, column users[0].password: nobody could log in with this password
  |
1 | ***
  | ^^^
  |
  = help: use at most 511 bytes, and no control characters such as line ends

";
        assert_eq!(text, expected);
    }
}
