//! A cell in a command: where it stands, and how it is written there.
//!
//! In: the text of a command up to a cell. Out: a [`Spot`], by which [`write()`] makes of the cell
//! what the shell reads as exactly that text: a word of its own, or a part of one in quotes. The
//! quotes are those of POSIX, since cloud-init gives its commands to `sh`.
//! <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02>

/// Where in a command a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// Outside of quotes.
    Bare,
    /// Between `"` and `"`.
    Double,
    /// Between `'` and `'`.
    Single,
    /// Behind a `#`.
    Comment,
    /// Where no way of writing it is known to be safe, in words.
    Odd(&'static str),
}

/// What is open at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Double,
    Single,
    Comment,
    /// `$(`, in which quotes begin anew.
    Command,
    /// A parenthesis in there.
    Parenthesis,
    Odd(&'static str),
}

const HERE: &str = "in the text behind `<<`";
const BACKTICK: &str = "between backticks";
const ANSI: &str = "between $' and '";
const BRACE: &str = "between ${ and }";
const ESCAPED: &str = "behind a backslash";
const DOLLAR: &str = "behind a `$`";
pub(super) const ANOTHER: &str = "in a command for another shell";

/// Programs whose argument behind `-c` is a command again.
const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "su", "runuser"];

/// Is this, without its folder, one of [`SHELLS`]?
pub(super) fn is_shell(program: &str) -> bool {
    SHELLS.contains(&program.rsplit('/').next().unwrap_or_default())
}

impl Spot {
    /// The place behind `before`, which is the command's text so far.
    pub(super) fn behind(before: &str) -> Spot {
        let mut scan = Scan { open: Vec::new(), last: ' ' };
        let (mut rest, mut quote) = (before, None);
        while let Some(c) = rest.chars().next() {
            let at = before.len() - rest.len();
            rest = scan.step(c, rest);
            let in_quotes = matches!(scan.open.first(), Some(Open::Double | Open::Single));
            quote = in_quotes.then(|| quote.unwrap_or(at));
        }
        let last = scan.last;
        match scan.open.last() {
            Some(Open::Comment) => Spot::Comment,
            Some(Open::Odd(what)) => Spot::Odd(what),
            _ if is_nested(&before[..quote.unwrap_or(before.len())]) => Spot::Odd(ANOTHER),
            Some(Open::Single) => Spot::Single,
            _ if last == '\\' => Spot::Odd(ESCAPED),
            _ if last == '$' => Spot::Odd(DOLLAR),
            Some(Open::Double) => Spot::Double,
            None | Some(Open::Command | Open::Parenthesis) => Spot::Bare,
        }
    }
}

/// Will what follows be read as a command once more, by a shell or by `eval`?
fn is_nested(before: &str) -> bool {
    let command = before.rsplit(['\n', ';', '|', '&', '(']).next().unwrap_or_default();
    let words: Vec<&str> = command.split_whitespace().collect();
    let flag =
        |word: &&str| word.starts_with('-') && word.ends_with('c') && !word.starts_with("--");
    let shell = words.iter().any(|word| is_shell(word)) && words.last().is_some_and(flag);
    shell || words.contains(&"eval")
}

struct Scan {
    open: Vec<Open>,
    /// The character before; a backslash only where it quotes what follows.
    last: char,
}

impl Scan {
    /// Takes the character `c`, the first of `rest`; what is left.
    fn step<'t>(&mut self, c: char, rest: &'t str) -> &'t str {
        let after = &rest[c.len_utf8()..];
        let quoted = self.last == '\\';
        let before = std::mem::replace(&mut self.last, c);
        match self.open.last().copied() {
            Some(Open::Single) => {
                self.close_if(c == '\'');
                self.last = '\'';
            }
            Some(Open::Comment) => {
                self.close_if(c == '\n');
                self.last = if c == '\n' { c } else { 'x' };
            }
            _ if quoted => self.last = 'x',
            Some(Open::Odd(ANSI)) => self.close_if(c == '\''),
            Some(Open::Odd(BACKTICK)) => self.close_if(c == '`'),
            Some(Open::Odd(BRACE)) => self.close_if(c == '}'),
            Some(Open::Odd(_)) => {}
            Some(Open::Double) if c == '"' => self.close_if(true),
            Some(Open::Double) if !matches!(c, '$' | '`') => {}
            open => return self.plain(c, before, after, open),
        }
        after
    }

    /// A character outside of quotes, or one that counts within double quotes too.
    fn plain<'t>(&mut self, c: char, before: char, after: &'t str, open: Option<Open>) -> &'t str {
        let double = open == Some(Open::Double);
        let begins = |sign: &str| after.starts_with(sign);
        let (opened, length) = match c {
            '`' => (Open::Odd(BACKTICK), 0),
            '$' if begins("(") => (Open::Command, 1),
            '$' if begins("{") => (Open::Odd(BRACE), 1),
            '$' if begins("'") && !double => (Open::Odd(ANSI), 1),
            _ if double => return after,
            '"' => (Open::Double, 0),
            '\'' => (Open::Single, 0),
            '#' if before.is_whitespace() || ";&|()".contains(before) => (Open::Comment, 0),
            '<' if begins("<<") => return &after[2..],
            '<' if begins("<") => (Open::Odd(HERE), 1),
            '(' if open.is_some() => (Open::Parenthesis, 0),
            ')' => {
                self.close_if(matches!(open, Some(Open::Command | Open::Parenthesis)));
                return after;
            }
            _ => return after,
        };
        self.open.push(opened);
        self.last = if length > 0 { 'x' } else { self.last };
        &after[length..]
    }

    fn close_if(&mut self, closes: bool) {
        if closes {
            self.open.pop();
        }
    }
}

/// A text as it is written at a place; or why it cannot be.
pub(super) fn write(text: &str, spot: Spot) -> Result<String, &'static str> {
    if text.contains('\0') {
        return Err("a NUL character cannot be in a command");
    }
    Ok(match spot {
        Spot::Bare => word(text),
        Spot::Single => text.replace('\'', r"'\''"),
        Spot::Double => {
            let escaped = |c: char| matches!(c, '"' | '\\' | '$' | '`').then_some('\\');
            text.chars().flat_map(|c| escaped(c).into_iter().chain([c])).collect()
        }
        Spot::Comment => text.replace(['\n', '\r'], " "),
        Spot::Odd(_) => return Err("it cannot be written there"),
    })
}

fn word(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+".contains(c);
    match !text.is_empty() && text.chars().all(bare) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// Commands that print their second part between `<` and `>`.
    const COMMANDS: &[(&str, &str)] = &[
        ("printf '<%s>' ", ""),
        ("printf '<%s>' \"", "\""),
        ("printf '<%s>' '", "'"),
        ("printf '%s' \\<", "\\>"),
        ("printf '%s' '<'", "\">\""),
        ("echo it\\'s \"a 'b\" >&2; printf '<%s>' \"", "\""),
        ("printf '<%s>' \"$(printf '%s' ", ")\""),
        ("printf '<%s>' \"$(printf '%s' \"", "\")\""),
        ("printf '<%s>' \"$( (printf '%s' '", "') )\""),
        ("x='a`b' # it's `odd\nprintf '<%s>' ", " # ) it's\n"),
        ("cat >&2 <<<'x'; y=${HOME}; printf '<%s>' \"${y:+}", "\""),
        ("printf '<%s>' \"a\\\"b", "\""),
    ];

    fn run(shell: &str, before: &str, text: &str, after: &str) -> String {
        let cell = write(text, Spot::behind(before)).unwrap();
        let output = Command::new(shell).args(["-c", &format!("{before}{cell}{after}")]).output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    }

    #[test]
    fn the_place_of_a_cell_is_known() {
        for (before, expected) in [
            ("", Spot::Bare),
            ("echo \"", Spot::Double),
            ("echo '", Spot::Single),
            ("echo 'a' \"b\" ", Spot::Bare),
            ("echo \"$(cat ", Spot::Bare),
            ("echo \"$(cat x)", Spot::Double),
            ("# ", Spot::Comment),
            ("a#", Spot::Bare),
            ("echo \\\"", Spot::Bare),
            ("echo '\\'", Spot::Bare),
            ("cat <<END\n", Spot::Odd(HERE)),
            ("cat <<<", Spot::Bare),
            ("echo `", Spot::Odd(BACKTICK)),
            ("echo \"`", Spot::Odd(BACKTICK)),
            ("echo $'", Spot::Odd(ANSI)),
            ("echo ${x:-", Spot::Odd(BRACE)),
            ("echo \\", Spot::Odd(ESCAPED)),
            ("echo \"$", Spot::Odd(DOLLAR)),
            ("echo \\$", Spot::Bare),
            ("# a\\", Spot::Comment),
            ("cd /; sudo bash -lc 'a; echo ", Spot::Odd(ANOTHER)),
            ("su kim -c \"echo '", Spot::Odd(ANOTHER)),
            ("bash -c 'echo \"$1\"' sh ", Spot::Bare),
            ("eval ", Spot::Odd(ANOTHER)),
            ("wc -c \"", Spot::Double),
        ] {
            assert_eq!(Spot::behind(before), expected, "{before}");
        }
    }

    #[test]
    fn a_cell_is_what_it_is_wherever_it_stands() {
        let cells = [
            "O'Brien",
            "$(touch /nonexistent/x; echo no)",
            "`id`",
            "a\"b\\",
            "x\ny",
            "*",
            "~",
            "김",
        ];
        for (before, after) in COMMANDS {
            for cell in cells {
                let said = run("bash", before, cell, after);
                let start = if before.ends_with("a\\\"b") { "<a\"b" } else { "<" };
                assert_eq!(said, format!("{start}{cell}>"), "{before}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_cell_is_one_word(text in "[^\0]{0,12}", at in 0..6_usize) {
            let (before, after) = COMMANDS[at];
            // What a shell drops at the end of `$( … )` is not the cell's affair.
            for shell in ["sh", "bash"] {
                prop_assert_eq!(run(shell, before, &text, after), format!("<{text}>"));
            }
        }
    }
}
