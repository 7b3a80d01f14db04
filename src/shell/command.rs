//! What a command really runs, behind `sudo`, `env`, `timeout` and the like.

use super::{Command, Word};

/// Programs whose argument behind `-c` is a command again.
const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ash", "ksh"];

/// Words before a program, and their options that take a value.
const BEFORE: &[(&str, &[&str])] = &[
    ("sudo", &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D"]),
    ("doas", &["-u", "-C"]),
    ("env", &["-u", "-C", "-S"]),
    ("nohup", &[]),
    ("exec", &["-a"]),
    ("time", &[]),
    ("command", &[]),
    ("nice", &["-n"]),
    ("ionice", &["-c", "-n"]),
    ("setsid", &[]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("builtin", &[]),
    ("eatmydata", &[]),
    ("systemd-cat", &["-t", "-p"]),
];

/// Is this program, with or without its folder, a shell?
pub fn is_shell(program: &str) -> bool {
    SHELLS.contains(&base(program))
}

fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

impl Command {
    /// The program and its arguments, without what stands before it.
    pub fn real(&self) -> &[Word] {
        self.words.get(self.before..).unwrap_or_default()
    }

    /// Finds the program among the words.
    pub(super) fn find_program(&mut self) {
        let mut words = &self.words[..];
        while let Some((first, rest)) = words.split_first() {
            let Some((_, valued)) = BEFORE.iter().find(|(name, _)| *name == base(&first.text))
            else {
                break;
            };
            words = rest;
            while let Some((option, rest)) = words.split_first() {
                if option.text.contains('=') && !option.text.starts_with('-') {
                    words = rest;
                } else if valued.contains(&option.text.as_str()) {
                    words = rest.get(1..).unwrap_or_default();
                } else if option.text.starts_with('-') {
                    words = rest;
                } else {
                    break;
                }
            }
        }
        self.before = self.words.len() - words.len();
        self.folder = words.first().map_or(0, |word| word.text.len() - base(&word.text).len());
    }

    /// The name of the program without its folder; nothing if there is none.
    pub fn program(&self) -> &str {
        self.real().first().and_then(|word| word.text.get(self.folder..)).unwrap_or_default()
    }

    /// Its arguments.
    pub fn arguments(&self) -> &[Word] {
        self.real().get(1..).unwrap_or_default()
    }

    /// Its arguments that are no options.
    pub fn operands(&self) -> impl Iterator<Item = &Word> {
        self.arguments().iter().filter(|word| !word.text.starts_with('-'))
    }

    /// Is one of these words there?
    pub fn has(&self, words: &[&str]) -> bool {
        self.arguments().iter().any(|word| words.contains(&word.text.as_str()))
    }

    /// Is there an option of one letter, also among several behind one `-`?
    pub fn has_letter(&self, letter: char) -> bool {
        self.arguments().iter().any(|word| {
            let letters = word.text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
            letters.is_some_and(|letters| letters.contains(letter))
        })
    }

    /// The value behind an option: `--name value`, `--name=value`, `-nvalue`.
    pub fn value(&self, options: &[&str]) -> Option<&str> {
        let arguments = self.arguments();
        arguments.iter().enumerate().find_map(|(at, word)| {
            options.iter().find_map(|option| {
                let rest = word.text.strip_prefix(option)?;
                match rest.strip_prefix('=') {
                    Some(value) => Some(value),
                    None if rest.is_empty() => arguments.get(at + 1).map(|word| word.text.as_str()),
                    None if !option.starts_with("--") => Some(rest),
                    None => None,
                }
            })
        })
    }

    /// The command that a shell is given behind `-c`.
    pub fn inner(&self) -> Option<&Word> {
        let user = matches!(self.program(), "su" | "runuser");
        if !is_shell(self.program()) && !user {
            return None;
        }
        let arguments = self.arguments();
        let option = |word: &Word| {
            let letters = word.text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
            letters.is_some_and(|letters| letters.ends_with('c')) || word.text == "--command"
        };
        arguments.get(arguments.iter().position(option)? + 1)
    }

    /// The user as whom it runs, if it says one: `sudo -u NAME`, `su - NAME`, `runuser -u NAME`.
    pub fn user(&self) -> Option<&Word> {
        let words = &self.words;
        let at =
            words.iter().position(|word| matches!(base(&word.text), "sudo" | "su" | "runuser"))?;
        let rest = &words[at + 1..];
        let named = rest.iter().position(|word| matches!(word.text.as_str(), "-u" | "--user"));
        match base(&words[at].text) {
            "su" => rest.iter().find(|word| !word.text.starts_with('-')),
            _ => rest.get(named? + 1),
        }
    }
}
