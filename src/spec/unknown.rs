//! Keys that there are not: which one was meant, and the tree as it would be with that one, so that
//! what is below is checked as well.
//!
//! In: a tree and its schema. Out: complaints, and the corrected tree. To know another word for a
//! parameter: a line of `SYNONYMS`; to answer a key in words of its own: a line of `HELPS`.

use serde_json::{Map, Value};

use super::account::is_hash;
use super::shape::wanted;
use super::word::shorten;
use crate::catalog::Listed;
use crate::catalog::web_server::WebServer;
use crate::diagnostic::{Diagnostic, Report, nearest, shown_key};
use crate::source::{Entry, Kind, Node, Odd, Path, Segment, plain_text};

/// Other words for parameters.
const SYNONYMS: &[(&str, &str)] = &[
    ("apps", "packages"),
    ("apt_packages", "packages"),
    ("command", "run"),
    ("commands", "run"),
    ("dependencies", "packages"),
    ("destination", "path"),
    ("envs", "environments"),
    ("environment", "environments"),
    ("env", "environments"),
    ("html", "index"),
    ("node", "hostname"),
    ("permissions", "mode"),
    ("pip_packages", "pip"),
    ("checksum", "sha256"),
    ("apt_upgrade", "package_upgrade"),
    ("runcmd", "run"),
    ("sha", "sha256"),
    ("sum", "sha256"),
    ("source", "from"),
    ("ssh_keys", "ssh_authorized_keys"),
    ("ssh_key", "ssh_authorized_keys"),
    ("keys", "ssh_authorized_keys"),
    ("passwd", "password"),
    ("hashed_passwd", "password_hash"),
    ("ssh_pwauth", "ssh_password_login"),
    ("text", "content"),
    ("type", "kind"),
    ("tz", "timezone"),
    ("user", "users"),
    ("write_files", "files"),
];

/// Keys below a parameter (at the top: `""`) that are answered in words of their own.
const HELPS: &[(&str, &str, &str)] = &[
    (
        "",
        "name",
        "write `hostname:` for the name of the machine; that of an environment stands below \
         `conda:` and `environments:`, that of an account below `users:`",
    ),
    (
        "",
        "python",
        "it is part of an environment: write conda: {environments: [{name: NAME, python: 3.12}]}",
    ),
    ("", "repo_update", "leave it out: bootseed has the list of packages fetched anew by itself"),
    (
        "",
        "package_update",
        "leave it out: bootseed has the list of packages fetched anew by itself",
    ),
    ("", "flask", "write `app:` with the folder of the application: app: {from: FOLDER}"),
    ("web", "proxy", "for a program behind the web server write `app:`"),
    ("web", "proxy_pass", "for a program behind the web server write `app:`"),
];

/// How keys at the top begin that are the author's own, to hold what aliases repeat.
const OWN: &str = "x-";

/// What is said of a key that is answered in words of its own.
fn own_words(above: &str, key: &str) -> Option<String> {
    let served = WebServer::ALL.iter().any(|server| above.is_empty() && server.name == key);
    if served {
        return Some(format!("write `web: {{server: {key}}}`; bootseed installs it then"));
    }
    let own = HELPS.iter().find(|(at, name, _)| *at == above && *name == key);
    own.map(|(.., help)| (*help).to_owned())
}

/// So many keys are guessed; nobody reads more.
const GUESSES: usize = 200;

/// So many keys before one are looked at for a password.
const LOOKED_AT: usize = 10;

/// What came out.
pub(super) struct Corrected {
    /// The tree with the keys that were meant; `None` where nothing is unknown.
    pub(super) tree: Option<Node>,
    /// What was left out of it.
    pub(super) gaps: Vec<Path>,
}

/// Reports every key of `node`, which stands at `at`, that is not in `schema`.
pub(super) fn correct(
    node: &Node,
    schema: &Value,
    at: &Path,
    root: &Value,
    report: &mut Report,
) -> Corrected {
    let mut gaps = Vec::new();
    if !has_unknown(node, schema) {
        return Corrected { tree: None, gaps };
    }
    let mut all = Vec::new();
    collect(root, &Path::root(), &mut all);
    // A part that needs keys of its own is not begun by a guess.
    let begun = |path: &Path| {
        let app = path.segments().first() == Some(&Segment::Key("app".into()));
        !app || path.segments().len() == 1 || node.entry("app").is_some()
    };
    all.retain(|(path, _)| begun(path));
    let mut work = Work { all, guesses: 0, report, gaps: &mut gaps, moves: Vec::new() };
    let mut tree = work.walk(node, schema, at);
    for (home, value, key) in std::mem::take(&mut work.moves) {
        if tree.get(&home).is_none() {
            // Where the way is blocked, the value is left out.
            let _ = tree.set_written(&home, value, &key);
        }
    }
    Corrected { tree: Some(tree), gaps }
}

/// The schema of each key of a map that has a known set of them.
fn known<'a>(node: &Node, schema: &'a Value) -> Option<&'a Map<String, Value>> {
    wanted(schema, node)?.get("properties")?.as_object()
}

fn items<'a>(node: &Node, schema: &'a Value) -> Option<&'a Value> {
    wanted(schema, node)?.get("items")
}

fn has_unknown(node: &Node, schema: &Value) -> bool {
    match &node.kind {
        Kind::Scalar(_) => false,
        Kind::List(list) => items(node, schema)
            .is_some_and(|schema| list.iter().any(|item| has_unknown(item, schema))),
        Kind::Map(entries) => known(node, schema).is_some_and(|known| {
            let unknown = |entry: &Entry| {
                known.get(&entry.key).is_none_or(|schema| has_unknown(&entry.value, schema))
            };
            entries.iter().any(unknown)
        }),
    }
}

struct Work<'a> {
    /// Every parameter, with its schema.
    all: Vec<(Path, &'a Value)>,
    guesses: usize,
    report: &'a mut Report,
    gaps: &'a mut Vec<Path>,
    /// What belongs somewhere else: where, what, and where its key was written.
    moves: Vec<(Path, Node, crate::source::Span)>,
}

impl Work<'_> {
    fn walk(&mut self, node: &Node, schema: &Value, at: &Path) -> Node {
        let kind = match &node.kind {
            Kind::List(list) if items(node, schema).is_some() => {
                let schema = items(node, schema).unwrap_or(&Value::Null);
                let item = |(i, one)| self.walk(one, schema, &at.index(i));
                Kind::List(list.iter().enumerate().map(item).collect())
            }
            Kind::Map(entries) => match known(node, schema) {
                Some(known) => Kind::Map(self.map(node, entries, known, at)),
                None => node.kind.clone(),
            },
            _ => node.kind.clone(),
        };
        Node { kind, span: node.span.clone() }
    }

    fn map(
        &mut self,
        node: &Node,
        entries: &[Entry],
        known: &Map<String, Value>,
        at: &Path,
    ) -> Vec<Entry> {
        let mut kept: Vec<Entry> = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            if at.is_root() && entry.key.starts_with(OWN) {
                continue;
            }
            let split = split(entry).filter(|split| known.contains_key(&split.key));
            let mut key = entry.key.clone();
            if !known.contains_key(&key) {
                let guess = split.as_ref().map(|split| split.key.clone());
                self.guesses += 1;
                let few = self.guesses <= GUESSES;
                let guess = guess.or_else(|| meant(entry, known).filter(|_| few));
                self.complain(node, place, guess.as_deref(), known, at);
                let free =
                    |key: &String| node.entry(key).is_none() && kept.iter().all(|e| e.key != *key);
                match guess.filter(free) {
                    Some(guess) => key = guess,
                    None => {
                        self.elsewhere(entry, at);
                        continue;
                    }
                }
            }
            let value = split.as_ref().map_or(&entry.value, |split| &split.value);
            let value = self.walk(value, &known[&key], &at.key(key.clone()));
            kept.push(Entry { key, key_span: entry.key_span.clone(), value });
        }
        kept
    }

    /// Leaves a value out here, and puts it where a key of its name belongs, if it is one place.
    fn elsewhere(&mut self, entry: &Entry, at: &Path) {
        self.gaps.push(at.key(entry.key.clone()));
        let answered = at.is_root() && own_words("", &entry.key).is_some();
        if answered || is_of_cloud_init(&entry.key) || self.guesses > GUESSES {
            return;
        }
        let homes = homes(&self.all, &entry.key);
        let in_list =
            |path: &Path| path.segments().iter().any(|one| matches!(one, Segment::Index(_)));
        if let Some((home, schema)) = homes.into_iter().find(|(home, _)| !in_list(home)) {
            let value = self.walk(&entry.value, schema, &home);
            self.moves.push((home, value, entry.key_span.clone()));
        }
    }

    fn complain(
        &mut self,
        node: &Node,
        place: usize,
        guess: Option<&str>,
        known: &Map<String, Value>,
        at: &Path,
    ) {
        let entry = &node.entries()[place];
        let odd = Odd::first_in(&entry.key).map(|(_, odd)| odd);
        let top = at.last().map(ToString::to_string).unwrap_or_default();
        let own = own_words(&top, &entry.key);
        let help = match (own, guess, odd) {
            (Some(help), ..) => help,
            (_, _, Some(odd)) if odd.instead == Some(':') => {
                format!("write `: ` instead of {}", odd.described())
            }
            _ if entry.key.contains(':') && entry.value.is_null() => {
                "write a space after the `:`".to_owned()
            }
            (_, Some(guess), None) => format!("did you mean `{guess}`?"),
            (_, Some(guess), Some(odd)) => {
                format!("did you mean `{guess}`? There is {} in this key", odd.described())
            }
            _ if self.guesses > GUESSES => "see above".to_owned(),
            _ => hint(&entry.key, known, at, &self.all),
        };
        // What looks like a key behind a password in braces may be the rest of the password.
        let line = |entry: &Entry| entry.key_span.source().line_range(entry.key_span.start()).start;
        let near = node.entries()[..place].iter().rev().take(LOOKED_AT);
        let hidden = near
            .take_while(|before| line(before) == line(entry))
            .any(|before| crate::diagnostic::sounds_secret(&before.key));
        let key = if hidden { None } else { shown_key(&entry.key) };
        let message = match (key.map(shorten), at.is_root()) {
            (Some(key), true) => format!("there is no parameter `{key}`"),
            (Some(key), false) => format!("`{at}` has no key `{key}`"),
            (None, true) => "there is no such parameter".to_owned(),
            (None, false) => format!("`{at}` has no such key"),
        };
        let wrong = Diagnostic::error("unknown-key", message).at_span(entry.key_span.clone());
        self.report.push(wrong.help(help));
    }
}

/// Key and value of `{name:kim}`, which to YAML is a key alone.
fn split(entry: &Entry) -> Option<Entry> {
    let is_colon = |c: char| c == ':' || Odd::of(c).is_some_and(|odd| odd.instead == Some(':'));
    let (key, value) = entry.key.split_once(is_colon).filter(|_| entry.value.is_null())?;
    let value = Node::scalar(value.trim(), true, entry.key_span.clone());
    Some(Entry { key: key.trim().to_owned(), key_span: entry.key_span.clone(), value })
}

/// The known key that was probably meant.
fn meant(entry: &Entry, known: &Map<String, Value>) -> Option<String> {
    let key = plain_text(&entry.key);
    let key = key.trim();
    let is_hashed = entry.value.as_scalar().is_some_and(|scalar| is_hash(&scalar.text));
    if key == "passwd" && is_hashed && known.contains_key("password_hash") {
        return Some("password_hash".into());
    }
    if known.contains_key(key) {
        return Some(key.into());
    }
    let same = |line: &&(&str, &str)| line.0 == key && known.contains_key(line.1);
    let synonym = SYNONYMS.iter().find(same).map(|(_, word)| *word);
    let of_cloud_init =
        known.contains_key("cloud_config") && super::cloud_config::keys().any(|cloud| cloud == key);
    let near = || nearest(key, known.keys().map(String::as_str)).filter(|_| !of_cloud_init);
    synonym.or_else(near).map(str::to_owned)
}

fn is_of_cloud_init(key: &str) -> bool {
    super::cloud_config::keys().any(|known| known == key)
}

/// What to do about a key that is like none of those known here.
fn hint(key: &str, known: &Map<String, Value>, at: &Path, all: &[(Path, &Value)]) -> String {
    let homes = homes(all, key);
    if at.is_root() && is_of_cloud_init(key) {
        return format!("`{key}` is a key of cloud-init: write it below `cloud_config:`");
    }
    if let Some((first, _)) = homes.first() {
        let word = match first.last() {
            Some(Segment::Key(word)) => &**word,
            _ => key,
        };
        let subject = match word == key {
            true => format!("`{word}`"),
            false => format!("did you mean `{word}`? It"),
        };
        let below = |home: &Path| match home.parent().filter(|above| !above.is_root()) {
            Some(above) => format!("below `{above}`"),
            None => "at the start of a line".to_owned(),
        };
        let places: Vec<String> = homes.iter().map(|(home, _)| below(home)).collect();
        return format!("{subject} belongs {}", places.join(", or "));
    }
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    format!("known here: {}", names.join(", "))
}

/// Where there is a parameter of this name, or else of one like it; each with its schema.
fn homes<'a>(all: &[(Path, &'a Value)], key: &str) -> Vec<(Path, &'a Value)> {
    let name = |path: &'_ Path| match path.last() {
        Some(Segment::Key(name)) => name.to_string(),
        _ => String::new(),
    };
    let names: Vec<String> = all.iter().map(|(path, _)| name(path)).collect();
    let here = |word: &str| names.iter().any(|name| name == word);
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == key).map(|(_, word)| *word);
    let near = || nearest(key, names.iter().map(String::as_str));
    let word = if here(key) { Some(key) } else { synonym.or_else(near) };
    let named = all.iter().zip(&names).filter(|(_, name)| Some(name.as_str()) == word);
    named.map(|(one, _)| one.clone()).collect()
}

fn collect<'a>(schema: &'a Value, at: &Path, found: &mut Vec<(Path, &'a Value)>) {
    let known = schema.get("properties").and_then(Value::as_object);
    for (key, schema) in known.into_iter().flatten() {
        let at = at.key(key.clone());
        found.push((at.clone(), schema));
        collect(schema, &at, found);
    }
    if let Some(items) = schema.get("items") {
        collect(items, &at.index(0), found);
    }
}
