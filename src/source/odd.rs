//! Characters that look like those of YAML and are others: a full-width colon, an en dash, a
//! no-break space, curly quotes. To know one more: a line of `ODD`.

/// The character, what it is called, and what is written instead.
const ODD: &[(char, &str, &str)] = &[
    ('\u{A0}', "a no-break space", " "),
    ('\u{1680}', "an Ogham space", " "),
    ('\u{2000}', "an en quad", " "),
    ('\u{2001}', "an em quad", " "),
    ('\u{2002}', "an en space", " "),
    ('\u{2003}', "an em space", " "),
    ('\u{2004}', "a narrow space", " "),
    ('\u{2005}', "a narrow space", " "),
    ('\u{2006}', "a narrow space", " "),
    ('\u{2007}', "a figure space", " "),
    ('\u{2008}', "a punctuation space", " "),
    ('\u{2009}', "a thin space", " "),
    ('\u{200A}', "a hair space", " "),
    ('\u{2028}', "a line separator", " "),
    ('\u{2029}', "a paragraph separator", " "),
    ('\u{202F}', "a narrow no-break space", " "),
    ('\u{205F}', "a mathematical space", " "),
    ('\u{3000}', "an ideographic space", " "),
    ('\u{AD}', "a soft hyphen", ""),
    ('\u{180E}', "a vowel separator", ""),
    ('\u{200B}', "a zero-width space", ""),
    ('\u{200E}', "a left-to-right mark", ""),
    ('\u{200F}', "a right-to-left mark", ""),
    ('\u{2060}', "a word joiner", ""),
    ('\u{FEFF}', "a byte order mark", ""),
    ('\u{2236}', "a ratio sign", ":"),
    ('\u{A789}', "a modifier colon", ":"),
    ('\u{FE55}', "a small colon", ":"),
    ('\u{FF1A}', "a full-width colon", ":"),
    ('\u{60C}', "an Arabic comma", ","),
    ('\u{3001}', "an ideographic comma", ","),
    ('\u{FE50}', "a small comma", ","),
    ('\u{FF0C}', "a full-width comma", ","),
    ('\u{2010}', "a typographic hyphen", "-"),
    ('\u{2011}', "a no-break hyphen", "-"),
    ('\u{2012}', "a figure dash", "-"),
    ('\u{2013}', "an en dash", "-"),
    ('\u{2014}', "an em dash", "-"),
    ('\u{2015}', "a horizontal bar", "-"),
    ('\u{2022}', "a bullet", "-"),
    ('\u{2043}', "a hyphen bullet", "-"),
    ('\u{2212}', "a minus sign", "-"),
    ('\u{FE63}', "a small hyphen", "-"),
    ('\u{FF0D}', "a full-width hyphen", "-"),
    ('\u{AB}', "an angle quote", "\""),
    ('\u{BB}', "an angle quote", "\""),
    ('\u{2018}', "a curly quote", "'"),
    ('\u{2019}', "a curly quote", "'"),
    ('\u{201A}', "a curly quote", "'"),
    ('\u{201B}', "a curly quote", "'"),
    ('\u{2032}', "a prime", "'"),
    ('\u{201C}', "a curly quote", "\""),
    ('\u{201D}', "a curly quote", "\""),
    ('\u{201E}', "a curly quote", "\""),
    ('\u{201F}', "a curly quote", "\""),
    ('\u{2033}', "a double prime", "\""),
    ('\u{300C}', "a corner bracket", "\""),
    ('\u{300D}', "a corner bracket", "\""),
];

/// The distance of the full-width forms to ASCII.
const FULL_WIDTH: u32 = 0xFEE0;

/// A character that is probably not meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odd {
    /// The character.
    pub character: char,
    name: &'static str,
    /// What is written instead, in ASCII; nothing where it should be left out.
    pub instead: Option<char>,
}

impl Odd {
    /// What is known of `character`, if it is one of these.
    pub fn of(character: char) -> Option<Odd> {
        if let Some((_, name, instead)) = ODD.iter().find(|(known, ..)| *known == character) {
            return Some(Odd { character, name, instead: instead.chars().next() });
        }
        let ascii = u32::from(character).checked_sub(FULL_WIDTH).and_then(char::from_u32);
        let ascii = ascii.filter(char::is_ascii_graphic)?;
        Some(Odd { character, name: "a full-width character", instead: Some(ascii) })
    }

    /// The first in a text, and the byte where it stands.
    pub fn first_in(text: &str) -> Option<(usize, Odd)> {
        text.char_indices().find_map(|(at, c)| Some((at, Odd::of(c)?)))
    }

    /// Can it not be seen?
    pub fn is_unseen(self) -> bool {
        matches!(self.instead, None | Some(' '))
    }

    /// Is it a kind of quote?
    pub fn is_quote(self) -> bool {
        matches!(self.instead, Some('"' | '\''))
    }

    /// Its name, itself where it can be seen, and its number.
    pub fn described(self) -> String {
        let number = u32::from(self.character);
        match self.is_unseen() {
            true => format!("{} (U+{number:04X})", self.name),
            false => format!("{} `{}` (U+{number:04X})", self.name, self.character),
        }
    }
}

/// The text with ASCII in place of such characters.
pub fn plain_text(text: &str) -> String {
    let plain = |c| Odd::of(c).map_or(Some(c), |odd| odd.instead);
    text.chars().filter_map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_names_and_others_instead() {
        for (character, described, instead) in [
            ('：', "a full-width colon `：` (U+FF1A)", Some(':')),
            ('３', "a full-width character `３` (U+FF13)", Some('3')),
            ('–', "an en dash `–` (U+2013)", Some('-')),
            ('\u{A0}', "a no-break space (U+00A0)", Some(' ')),
            ('\u{200B}', "a zero-width space (U+200B)", None),
            ('“', "a curly quote `“` (U+201C)", Some('"')),
        ] {
            let odd = Odd::of(character).unwrap();
            assert_eq!((odd.described().as_str(), odd.instead), (described, instead));
        }
        assert!(Odd::first_in("hello-cju: 한글, é\t\"'").is_none());
        assert_eq!(plain_text("ｌａｂ\u{200B}：\u{3000}７"), "lab: 7");
    }
}
