//! What may stand as a host name, a package name, a path, …: one table, one check, one message.

use crate::diagnostic::{Diagnostic, Report, hide_secrets};
use crate::source::{Path, Segment};

/// A kind of text: who may be in it and how to say what is wrong with it.
pub(super) struct Word {
    /// Stable id of the diagnostic.
    pub(super) id: &'static str,
    /// What it is called in a message.
    pub(super) what: &'static str,
    /// Characters at most.
    pub(super) max: usize,
    /// May it stand first?
    pub(super) first: fn(char) -> bool,
    /// May it stand anywhere else?
    pub(super) rest: fn(char) -> bool,
    /// What to write instead.
    pub(super) help: &'static str,
}

fn alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn one_of(c: char, others: &str) -> bool {
    alphanumeric(c) || others.contains(c)
}

/// A login name, by the rule of Debian's `adduser` (its `NAME_REGEX`).
pub(super) const USER: Word = Word {
    id: "user-name",
    what: "user name",
    max: 32,
    first: |c| c.is_ascii_lowercase() || c == '_',
    rest: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c),
    help: "use small letters, digits, - and _, with a letter first, at most 32 characters",
};

/// A Unix group.
pub(super) const GROUP: Word = Word { id: "group-name", what: "group name", ..USER };

/// A Debian package, with an optional version, architecture or suite as `apt-get install` takes it
/// (Debian policy 5.6.1 and 5.6.12).
pub(super) const PACKAGE: Word = Word {
    id: "package-name",
    what: "Debian package",
    max: 200,
    first: alphanumeric,
    rest: |c| one_of(c, "+-.:=~/_"),
    help: "write a package name such as `nginx`, or `name=version`; one package to a list item",
};

/// A systemd unit (systemd.unit(5)).
pub(super) const SERVICE: Word = Word {
    id: "service-name",
    what: "service",
    max: 255,
    first: alphanumeric,
    rest: |c| one_of(c, "-_.:@\\"),
    help: "write the name of a systemd unit, such as `nginx` or `ssh.service`",
};

/// A conda environment: what a person can type after `conda activate`. It names a folder, for which
/// Linux takes 255 bytes; a character has four at most.
pub(super) const ENVIRONMENT: Word = Word {
    id: "environment-name",
    what: "environment name",
    max: 63,
    first: |c| c.is_alphanumeric() || c == '_',
    rest: |c| c.is_alphanumeric() || "-_.+".contains(c),
    help: "use letters, digits, `_`, `-`, `.` and `+`, starting with a letter, a digit or `_`",
};

/// A conda channel: a name or a URL.
pub(super) const CHANNEL: Word = Word {
    id: "channel",
    what: "conda channel",
    max: 500,
    first: alphanumeric,
    rest: |c| one_of(c, "-_./:~%@+"),
    help: "write a channel name such as `conda-forge`, or the URL of a channel",
};

/// A locale (locale(7)).
pub(super) const LOCALE: Word = Word {
    id: "locale",
    what: "locale",
    max: 60,
    first: |c| c.is_ascii_alphabetic(),
    rest: |c| one_of(c, "_.-@"),
    help: "write it as language_COUNTRY.UTF-8, such as `ko_KR.UTF-8`",
};

/// An octal file mode (chmod(1)).
pub(super) const MODE: Word = Word {
    id: "file-mode",
    what: "file mode",
    max: 5,
    first: |c| ('0'..='7').contains(&c),
    rest: |c| ('0'..='7').contains(&c),
    help: "write it as three or four octal digits, such as 0644 or 0755",
};

/// Owner of a file: `user` or `user:group`.
/// The name of an archive, which is that of files.
pub(super) const ARCHIVE: Word = Word {
    id: "apt-source",
    what: "name of an archive",
    max: 60,
    first: |c| c.is_ascii_alphanumeric(),
    rest: |c| one_of(c, "-_"),
    help: "use letters, digits, `-` and `_`, such as `docker`",
};

/// Can it be the owner of a file, as far as its letters go?
pub fn is_owner_word(owner: &str) -> bool {
    OWNER.is(owner)
}

pub(super) const OWNER: Word = Word {
    id: "file-owner",
    what: "owner",
    max: 65,
    first: |c| c.is_ascii_alphanumeric() || c == '_',
    rest: |c| one_of(c, "-_:."),
    help: "write `user` or `user:group`, such as `root:root`",
};

/// What a web server compares the Host header with.
pub(super) const SERVER_NAME: Word = Word {
    id: "server-name",
    what: "server name",
    max: 253,
    first: |c| c.is_alphanumeric() || "*._".contains(c),
    rest: |c| c.is_alphanumeric() || "-._*".contains(c),
    help: "write a host name such as `www.example.org`",
};

impl Word {
    /// Reports `text` unless it is such a word; says whether it is.
    pub(super) fn check(&self, text: &str, at: &Path, report: &mut Report) -> bool {
        let Some(trouble) = self.trouble(text) else { return true };
        report.push(Diagnostic::error(self.id, trouble).at(at).help(self.help));
        false
    }

    /// Is `text` such a word?
    pub(super) fn is(&self, text: &str) -> bool {
        self.trouble(text).is_none()
    }

    fn trouble(&self, text: &str) -> Option<String> {
        let shown = shorten(text);
        let length = text.chars().count();
        if length == 0 {
            return Some(format!("the {} is empty", self.what));
        }
        let fits =
            |(i, c): &(usize, char)| if *i == 0 { (self.first)(*c) } else { (self.rest)(*c) };
        let what = with_article(self.what);
        let Some((at, bad)) = text.chars().enumerate().find(|pair| !fits(pair)) else {
            let too_long = format!("{length} characters are too long for {what}");
            return (length > self.max).then_some(too_long);
        };
        Some(match (at, bad) {
            (_, ' ') => format!("`{shown}` has a space, which {what} cannot have"),
            (0, _) => format!("{what} cannot begin with {bad:?}: `{shown}`"),
            _ => format!("{what} cannot have {bad:?} in it: `{shown}`"),
        })
    }
}

fn with_article(what: &str) -> String {
    let article = if what.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {what}")
}

/// The text as a message may show it: on one line, not too long, and without tokens. These are looked
/// for in the whole text, since half of one does not look like one.
pub fn shorten(text: &str) -> String {
    let text = &hide_secrets(text);
    let mut line = String::new();
    for c in text.chars().take(40) {
        match c {
            c if c.is_control() => line.extend(c.escape_debug()),
            c => line.push(c),
        }
    }
    if text.chars().count() > 40 { line + "…" } else { line }
}

/// An absolute path without `..`, control characters or what a shell user would stumble over.
pub(super) fn absolute_path(text: &str, at: &Path, report: &mut Report) -> bool {
    let trouble = if !text.starts_with('/') {
        format!("`{}` is not an absolute path", shorten(text))
    } else if text.split('/').any(|part| part == "..") {
        format!("`{}` has `..` in it", shorten(text))
    } else if text.chars().any(char::is_control) {
        format!("the path `{}` has a control character in it", shorten(text))
    } else if text.len() > 4095 || text.split('/').any(|part| part.len() > 255) {
        format!("the path `{}` is too long for Linux", shorten(text))
    } else {
        return true;
    };
    let example = match at.last() {
        Some(Segment::Key(key)) if key == "shell" => "/bin/bash",
        Some(Segment::Key(key)) if key == "prefix" => "/opt/conda",
        Some(Segment::Key(key)) if key == "root" => "/srv/site",
        _ => "/etc/motd",
    };
    let help = format!("write the whole path from `/`, such as {example}");
    report.push(Diagnostic::error("absolute-path", trouble).at(at).help(help));
    false
}

/// A URL, or what is meant to be one, as a message may show it: without what may be a secret.
pub(super) fn address(text: &str) -> String {
    let (text, question) = text.split_once('?').map_or((text, ""), |(text, _)| (text, "?…"));
    let user = text.split_once('@').filter(|(user, _)| user.contains(':') && !user.contains(' '));
    match user {
        Some((_, host)) => format!("…@{}", shorten(host)),
        None => shorten(text) + question,
    }
}

/// An `http` or `https` URL without white space, quotes or a password in it.
pub(super) fn url(text: &str, at: &Path, report: &mut Report) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
    let clean = |c: char| c.is_ascii_graphic() && !"\"'`\\<>{}|^".contains(c);
    let (_, after) = text.split_once("://").unwrap_or(("", text));
    let authority = after.split(['/', '?']).next();
    if authority.is_some_and(|authority| authority.contains('@')) {
        let message = "the URL has a user name or password in it, and user-data is no place for a \
                       secret";
        let help = "write it as https://host/path";
        report.push(Diagnostic::error("url", message).at(at).help(help).secret());
        return false;
    }
    let trouble = match host {
        None | Some("") => format!("`{}` is not an http or https URL", address(text)),
        Some(_) if !text.chars().all(clean) => {
            format!("the URL `{}` has a character that a URL cannot have", address(text))
        }
        Some(_) => return true,
    };
    let help = "write it as https://host/path; percent-encode anything unusual";
    report.push(Diagnostic::error("url", trouble).at(at).help(help));
    false
}

/// Text that is handed to a program on the machine: anything but NUL, which none can take.
pub(super) fn no_nul(text: &str, at: &Path, report: &mut Report) -> bool {
    if !text.contains('\0') {
        return true;
    }
    let message = "a NUL character cannot be passed to a program";
    report.push(Diagnostic::error("nul-character", message).at(at).help("remove the `\\0`"));
    false
}
