//! Forms that a text has to have.

use super::table::Pattern;

impl Pattern {
    /// Has the text this form?
    pub(super) fn fits(self, text: &str) -> bool {
        // `$` of Python stands before a line end, too.
        let text = text.strip_suffix('\n').unwrap_or(text);
        match self {
            Pattern::Line => !text.contains('\n'),
            Pattern::Pair => is_pair(text),
            Pattern::Tags => text.split(',').all(|tag| {
                let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                !tag.is_empty() && tag.chars().all(letter)
            }),
            Pattern::Minutes => {
                let digits = text.strip_prefix('+').unwrap_or(text);
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            }
            Pattern::Size => is_size(text),
            Pattern::Date => is_date(text),
        }
    }

    /// What the form is, in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Pattern::Line => "one line",
            Pattern::Pair => "`name:password`",
            Pattern::Tags => "words of letters, digits, `-` and `_` with commas between them",
            Pattern::Minutes => "a number of minutes, such as `5` or `+5`",
            Pattern::Size => "a number and one of B, K, M, G, T behind it, such as `512M`",
            Pattern::Date => "a date as `2032-09-01`",
        }
    }
}

/// `^.+:.+$`: any line but the first and the last of several is not looked at.
fn is_pair(text: &str) -> bool {
    let inner = |text: &str| text.find(':').is_some_and(|at| at > 0 && text.len() > at + 1);
    let later = |text: &str| text.rfind(':').is_some_and(|at| at > 0 && text.len() > at + 1);
    !text.contains('\n') && (inner(text) || later(text))
}

/// `^([0-9]+)?\.?[0-9]+[BKMGT]$`
fn is_size(text: &str) -> bool {
    let Some(number) = text.strip_suffix(['B', 'K', 'M', 'G', 'T']) else { return false };
    let (whole, part) = number.split_once('.').unwrap_or(("", number));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(part) && !part.is_empty()
}

/// `YYYY-MM-DD`, and a day that there is.
fn is_date(text: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().ok();
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}
