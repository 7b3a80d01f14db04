//! A new password.

use super::CredentialsError;
use crate::secret::Secret;

/// What a password is made of: digits and small letters that nobody takes for one another or has
/// to press shift for, without 0 and o, 1, i and l; and without vowels, so that there are no words.
const ALPHABET: &[u8; 28] = b"23456789bcdfghjkmnpqrstvwxyz";

/// Characters between two hyphens.
const GROUP: usize = 4;

/// Characters of a password, without the hyphens.
const LENGTH: usize = 4 * GROUP;

/// Fills a place with random bytes.
pub type Random = fn(&mut [u8]) -> Result<(), getrandom::Error>;

/// Random numbers of the system.
#[cfg(not(target_family = "wasm"))]
pub const SYSTEM: Random = getrandom::fill;

/// There is no system in a browser, which gives its own random numbers.
#[cfg(target_family = "wasm")]
pub const SYSTEM: Random = |_| Err(getrandom::Error::UNSUPPORTED);

/// A new password, such as `k7wd-93xh-tq4m-vzb5`: 16 characters, of which each is any of 28 with
/// the same probability. That is 76.9 bits (16 · log₂ 28).
///
/// # Errors
/// When there are no random numbers.
pub fn password(random: Random) -> Result<Secret<String>, CredentialsError> {
    let mut letters = Vec::with_capacity(LENGTH);
    while letters.len() < LENGTH {
        let mut bytes = [0; LENGTH];
        random(&mut bytes).map_err(CredentialsError::Random)?;
        let missing = LENGTH - letters.len();
        letters.extend(bytes.into_iter().filter_map(letter).take(missing));
    }
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    Ok(Secret::new(groups.join("-")))
}

/// The letter of a random byte. The last few values have none: a remainder would make the first
/// letters of the alphabet more frequent.
fn letter(byte: u8) -> Option<char> {
    let letters = ALPHABET.len();
    let byte = usize::from(byte);
    (byte < 256 / letters * letters).then(|| char::from(ALPHABET[byte % letters]))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn every_letter_is_as_frequent_as_any_other() {
        let mut counts: BTreeMap<char, usize> = BTreeMap::new();
        for letter in (0..=u8::MAX).filter_map(letter) {
            *counts.entry(letter).or_default() += 1;
        }
        assert_eq!(counts.len(), ALPHABET.len());
        assert!(counts.values().all(|count| *count == 9), "{counts:?}");
    }

    #[test]
    fn a_password_is_four_groups_of_four_letters() {
        let mut seen = BTreeSet::new();
        for _ in 0..1000 {
            let password = password(SYSTEM).unwrap();
            let groups: Vec<&str> = password.expose().split('-').collect();
            assert_eq!(groups.len(), 4);
            assert!(groups.iter().all(|group| group.len() == 4));
            assert!(groups.concat().bytes().all(|byte| ALPHABET.contains(&byte)));
            seen.insert(password.expose().clone());
        }
        assert_eq!(seen.len(), 1000);
        let used: BTreeSet<char> = seen.iter().flat_map(|password| password.chars()).collect();
        assert_eq!(used.len(), ALPHABET.len() + 1);
    }

    #[test]
    fn no_two_letters_look_alike() {
        let letters: BTreeSet<u8> = ALPHABET.iter().copied().collect();
        assert_eq!(letters.len(), ALPHABET.len());
        assert!(b"01oilOIL".iter().all(|byte| !letters.contains(byte)));
    }
}
