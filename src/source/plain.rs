//! What an unquoted word of the parameter file is: YAML 1.2, core schema.
//!
//! In: the text of a plain scalar. Out: a [`Plain`]. Only `true` and `false` are booleans here and
//! `on`, `no` or `12:30:45` are text. What cloud-init makes of such words is in
//! [`yaml11`](super::yaml11).

use serde_json::{Number, Value};

/// What a plain scalar looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plain {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; `None` if it is beyond 128 bits.
    Int(Option<i128>),
    /// A number with a fraction or an exponent, infinity, or no number (`.nan`).
    Float(f64),
    /// Anything else.
    Text,
}

impl Plain {
    /// Sorts `text` into its kind.
    pub fn of(text: &str) -> Plain {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
            "true" | "True" | "TRUE" => Plain::Bool(true),
            "false" | "False" | "FALSE" => Plain::Bool(false),
            ".nan" | ".NaN" | ".NAN" => Plain::Float(f64::NAN),
            _ => number(text).unwrap_or(Plain::Text),
        }
    }

    /// The JSON value of `text` that is of this kind. What JSON has no number for stays text, and so
    /// does a number that JSON writes in another way: 3.10 may be a version, 0644 a file mode.
    pub fn to_json(self, text: &str) -> Value {
        let number = match self {
            Plain::Null => return Value::Null,
            Plain::Bool(value) => return Value::Bool(value),
            Plain::Int(value) => value.and_then(json_int),
            Plain::Float(value) => Number::from_f64(value),
            Plain::Text => None,
        };
        let same = number.filter(|number| number.to_string() == text);
        same.map_or_else(|| Value::String(text.to_owned()), Value::Number)
    }
}

fn json_int(value: i128) -> Option<Number> {
    let signed = i64::try_from(value).map(Number::from);
    signed.or_else(|_| u64::try_from(value).map(Number::from)).ok()
}

fn number(text: &str) -> Option<Plain> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
        return Some(Plain::Float(sign * f64::INFINITY));
    }
    if is_digits(unsigned) {
        return Some(Plain::Int(text.parse().ok()));
    }
    if is_float(unsigned) { text.parse().ok().map(Plain::Float) } else { None }
}

fn radix(digits: &str, radix: u32) -> Option<Plain> {
    let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    all.then(|| Plain::Int(i128::from_str_radix(digits, radix).ok()))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `( \.[0-9]+ | [0-9]+ (\.[0-9]*)? ) ([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent
        .is_none_or(|exponent| is_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_fits = match whole {
        "" => is_digits(fraction),
        _ => is_digits(whole) && (fraction.is_empty() || is_digits(fraction)),
    };
    exponent_fits && mantissa_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_yaml_1_2_says() {
        for (text, json) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("nUll", "\"nUll\""),
            ("True", "true"),
            ("yes", "\"yes\""),
            ("on", "\"on\""),
            ("0644", "\"0644\""),
            ("0o17", "\"0o17\""),
            ("0xFf", "\"0xFf\""),
            ("0x", "\"0x\""),
            ("-0x1", "\"-0x1\""),
            ("+12", "\"+12\""),
            ("12", "12"),
            ("-12", "-12"),
            ("010", "\"010\""),
            ("-", "\"-\""),
            ("1_000", "\"1_000\""),
            ("12:30:45", "\"12:30:45\""),
            ("1e3", "\"1e3\""),
            ("1.5", "1.5"),
            ("5.", "\"5.\""),
            ("5.0", "5.0"),
            ("3.10", "\"3.10\""),
            (".5", "\".5\""),
            (".", "\".\""),
            ("1.2.3", "\"1.2.3\""),
            ("1e", "\"1e\""),
            ("-.inf", "\"-.inf\""),
            (".nan", "\".nan\""),
            ("inf", "\"inf\""),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "\"18446744073709551616\""),
            ("2024-01-01", "\"2024-01-01\""),
        ] {
            assert_eq!(Plain::of(text).to_json(text).to_string(), json, "{text}");
        }
        let digits = "9".repeat(60);
        assert_eq!(Plain::of(&digits), Plain::Int(None));
        assert_eq!(Plain::of("-.Inf"), Plain::Float(f64::NEG_INFINITY));
    }
}
