//! A text by which something is found again, in 16 bytes.

use sha2::{Digest, Sha256};

/// Half a SHA-256: two of 100,000 texts have the same one with a probability of 2⁻⁹⁵.
pub(super) type Key = [u8; LENGTH];

/// Bytes of a key.
const LENGTH: usize = 16;

/// The key of these texts, in this order.
pub(super) fn key(texts: &[&str]) -> Key {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text.len().to_le_bytes());
        digest.update(text);
    }
    let mut key = [0; LENGTH];
    key.copy_from_slice(&digest.finalize()[..LENGTH]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_text_ends_counts() {
        assert_eq!(key(&["ab", "c"]), key(&["ab", "c"]));
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_ne!(key(&["ab"]), key(&["ab", ""]));
    }
}
