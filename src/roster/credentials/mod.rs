//! Passwords of students, made once and kept from run to run.
//!
//! In: the `credentials.csv` of the last run, if there is one; random numbers of the system for
//! whoever is not in it. Out: passwords, and the next `credentials.csv`.
//!
//! The file is what an instructor opens in Excel and hands out from. It is UTF-8 with a byte order
//! mark, without which Excel in Korea reads CP949; it has commas, and cells that cannot be
//! formulas ([`super::cell`]). Lines end with LF, since the password is the last cell of a line: a
//! shell that reads it would take a CR for its last character.
//!
//! It is to be opened, not saved: a spreadsheet writes 123 for a student 00123, who is then another
//! one and gets a new password.
//!
//! A password is in a [`Secret`] all the way. Errors name lines, never what is in them.
//!
//! [`Secret`]: crate::secret::Secret

mod password;
mod read;
mod write;

use std::io;

pub use password::{Random, SYSTEM, password};
pub use read::Credentials;
pub use write::Writer;

/// What `credentials.csv` has in its first line.
const COLUMNS: [&str; 4] = ["student", NAME, "user", "password"];

/// The column that may be missing in what is read.
const NAME: &str = "name";

/// Why there are no passwords.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The system gave no random numbers.
    #[error("the system has no random numbers for a password: {0}")]
    Random(getrandom::Error),
    /// The new file cannot be written.
    #[error("credentials.csv cannot be written")]
    Write(#[from] io::Error),
    /// Two passwords for one account, of which only one could be kept in the next run.
    #[error("credentials.csv would have the user `{user}` of `{student}` twice")]
    Again {
        /// Whose account it is.
        student: String,
        /// Its name on the machine.
        user: String,
    },
    /// The old file is in another encoding.
    #[error(
        "credentials.csv is not in UTF-8; a spreadsheet may have saved it in another encoding: \
         save it as `CSV UTF-8`, or delete it to have new passwords"
    )]
    Encoding,
    /// The old file has another first line.
    #[error(
        "credentials.csv has no column `{0}`; its first line is to be `student,user,password`: \
         write it so, or delete the file to have new passwords"
    )]
    Column(&'static str),
    /// A line of the old file lacks something.
    #[error(
        "credentials.csv, line {line}: {what}; correct the line, or delete it for a new password"
    )]
    Line {
        /// The first is 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// The old file is about several accounts, and it is not said which one is meant.
    #[error(
        "credentials.csv has passwords for the accounts {0}; say which of them the machines have \
         with --passwords"
    )]
    Several(String),
    /// Two lines of the old file are about one account.
    #[error(
        "credentials.csv, line {line}: the user of that student has a password in line {first} \
         already; delete one of the lines"
    )]
    Twice {
        /// The later line.
        line: usize,
        /// The earlier one.
        first: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    /// Stands for a password wherever one can be.
    const HIDDEN: &str = "Hunter2-Hunter2";

    fn written(rows: &[(&str, &str, &str)]) -> String {
        let mut writer = Writer::new(Vec::new()).unwrap();
        for (student, user, password) in rows {
            writer.add((student, None), user, &Secret::new((*password).to_owned())).unwrap();
        }
        String::from_utf8(writer.end().unwrap()).unwrap()
    }

    #[test]
    fn the_next_run_reads_what_the_last_one_wrote() {
        let text = written(&[
            ("김철수", "ubuntu", "abc"),
            ("=1+1", "root", "-x"),
            ("a,\"b\"\n", "root", "d e "),
        ]);
        assert_eq!(
            text,
            "\u{feff}student,name,user,password\n김철수,,ubuntu,abc\n'=1+1,,root,'-x\n\"a,\"\"b\"\"\n\",,root,d e \n"
        );
        let credentials = Credentials::read(&text).unwrap();
        let found = |student, user| credentials.get(student, user).map(|p| p.expose().as_str());
        assert_eq!(found("김철수", "ubuntu"), Some("abc"));
        assert_eq!(found("=1+1", "root"), Some("-x"));
        assert_eq!(found("a,\"b\"\n", "root"), Some("d e "));
        assert_eq!(found("김철수", "root"), None);
        assert_eq!(found("'=1+1", "root"), None);
    }

    #[test]
    fn nothing_shows_a_password() {
        let file = format!("student,user,password\na,b,{HIDDEN}\n");
        let credentials = Credentials::read(&file).unwrap();
        let mut writer = Writer::new(Vec::new()).unwrap();
        writer.add(("c", None), "d", &Secret::new(HIDDEN.to_owned())).unwrap();
        writer.keep(&credentials).unwrap();
        let mut shown = format!("{credentials:?} {credentials:#?} {writer:?} {writer:#?}");
        shown += &format!("{:?} {:#?}", credentials.get("a", "b"), password(SYSTEM).unwrap());
        let bytes = format!("{:?}", HIDDEN.as_bytes());
        assert!(
            !shown.contains(HIDDEN) && !shown.contains(bytes.trim_matches(['[', ']'])),
            "{shown}"
        );
        assert!(String::from_utf8(writer.end().unwrap()).unwrap().contains(HIDDEN));
    }

    #[test]
    fn no_error_shows_a_password() {
        let twice = Secret::new(HIDDEN.to_owned());
        let mut writer = Writer::new(Vec::new()).unwrap();
        writer.add(("a", Some("A")), "b", &twice).unwrap();
        let mut errors = vec![writer.add(("a", Some("A")), "b", &twice).unwrap_err()];
        let latin = [b"student,user,password\na,b,", HIDDEN.as_bytes(), b"\xe4\n"].concat();
        errors.push(Credentials::read(&latin).unwrap_err());
        for text in [
            format!("a,b,{HIDDEN}\n"),
            format!("{HIDDEN}\n"),
            format!("student;user;password\na;b;{HIDDEN}\n"),
            format!("student,user,password\na,b,{HIDDEN}\na,b,{HIDDEN}\n"),
            format!("student,user,password\n{HIDDEN},,\n"),
            format!("student,user,password\n,{HIDDEN},\n"),
            format!("student,user,password\n\"a,b,{HIDDEN}\nc,d,{HIDDEN}\n"),
            format!("student,user,password\na,b,{HIDDEN}\u{7}\n"),
        ] {
            errors.push(Credentials::read(&text).unwrap_err());
        }
        for error in errors {
            let shown = format!("{error} {error:?} {error:#?}");
            assert!(!shown.contains("unter2"), "{shown}");
            assert!(std::error::Error::source(&error).is_none());
        }
    }
}
