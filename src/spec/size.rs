//! Sizes such as `512M`.

use super::word;

/// Bytes of a size. Sizes are binary: 1K = 1024.
///
/// # Errors
/// What is wrong with it.
pub fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let none = || format!("`{}` is no size", word::shorten(text));
    if digits.is_empty() {
        return Err(none());
    }
    let factor = match text[digits.len()..].to_ascii_uppercase().trim_end_matches('B') {
        "" => 1,
        "K" | "KI" => 1 << 10,
        "M" | "MI" => 1 << 20,
        "G" | "GI" => 1_u64 << 30,
        unit => return Err(format!("`{unit}` is no unit of size")),
    };
    let number: u64 = digits.parse().map_err(|_| none())?;
    number.checked_mul(factor).ok_or_else(|| format!("{number} is too much"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size("20M"), Ok(20 << 20));
        assert_eq!(size("512kb"), Ok(512 << 10));
        assert_eq!(size(" 1GiB "), Ok(1 << 30));
        for bad in ["", "M", "2T", "1.5G", "-1", "99999999999999999999", "17179869184G"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
