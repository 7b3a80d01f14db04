//! The folder of a class, in memory.
//!
//! In: one machine after the other. Out: the files that `bootseed roster -o CLASS` writes into a new
//! folder.

use std::io::{self, Write};
use std::sync::Arc;

use bootseed::destination::Gather;
use bootseed::handout::{CSV, Entry, Line, Lists, MANIFEST, Page, Rest, Slip, Slips};
use bootseed::payload::sha256;
use bootseed::roster::credentials::{self, Credentials};
use bootseed::roster::tokens::Tokens;
use bootseed::roster::{Machine, Order, Person};

use crate::file::File;

const INDEX: &str = "index.html";
const SLIPS: &str = "slips.html";
const CREDENTIALS: &str = "credentials.csv";
const TOKENS: &str = "tokens.csv";

/// The files of a class, being made.
pub(crate) struct Folder {
    machines: Vec<File>,
    lists: Lists<Vec<u8>>,
    page: Page<Vec<u8>>,
    slips: Slips<Vec<u8>>,
    gather: Option<(Gather, Vec<u8>)>,
    passwords: Option<Accounts>,
    tokens: Tokens,
    students: usize,
}

/// The passwords of one account.
struct Accounts {
    user: String,
    old: Arc<Credentials>,
    list: credentials::Writer<Vec<u8>>,
}

impl Folder {
    /// Begins the files. `passwords` are the account, if each student has one with a password, and
    /// the passwords of the last time.
    pub(crate) fn begin(
        order: &Order<'_>,
        passwords: Option<(String, Arc<Credentials>)>,
        gather: Option<Gather>,
    ) -> io::Result<Folder> {
        let gather = gather.map(|gather| {
            let head = gather.head.as_bytes().to_vec();
            (gather, head)
        });
        let accounts = |(user, old)| {
            let list = credentials::Writer::new(Vec::new()).map_err(io::Error::other)?;
            Ok::<_, io::Error>(Accounts { user, old, list })
        };
        Ok(Folder {
            machines: Vec::new(),
            lists: Lists::begin(Vec::new(), Vec::new())?,
            page: Page::new(Vec::new(), order.class, order.line.destination)?,
            slips: Slips::new(Vec::new(), order.class)?,
            gather,
            passwords: passwords.map(accounts).transpose()?,
            tokens: Tokens::default(),
            students: 0,
        })
    }

    /// How many machines are in it.
    pub(crate) fn students(&self) -> usize {
        self.students
    }

    /// Takes the machine of a student in; `sum` is the SHA-256 of its user-data.
    pub(crate) fn add(
        &mut self,
        person: &Person,
        machine: &mut Machine,
        sum: &str,
    ) -> io::Result<()> {
        self.list(person, machine, sum)?;
        self.show(person, machine, sum)?;
        self.hand_out(person, machine)?;
        self.gather(machine.share.entry.as_deref())?;
        if let (Some(accounts), Some(password)) = (&mut self.passwords, &person.password) {
            let student = (&person.name[..], person.full_name.as_deref());
            accounts.list.add(student, &accounts.user, password).map_err(io::Error::other)?;
        }
        if let Some(token) = &person.token {
            self.tokens.insert(&person.name, token.clone());
        }
        let own = std::mem::take(&mut machine.share.artifacts);
        self.machines.extend(own.into_iter().map(|file| File::new(file.name, &file.bytes)));
        self.students += 1;
        Ok(())
    }

    fn list(&mut self, person: &Person, machine: &Machine, sum: &str) -> io::Result<()> {
        let (hostname, row) = (machine.hostname.as_deref(), person.row.number);
        let (student, name) = (&person.name[..], person.full_name.as_deref());
        let own = &machine.share.artifacts;
        for file in own {
            let (bytes, sha256) = (file.bytes.len(), sha256(&file.bytes));
            let (file, sha256) = (&file.name[..], &sha256[..]);
            self.lists.add(&Line { student, name, file, bytes, sha256, hostname, row })?;
        }
        if let Some((gather, _)) = self.gather.as_ref().filter(|_| own.is_empty()) {
            let bytes = machine.payload.bytes().len();
            let (file, sha256) = (gather.file, sum);
            self.lists.add(&Line { student, name, file, bytes, sha256, hostname, row })?;
        }
        Ok(())
    }

    fn show(&mut self, person: &Person, machine: &Machine, sum: &str) -> io::Result<()> {
        let own = machine.share.artifacts.first().map(|file| &file.name[..]);
        let gathered = self.gather.as_ref().map(|(gather, _)| gather.file);
        self.page.row(&Entry {
            student: &person.name,
            name: person.full_name.as_deref(),
            hostname: machine.hostname.as_deref(),
            file: own.or(gathered).unwrap_or_default(),
            sha256: sum,
            user_data: machine.form.text().unwrap_or_default(),
            base64: machine.base64,
            needs: &machine.needs,
        })
    }

    fn hand_out(&mut self, person: &Person, machine: &Machine) -> io::Result<()> {
        let account = self.passwords.as_ref().map(|accounts| &accounts.user[..]);
        self.slips.add(&Slip {
            student: &person.name,
            name: person.full_name.as_deref(),
            group: person.group.as_deref(),
            hostname: machine.hostname.as_deref(),
            port: machine.port,
            login: account.zip(person.password.as_ref()),
        })
    }

    fn gather(&mut self, entry: Option<&str>) -> io::Result<()> {
        if let (Some((gather, text)), Some(entry)) = (&mut self.gather, entry) {
            let between = if self.students == 0 { "" } else { gather.between };
            text.write_all(between.as_bytes())?;
            text.write_all(entry.as_bytes())?;
        }
        Ok(())
    }

    /// All files.
    pub(crate) fn end(self) -> io::Result<Vec<File>> {
        let mut last = vec![(INDEX, self.page.end()?), (SLIPS, self.slips.end()?)];
        if let Some((gather, mut text)) = self.gather {
            text.write_all(gather.tail.as_bytes())?;
            last.push((gather.file, text));
        }
        if let Some(Accounts { mut list, old, .. }) = self.passwords {
            list.keep(&old).map_err(io::Error::other)?;
            last.push((CREDENTIALS, list.end().map_err(io::Error::other)?));
        }
        if self.tokens.iter().next().is_some() {
            let mut bytes = Vec::new();
            self.tokens.write(&mut bytes)?;
            last.push((TOKENS, bytes));
        }
        let names = last.iter().map(|(name, _)| *name).chain([CSV, MANIFEST]);
        let mut others: Vec<Box<str>> = names.map(Box::from).collect();
        others.sort_unstable();
        let (csv, json) = self.lists.end(&Rest { others, gone: Vec::new() })?;
        last.extend([(CSV, csv), (MANIFEST, json)]);
        let last = last.iter().map(|(name, bytes)| File::new(*name, bytes));
        Ok(self.machines.into_iter().chain(last).collect())
    }
}
