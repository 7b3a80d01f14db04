//! A text as a machine can have it: in a host name, a file name, a login.
//!
//! In: a text as people write it, in any form of Unicode. Out: small letters, digits and hyphens,
//! which is a label of a host name by [RFC 1123].
//!
//! Latin letters lose their marks, Hangul is romanised as the module `hangul` says, full-width and
//! other compatible forms become plain ones, and anything that is no letter or digit separates
//! words. A letter of another script is refused: a name that comes out wrong without a word is
//! worse than one that somebody has to write into a column of its own.
//!
//! [RFC 1123]: https://www.rfc-editor.org/rfc/rfc1123#page-13

use std::ops::RangeInclusive;

use super::hangul;
use super::unicode::{is_mark, nfd, nfkc};

/// Characters of a label of a host name, at most.
const LONGEST: usize = 63;

/// What is between words.
const SEPARATOR: &str = "-";

/// Why there is no slug of a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    /// A letter of another script.
    #[error(
        "`slug` cannot write `{letter}` ({script}, U+{:04X}) in Latin letters; take a column that \
         has the text in Latin letters or in Hangul",
        u32::from(*letter)
    )]
    Letter {
        /// As it stands in the text, but composed (NFKC).
        letter: char,
        /// What kind of letter it is.
        script: &'static str,
    },
    /// A consonant or vowel alone, or of Old Korean.
    #[error(
        "`slug` cannot write `{0}`, which is only a part of a Hangul syllable; complete the \
         syllable, or take another column"
    )]
    Jamo(char),
    /// U+FFFD, or a character that has no meaning outside of the system it comes from.
    #[error(
        "the text has a character that was lost (U+{:04X}), as when a file is read in the wrong \
         encoding; name the right one with `--encoding`, or correct the text",
        u32::from(*.0)
    )]
    Lost(char),
    /// Nothing, or nothing but punctuation.
    #[error("the text has no letter or digit for `slug` to keep; take another column")]
    Empty,
    /// More than fits into a host name.
    #[error(
        "`slug` makes {0} characters of the text, and a host name has at most {LONGEST}; take a \
         shorter column, or a part of the text, as in `student.name[:20] | slug`"
    )]
    Long(usize),
}

/// Latin letters that have no decomposition, as the transform Latin-ASCII of Unicode CLDR writes
/// them, and letters that are typed for punctuation.
/// <https://github.com/unicode-org/cldr/blob/main/common/transforms/Latin-ASCII.xml>
const LETTERS: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('ł', "l"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ŋ', "n"),
    ('ŧ', "t"),
    ('ǥ', "g"),
    ('ɓ', "b"),
    ('ɖ', "d"),
    ('ɗ', "d"),
    ('ɛ', "e"),
    ('ƒ', "f"),
    ('ɨ', "i"),
    ('ƙ', "k"),
    ('ɲ', "n"),
    ('ʉ', "u"),
    ('ƴ', "y"),
    ('ƶ', "z"),
    // Apostrophes: Hawaiʻi, Oʻzbek.
    ('ʹ', SEPARATOR),
    ('ʻ', SEPARATOR),
    ('ʼ', SEPARATOR),
    ('ʽ', SEPARATOR),
    // The vowel arae-a, in NFKC: Korean keyboards have it (ㆍ) where others have a middle dot.
    ('\u{119e}', SEPARATOR),
];

/// Scripts that rosters have, with the blocks of their letters.
const SCRIPTS: &[(&str, &[RangeInclusive<char>])] = &[
    ("a Chinese character", &['\u{2e80}'..='〇', '㐀'..='\u{9fff}', '\u{20000}'..='\u{3ffff}']),
    ("Japanese", &['〱'..='ヿ', 'ㇰ'..='ㇿ', '\u{1aff0}'..='\u{1b16f}']),
    ("Cyrillic", &['Ѐ'..='ԯ', '\u{1c80}'..='\u{1c8f}', '\u{a640}'..='\u{a69f}']),
    ("Greek", &['Ͱ'..='Ͽ', 'ἀ'..='\u{1fff}']),
    ("Arabic", &['\u{600}'..='\u{6ff}', '\u{750}'..='\u{77f}', '\u{8a0}'..='\u{8ff}']),
    ("Thai", &['\u{e00}'..='\u{e7f}']),
];

/// The blocks of the parts of syllables.
const JAMO: &[RangeInclusive<char>] =
    &['\u{1100}'..='\u{11ff}', '\u{a960}'..='\u{a97f}', '\u{d7b0}'..='\u{d7ff}'];

/// What could not be decoded, and private use.
const LOST: &[RangeInclusive<char>] = &['\u{fffd}'..='\u{fffd}', '\u{e000}'..='\u{f8ff}'];

/// Characters without a shape, which come along when text is copied: the soft hyphen, joiners,
/// directions, fillers, variation selectors, byte order marks.
const INVISIBLE: &[RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Small letters, digits and single hyphens between them, 1 to 63: `김철수` becomes `gimcheolsu`,
/// `Zoë O'Brien` becomes `zoe-o-brien`. The slug of a slug is the same.
///
/// # Errors
/// When a letter cannot be written in Latin letters, nothing is left, or too much.
pub fn slug(text: &str) -> Result<String, SlugError> {
    let mut slug = String::new();
    // Composed first: an error shows the letter that the user sees, and Hangul comes in syllables.
    for letter in nfkc(text).chars() {
        match hangul::romanise(letter) {
            Some(parts) => parts.iter().for_each(|part| slug.push_str(part)),
            None => push(&mut slug, letter)?,
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    match slug.len() {
        0 => Err(SlugError::Empty),
        1..=LONGEST => Ok(slug),
        length => Err(SlugError::Long(length)),
    }
}

/// Adds what is left of a character that is no syllable of Hangul.
fn push(slug: &mut String, letter: char) -> Result<(), SlugError> {
    for part in nfd(letter.encode_utf8(&mut [0; 4])).chars().flat_map(char::to_lowercase) {
        match part {
            'a'..='z' | '0'..='9' => slug.push(part),
            _ if is_mark(part) || is_invisible(part) => {}
            _ => match letters(letter, part)? {
                SEPARATOR if slug.is_empty() || slug.ends_with(SEPARATOR) => {}
                letters => slug.push_str(letters),
            },
        }
    }
    Ok(())
}

/// What to write for `part` of `letter`, which is no small letter from a to z and no digit.
fn letters(letter: char, part: char) -> Result<&'static str, SlugError> {
    if let Some((_, letters)) = LETTERS.iter().find(|(letter, _)| *letter == part) {
        return Ok(letters);
    }
    if is_lost(part) {
        return Err(SlugError::Lost(letter));
    }
    if within(JAMO, part) {
        return Err(SlugError::Jamo(letter));
    }
    if !part.is_alphanumeric() {
        return Ok(SEPARATOR);
    }
    let script = SCRIPTS.iter().find(|(_, blocks)| within(blocks, part));
    Err(SlugError::Letter { letter, script: script.map_or("another letter", |(name, _)| name) })
}

/// Whether nobody can see this character.
pub(super) fn is_invisible(c: char) -> bool {
    within(INVISIBLE, c)
}

/// Whether this character stands for one that was lost.
pub(super) fn is_lost(c: char) -> bool {
    within(LOST, c)
}

fn within(blocks: &[RangeInclusive<char>], c: char) -> bool {
    blocks.iter().any(|block| block.contains(&c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn names_are_written_in_latin_letters() {
        for (text, expected) in [
            ("김철수", "gimcheolsu"),
            ("이영희", "iyeonghui"),
            ("박지성", "bakjiseong"),
            ("최 뷁", "choe-bwek"),
            ("남궁민", "namgungmin"),
            ("Ada Lovelace", "ada-lovelace"),
            ("  Zoë  O'Brien-Müller_2. ", "zoe-o-brien-muller-2"),
            ("Łukasz Groß", "lukasz-gross"),
            ("STRAẞE", "strasse"),
            ("Søren Æbelø", "soren-aebelo"),
            ("Nguyễn Thị Đào", "nguyen-thi-dao"),
            ("İbrahim Yıldız", "ibrahim-yildiz"),
            ("Oʻktam", "o-ktam"),
            ("２０２４학번 ＡＢＣ", "2024hakbeon-abc"),
            ("ﾡￂ", "ga"),
            ("컴퓨터ㆍ공학(2)", "keompyuteo-gonghak-2"),
            ("a\u{200b}b\u{ad}c\u{feff}", "abc"),
            ("ﬁ ² ½ ™ ㈜ ❤\u{fe0f}!", "fi-2-1-2-tm-ju"),
            ("a - b", "a-b"),
        ] {
            assert_eq!(slug(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        for (text, letter, script) in [
            ("김 金", '金', "a Chinese character"),
            ("金\u{f90a}", '金', "a Chinese character"),
            ("佐々木", '佐', "a Chinese character"),
            ("か\u{3099}", 'が', "Japanese"),
            ("ｶﾞ", 'ガ', "Japanese"),
            ("Иванов", 'И', "Cyrillic"),
            ("и\u{306}", 'й', "Cyrillic"),
            ("Σωκράτης", 'Σ', "Greek"),
            ("محمد", 'م', "Arabic"),
            ("สมชาย", 'ส', "Thai"),
            ("अ", 'अ', "another letter"),
            ("٣", '٣', "Arabic"),
        ] {
            assert_eq!(slug(text), Err(SlugError::Letter { letter, script }), "{text}");
        }
        for (text, jamo) in [("김ㅊ", '\u{110e}'), ("\u{1112}\u{11ab}", '\u{1112}')] {
            assert_eq!(slug(text), Err(SlugError::Jamo(jamo)), "{text}");
        }
        assert_eq!(slug("김\u{fffd}수"), Err(SlugError::Lost('\u{fffd}')));
        for text in ["", " ", "-", "._-", "★", "\u{301}", "\u{3164}"] {
            assert_eq!(slug(text), Err(SlugError::Empty), "{text:?}");
        }
    }

    #[test]
    fn sixty_three_characters_are_enough() {
        let longest = format!("{}-{}", "a".repeat(31), "b".repeat(31));
        assert_eq!(slug(&format!("-{longest}-")), Ok(longest.clone()));
        assert_eq!(slug(&format!("{longest}c")), Err(SlugError::Long(64)));
    }

    #[test]
    fn an_error_names_the_character_and_what_to_do() {
        assert_eq!(
            slug("金").unwrap_err().to_string(),
            "`slug` cannot write `金` (a Chinese character, U+91D1) in Latin letters; take a column \
             that has the text in Latin letters or in Hangul"
        );
        assert_eq!(
            slug("\u{e000}").unwrap_err().to_string(),
            "the text has a character that was lost (U+E000), as when a file is read in the wrong \
             encoding; name the right one with `--encoding`, or correct the text"
        );
        assert_eq!(
            slug(&"가".repeat(40)).unwrap_err().to_string(),
            "`slug` makes 80 characters of the text, and a host name has at most 63; take a \
             shorter column, or a part of the text, as in `student.name[:20] | slug`"
        );
    }

    fn is_label(text: &str) -> bool {
        (1..=63).contains(&text.len())
            && text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
            && !text.starts_with('-')
            && !text.ends_with('-')
    }

    /// Names, and anything else.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[가-힣]{1,12}",
            "[가-힣a-zA-ZÀ-ž0-9 ._'-]{0,20}",
            "[ㄱ-ㅣᄀ-하-ᅵᆨ-ᇂ가-갸]{0,8}",
            "\\PC{0,16}",
            any::<String>(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn a_slug_is_a_label_and_its_own_slug(text in any_text()) {
            if let Ok(once) = slug(&text) {
                prop_assert!(is_label(&once), "{:?}", once);
                prop_assert_eq!(slug(&once), Ok(once.clone()));
            }
        }

        #[test]
        fn the_form_of_unicode_makes_no_difference(text in any_text()) {
            let expected = slug(&text);
            prop_assert_eq!(slug(&text.nfc().collect::<String>()), expected.clone());
            prop_assert_eq!(slug(&text.nfd().collect::<String>()), expected.clone());
            prop_assert_eq!(slug(&text.nfkc().collect::<String>()), expected.clone());
            prop_assert_eq!(slug(&text.nfkd().collect::<String>()), expected);
        }

        #[test]
        fn every_word_of_hangul_has_a_slug(text in "[가-힣]{1,9}") {
            prop_assert!(slug(&text).is_ok());
        }
    }
}
