//! Secrets that are known by their looks: tokens, private keys, passwords in assignments and URLs.
//!
//! In: any text. Out: what was found and where, or the text with stars in its place. To know one more
//! kind of token: a line in `TOKENS`.

use std::ops::Range;

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it seems to be: `a token of GitHub`.
    pub what: String,
    /// Its bytes.
    pub range: Range<usize>,
}

/// How a token begins, how many letters, digits, `_` and `-` follow at least, and what it is.
const TOKENS: &[(&str, usize, &str)] = &[
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "an access key of AWS"),
    // https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    ("ghp_", 30, "a token of GitHub"),
    ("gho_", 30, "a token of GitHub"),
    ("ghs_", 30, "a token of GitHub"),
    ("ghu_", 30, "a token of GitHub"),
    ("ghr_", 30, "a token of GitHub"),
    ("github_pat_", 30, "a token of GitHub"),
    // https://docs.gitlab.com/security/tokens/#token-prefixes
    ("glpat-", 20, "a token of GitLab"),
    ("AIza", 35, "a key of Google"),
    ("hf_", 30, "a token of Hugging Face"),
    ("sk-", 20, "a key of an API"),
    ("npm_", 36, "a token of npm"),
    ("pypi-", 50, "a token of PyPI"),
    ("dop_v1_", 60, "a token of DigitalOcean"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
];

/// Words in the name of a variable whose value is a secret.
const NAMES: &[&str] =
    &["SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "API_KEY", "APIKEY", "CREDENTIAL"];

/// Ends of such names whose value is not the secret itself.
const ELSEWHERE: &[&str] = &["_FILE", "_PATH", "_DIR", "_URL", "_ARN", "_ID", "_NAME"];

/// What may be a placeholder or is worked out on the machine, in the place of a secret.
const WORKED_OUT: &[char] = &['$', '`', '<', '{', '*', '%'];

/// The secrets in a text, in their order.
pub fn secrets(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = [private_keys, tokens, bearers, assignments, logins]
        .iter()
        .flat_map(|find| find(text))
        .collect();
    found.sort_by_key(|one| (one.range.start, one.range.end));
    found.dedup_by(|later, earlier| {
        let within = later.range.start < earlier.range.end;
        if within {
            earlier.range.end = earlier.range.end.max(later.range.end);
        }
        within
    });
    found
}

/// The text with stars in the place of its secrets.
pub fn hide_secrets(text: &str) -> String {
    let (mut shown, mut from) = (String::new(), 0);
    for Found { range, .. } in secrets(text) {
        shown.push_str(&text[from..range.start]);
        shown.push_str("***");
        from = range.end;
    }
    shown + &text[from..]
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// Bytes from `from` on whose characters `fits` takes.
fn run(text: &str, from: usize, fits: impl Fn(char) -> bool) -> usize {
    text[from..].find(|c| !fits(c)).unwrap_or(text.len() - from)
}

/// Does no letter stand before this byte?
fn begins_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(is_letter)
}

fn tokens(text: &str) -> Vec<Found> {
    let of = |(prefix, least, what): &(&str, usize, &str)| {
        let places = text.match_indices(*prefix).filter(|(at, _)| begins_word(text, *at));
        let whole =
            places.map(|(at, _)| at..at + prefix.len() + run(text, at + prefix.len(), is_letter));
        let long = whole.filter(|range| range.len() >= prefix.len() + least);
        long.map(|range| Found { what: (*what).into(), range }).collect::<Vec<_>>()
    };
    TOKENS.iter().flat_map(of).collect()
}

/// `-----BEGIN … PRIVATE KEY-----`, with what follows up to its end.
fn private_keys(text: &str) -> Vec<Found> {
    const END: &str = "PRIVATE KEY-----";
    let heads = text.match_indices("-----BEGIN ").filter(|(at, _)| {
        let line = text[*at..].lines().next().unwrap_or_default();
        line.contains(END)
    });
    let whole = heads.map(|(at, _)| {
        let end = text[at..].find("-----END ").map(|end| at + end);
        let end = end.map_or(text.len(), |end| end + run(text, end, |c| c != '\n'));
        Found { what: "a private key".into(), range: at..end }
    });
    whole.collect()
}

/// `Bearer …`, as in a header.
fn bearers(text: &str) -> Vec<Found> {
    const LEAST: usize = 16;
    let is_token = |c: char| is_letter(c) || "._~+/=".contains(c);
    let places = text.match_indices("Bearer ").map(|(at, word)| at + word.len());
    let ranges = places.map(|at| at..at + run(text, at, is_token));
    let long = ranges.filter(|range| range.len() >= LEAST);
    long.map(|range| Found { what: "a bearer token".into(), range }).collect()
}

/// `NAME=value` where the name is that of a secret; in `credentials` of AWS also with spaces.
fn assignments(text: &str) -> Vec<Found> {
    let found = text.match_indices('=').filter_map(|(sign, _)| {
        let before = text[..sign].trim_end_matches(' ');
        let name = before.rsplit(|c| !is_letter(c)).next().unwrap_or_default();
        let spaced = before.len() < sign;
        let upper = name.to_ascii_uppercase();
        let aws = upper.starts_with("AWS_");
        let secret = NAMES.iter().any(|part| upper.contains(part))
            && !ELSEWHERE.iter().any(|end| upper.ends_with(end))
            && (name == upper || aws)
            && (!spaced || aws);
        let value = sign + 1 + run(text, sign + 1, |c| c == ' ' && spaced || "\"'".contains(c));
        let length = run(text, value, |c| !c.is_whitespace() && !"\"';&|)".contains(c));
        let known = length > 0 && !text[value..].starts_with(WORKED_OUT);
        (secret && known)
            .then(|| Found { what: format!("the value of `{name}`"), range: value..value + length })
    });
    found.collect()
}

/// `https://user:password@host`
fn logins(text: &str) -> Vec<Found> {
    let found = text.match_indices("://").filter_map(|(at, sign)| {
        let from = at + sign.len();
        let length = run(text, from, |c| !c.is_whitespace() && !"/\"'".contains(c));
        let (login, _) = text[from..from + length].rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        let start = from + user.len() + 1;
        (!password.is_empty() && !password.starts_with(WORKED_OUT))
            .then(|| Found { what: "a password in a URL".into(), range: start..from + login.len() })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_looks() {
        let token = "x".repeat(36);
        for (text, shown) in [
            (
                format!("git clone https://ghp_{token}@example.org/a"),
                "git clone https://***@example.org/a",
            ),
            (
                "export AWS_SECRET_ACCESS_KEY=abc/def+1 A=b".into(),
                "export AWS_SECRET_ACCESS_KEY=*** A=b",
            ),
            ("aws_secret_access_key = abc/def\n".into(), "aws_secret_access_key = ***\n"),
            ("key AKIAABCDEFGHIJKLMNOP.".into(), "key ***."),
            (
                "curl -H 'Authorization: Bearer abcdefgh.ijklmnop.q' x".into(),
                "curl -H 'Authorization: Bearer ***' x",
            ),
            ("DB_PASSWORD=\"hunter2\"; ls".into(), "DB_PASSWORD=\"***\"; ls"),
            (
                "pip install https://kim:hunter2@example.org/a".into(),
                "pip install https://kim:***@example.org/a",
            ),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\nls"
                    .into(),
                "***\nls",
            ),
        ] {
            assert_eq!(hide_secrets(&text), shown);
        }
    }

    #[test]
    fn what_only_speaks_of_a_secret_is_none() {
        for text in [
            "TOKEN=$(cat /run/token)",
            "DB_PASSWORD_FILE=/run/secrets/db",
            "export API_KEY=\"${API_KEY}\"",
            "curl -H \"Authorization: Bearer $TOKEN\" x",
            "https://$user:$password@example.org",
            "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
            "ghp_short AKIA sk-learn scikit",
            "token = make_token()",
            "A=b",
            "https://example.org:8080/a@b",
            "TOKEN= ls",
            "SECRET=<your secret>",
        ] {
            assert_eq!(secrets(text), [], "{text}");
        }
    }
}
