//! Numbers and dates of a workbook as people see them.
//!
//! In: a value and the format code of its cell. Out: its text. A format that only puts zeros in
//! front and signs between, as for student numbers and telephones, is followed; no other is, since
//! the number itself is wanted, not its thousands separators.

use calamine::ExcelDateTime;

/// From here on a number in a workbook has lost digits.
const TOO_LARGE: f64 = 1e15;

/// A number without `.0`, exponent, or digits that are rounding errors; `None` if it is so large
/// that digits are lost.
pub(super) fn decimal(value: f64, code: &str) -> Option<String> {
    if !value.is_finite() || value.abs() >= TOO_LARGE {
        return None;
    }
    if value.fract() != 0.0 {
        return Some(fraction(value));
    }
    let digits = format!("{value:.0}");
    Some(pattern(code).and_then(|pattern| fill(&pattern, &digits)).unwrap_or(digits))
}

/// The 15 digits that Excel shows, without zeros at the end.
fn fraction(value: f64) -> String {
    let rounded = format!("{value:.14e}").parse::<f64>().unwrap_or(value);
    rounded.to_string()
}

/// A piece of a format.
#[derive(Clone, Copy)]
enum Piece {
    /// `0`, or `#`.
    Digit {
        always: bool,
    },
    Sign(char),
}

/// A format that is only digits and what stands between them, with several digits that are always
/// shown; `None` for any other.
fn pattern(code: &str) -> Option<Vec<Piece>> {
    let (mut pieces, mut quoted) = (Vec::new(), false);
    let mut characters = code.chars();
    while let Some(c) = characters.next() {
        pieces.push(match c {
            '"' => {
                quoted = !quoted;
                continue;
            }
            _ if quoted => Piece::Sign(c),
            ';' => break,
            '\\' => Piece::Sign(characters.next()?),
            '0' => Piece::Digit { always: true },
            '#' => Piece::Digit { always: false },
            '-' | ' ' | '(' | ')' => Piece::Sign(c),
            _ => return None,
        });
    }
    let always = |piece: &&Piece| matches!(piece, Piece::Digit { always: true });
    (pieces.iter().filter(always).count() > 1).then_some(pieces)
}

/// The digits in their places, from the right; those left over go to the left.
fn fill(pattern: &[Piece], digits: &str) -> Option<String> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = pattern.iter().filter(|piece| matches!(piece, Piece::Digit { .. })).count();
    let (mut seen, surplus) = (0, digits.len().saturating_sub(places));
    let mut shown = String::new();
    for piece in pattern {
        match piece {
            Piece::Sign(sign) => shown.push(*sign),
            Piece::Digit { always } => {
                seen += 1;
                let lacking = places.saturating_sub(digits.len());
                match (seen > lacking, always) {
                    (true, _) if seen == 1 => shown.push_str(digits.get(..=surplus)?),
                    (true, _) => {
                        let at = seen - 1 - lacking + surplus;
                        shown.push_str(digits.get(at..=at)?);
                    }
                    (false, true) => shown.push('0'),
                    (false, false) => {}
                }
            }
        }
    }
    Some(shown)
}

/// A date, a time, both, or a duration in hours, in the form of ISO 8601.
pub(super) fn date(value: &ExcelDateTime) -> String {
    let days = value.as_f64();
    if value.is_duration() {
        let seconds = (days.abs() * 86_400.0).round();
        let (minutes, sign) = ((seconds / 60.0).floor(), if days < 0.0 { "-" } else { "" });
        let (hours, minute) = ((minutes / 60.0).floor(), minutes % 60.0);
        return format!("{sign}{hours:02}:{minute:02}:{:02}", seconds % 60.0);
    }
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let milli = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    let time = format!("{hour:02}:{minute:02}:{second:02}{milli}");
    match (days < 1.0, time == "00:00:00") {
        (true, _) => time,
        (false, true) => date,
        (false, false) => format!("{date}T{time}"),
    }
}
