//! The owner's own keys of cloud-config: are they ones that cloud-init knows and can follow?
//!
//! In: a map of such keys. Out: complaints. To know a new key of cloud-init: a line of
//! `cloud_keys.txt`.

use serde_json::{Map, Value};

use super::{Spec, nested, waiting, word};
use crate::catalog::Listed;
use crate::catalog::web_server::WebServer;
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::source::Path;

/// One key a line; lines that begin with `#` say where they come from.
const KEYS: &str = include_str!("cloud_keys.txt");

/// What to do about keys that people put here and cloud-init does not read here.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "network",
        "cloud-init does not read the network from user-data: set it in the cloud's own form, or \
         in the file network-config of a NoCloud seed",
    ),
    (
        "datasource",
        "it belongs into the image, below /etc/cloud/cloud.cfg.d: it is read before user-data",
    ),
    (
        "datasource_list",
        "it belongs into the image, below /etc/cloud/cloud.cfg.d: it is read before user-data",
    ),
    ("user-data", "write the keys below it directly below `cloud_config:`"),
    ("sudo", "write `sudo: true` for an account below `users:`"),
];

/// Lists of modules that may be given only with those that bootseed needs: always, or for a
/// parameter or key of this name. <https://docs.cloud-init.io/en/latest/reference/modules.html>
const MODULES: &[(&str, &str, Option<&str>)] = &[
    ("cloud_init_modules", "bootcmd", None),
    ("cloud_init_modules", "write_files", None),
    ("cloud_init_modules", "set_hostname", Some("hostname")),
    ("cloud_init_modules", "mounts", Some("swap")),
    ("cloud_init_modules", "users_groups", Some("users")),
    ("cloud_init_modules", "ssh", Some("users")),
    ("cloud_config_modules", "timezone", Some("timezone")),
    ("cloud_config_modules", "locale", Some("locale")),
    ("cloud_config_modules", "apt_configure", Some("apt")),
    ("cloud_config_modules", "runcmd", Some("runcmd")),
    ("cloud_final_modules", "scripts_per_boot", None),
    ("cloud_final_modules", "scripts_user", Some("runcmd")),
];

/// What cloud-init does by itself before bootseed's program begins, and that does better.
const EARLY: &[&str] = &["packages", "package_upgrade"];

/// The keys that cloud-init knows.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.lines().filter(|line| !line.starts_with('#'))
}

/// Reports what cloud-init would not follow in `config`, which stands at `at`, beside the parameters
/// in `spec`.
pub fn check_cloud_config(
    config: &Map<String, Value>,
    at: &Path,
    spec: &Spec,
    report: &mut Report,
) {
    let unknown: Vec<&String> =
        config.keys().filter(|key| !keys().any(|known| known == *key)).collect();
    for key in unknown {
        report.push(unknown_key(key, super::shape::own()).at_key(&at.key(key.clone())));
    }
    for key in ["runcmd", "bootcmd"] {
        let at = at.key(key);
        for (i, item) in list(config.get(key), &at, report).iter().enumerate() {
            check_command(item, &at.index(i), report);
        }
    }
    let files = at.key("write_files");
    for (i, item) in list(config.get("write_files"), &files, report).iter().enumerate() {
        if !item["path"].is_string() {
            let message = "an item of `write_files` is a map with `path` and `content`";
            let help = "write it as `files:` of bootseed, or as a map";
            let at = files.index(i);
            report.push(Diagnostic::error("cloud-config", message).at(&at).help(help));
        }
    }
    nested::check(config, at, report);
    check_modules(config, spec, at, report);
    for key in EARLY.iter().filter(|key| config.contains_key(**key)) {
        let message = "cloud-init waits 30 seconds for another program that installs, and tries \
                       nothing a second time";
        let help = format!("write `{key}:` at the beginning of a line, and bootseed does it");
        let at = at.key(*key);
        report.push(Diagnostic::warning("early-packages", message).at_key(&at).help(help));
    }
    if spec.hostname.is_some() && config.get("preserve_hostname") == Some(&Value::Bool(true)) {
        let message = "`preserve_hostname: true` keeps cloud-init from setting `hostname`";
        let help = "leave one of the two out";
        let at = at.key("preserve_hostname");
        report.push(Diagnostic::error("contradiction", message).at(&at).help(help));
    }
}

/// `schema` is that of bootseed's own parameters.
fn unknown_key(key: &str, schema: &Value) -> Diagnostic {
    let help = match ELSEWHERE.iter().find(|(name, _)| *name == key) {
        Some((_, help)) => (*help).to_owned(),
        None if WebServer::ALL.iter().any(|server| server.name == key) => format!(
            "write `web: {{server: {key}}}` at the beginning of a line; bootseed installs it then"
        ),
        None if schema["properties"].get(key).is_some() => {
            format!("`{key}` is a parameter of bootseed: write it at the beginning of a line")
        }
        None => match nearest(key, keys()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see https://docs.cloud-init.io/en/latest/reference/modules.html".into(),
        },
    };
    let message = format!("cloud-init has no key `{}`", word::shorten(key));
    Diagnostic::error("unknown-key", message).help(help)
}

/// The items of a list; none, with a complaint, if it is something else.
fn list<'a>(value: Option<&'a Value>, at: &Path, report: &mut Report) -> &'a [Value] {
    match value {
        None => &[],
        Some(Value::Array(items)) => items,
        Some(_) => {
            let message = format!("`{at}` must be a list");
            let help = "begin each item on a line of its own with `- `";
            report.push(Diagnostic::error("wrong-type", message).at(at).help(help));
            &[]
        }
    }
}

/// One item that is neither text nor a list, and cloud-init runs none of them.
/// <https://docs.cloud-init.io/en/latest/reference/modules.html#runcmd>
fn check_command(item: &Value, at: &Path, report: &mut Report) {
    let plain = |word: &Value| !word.is_object() && !word.is_array() && !word.is_null();
    let (what, help) = match item {
        Value::String(line) => return waiting::check_shell(line, at, report),
        Value::Array(words) if words.iter().all(plain) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            return waiting::check_argv(&words, at, report);
        }
        Value::Array(_) => {
            ("a list with something else than words in it", "put each word in quotes")
        }
        Value::Object(_) => (
            "a map, because of a `: ` in it",
            "put the whole command in single quotes: - 'echo a: b'",
        ),
        Value::Bool(_) => (
            "true or false to cloud-init, as yes, no, on and off are",
            "put the command in quotes: - 'true'",
        ),
        Value::Number(_) => ("a number", "put the command in quotes"),
        Value::Null => ("empty", "write a command behind the `-`, or remove it"),
    };
    let message = format!("this command is {what}; cloud-init would run none of the list");
    report.push(Diagnostic::error("cloud-config", message).at(at).help(help));
}

fn check_modules(config: &Map<String, Value>, spec: &Spec, at: &Path, report: &mut Report) {
    let mut told = "";
    for (key, name, parameter) in MODULES {
        let Some(Value::Array(given)) = config.get(*key).filter(|_| told != *key) else { continue };
        let named = |item: &Value| {
            let first = item.as_array().and_then(|words| words.first()).unwrap_or(item);
            first.as_str().is_some_and(|word| word.replace('-', "_") == *name)
        };
        let asked = parameter.is_none_or(|key| config.contains_key(key) || spec.asks_for(key));
        if asked && !given.iter().any(named) {
            let what = parameter.map_or("anything".into(), |key| format!("`{key}`"));
            let message = format!("`{key}` without `{name}` would not set {what} up");
            let help = "leave the key out: this list replaces cloud-init's own";
            report
                .push(Diagnostic::error("cloud-config", message).at_key(&at.key(*key)).help(help));
            told = key;
        }
    }
}

impl Spec {
    /// Is there such a parameter, of those that cloud-init has a module of its own for?
    fn asks_for(&self, key: &str) -> bool {
        match key {
            "apt" => self.apt.is_some(),
            "hostname" => self.hostname.is_some(),
            "locale" => self.locale.is_some(),
            "swap" => self.swap.is_some(),
            "timezone" => self.timezone.is_some(),
            "users" => !self.users.is_empty(),
            _ => false,
        }
    }
}
