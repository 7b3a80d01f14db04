//! The word that was probably meant.
//!
//! In: a word and the known ones. Out: the nearest of them, if it is near enough.

use strsim::damerau_levenshtein;

/// Words longer than this are not compared.
const LONGEST: usize = 100;

/// The nearest of `known` to `word` if near enough to be meant: upper and lower case, `-` and `_`
/// and a plural s do not count, and one letter in three may be wrong.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = essence(word);
    let length = wanted.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let near = known.into_iter().filter_map(|known| {
        let most = allowed(length.max(known.chars().count()));
        let letters = essence(known);
        // A word has to be so far away that is so much longer or shorter.
        let apart = letters.chars().count().abs_diff(length);
        let distance = (apart <= most).then(|| damerau_levenshtein(&wanted, &letters))?;
        (distance <= most).then_some((distance, known))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// How many letters may be wrong in a word of this length.
fn allowed(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=5 => 1,
        _ => length / 3,
    }
}

fn essence(word: &str) -> String {
    let word: String =
        word.trim().to_lowercase().chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
    match word.strip_suffix('s') {
        Some(single) if single.len() > 1 => single.to_owned(),
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 8] =
        ["hostname", "timezone", "packages", "ssh_keys", "web", "swap", "conda", "environments"];

    #[test]
    fn what_was_meant_is_found() {
        for (word, expected) in [
            ("hostnme", Some("hostname")),
            ("host_name", Some("hostname")),
            ("Hostname", Some("hostname")),
            ("package", Some("packages")),
            ("ssh-key", Some("ssh_keys")),
            ("timezon", Some("timezone")),
            ("tiemzone", Some("timezone")),
            ("condas", Some("conda")),
            ("enviroments", Some("environments")),
            ("wep", Some("web")),
            ("x", None),
            ("", None),
            ("database", None),
            ("apt", None),
        ] {
            assert_eq!(nearest(word, KNOWN), expected, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(100_000), KNOWN), None);
        assert_eq!(nearest("a", []), None);
    }
}
