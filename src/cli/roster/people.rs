//! The students, one row of the roster after the other, each with a name of its own.

use std::sync::Arc;

use bootseed::diagnostic::{Diagnostic, Report};
use bootseed::roster::credentials::{self, Credentials};
use bootseed::roster::file_name::{self, Names};
use bootseed::roster::table::{Row, Table, TableError};
use bootseed::roster::{Family, Student, Text};
use bootseed::secret::Secret;
use bootseed::source::{Source, Span};
use unicode_normalization::UnicodeNormalization;

use super::list;
use super::result::Accounts;

/// A student of the roster.
pub(super) struct Person {
    pub(super) row: Row,
    /// What the files are called.
    pub(super) name: String,
    /// What the student is called, where the roster says that as well.
    pub(super) full_name: Option<String>,
    /// The group, where the roster has such a column.
    pub(super) group: Option<String>,
    pub(super) password: Option<Secret<String>>,
}

/// Columns with the names of people.
const FULL_NAMES: &[&str] = &["name", "full_name", "student_name", "이름", "성명"];

/// Columns with the groups that a class is taught in.
const GROUPS: &[&str] = &["group", "section", "class", "team", "반", "분반", "조"];

/// The passwords of one account, one for each student.
pub(super) struct Passwords {
    account: String,
    old: Arc<Credentials>,
}

/// The students in the order of the roster.
pub(super) struct People<'a> {
    table: Table,
    family: &'a Family,
    name: Text,
    /// The column with the names of people.
    full_name: Option<usize>,
    /// The column with their groups.
    group: Option<usize>,
    names: Names,
    passwords: Option<Passwords>,
}

impl Passwords {
    /// Those of the last run, and new ones for who has none.
    pub(super) fn new(account: &str, old: Credentials) -> Passwords {
        Passwords { account: account.into(), old: Arc::new(old) }
    }

    /// The account on each student's machine.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    fn of(&self, student: &str) -> Result<Secret<String>, Report> {
        match self.old.get(student, &self.account) {
            Some(password) => Ok(password.clone()),
            None => credentials::password()
                .map_err(|error| Diagnostic::error("roster-password", error.to_string()).into()),
        }
    }
}

impl Person {
    pub(super) fn student(&self) -> Student<'_> {
        let Row { number, cells } = &self.row;
        Student { row: *number, cells, password: self.password.as_ref() }
    }
}

impl<'a> People<'a> {
    pub(super) fn new(
        table: Table,
        family: &'a Family,
        name: Text,
        passwords: Option<Passwords>,
    ) -> People<'a> {
        let header = table.header();
        let column = |known: &[&str]| {
            known.iter().find_map(|name| header.iter().position(|column| column == name))
        };
        let (full_name, group) = (column(FULL_NAMES), column(GROUPS));
        People { table, family, name, full_name, group, names: Names::default(), passwords }
    }

    /// How many rows were empty so far.
    pub(super) fn skipped(&self) -> usize {
        self.table.skipped()
    }

    /// Whose passwords are listed, and those of the last run.
    pub(super) fn accounts(&self) -> Option<Accounts> {
        let Passwords { account, old } = self.passwords.as_ref()?;
        Some(Accounts { name: account.clone(), old: Arc::clone(old) })
    }

    /// What a row is called in messages.
    pub(super) fn unit(&self) -> &'static str {
        self.table.unit()
    }

    /// How two students of one name are told apart.
    fn apart(&self) -> String {
        let (header, own) = (self.table.header(), self.name.columns());
        let other = (0..header.len()).find(|at| !own.contains(at) && Some(*at) != self.full_name);
        let asked = "is a student listed twice? Remove one of the rows";
        match (own.first(), other) {
            (Some(own), Some(other)) => {
                let [own, other] = [*own, other].map(|at| list::reference(&header[at]));
                format!(
                    "{asked}; capitals do not count. --name can join columns: \
                     '{{{{ {other} }}}}-{{{{ {own} }}}}'"
                )
            }
            _ => format!("{asked}; capitals do not count"),
        }
    }

    fn person(&mut self, row: Row) -> Result<Person, Report> {
        let cell = |column: Option<usize>| column.and_then(|column| row.cells.get(column)).cloned();
        let (full_name, group) = (cell(self.full_name), cell(self.group));
        let mut person = Person { row, name: String::new(), full_name, group, password: None };
        person.name = composed(self.family.fill(&self.name, &person.student())?);
        person.full_name.take_if(|full| full.is_empty() || *full == person.name);
        let wrong = |message: String| {
            let cell = self.family.cell_of(&self.name, &person.student());
            Diagnostic::error("roster-name", message).at_span(cell)
        };
        file_name::check(&person.name).map_err(&wrong)?;
        self.names.add(&person.name, person.row.number).map_err(|earlier| {
            let (name, unit) = (&person.name, self.table.unit());
            wrong(format!("the name `{name}` is that of {unit} {earlier} already"))
                .help(self.apart())
        })?;
        if let Some(passwords) = &self.passwords {
            person.password = Some(passwords.of(&person.name)?);
        }
        Ok(person)
    }
}

impl Iterator for People<'_> {
    type Item = Result<Person, Report>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.table.next()? {
            Ok(row) => self.person(row),
            Err(error) => Err(unreadable(&error, self.table.unit()).into()),
        })
    }
}

/// The name in Unicode's form C, in which macOS and Linux write the same bytes.
fn composed(name: String) -> String {
    if name.is_ascii() { name } else { name.nfc().collect() }
}

/// A row that cannot be read.
fn unreadable(error: &TableError, unit: &str) -> Diagnostic {
    let row = error.row().map(|row| format!(", {unit} {row}")).unwrap_or_default();
    let column = error.column().map(|name| format!(", column {name}")).unwrap_or_default();
    let place = Source::value(format!("{}{row}{column}", error.file()), "");
    Diagnostic::error("roster-row", error.message())
        .at_span(Span::new(&place, 0..0))
        .help(error.help())
}
