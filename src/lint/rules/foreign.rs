//! Documents and marks of other programs.

use std::ops::Range;

use crate::catalog::documents::{self, Look};
use crate::diagnostic::Severity;
use crate::inspect::Kind;
use crate::lint::rule::examples;
use crate::lint::schema::{erb, has_hole};
use crate::lint::{Document, Findings, Part, Rule};
use crate::source::yaml11::{Body, Tree};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "foreign-cloud-config",
        severity: Severity::Warning,
        summary: "The document is for another system: CoreOS, Ignition, Talos, Kairos, Windows, Netplan, …",
        boot: "cloud-init passes over them. The image for which they were written has a program of its own that \
               reads them.",
        advice: "Launch the image that the text is for, or write the same with cloud-init's keys.",
        examples: examples!("foreign-cloud-config"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/reference/modules.html",
        ],
        check: foreign,
    },
    Rule {
        id: "autoinstall-outside-installer",
        severity: Severity::Hint,
        summary: "`autoinstall:`, which only the installer of Ubuntu Server reads",
        boot: "On an installed image nothing of it happens. With the installer everything that is not below \
               `autoinstall:` is for the installer's own system.",
        advice: "Write the keys below `user-data:` of it at the start of a line for a cloud image.",
        examples: examples!("autoinstall-outside-installer"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://canonical-subiquity.readthedocs-hosted.com/en/latest/tutorial/providing-autoinstall.html",
        ],
        check: autoinstall,
    },
    Rule {
        id: "leftover-template-syntax",
        severity: Severity::Hint,
        summary: "Marks of a template (`{{ }}`, `{% %}`, `%{ }`, `<% %>`, `${ }`) that nothing has filled in",
        boot: "cloud-init takes them as they are, or drops the part where they are no YAML.",
        advice: "Look at what the template renders to (`terraform output`, `ansible`, …). For cloud-init's own \
                 templates the first line is `## template: jinja`.",
        examples: examples!("leftover-template-syntax"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/explanation/instancedata.html",
        ],
        check: leftover,
    },
];

/// Keys at the top, and whose they are.
const SYSTEMS: &[(&str, &str)] = &[
    ("coreos", "the old CoreOS"),
    ("rancher", "RancherOS"),
    ("k3os", "k3OS"),
    ("stages", "Kairos"),
    ("k3s", "Kairos"),
    ("ignition", "Ignition (Fedora CoreOS, Flatcar)"),
    ("variant", "Butane (Fedora CoreOS, Flatcar)"),
    ("ethernets", "Netplan, in the file network-config"),
    ("network", "the network, in the file network-config"),
    ("instance-id", "the file meta-data"),
];

const HELP: &str = "give it to what reads it; as user-data cloud-init passes over it";

/// First characters, in small letters, and whose they are.
/// <https://cloudbase-init.readthedocs.io/en/latest/userdata.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html>,
/// <https://bottlerocket.dev/en/os/latest/api/settings-index/>
const STARTS: &[(&str, &str)] = &[
    ("#ps1", "Windows (cloudbase-init)"),
    ("rem cmd", "Windows (cloudbase-init)"),
    ("<powershell>", "Windows (EC2Launch)"),
    ("<script>", "Windows (EC2Launch)"),
    ("[settings", "Bottlerocket"),
    ("apiversion:", "Kubernetes"),
];

/// Whose document it is that has no header, if it is known: for what, and where that stands.
pub(super) fn whose(part: &Part) -> Option<(&'static str, Range<usize>)> {
    if part.kind != Kind::Unknown || part.is_config() {
        return None;
    }
    let bare = part.text.trim_start();
    let lower: String = bare.chars().take(20).flat_map(char::to_lowercase).collect();
    if let Some((start, whose)) = STARTS.iter().find(|(start, _)| lower.starts_with(start)) {
        let at = part.text.len() - bare.len();
        return Some((*whose, at..at + start.len()));
    }
    let tree = part.tree.as_ref()?;
    let map = if tree.is_list() { tree.items().first()? } else { tree };
    let range = |key: &str| Some(map.pair(key)?.key.range.clone());
    let system = SYSTEMS.iter().find_map(|(name, whose)| Some((*whose, range(name)?)));
    system.or_else(|| {
        let named = map.pairs().filter_map(|pair| Some((pair.key.as_str()?, look(&pair.value))));
        let (found, key) = documents::of(&named.collect::<Vec<_>>())?;
        Some((found.whose, range(key)?))
    })
}

fn look(value: &Tree) -> Look {
    match &value.body {
        Body::List(_) => Look::List,
        Body::Map(pairs) if !pairs.is_empty() && pairs.iter().all(|one| one.value.is_map()) => {
            Look::Maps
        }
        _ => Look::Any,
    }
}

fn foreign(document: &Document, findings: &mut Findings) {
    for part in &document.parts {
        if let Some((whose, range)) = whose(part) {
            let message =
                format!("this is a document for {whose}, and nothing in it is for cloud-init");
            findings.at(part, range, message, HELP);
        }
    }
    for part in document.configs() {
        let Some(tree) = &part.tree else { continue };
        let known = tree.pairs().filter(|pair| is_known(pair.key.as_str()));
        let own =
            known.filter(|pair| !SYSTEMS.iter().any(|(name, _)| pair.key.as_str() == Some(name)));
        let own = own.count();
        for pair in tree.pairs() {
            let name = pair.key.as_str().unwrap_or_default();
            let Some((_, whose)) = SYSTEMS.iter().find(|(known, _)| *known == name) else {
                continue;
            };
            if own > 0 && matches!(name, "network" | "instance-id" | "k3s") {
                continue;
            }
            let message = match own {
                0 => format!("this is a document for {whose}, and nothing in it is for cloud-init"),
                _ => format!("`{name}` is for {whose}"),
            };
            findings.at(part, pair.key.range.clone(), message, HELP);
            if own == 0 {
                break;
            }
        }
    }
}

fn is_known(name: Option<&str>) -> bool {
    crate::lint::schema::top_keys().any(|known| Some(known) == name)
}

fn autoinstall(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let Some(pair) = part.tree.as_ref().and_then(|tree| tree.pair("autoinstall")) else {
            continue;
        };
        let message = "only the installer of Ubuntu Server reads this; on a cloud image nothing of it happens";
        let help =
            "for a cloud image write what stands below its `user-data:` at the start of a line";
        findings.at(part, pair.key.range.clone(), message, help);
    }
}

/// Marks at which a template is known.
const MARKS: &[(&str, &str)] =
    &[("{{", "Jinja, Go or Mustache"), ("{%", "Jinja"), ("%{", "Terraform"), ("<%", "ERB")];

fn leftover(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        if part.kind == Kind::Jinja {
            continue;
        }
        let found = MARKS.iter().filter_map(|(mark, whose)| Some((first(part, mark)?, *whose)));
        if let Some((at, whose)) = found.min_by_key(|(at, _)| *at) {
            let message =
                format!("this looks like a template ({whose}) that nothing has filled in");
            let help = "lint what the template renders to; cloud-init's own begins with `## template: jinja`";
            let line = part.line(at);
            findings.at(part, at..line.end.min(at + 40).max(at), message, help);
        } else if let Some(tree) = hole(part) {
            let message = "this looks like a variable of Terraform that nothing has filled in";
            let help = "lint what the template renders to";
            findings.at(part, tree.range.clone(), message, help);
        }
    }
}

/// Lines with a mark that are looked at.
const TRIES: usize = 200;

/// The first mark outside of comments, of texts of several lines and of `docker … {{.Names}}`.
fn first(part: &Part, mark: &str) -> Option<usize> {
    let (mut at, mut tries) = (0, 0);
    if !part.text.contains(mark) {
        return None;
    }
    for line in part.text.split('\n') {
        let start = at;
        at += line.len() + 1;
        let found = if mark == "<%" { erb(line) } else { line.find(mark) };
        let Some(column) = found else { continue };
        tries += 1;
        if tries > TRIES {
            return None;
        }
        let comment = line.trim_start().starts_with('#');
        let go = line[column..].starts_with("{{.") || line[column..].starts_with("{{ .");
        let shell =
            mark == "%{" && line[..column].contains("curl") || line[..column].contains("--format");
        let escaped = line[..column].ends_with('$') || line[..column].ends_with('%');
        if !comment && !go && !shell && !escaped && !in_block(part, start + column) {
            return Some(start + column);
        }
    }
    None
}

/// Is it within the content of a file or a command, which may be for a program on the machine?
fn in_block(part: &Part, at: usize) -> bool {
    let contents = part.items("write_files").iter().filter_map(|file| file.get("content"));
    let template = part.get("ntp").and_then(|own| own.get("config"));
    let mut all = contents.chain(part.get("runcmd")).chain(part.get("bootcmd")).chain(template);
    all.any(|tree| tree.range.contains(&at))
}

/// `${name}` where no shell reads it.
fn hole(part: &Part) -> Option<&Tree> {
    let users = super::passwords::users(part);
    let of_users = users.flat_map(|user| [user.get("name"), user.get("passwd"), user.get("gecos")]);
    let keys = super::passwords::users(part).filter_map(|user| user.get("ssh_authorized_keys"));
    let items = keys.flat_map(Tree::items).map(Some);
    let top = [part.get("hostname"), part.get("fqdn"), part.get("timezone"), part.get("password")];
    let mut all = of_users.chain(items).chain(top).flatten();
    all.find(|tree| tree.as_str().is_some_and(|text| text.contains("${") && has_hole(text)))
}
