//! Texts of machines, which anybody may have written, as they may be shown.
//!
//! In: any text. Out: one line of a limited length without anything that would move the cursor,
//! change the direction of writing or hide itself.

/// Shown at the end of what was cut off.
const CUT: char = '…';

/// At most `most` characters of a text on one line. Control characters, those that turn the
/// direction of writing and those without a width become spaces, and spaces become one.
pub fn clean(text: &str, most: usize) -> String {
    let mut shown = String::new();
    let mut length = 0;
    let words = text.split(|c: char| c.is_whitespace() || is_unseen(c));
    for word in words.filter(|word| !word.is_empty()) {
        let space = usize::from(length > 0);
        for c in " ".chars().take(space).chain(word.chars()) {
            if length == most {
                shown.pop();
                shown.push(CUT);
                return shown;
            }
            shown.push(c);
            length += 1;
        }
    }
    shown
}

/// Characters that a terminal or a page would obey, or not show.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_moves_the_cursor_or_turns_the_line() {
        assert_eq!(clean("\u{1b}[2Ja\u{7}\r\nb\u{9b}31m\u{202e}c\u{200b}d", 99), "[2Ja b 31m c d");
        assert_eq!(clean("  김철수 \t x ", 99), "김철수 x");
        assert_eq!((clean("abcd", 4), clean("abcde", 4)), ("abcd".into(), "abc…".into()));
        assert_eq!((clean("", 4), clean("\n\0", 4)), (String::new(), String::new()));
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_short_line(text in any::<String>(), most in 1usize..40) {
            let shown = clean(&text, most);
            prop_assert!(shown.chars().count() <= most);
            prop_assert!(!shown.chars().any(is_unseen));
            prop_assert_eq!(clean(&shown, most), shown);
        }
    }
}
