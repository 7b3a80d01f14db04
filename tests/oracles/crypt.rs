//! crypt(3) of the C library verifies the hashes that are made for passwords.

use serde_json::json;

use super::host::find;
use super::values::document;
use super::values::tools::{feed, plain};

const PASSWORDS: &[&str] = &[
    "x",
    " ",
    "correct horse",
    "한글 비밀번호",
    "pa$$w0rd'\"\\",
    "e\u{301}",
    "\u{1f600}",
    "0644",
    "on",
    "a:b",
    "!",
    "*",
];

/// Reads password and hash, one a line, and prints what crypt(3) makes of them.
const PERL: &str = "chomp(my ($p, $h) = <STDIN>); print crypt($p, $h)";

fn hash(password: &str) -> String {
    let users = json!([{ "name": "kim", "password": password }]);
    let document = document::render(&json!({ "hostname": "h", "users": users })).unwrap();
    document.text_at("users.1.hashed_passwd").unwrap().to_string()
}

#[test]
fn the_c_library_verifies_every_hash() {
    let Some(perl) = find("perl") else { return };
    let long = ["long ".repeat(100), "p".repeat(511), "한".repeat(170)];
    for password in PASSWORDS.iter().copied().chain(long.iter().map(String::as_str)) {
        let hash = hash(password);
        let input = format!("{password}\n{hash}\n");
        let output = feed(plain(&perl).args(["-e", PERL]), input.as_bytes());
        assert_eq!(String::from_utf8_lossy(&output.stdout), hash, "{password}");
    }
}

#[test]
fn openssl_makes_the_same_hash() {
    let Some(openssl) = find("openssl") else { return };
    for password in PASSWORDS {
        let hash = hash(password);
        // rounds=5000$SALT, which is how openssl takes it.
        let salt = hash.strip_prefix("$6$").and_then(|rest| rest.rsplit_once('$')).unwrap().0;
        let mut command = plain(&openssl);
        command.args(["passwd", "-6", "-salt", salt, "-stdin"]);
        let output = feed(&mut command, format!("{password}\n").as_bytes());
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), hash, "{password}");
    }
}

#[test]
fn what_no_login_prompt_takes_is_refused() {
    for password in ["", "p\0q", "a\nb", "\u{1b}", &"p".repeat(512), &"한".repeat(171)] {
        let users = json!([{ "name": "kim", "password": password }]);
        let refusal = document::render(&json!({ "users": users })).err().unwrap();
        assert_eq!(refusal.paths[0].to_string(), "users[0].password");
        assert!(password.is_empty() || !refusal.shown.contains(&format!("`{password}`")));
    }
}
