//! A password as crypt(3) stores it.

use sha_crypt::{PasswordHasher, ShaCrypt};
use sha2::{Digest, Sha256};

use crate::secret::Secret;

/// Salt bytes. Encoded they are the 16 characters that crypt(3) uses of a salt: with a longer one
/// libxcrypt computes another hash than sha-crypt, and the login fails.
/// <https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html>
const SALT_BYTES: usize = 12;

/// SHA-512 crypt of `password`. The salt has to differ from account to account, not to be secret:
/// it is derived from the names, so that the same parameter file gives the same bytes.
pub(super) fn hash(
    password: &Secret<String>,
    user: &str,
    hostname: &str,
) -> Option<Secret<String>> {
    let mut digest = Sha256::new();
    for part in ["bootseed salt", hostname, user] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let salt = digest.finalize();
    let hash = ShaCrypt::default()
        .hash_password_with_salt(password.expose().as_bytes(), &salt[..SALT_BYTES])
        .ok()?;
    Some(Secret::new(hash.as_str().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salt_is_sixteen_characters_and_stable() {
        let hash = |user| hash(&Secret::new("pass word".into()), user, "host").unwrap();
        let text = hash("kim").expose().clone();
        let parts: Vec<&str> = text.split('$').collect();
        assert_eq!(parts[1], "6");
        assert_eq!(parts[parts.len() - 2].len(), 16, "{text}");
        assert_eq!(hash("kim").expose(), hash("kim").expose());
        assert_ne!(hash("kim").expose(), hash("lee").expose());
    }
}
