//! The kind of a plain scalar, by the implicit resolvers of PyYAML 6.
//!
//! In: the text of a scalar without quotes. Out: its value. Each `is_` function is one alternative
//! of one of PyYAML's regular expressions, which is quoted above it.

use super::Yaml11;

/// The most decimal digits that Python makes a number of.
const MAX_DIGITS: usize = 4300;

/// What PyYAML makes of a plain scalar.
pub fn resolve_plain(text: &str) -> Yaml11 {
    special(text).unwrap_or_else(|| Yaml11::Str(text.to_owned()))
}

/// The same, but nothing of what is text.
pub(super) fn special(text: &str) -> Option<Yaml11> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Yaml11::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Yaml11::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Yaml11::Bool(false)
        }
        "<<" => Yaml11::Merge,
        "=" => Yaml11::Value,
        _ if is_float(text) => float(text),
        _ if is_int(text) => int(text),
        _ if is_timestamp(text) => timestamp(text),
        _ => return None,
    })
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn is_digit_or_underscore(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

/// At least one byte, all of which `fits` accepts.
fn some(text: &str, fits: fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(fits)
}

/// `[0-9][0-9_]*`
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(is_digit_or_underscore)
}

/// `(?::[0-5]?[0-9])+`, the first colon already removed
fn is_base_60_tail(text: &str) -> bool {
    text.split(':').all(|part| match part.as_bytes() {
        [last] => is_digit(*last),
        [b'0'..=b'5', last] => is_digit(*last),
        _ => false,
    })
}

/// `[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+` and
/// `[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+`
fn is_int(text: &str) -> bool {
    let text = unsigned(text);
    let Some(rest) = text.strip_prefix('0') else {
        return match text.split_once(':') {
            Some((head, tail)) => is_number(head) && is_base_60_tail(tail),
            None => is_number(text),
        };
    };
    match rest.as_bytes() {
        [] => true,
        [b'b', ..] => some(&rest[1..], |b| matches!(b, b'0' | b'1' | b'_')),
        [b'x', ..] => some(&rest[1..], |b| b.is_ascii_hexdigit() || b == b'_'),
        _ => rest.bytes().all(|b| matches!(b, b'0'..=b'7' | b'_')),
    }
}

fn int(text: &str) -> Yaml11 {
    let digits = unsigned(text).replace('_', "");
    let magnitude = match digits.as_bytes() {
        [b'0'] => Some(0),
        [b'0', b'b' | b'x'] => return Yaml11::Invalid(text.to_owned()),
        [b'0', b'b', ..] => u128::from_str_radix(&digits[2..], 2).ok(),
        [b'0', b'x', ..] => u128::from_str_radix(&digits[2..], 16).ok(),
        [b'0', ..] => u128::from_str_radix(&digits, 8).ok(),
        _ if digits.split(':').any(|part| part.len() > MAX_DIGITS) => {
            return Yaml11::Invalid(text.to_owned());
        }
        _ => base_60(&digits),
    };
    let value = magnitude.and_then(|magnitude| match text.starts_with('-') {
        true => 0_i128.checked_sub_unsigned(magnitude),
        false => i128::try_from(magnitude).ok(),
    });
    value.map_or_else(|| Yaml11::BigInt(text.to_owned()), Yaml11::Int)
}

fn base_60(digits: &str) -> Option<u128> {
    digits
        .split(':')
        .try_fold(0_u128, |value, part| value.checked_mul(60)?.checked_add(part.parse().ok()?))
}

fn is_float(text: &str) -> bool {
    let (bare, signed) = (unsigned(text), unsigned(text) != text);
    match bare {
        ".inf" | ".Inf" | ".INF" => true,
        ".nan" | ".NaN" | ".NAN" => !signed,
        _ => match bare.split_once('.') {
            None => false,
            Some(("", fraction)) => !signed && is_fraction(fraction, false),
            Some((whole, fraction)) => match whole.split_once(':') {
                None => is_number(whole) && is_fraction(fraction, true),
                Some((head, tail)) => {
                    is_number(head)
                        && is_base_60_tail(tail)
                        && fraction.bytes().all(is_digit_or_underscore)
                }
            },
        },
    }
}

/// `[0-9_]*(?:[eE][-+][0-9]+)?`, or `[0-9][0-9_]*(?:[eE][-+][0-9]+)?` if not `may_be_empty`
fn is_fraction(text: &str, may_be_empty: bool) -> bool {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (text, None),
    };
    let digits_fit = match may_be_empty {
        true => digits.bytes().all(is_digit_or_underscore),
        false => is_number(digits),
    };
    digits_fit
        && exponent.is_none_or(|exponent| {
            exponent.strip_prefix(['-', '+']).is_some_and(|digits| some(digits, is_digit))
        })
}

fn float(text: &str) -> Yaml11 {
    let value = unsigned(text).replace('_', "").to_lowercase();
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let number = match value.as_str() {
        ".inf" => Some(f64::INFINITY),
        ".nan" => Some(f64::NAN),
        value if value.contains(':') => base_60_float(value),
        value => value.parse().ok(),
    };
    number.map_or_else(|| Yaml11::Invalid(text.to_owned()), |value| Yaml11::Float(sign * value))
}

/// As PyYAML adds it up, from the last part to the first; fails where Python does.
fn base_60_float(text: &str) -> Option<f64> {
    let (mut value, mut base) = (0.0, 1.0);
    for part in text.rsplit(':') {
        if f64::is_infinite(base) {
            return None;
        }
        value += part.parse::<f64>().ok()? * base;
        base *= 60.0;
    }
    Some(value)
}

/// The longest run of one or two digits at the start of `text`, if it is `least` long.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = text.split_at(count);
    if count < least { None } else { Some((number.parse().ok()?, rest)) }
}

/// The numbers of a date with or without a time.
#[derive(Default)]
struct Time {
    date: (u32, u32, u32),
    clock: (u32, u32, u32),
    zone: (u32, u32),
}

fn is_timestamp(text: &str) -> bool {
    read_timestamp(text).is_some()
}

/// A date by `[0-9]{4}-[0-9]{2}-[0-9]{2}`, or date and time by the pattern of [`read_time`].
fn read_timestamp(text: &str) -> Option<Time> {
    let (year, rest) = digits(text, 4, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    let date = (year, month, day);
    if rest.is_empty() {
        return (text.len() == 10).then(|| Time { date, ..Time::default() });
    }
    let blanks = rest.trim_start_matches([' ', '\t']);
    let rest = if blanks.len() < rest.len() { blanks } else { rest.strip_prefix(['T', 't'])? };
    read_time(rest, date)
}

/// `[0-9][0-9]?:[0-9][0-9]:[0-9][0-9](?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9][0-9])?))?`
fn read_time(text: &str, date: (u32, u32, u32)) -> Option<Time> {
    let (hour, rest) = digits(text, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let zone = if rest.is_empty() { (0, 0) } else { read_zone(rest)? };
    Some(Time { date, clock: (hour, minute, second), zone })
}

fn read_zone(text: &str) -> Option<(u32, u32)> {
    let text = text.trim_start_matches([' ', '\t']);
    if text == "Z" {
        return Some((0, 0));
    }
    let (hours, rest) = digits(text.strip_prefix(['-', '+'])?, 1, 2)?;
    if rest.is_empty() {
        return Some((hours, 0));
    }
    let (minutes, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    rest.is_empty().then_some((hours, minutes))
}

fn timestamp(text: &str) -> Yaml11 {
    match read_timestamp(text) {
        Some(time) if time.exists() => Yaml11::Timestamp(text.to_owned()),
        _ => Yaml11::Invalid(text.to_owned()),
    }
}

impl Time {
    /// Whether Python's `datetime` accepts it.
    fn exists(&self) -> bool {
        let ((year, month, day), (hour, minute, second)) = (self.date, self.clock);
        year >= 1
            && (1..=12).contains(&month)
            && (1..=days(year, month)).contains(&day)
            && (hour < 24 && minute < 60 && second < 60)
            && self.zone.0 * 60 + self.zone.1 < 24 * 60
    }
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
