//! The students, one row of the roster after the other, each with a name of its own.
//!
//! In: a [`Table`], and what names the files. Out: a [`Person`] for each row, or what is wrong with
//! the row.

use std::sync::Arc;

use super::credentials::{self, Credentials, Random};
use super::file_name::{self, Names};
use super::table::{Row, Table, TableError};
use super::tokens::Tokens;
use super::unicode::nfc;
use super::{Family, Student, Text};
use crate::diagnostic::{Diagnostic, Report};
use crate::secret::Secret;
use crate::source::{Source, Span};

/// A student of the roster.
pub struct Person {
    /// The row.
    pub row: Row,
    /// What the files are called.
    pub name: String,
    /// What the student is called, where the roster says that as well.
    pub full_name: Option<String>,
    /// The group, where the roster has such a column.
    pub group: Option<String>,
    /// The password of the account on the machine.
    pub password: Option<Secret<String>>,
    /// What its machine is known by where it tells how it is.
    pub token: Option<Secret<String>>,
}

/// Columns that students are known by if nothing else is said.
const NAMES: &[&str] = &["id", "student_id", "학번", "username", "login"];

/// Columns with the names of people.
const FULL_NAMES: &[&str] = &["name", "full_name", "student_name", "이름", "성명"];

/// Columns with the groups that a class is taught in.
const GROUPS: &[&str] = &["group", "section", "class", "team", "반", "분반", "조"];

/// The passwords of one account, one for each student.
pub struct Passwords {
    account: String,
    old: Arc<Credentials>,
}

/// The students in the order of the roster.
pub struct People<'a> {
    table: Table,
    family: &'a Family,
    name: Text,
    /// The column with the names of people.
    full_name: Option<usize>,
    /// The column with their groups.
    group: Option<usize>,
    names: Names,
    passwords: Option<Passwords>,
    /// Those of the last run, if machines have tokens.
    tokens: Option<Tokens>,
    random: Random,
}

impl Passwords {
    /// Those of the last run, and new ones for who has none.
    pub fn new(account: &str, old: Credentials) -> Passwords {
        Passwords { account: account.into(), old: Arc::new(old) }
    }

    /// The account on each student's machine.
    pub fn account(&self) -> &str {
        &self.account
    }

    fn of(&self, student: &str, random: Random) -> Result<Secret<String>, Report> {
        match self.old.get(student, &self.account) {
            Some(password) => Ok(password.clone()),
            None => unguessed(random),
        }
    }
}

/// Something that nobody guesses.
fn unguessed(random: Random) -> Result<Secret<String>, Report> {
    credentials::password(random)
        .map_err(|error| Diagnostic::error("roster-password", error.to_string()).into())
}

impl Person {
    /// The student, as a machine is made for one.
    pub fn student(&self) -> Student<'_> {
        let Row { number, cells } = &self.row;
        let (password, token) = (self.password.as_ref(), self.token.as_ref());
        Student { row: *number, cells, password, token }
    }
}

impl<'a> People<'a> {
    /// The students of a table; `name` is what the files of each are called.
    pub fn new(
        table: Table,
        family: &'a Family,
        name: Text,
        passwords: Option<Passwords>,
        tokens: Option<Tokens>,
    ) -> People<'a> {
        let header = table.header();
        let column = |known: &[&str]| {
            known.iter().find_map(|name| header.iter().position(|column| column == name))
        };
        let (full_name, group) = (column(FULL_NAMES), column(GROUPS));
        let (names, random) = (Names::default(), credentials::SYSTEM);
        People { table, family, name, full_name, group, names, passwords, tokens, random }
    }

    /// The same, with passwords and tokens of other random numbers than the system's.
    #[must_use]
    pub fn with_random(self, random: Random) -> People<'a> {
        People { random, ..self }
    }

    /// How many rows were empty so far.
    pub fn skipped(&self) -> usize {
        self.table.skipped()
    }

    /// Whose passwords are listed, and those of the last run.
    pub fn passwords(&self) -> Option<(String, Arc<Credentials>)> {
        let Passwords { account, old } = self.passwords.as_ref()?;
        Some((account.clone(), Arc::clone(old)))
    }

    /// What a row is called in messages.
    pub fn unit(&self) -> &'static str {
        self.table.unit()
    }

    /// How two students of one name are told apart.
    fn apart(&self) -> String {
        let (header, own) = (self.table.header(), self.name.columns());
        let other = (0..header.len()).find(|at| !own.contains(at) && Some(*at) != self.full_name);
        let asked = "is a student listed twice? Remove one of the rows";
        match (own.first(), other) {
            (Some(own), Some(other)) => {
                let [own, other] = [*own, other].map(|at| reference(&header[at]));
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
        let (name, password, token) = (String::new(), None, None);
        let mut person = Person { row, name, full_name, group, password, token };
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
            person.password = Some(passwords.of(&person.name, self.random)?);
        }
        if let Some(tokens) = &self.tokens {
            let old = tokens.get(&person.name).cloned();
            person.token = Some(old.map_or_else(|| unguessed(self.random), Ok)?);
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

/// How a text speaks of a column.
pub fn reference(column: &str) -> String {
    match column.chars().all(|c| c.is_alphanumeric() || c == '_') {
        true => format!("student.{column}"),
        false => format!("student[\"{column}\"]"),
    }
}

/// The column that students are known by: `id` and the like, or else the first.
pub fn name_column(header: &[String]) -> usize {
    let known = NAMES.iter().find_map(|name| header.iter().position(|one| one == name));
    known.unwrap_or_default()
}

/// The name in Unicode's form C, in which macOS and Linux write the same bytes.
fn composed(name: String) -> String {
    if name.is_ascii() { name } else { nfc(&name) }
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
