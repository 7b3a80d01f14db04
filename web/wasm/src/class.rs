//! The machines of a roster.
//!
//! In: a roster as bytes, a parameter file, a destination, the name of the class, and if students get
//! passwords or tokens, those of the last time. Out: the files that `bootseed roster -o CLASS` writes
//! into a new folder and what it says, or what is wrong.

use std::io::{self, Cursor};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::diagnostic::{Diagnostic, Level, Message, Report, messages};
use bootseed::payload::sha256;
use bootseed::roster::credentials::Credentials;
use bootseed::roster::table::{Options, Table};
use bootseed::roster::tokens::Tokens;
use bootseed::roster::{
    Doubts, Family, Machine, Order, Passwords, People, Person, Text, Trouble, name_column,
};
use bootseed::source::Node;
use bootseed::template::Templates;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::browser::RANDOM;
use crate::folder::Folder;
use crate::machine;

/// A class.
#[derive(Deserialize)]
pub struct Ask {
    /// The parameter file.
    text: String,
    /// What the roster is called.
    roster: String,
    /// Its bytes, in base64.
    base64: String,
    /// The destination, by its name.
    #[serde(default)]
    destination: Option<String>,
    /// Name of the class.
    class: String,
    /// The account that gets a password of its own on each machine.
    #[serde(default)]
    account: Option<String>,
    /// `credentials.csv` of the last time, in base64.
    #[serde(default)]
    credentials: Option<String>,
    /// `tokens.csv` of the last time, in base64.
    #[serde(default)]
    tokens: Option<String>,
}

/// So many mistakes are told.
const MOST: usize = 20;

/// What is said of the class, and what makes a warning of several machines.
#[derive(Default)]
struct Told {
    messages: Vec<Message>,
    notes: Vec<String>,
    doubts: Doubts,
}

/// The files of everybody, or what is wrong.
pub(crate) fn answer(ask: &Ask) -> Value {
    match class(ask) {
        Ok(answer) => answer,
        Err(found) => json!({ "messages": found }),
    }
}

fn class(ask: &Ask) -> Result<Value, Vec<Message>> {
    let tree = machine::tree("parameters", &ask.text).map_err(|report| messages(&report, None))?;
    refused(&machine::unreachable(&tree), &tree)?;
    let table = Table::open(&ask.roster, Cursor::new(decoded(&ask.base64)?), &Options::default())
        .map_err(|error| other("roster", &error))?;
    let (found, unit) = (table.found().to_owned(), table.unit());
    let passwords = ask.passwords()?;
    let account = passwords.as_ref().map(Passwords::account);
    let family = Family::new((table.name(), unit), table.header(), tree.clone(), account)
        .map_err(|report| messages(&report, Some(&tree)))?;
    let name = Text::column(name_column(table.header()));
    let doubts = family.doubts(name.columns());
    refused(&doubts, &tree)?;
    let tokens = family.wants_tokens().then(|| ask.tokens()).transpose()?;
    let templates = Templates::with_folder(None);
    let line = machine::order(ask.destination.as_deref(), &templates);
    let order = Order { family: &family, class: &ask.class, folder: Path::new(""), line };
    let mut told = Told { messages: messages(&doubts, Some(&tree)), ..Told::default() };
    let mut people = People::new(table, &family, name, passwords, tokens).with_random(RANDOM);
    let folder = all(&order, &mut people, &mut told);
    told.messages.extend(messages(&told.doubts.report(unit), None));
    if told.messages.iter().any(|one| one.severity == Level::Error) {
        return Err(told.messages);
    }
    let folder = folder.map_err(|error| other("roster", &error))?;
    let (students, skipped) = (folder.students(), people.skipped());
    let files = folder.end().map_err(|error| other("roster", &error))?;
    Ok(json!({
        "messages": told.messages,
        "notes": told.notes,
        "found": found,
        "students": students,
        "skipped": skipped,
        "files": files,
    }))
}

impl Ask {
    fn passwords(&self) -> Result<Option<Passwords>, Vec<Message>> {
        let wrong = |error| other("roster-password", &error);
        let old = self.credentials.as_deref().map(decoded).transpose()?;
        let old = old.map(Credentials::read).transpose().map_err(wrong)?.unwrap_or_default();
        let account = old.account(self.account.as_deref()).map_err(wrong)?.map(str::to_owned);
        Ok(account.map(|account| Passwords::new(&account, old)))
    }

    fn tokens(&self) -> Result<Tokens, Vec<Message>> {
        let old = self.tokens.as_deref().map(decoded).transpose()?;
        let old = old.map(Tokens::read).transpose();
        Ok(old.map_err(|error| other("roster-token", &error))?.unwrap_or_default())
    }
}

fn decoded(base64: &str) -> Result<Vec<u8>, Vec<Message>> {
    STANDARD.decode(base64).map_err(|error| other("roster", &error))
}

/// The messages of a report, if one of them is an error.
fn refused(report: &Report, tree: &Node) -> Result<(), Vec<Message>> {
    if report.has_errors() { Err(messages(report, Some(tree))) } else { Ok(()) }
}

fn other(id: &'static str, error: &dyn std::error::Error) -> Vec<Message> {
    vec![Message::new(Level::Error, Some(id), error.to_string())]
}

fn all<'a>(order: &Order<'a>, people: &mut People<'_>, told: &mut Told) -> io::Result<Folder> {
    let gather = match order.line.destination.gather(order.class, order.line.templates) {
        Ok(gather) => gather,
        Err(error) => {
            told.messages.extend(other("template", &error));
            None
        }
    };
    let mut folder = Folder::begin(order, people.passwords(), gather)?;
    let mut mistakes = 0;
    for person in people.by_ref() {
        let before = told.messages.len();
        match person {
            Ok(person) => one(order, person, &mut folder, told)?,
            Err(report) => told.messages.extend(messages(&report, None)),
        }
        let new = &told.messages[before..];
        mistakes += usize::from(new.iter().any(|one| one.severity == Level::Error));
        if mistakes >= MOST {
            break;
        }
    }
    // What is wrong in the parameter file is wrong for everybody.
    let mut seen: Vec<Message> = Vec::new();
    told.messages.retain(|one| {
        let new = !seen.contains(one);
        seen.extend(new.then(|| one.clone()));
        new
    });
    Ok(folder)
}

/// Makes the machine of a student and takes it in.
fn one(order: &Order<'_>, person: Person, folder: &mut Folder, told: &mut Told) -> io::Result<()> {
    match order.make(&person.student(), &person.name, person.full_name.as_deref()) {
        Ok(mut machine) => {
            if let Some(found) = machine.warnings.take() {
                let (tree, report) = found.all();
                told.messages.extend(messages(&report, Some(&tree)));
            }
            told.hear(&person, &mut machine, folder)
        }
        Err(Trouble::Mistakes(found)) => {
            let (tree, report) = found.all();
            told.messages.extend(messages(&report, Some(&tree)));
            Ok(())
        }
        Err(Trouble::Machine(error)) => {
            let message = format!("{} (row {}): {error}", person.name, person.row.number);
            told.messages.extend(messages(&Diagnostic::error(error.id(), message).into(), None));
            Ok(())
        }
    }
}

impl Told {
    /// Looks at a machine, and puts it into the folder.
    fn hear(
        &mut self,
        person: &Person,
        machine: &mut Machine,
        folder: &mut Folder,
    ) -> io::Result<()> {
        for note in std::mem::take(&mut machine.share.notes) {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        let sum = sha256(machine.payload.bytes());
        self.doubts.see((&person.name, person.row.number), machine, &sum);
        folder.add(person, machine, &sum)
    }
}
