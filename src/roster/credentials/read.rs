//! The passwords of the last run.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::fmt;

use csv::{ReaderBuilder, StringRecord};

use super::{COLUMNS, CredentialsError, NAME};
use crate::roster::cell::plain;
use crate::roster::key::{Key, key};
use crate::roster::unicode::nfc;
use crate::secret::Secret;

/// The passwords of the last run; none at first.
#[derive(Default)]
pub struct Credentials {
    /// In the order of the file.
    pub(super) accounts: Vec<Account>,
    /// Where each of them is.
    places: HashMap<Key, usize>,
}

/// One line of the file.
pub(super) struct Account {
    pub(super) student: Box<str>,
    pub(super) name: Option<Box<str>>,
    pub(super) user: Box<str>,
    pub(super) password: Secret<String>,
    /// Where the line is in the file, in bytes.
    at: u64,
}

impl Credentials {
    /// Reads a `credentials.csv`. Columns may be in any order, further ones do not count.
    ///
    /// # Errors
    /// When the file is not UTF-8, lacks a column or a cell, or has an account twice.
    pub fn read(text: impl AsRef<[u8]>) -> Result<Credentials, CredentialsError> {
        let text = str::from_utf8(text.as_ref()).map_err(|_| CredentialsError::Encoding)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let columns = columns(lines.headers().map_err(|_| CredentialsError::Encoding)?)?;
        let mut credentials = Credentials::default();
        for record in lines.records() {
            let record = record.map_err(|_| CredentialsError::Encoding)?;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let account = account(&record, columns).map_err(|what| CredentialsError::Line {
                line: line(text, place(&record)),
                what,
            })?;
            credentials.insert(account).map_err(|(first, at)| CredentialsError::Twice {
                line: line(text, at),
                first: line(text, first),
            })?;
        }
        Ok(credentials)
    }

    /// The password of this user on the machine of this student, if there is one.
    pub fn get(&self, student: &str, user: &str) -> Option<&Secret<String>> {
        let place = self.places.get(&account_key(student, user))?;
        self.accounts.get(*place).map(|account| &account.password)
    }

    /// The account whose passwords are made: the one that is wanted, or else the only one that has
    /// some already; `None` if there is neither.
    ///
    /// # Errors
    /// None is wanted, and several have passwords.
    pub fn account<'a>(
        &'a self,
        wanted: Option<&'a str>,
    ) -> Result<Option<&'a str>, CredentialsError> {
        match (wanted, &self.users()[..]) {
            (Some(account), _) => Ok(Some(account)),
            (None, []) => Ok(None),
            (None, [account]) => Ok(Some(*account)),
            (None, users) => Err(CredentialsError::Several(users.join(", "))),
        }
    }

    /// The users who have a password, in the order of the file and each once.
    pub fn users(&self) -> Vec<&str> {
        let mut users: Vec<&str> = Vec::new();
        for account in &self.accounts {
            if !users.contains(&&*account.user) {
                users.push(&account.user);
            }
        }
        users
    }

    /// Where the earlier and this one are, if there are two of one account.
    fn insert(&mut self, account: Account) -> Result<(), (u64, u64)> {
        match self.places.entry(account_key(&account.student, &account.user)) {
            Slot::Vacant(slot) => {
                slot.insert(self.accounts.len());
                self.accounts.push(account);
                Ok(())
            }
            Slot::Occupied(slot) => Err((self.accounts[*slot.get()].at, account.at)),
        }
    }
}

/// Shows how many there are.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("accounts", &self.accounts.len()).finish()
    }
}

/// An account is the same in every form of Unicode, since a roster may come from macOS next time.
pub(super) fn account_key(student: &str, user: &str) -> Key {
    let [student, user] = [student, user].map(nfc);
    key(&[&student, &user])
}

/// Where the columns are. Without one of names there are none.
fn columns(header: &StringRecord) -> Result<[usize; 4], CredentialsError> {
    let mut places = [0; 4];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|cell| cell.trim() == column);
        let found = found.or((column == NAME).then_some(usize::MAX));
        *place = found.ok_or(CredentialsError::Column(column))?;
    }
    Ok(places)
}

fn account(record: &StringRecord, columns: [usize; 4]) -> Result<Account, &'static str> {
    let [student, name, user, password] =
        columns.map(|column| plain(record.get(column).unwrap_or_default()));
    if student.is_empty() || user.is_empty() {
        return Err("it does not say whose password it is");
    }
    if password.is_empty() {
        return Err("it has no password");
    }
    if password.contains(char::is_control) {
        return Err("nobody can type the password, which has a control character in it");
    }
    let password = Secret::new(password.to_owned());
    let name = Some(name).filter(|name| !name.is_empty()).map(Box::from);
    Ok(Account { student: student.into(), name, user: user.into(), password, at: place(record) })
}

/// Where a record begins, or the empty lines before it.
fn place(record: &StringRecord) -> u64 {
    record.position().map_or(0, csv::Position::byte)
}

/// The number of the first line from there that is not empty; the first of the file is 1.
fn line(text: &str, at: u64) -> usize {
    let bytes = text.bytes().enumerate();
    let before = bytes.take_while(|(i, byte)| (*i as u64) < at || matches!(byte, b'\r' | b'\n'));
    before.filter(|(_, byte)| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn message(text: &str) -> String {
        Credentials::read(text).unwrap_err().to_string()
    }

    #[test]
    fn a_file_that_a_spreadsheet_saved_is_read() {
        let text = "\u{feff} user ,password,student,note\r\nubuntu,\"a\"\"b\",김철수,x\r\n,,,\r\n\r\nroot,c,김철수\r\n";
        let credentials = Credentials::read(text).unwrap();
        let found = |student, user| credentials.get(student, user).map(|p| p.expose().as_str());
        assert_eq!(found("김철수", "ubuntu"), Some("a\"b"));
        assert_eq!(found("김철수", "root"), Some("c"));
        let decomposed: String = "김철수".nfd().collect();
        assert_eq!(found(&decomposed, "root"), Some("c"));
        assert_eq!(found("김철수 ", "root"), None);
        assert_eq!(credentials.accounts.len(), 2);
    }

    #[test]
    fn mistakes_are_found_with_their_line() {
        let header = "student,user,password\n";
        assert!(message("").contains("no column `student`"));
        assert!(message("student,user,pass\n").contains("no column `password`"));
        assert!(message("a,b,c\n").contains("no column `student`"));
        for (lines, expected) in [
            ("a,b,c\n\na,c,\n", "credentials.csv, line 4: it has no password;"),
            ("a,b,c\r\n\r\n\r\nb,b,c\r\na,c,\r\n", "line 6: it has no password;"),
            ("\n\na,b,c\n,,\n\na,b,c", "line 7: the user of that student has a password in line 4"),
            ("\"a\nb\",b,c\na,c,\n", "line 4: it has no password;"),
            ("a,b\n", "line 2: it has no password;"),
            ("a,,c\n", "line 2: it does not say whose password it is;"),
            ("a,b,c\n,b,c\n", "line 3: it does not say whose password it is;"),
            ("a,b,c\nb,b,c\na,b,d\n", "line 4: the user of that student has a password in line 2"),
            ("a,b,\"c\nd\"\n", "line 2: nobody can type the password"),
        ] {
            let message = message(&format!("{header}{lines}"));
            assert!(message.contains(expected), "{message}");
        }
        let cp949 = b"student,user,password\n\xb1\xe8,a,b\n";
        assert!(matches!(Credentials::read(cp949), Err(CredentialsError::Encoding)));
    }
}
