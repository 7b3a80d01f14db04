//! A password as crypt(3) stores it.

use sha_crypt::{PasswordHasher, ShaCrypt};
use sha2::{Digest, Sha256};

use crate::secret::Secret;
use crate::spec::{Spec, User};

/// Salt bytes. Encoded they are the 16 characters that crypt(3) uses of a salt: with a longer one
/// libxcrypt computes another hash than sha-crypt, and the login fails.
/// <https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html>
const SALT_BYTES: usize = 12;

/// SHA-512 crypt of the password of `user`. The salt has to differ from account to account and from
/// machine to machine, not to be secret; it is derived from what else is said about them, so that
/// the same parameter file gives the same bytes. The password is not in it: one round of SHA-256
/// would be a fast way to try passwords.
pub(super) fn hash(password: &Secret<String>, user: &User, spec: &Spec) -> Option<Secret<String>> {
    let keys = spec.users.iter().flat_map(|user| &user.ssh_authorized_keys);
    let names = spec.users.iter().map(|user| &user.name);
    let hostname = spec.hostname.as_deref().unwrap_or_default();
    let mut digest = Sha256::new();
    let first = ["bootseed salt", hostname, &user.name].into_iter();
    for part in first.chain(names.chain(keys).map(String::as_str)) {
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

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJabcdefghijkl kim@x";

    fn hashed(hostname: Option<&str>, name: &str, keys: &[&str]) -> String {
        let ssh_authorized_keys = keys.iter().map(|key| key.to_string()).collect();
        let user = User { name: name.into(), ssh_authorized_keys, ..User::default() };
        let (hostname, users) = (hostname.map(String::from), vec![user.clone()]);
        let spec = Spec { hostname, users, ..Spec::default() };
        hash(&Secret::new("pass word".into()), &user, &spec).unwrap().expose().clone()
    }

    #[test]
    fn salt_is_sixteen_characters_and_stable() {
        let text = hashed(Some("host"), "kim", &[]);
        let parts: Vec<&str> = text.split('$').collect();
        assert_eq!(parts[1], "6");
        assert_eq!(parts[parts.len() - 2].len(), 16, "{text}");
        assert_eq!(text, hashed(Some("host"), "kim", &[]));
    }

    #[test]
    fn other_machines_and_other_accounts_have_other_salts() {
        let all = [
            hashed(Some("host"), "kim", &[]),
            hashed(Some("host"), "lee", &[]),
            hashed(None, "kim", &[]),
            hashed(None, "kim", &[KEY]),
        ];
        let salts: std::collections::BTreeSet<&str> =
            all.iter().map(|hash| hash.rsplit('$').nth(1).unwrap()).collect();
        assert_eq!(salts.len(), all.len(), "{salts:?}");
    }
}
