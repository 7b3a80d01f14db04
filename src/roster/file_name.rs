//! What may name a file on Linux, macOS and Windows alike, and which names are one to them.
//!
//! In: names without extension. Out: nothing, or what is wrong with one and what to write instead;
//! the row that had the same name before.

use std::collections::HashMap;

use unicase::UniCase;

use super::key::{Key, key};
use super::slug::{is_invisible, is_lost};
use super::unicode::nfd;

/// Bytes of a name: 255 are the most that file systems take, and an extension follows.
const LONGEST: usize = 200;

/// Characters of a name that a message shows.
const SHOWN: usize = 40;

/// What separates the folders of a path.
const SEPARATORS: &[char] = &['/', '\\'];

/// What Windows does not take, beside [`SEPARATORS`].
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>
const NOT_ON_WINDOWS: &[char] = &['<', '>', ':', '"', '|', '?', '*'];

/// Line ends that are no control characters.
const LINE_ENDS: &[char] = &['\u{2028}', '\u{2029}'];

/// Devices of Windows, in any folder and with any extension (as above).
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Devices of Windows of which there are ten.
const NUMBERED: &[&str] = &["com", "lpt"];

/// What makes a name that cannot be a name.
struct Rule {
    /// Says whether a name breaks it.
    breaks: fn(&str) -> bool,
    /// What is wrong then.
    what: &'static str,
    /// What to do.
    help: &'static str,
}

/// Does away with all that is wrong with single characters.
const SLUG: &str = "use the filter `slug`, as in `{{ student.name | slug }}`";

/// The first one that a name breaks is reported.
const RULES: &[Rule] = &[
    Rule {
        breaks: |name| name.trim().is_empty(),
        what: "is empty",
        help: "fill in the cell, or take another column",
    },
    Rule {
        breaks: |name| name == "." || name == "..",
        what: "is a folder's name for itself or the one above it",
        help: "take another column",
    },
    Rule {
        breaks: |name| name.contains(SEPARATORS),
        what: "has a / or \\ in it, which leads into another folder",
        help: SLUG,
    },
    Rule {
        breaks: |name| name.contains(NOT_ON_WINDOWS),
        what: "has one of < > : \" | ? * in it, which Windows does not take",
        help: SLUG,
    },
    Rule {
        breaks: |name| name.contains(|c: char| c.is_control() || LINE_ENDS.contains(&c)),
        what: "has a control character in it, such as a line end",
        help: SLUG,
    },
    Rule {
        breaks: |name| name.contains(is_lost),
        what: "has a character in it that was lost, as when a file is read in the wrong encoding",
        help: "name the right one with `--encoding`, or correct the text",
    },
    Rule {
        breaks: |name| name.contains(is_invisible),
        what: "has a character in it that nobody can see, such as one between words of a web page",
        help: "type the text anew, or use the filter `slug`",
    },
    Rule {
        breaks: |name| name.starts_with('.'),
        what: "begins with a dot, so it would be hidden",
        help: SLUG,
    },
    Rule {
        breaks: |name| name.starts_with('-'),
        what: "begins with a hyphen, so programs would take it for an option",
        help: SLUG,
    },
    Rule {
        breaks: |name| name.starts_with(char::is_whitespace) || name.ends_with(char::is_whitespace),
        what: "begins or ends with a space",
        help: "use the filter `trim` or `slug`",
    },
    Rule {
        breaks: |name| name.ends_with('.'),
        what: "ends with a dot, which Windows leaves out",
        help: SLUG,
    },
    Rule {
        breaks: is_device,
        what: "is a device on Windows, not a file",
        help: "put something before it, as in `vm-{{ student.id }}`",
    },
    Rule {
        breaks: |name| name.len() > LONGEST,
        what: "is longer than 200 bytes",
        help: "take a shorter column, or a part of it, as in `{{ student.name[:20] }}`",
    },
];

/// Whether `name` may name a file, to which an extension is added.
///
/// # Errors
/// What is wrong and what to do, in one sentence.
pub fn check(name: &str) -> Result<(), String> {
    match RULES.iter().find(|rule| (rule.breaks)(name)) {
        None => Ok(()),
        Some(rule) => Err(format!("the file name `{}` {}; {}", shown(name), rule.what, rule.help)),
    }
}

/// The name on one line, not too long.
fn shown(name: &str) -> String {
    let escaped = |c: char| c.is_control() || is_invisible(c) || LINE_ENDS.contains(&c);
    let mut line = String::new();
    for c in name.chars().take(SHOWN) {
        if escaped(c) { line.extend(c.escape_unicode()) } else { line.push(c) }
    }
    if name.chars().nth(SHOWN).is_some() { line + "…" } else { line }
}

/// Whether Windows opens a device when it is given this name: it looks only at what is before the
/// first dot, without spaces, and takes ¹, ² and ³ for digits.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_lowercase();
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
    let numbered = stem.strip_suffix(digit).is_some_and(|rest| NUMBERED.contains(&rest));
    numbered || DEVICES.contains(&stem.as_str())
}

/// The names that were given, each with its row. 100,000 take less than 4 MB, whatever their
/// length.
#[derive(Debug, Default)]
pub struct Names {
    rows: HashMap<Key, usize>,
}

impl Names {
    /// Remembers `name`.
    ///
    /// # Errors
    /// The row that had this name before, or one that is the same file on macOS and Windows, where
    /// neither capitals nor the form of Unicode make a difference.
    pub fn add(&mut self, name: &str, row: usize) -> Result<(), usize> {
        let first = *self.rows.entry(key(&[&folded(name)])).or_insert(row);
        if first == row { Ok(()) } else { Err(first) }
    }
}

/// The same for all names that are canonical caseless matches (The Unicode Standard, 3.13, D145).
fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let folded = UniCase::new(nfd(name)).to_folded_case();
    nfd(&folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn ordinary_names_are_fine() {
        let korean = "가".repeat(66);
        for name in [
            "ada",
            "2024001",
            "김철수",
            "Zoë O'Brien",
            "a.b",
            "ㄱ",
            "日本",
            "~a",
            "a-",
            "console",
            "com",
            "com10",
            "lpt¼",
            "auxiliary",
            "nul_",
            "vm-con",
            "c",
            "a b",
            "%COM1%",
            "$(x)",
            &korean,
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_name_that_breaks_a_rule_is_refused() {
        let (exact, long) = ("a".repeat(200), "가".repeat(67));
        assert_eq!(check(&exact), Ok(()));
        for (name, what) in [
            ("", "is empty"),
            (" \t", "is empty"),
            (".", "for itself"),
            ("..", "for itself"),
            ("a/b", "another folder"),
            ("a\\b", "another folder"),
            ("/", "another folder"),
            ("a:b", "Windows does not take"),
            ("<a>", "Windows does not take"),
            ("\"a\"", "Windows does not take"),
            ("a|b", "Windows does not take"),
            ("a?", "Windows does not take"),
            ("*", "Windows does not take"),
            ("a\nb", "control character"),
            ("a\0", "control character"),
            ("a\u{85}b", "control character"),
            ("a\u{2028}b", "control character"),
            ("a\u{7f}", "control character"),
            ("김\u{fffd}수", "was lost"),
            ("a\u{202e}b", "nobody can see"),
            ("\u{feff}a", "nobody can see"),
            (".a", "begins with a dot"),
            ("...", "begins with a dot"),
            ("-rf", "begins with a hyphen"),
            (" a", "begins or ends with a space"),
            ("a ", "begins or ends with a space"),
            ("a\u{3000}", "begins or ends with a space"),
            ("a.", "ends with a dot"),
            (&long, "longer than 200 bytes"),
        ] {
            let message = check(name).unwrap_err();
            assert!(message.contains(what), "{name:?}: {message}");
        }
    }

    #[test]
    fn devices_of_windows_are_refused() {
        for name in [
            "con",
            "CON",
            "Prn",
            "aux",
            "NUL",
            "com1",
            "COM9",
            "LPT1",
            "lpt0",
            "com¹",
            "LPT²",
            "com³",
            "con.txt",
            "nul.tar.gz",
            "aux .x",
            "CONIN$",
            "conout$",
        ] {
            let message = check(name).unwrap_err();
            assert!(message.contains("is a device on Windows"), "{name:?}: {message}");
        }
    }

    #[test]
    fn a_message_is_one_line_and_says_what_to_do() {
        assert_eq!(
            check("kim/lee").unwrap_err(),
            "the file name `kim/lee` has a / or \\ in it, which leads into another folder; use the \
             filter `slug`, as in `{{ student.name | slug }}`"
        );
        let message = check(&format!("a\n{}", "b".repeat(100))).unwrap_err();
        assert!(message.starts_with("the file name `a\\u{a}bbbb"), "{message}");
        assert!(message.contains("bbb…` has a control character"), "{message}");
        assert!(message.chars().all(|c| !c.is_control()) && message.len() < 250, "{message}");
    }

    #[test]
    fn names_that_are_one_file_are_found() {
        for (first, second) in [
            ("ada", "ada"),
            ("ada", "ADA"),
            ("김철수", "\u{1100}\u{1175}\u{11b7}\u{110e}\u{1165}\u{11af}\u{1109}\u{116e}"),
            ("Zoë", "ZOE\u{308}"),
            ("straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("\u{212b}", "å"),
            ("α\u{345}\u{301}", "ά\u{345}"),
        ] {
            let mut names = Names::default();
            assert_eq!(names.add("other", 2), Ok(()));
            assert_eq!(names.add(first, 3), Ok(()));
            assert_eq!(names.add(second, 7), Err(3), "{first} {second}");
            assert_eq!(names.add(second, 9), Err(3), "{first} {second}");
        }
        let mut names = Names::default();
        for (row, name) in
            ["a", "b", "ä", "김", "ａ", "a.b", "ı", "i", "ab", "a b"].iter().enumerate()
        {
            assert_eq!(names.add(name, row), Ok(()), "{name}");
        }
    }

    #[test]
    fn many_names_take_little_memory() {
        let mut names = Names::default();
        for row in 0..100_000 {
            names.add(&format!("a-name-that-is-not-so-short-{row}"), row).unwrap();
        }
        let entry = size_of::<(Key, usize)>() + 1;
        assert!(names.rows.capacity() * 8 / 7 * entry < 4_000_000, "{}", names.rows.capacity());
    }

    proptest! {
        #[test]
        fn case_and_form_make_no_difference(name in "[가-힣a-zÀ-ğα-ω ]{1,12}") {
            let mut names = Names::default();
            names.add(&name, 1).unwrap();
            prop_assert_eq!(names.add(&name.to_uppercase(), 2), Err(1));
            prop_assert_eq!(names.add(&name.to_lowercase(), 3), Err(1));
            prop_assert_eq!(names.add(&name.nfd().collect::<String>(), 4), Err(1));
            prop_assert_eq!(names.add(&name.to_uppercase().nfc().collect::<String>(), 5), Err(1));
        }

        #[test]
        fn a_slug_may_name_a_file_unless_it_is_a_device(text in "[가-힣a-zA-Z0-9 ./:-]{1,20}") {
            if let Ok(slug) = super::super::slug(&text) {
                prop_assert!(check(&slug).is_ok() || is_device(&slug), "{}", slug);
            }
        }
    }
}
