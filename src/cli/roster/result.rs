//! All that a roster gives: the lists, the page, the file of everyone, the passwords.

use std::io::Write;
use std::sync::Arc;

use bootseed::destination::Gather;
use bootseed::handout::{
    Access, Change, Changes, Entry, Folder, Line, Manifest, Page, Slip, Slips, Stream,
};
use bootseed::roster::Order;
use bootseed::roster::credentials::{self, Credentials};
use bootseed::roster::tokens::Tokens;

use super::Goal;
use super::outcome::{self, Done};
use crate::cli::{output, voice};
use bootseed::diagnostic::visible;

/// The plain passwords, for the instructor alone.
pub(super) const CREDENTIALS: &str = "credentials.csv";

/// The tokens of the machines, for `bootseed watch --listen`.
pub(in crate::cli) const TOKENS: &str = "tokens.csv";

const PAGE: &str = "index.html";

/// The page to hand out.
const SLIPS: &str = "slips.html";

/// What comes out, machine by machine.
pub(super) struct Result<'a> {
    order: &'a Order<'a>,
    goal: &'a Goal,
    gather: Option<Gather>,
    files: Option<Files<'a>>,
    accounts: Option<Accounts>,
    changes: Changes,
    notes: Vec<String>,
}

/// Whose passwords are listed.
pub(super) struct Accounts {
    /// The account on each student's machine.
    pub(super) name: String,
    /// The list of the last run.
    pub(super) old: Arc<Credentials>,
}

/// The files that are for all students, being written.
struct Files<'a> {
    manifest: Manifest<'a>,
    page: Page<Stream>,
    slips: Slips<Stream>,
    gathered: Option<Stream>,
    passwords: Option<credentials::Writer<Stream>>,
    tokens: Option<(Stream, Tokens)>,
    first: bool,
}

impl<'a> Result<'a> {
    pub(super) fn begin(
        order: &'a Order<'a>,
        goal: &'a Goal,
        accounts: Option<Accounts>,
    ) -> anyhow::Result<Result<'a>> {
        let gather = order.line.destination.gather(order.class, order.line.templates)?;
        let (changes, notes) = (Changes::default(), Vec::new());
        Ok(Result { order, goal, gather, files: None, accounts, changes, notes })
    }

    /// Takes a machine in.
    pub(super) fn add(&mut self, done: Done) -> anyhow::Result<()> {
        let mut done = done;
        outcome::lay(self.goal, &mut done)?;
        for note in std::mem::take(&mut done.machine.share.notes) {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        let change = match self.goal {
            Goal::Check(_) => Change::New,
            Goal::Diff(present) => {
                present.see(&done.name);
                let gather = self.gather.as_ref().filter(|_| done.files.is_empty());
                let shared = gather.map(|one| present.compare_sum(&done.name, one.file, &done.sum));
                let change = changed(&done, shared.unwrap_or(Change::New));
                output::write(&difference(&done, change, gather))?;
                change
            }
            Goal::Write(folder) => self.write(folder, &done)?,
        };
        self.changes.add(change);
        Ok(())
    }

    fn write(&mut self, folder: &'a Folder, done: &Done) -> anyhow::Result<Change> {
        if self.files.is_none() {
            self.files = Some(self.open(folder, done)?);
        }
        let Some(files) = &mut self.files else { return Ok(Change::New) };
        let listed = files.list(done, self.gather.as_ref())?;
        files.show(done, self.gather.as_ref())?;
        files.hand_out(done, self.accounts.as_ref())?;
        files.gather(done, self.gather.as_ref())?;
        if let (Some(passwords), Some(password), Some(accounts)) =
            (&mut files.passwords, &done.password, &self.accounts)
        {
            passwords.add((&done.name, done.full_name.as_deref()), &accounts.name, password)?;
        }
        if let (Some((_, tokens)), Some(token)) = (&mut files.tokens, &done.token) {
            tokens.insert(&done.name, token.clone());
        }
        Ok(changed(done, listed))
    }

    /// Begins the files. Who may read them is known by the first machine: what is in one is in all.
    fn open(&self, folder: &'a Folder, done: &Done) -> anyhow::Result<Files<'a>> {
        let secret = done.machine.secret;
        let (class, destination) = (self.order.class, self.order.line.destination);
        let page = folder.create(PAGE, Access::of(secret, false))?;
        let page = Page::new(page, class, destination)?;
        let slips = folder.create(SLIPS, Access::of(done.password.is_some(), false))?;
        let slips = Slips::new(slips, class)?;
        let gathered = match &self.gather {
            Some(gather) => {
                let mut file = folder.create(gather.file, Access::of(secret, gather.program))?;
                file.write_all(gather.head.as_bytes())?;
                Some(file)
            }
            None => None,
        };
        let passwords = match &done.password {
            Some(_) => {
                Some(credentials::Writer::new(folder.create(CREDENTIALS, Access::Private)?)?)
            }
            // Who forgets --passwords once must not lose those of machines that run.
            None => folder.keep(CREDENTIALS).map(|_| None)?,
        };
        let tokens = match &done.token {
            Some(_) => Some((folder.create(TOKENS, Access::Private)?, Tokens::default())),
            None => folder.keep(TOKENS).map(|_| None)?,
        };
        let manifest = Manifest::begin(folder)?;
        Ok(Files { manifest, page, slips, gathered, passwords, tokens, first: true })
    }

    /// Ends the files, and says what there is. Were the machines compared, and differ?
    pub(super) fn end(mut self, skipped: usize, prune: bool) -> anyhow::Result<bool> {
        let gone = match (self.goal, self.files.take()) {
            (Goal::Diff(present), _) => {
                let gone = present.gone();
                gone.iter()
                    .try_for_each(|student| output::write(&format!("- {}\n", visible(student))))?;
                gone.len()
            }
            (_, Some(files)) => {
                let kept = self.accounts.as_ref().filter(|_| !prune).map(|accounts| &*accounts.old);
                files.end(self.gather.as_ref(), kept, prune)?
            }
            _ => 0,
        };
        self.changes.gone = gone;
        if skipped > 0 {
            let rows = if skipped == 1 {
                "1 empty row was"
            } else {
                &format!("{skipped} empty rows were")
            };
            voice::note(&format!("{rows} skipped"));
        }
        for note in &self.notes {
            voice::note(&format!("note: {note}"));
        }
        voice::note(&match self.goal {
            Goal::Check(_) => format!("{} fine", machines(self.changes.new)),
            Goal::Diff(_) => format!("{}; nothing is written", self.changes),
            Goal::Write(_) => self.changes.to_string(),
        });
        let Changes { new, changed, gone, .. } = self.changes;
        Ok(matches!(self.goal, Goal::Diff(_)) && new + changed + gone > 0)
    }
}

impl Files<'_> {
    fn list(&mut self, done: &Done, gather: Option<&Gather>) -> anyhow::Result<Change> {
        let (student, hostname, row) = (&done.name[..], done.machine.hostname.as_deref(), done.row);
        let name = done.full_name.as_deref();
        let mut change = Change::New;
        for file in &done.files {
            let (bytes, sha256) = (file.bytes.len(), &file.sha256[..]);
            let line = Line { student, name, file: &file.name, bytes, sha256, hostname, row };
            self.manifest.add(&line)?;
        }
        if let Some(gather) = gather.filter(|_| done.files.is_empty()) {
            let (bytes, sha256) = (done.machine.payload.bytes().len(), &done.sum[..]);
            let line = Line { student, name, file: gather.file, bytes, sha256, hostname, row };
            change = self.manifest.add(&line)?;
        }
        Ok(change)
    }

    fn show(&mut self, done: &Done, gather: Option<&Gather>) -> anyhow::Result<()> {
        let file = done.files.first().map(|file| &file.name[..]);
        let machine = &done.machine;
        Ok(self.page.row(&Entry {
            student: &done.name,
            name: done.full_name.as_deref(),
            hostname: machine.hostname.as_deref(),
            file: file.or(gather.map(|gather| gather.file)).unwrap_or_default(),
            sha256: &done.sum,
            user_data: machine.form.text().unwrap_or_default(),
            base64: machine.base64,
            needs: &machine.needs,
        })?)
    }

    fn hand_out(&mut self, done: &Done, accounts: Option<&Accounts>) -> anyhow::Result<()> {
        let account = accounts.map(|accounts| &accounts.name[..]);
        Ok(self.slips.add(&Slip {
            student: &done.name,
            name: done.full_name.as_deref(),
            group: done.group.as_deref(),
            hostname: done.machine.hostname.as_deref(),
            port: done.machine.port,
            login: account.zip(done.password.as_ref()),
        })?)
    }

    fn gather(&mut self, done: &Done, gather: Option<&Gather>) -> anyhow::Result<()> {
        let entry = done.machine.share.entry.as_deref();
        if let (Some(file), Some(gather), Some(entry)) = (&mut self.gathered, gather, entry) {
            let between = if self.first { "" } else { gather.between };
            file.write_all(between.as_bytes())?;
            file.write_all(entry.as_bytes())?;
            self.first = false;
        }
        Ok(())
    }

    fn end(
        self,
        gather: Option<&Gather>,
        kept: Option<&Credentials>,
        prune: bool,
    ) -> anyhow::Result<usize> {
        if let (Some(mut file), Some(gather)) = (self.gathered, gather) {
            file.write_all(gather.tail.as_bytes())?;
            file.end()?;
        }
        if let Some(mut passwords) = self.passwords {
            kept.map(|old| passwords.keep(old)).transpose()?;
            passwords.end()?.end()?;
        }
        if let Some((mut file, tokens)) = self.tokens {
            tokens.write(&mut file)?;
            file.end()?;
        }
        self.page.end()?.end()?;
        self.slips.end()?.end()?;
        Ok(self.manifest.end(prune)?)
    }
}

/// What becomes of a machine: of all its files, or of its part in the file of everyone.
fn changed(done: &Done, shared: Change) -> Change {
    let files = done.files.iter().map(|file| file.change);
    files.reduce(Change::and).unwrap_or(shared)
}

/// What would become of a machine: a line, or the lines of its files that change.
fn difference(done: &Done, change: Change, gather: Option<&Gather>) -> String {
    let files: String = done.files.iter().map(|file| &file.diff[..]).collect();
    let sign = match change {
        Change::Unchanged => return String::new(),
        Change::Changed if !files.is_empty() => return files,
        Change::Changed => '~',
        Change::New => '+',
    };
    let who = [Some(&done.name[..]), done.full_name.as_deref()].into_iter().flatten();
    let who: Vec<String> = who.map(visible).collect();
    let file = done.files.first().map(|file| &file.name[..]).or(gather.map(|one| one.file));
    let bytes = done.machine.payload.bytes().len();
    format!("{sign} {}: {}, {bytes} bytes\n", who.join(" "), visible(file.unwrap_or_default()))
}

fn machines(count: usize) -> String {
    if count == 1 { "1 machine is".into() } else { format!("{count} machines are") }
}
