//! The passwords for the next run.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

use super::read::{Account, account_key};
use super::{COLUMNS, Credentials, CredentialsError};
use crate::roster::cell::guarded;
use crate::roster::key::Key;
use crate::secret::Secret;

/// Writes a `credentials.csv`, line by line. What it is for: see the module.
pub struct Writer<W: Write> {
    lines: csv::Writer<W>,
    written: HashSet<Key>,
}

impl<W: Write> Writer<W> {
    /// Begins the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut out: W) -> Result<Writer<W>, CredentialsError> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut lines = csv::Writer::from_writer(out);
        lines.write_record(COLUMNS).map_err(io::Error::from)?;
        Ok(Writer { lines, written: HashSet::new() })
    }

    /// Adds an account of a student: what no other is known by, such as the name of the file, and
    /// the student's name.
    ///
    /// # Errors
    /// When it is there already, or the file cannot be written.
    pub fn add(
        &mut self,
        (student, name): (&str, Option<&str>),
        user: &str,
        password: &Secret<String>,
    ) -> Result<(), CredentialsError> {
        if !self.written.insert(account_key(student, user)) {
            return Err(CredentialsError::Again { student: student.into(), user: user.into() });
        }
        let cells = [student, name.unwrap_or_default(), user, password.expose()].map(guarded);
        self.lines
            .write_record(cells.iter().map(|cell| cell.as_bytes()))
            .map_err(io::Error::from)?;
        Ok(())
    }

    /// Adds those of the last run that have not been added: a student who is gone and comes back
    /// has the old password. Says how many there are.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, last: &Credentials) -> Result<usize, CredentialsError> {
        let mut kept = 0;
        for Account { student, name, user, password, .. } in &last.accounts {
            if !self.written.contains(&account_key(student, user)) {
                self.add((student, name.as_deref()), user, password)?;
                kept += 1;
            }
        }
        Ok(kept)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(self) -> Result<W, CredentialsError> {
        self.lines.into_inner().map_err(|error| CredentialsError::Write(error.into_error()))
    }
}

/// Shows how many lines there are.
impl<W: Write> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("accounts", &self.written.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn who_is_gone_is_kept_once() {
        let last = "student,user,password,name\na,root,1\nb,root,2\nc,root,3,'=Cy\nb,ada,4\n";
        let last = Credentials::read(last).unwrap();
        let mut writer = Writer::new(Vec::new()).unwrap();
        writer.add(("b", Some("Bo")), "root", last.get("b", "root").unwrap()).unwrap();
        writer.add(("d", None), "root", &secret("5")).unwrap();
        assert_eq!(writer.keep(&last).unwrap(), 3);
        assert_eq!(writer.keep(&last).unwrap(), 0);
        let text = String::from_utf8(writer.end().unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines, ["b,Bo,root,2", "d,,root,5", "a,,root,1", "c,'=Cy,root,3", "b,,ada,4"]);
    }

    #[test]
    fn an_account_has_one_password() {
        let mut writer = Writer::new(Vec::new()).unwrap();
        writer.add(("\u{ac00}", None), "root", &secret("1")).unwrap();
        writer.add(("\u{ac00}", None), "ada", &secret("2")).unwrap();
        let error = writer.add(("\u{1100}\u{1161}", None), "root", &secret("3")).unwrap_err();
        assert!(error.to_string().contains("twice"), "{error}");
    }

    #[test]
    fn a_full_disk_is_an_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert!(matches!(Writer::new(Full), Err(CredentialsError::Write(_))));
        let mut short = [0; 35];
        let mut writer = Writer::new(short.as_mut_slice()).unwrap();
        writer.add(("a", None), "b", &secret("c")).unwrap();
        assert!(matches!(writer.end(), Err(CredentialsError::Write(_))));
    }

    proptest! {
        #[test]
        fn every_account_comes_back(
            student in prop_oneof![".{1,8}", any::<String>(), "['=,\"\r\n +-]{1,5}"],
            user in "[a-z'=,\"-]{1,8}",
            password in "\\PC{1,20}",
        ) {
            prop_assume!(!student.is_empty());
            let mut writer = Writer::new(Vec::new()).unwrap();
            writer.add(("first", None), "line", &secret("x")).unwrap();
            writer.add((&student, Some(&user)), &user, &secret(&password)).unwrap();
            let credentials = Credentials::read(writer.end().unwrap()).unwrap();
            prop_assert_eq!(credentials.get(&student, &user), Some(&secret(&password)));
        }
    }
}
