//! Where the text of a parameter belongs in the document. A parameter that has no line here has to
//! arrive whole somewhere: as a scalar of the document, or as a word of the program.

use bootseed::source::{Yaml11, scalars, yaml11};

use crate::values::document::{Document, key, text};

type Arrived = fn(&Document, &str) -> bool;

const PLACES: &[(&str, Arrived)] = &[
    ("distro", |_, value| ["ubuntu", "debian"].contains(&value)),
    ("hostname", |d, value| d.text_at("hostname") == Some(value)),
    ("timezone", |d, value| d.text_at("timezone") == Some(value)),
    ("locale", |d, value| d.text_at("locale") == Some(value)),
    ("swap", |d, value| value.starts_with('0') || d.at("swap").is_some()),
    ("users[].name", |d, value| d.text_at("users.1.name") == Some(value)),
    ("users[].groups[]", |d, value| d.text_at("users.1.groups.0") == Some(value)),
    ("users[].shell", |d, value| d.text_at("users.1.shell") == Some(value)),
    ("users[].ssh_authorized_keys[]", |d, value| {
        d.text_at("users.1.ssh_authorized_keys.0") == Some(value)
    }),
    ("users[].password", |d, _| {
        d.text_at("users.1.hashed_passwd").is_some_and(|hash| hash.starts_with("$6$"))
    }),
    ("users[].password_hash", |d, value| d.text_at("users.1.hashed_passwd") == Some(value)),
    ("packages[]", |d, value| d.commands("do_packages()")[0][5].trim_end_matches(';') == value),
    ("services[]", |d, value| d.commands("for service in")[0][3].trim_end_matches(';') == value),
    ("files[].path", file_path),
    ("files[].content", |d, value| d.file("/srv/x") == value),
    ("files[].owner", |d, value| {
        let owner = if value.contains(':') { value.into() } else { format!("{value}:{value}") };
        owner == "root:root" || d.commands("place /")[0][2] == owner
    }),
    ("files[].mode", |d, value| {
        d.files().last().is_some_and(|file| file.2 == format!("{value:0>4}"))
    }),
    ("run[]", |d, value| run(d) == ["bash", "-eo", "pipefail", "-c", value]),
    ("run[][]", |d, value| run(d) == [value] || run(d) == ["printf", value]),
    ("conda.distribution", |d, value| d.program().to_lowercase().contains(&format!("# {value}"))),
    ("conda.version", |d, value| d.program().contains(value)),
    ("conda.mirror", |d, value| {
        let base = value.trim_end_matches('/');
        condarc(d, "channel_alias") == Some(Yaml11::Str(format!("{base}/cloud")))
            && condarc(d, "default_channels")
                == Some(list(&[&format!("{base}/pkgs/main"), &format!("{base}/pkgs/r")]))
    }),
    ("conda.prefix", |d, value| d.commands("conda=")[0] == [format!("conda={value}")]),
    ("conda.channels[]", |d, value| condarc(d, "channels") == Some(list(&[value]))),
    ("conda.installer.x86_64.url", |d, value| installer(d, "url", "x86_64") == value),
    ("conda.installer.aarch64.url", |d, value| installer(d, "url", "aarch64") == value),
    ("conda.installer.x86_64.sha256", sha256),
    ("conda.installer.aarch64.sha256", sha256),
    ("conda.environments[].name", |d, value| environment(d)[0] == value),
    ("conda.environments[].python", |d, value| {
        let operator = if value.starts_with(|c: char| c.is_ascii_digit()) { "=" } else { "" };
        environment(d)[3] == format!("python{operator}{value}")
    }),
    ("conda.environments[].packages[]", |d, value| {
        environment(d)[3..].contains(&value.to_string())
    }),
    ("conda.environments[].pip[]", |d, value| {
        environment(d).rsplit(|word| word == "--pip").next() == Some(&[value.to_owned()][..])
    }),
    ("web.server", |_, value| value == "nginx"),
    ("web.server_name", |d, value| d.directive("server_name") == [value]),
    ("web.root", |d, value| d.directive("root") == [value]),
    ("web.index", |d, value| d.file("/var/www/html/index.html") == value),
    ("parts[].kind", |_, value| value.chars().all(|c| c.is_ascii_lowercase() || c == '-')),
    ("parts[].name", |d, value| d.parts[0].name == value),
    ("parts[].content", |d, value| d.parts[0].text == value),
    ("cloud_config.migrate", |d, value| d.text_at("migrate") == Some(value)),
    ("cloud_config.<key>", |d, value| key(&d.tree, value).is_some()),
];

/// Is the text of the parameter where it belongs?
pub(crate) fn arrived(pattern: &str, document: &Document, value: &str) -> bool {
    match PLACES.iter().find(|(known, _)| *known == pattern) {
        Some((_, arrived)) => arrived(document, value),
        None => anywhere(document, value),
    }
}

/// The patterns that have a line above.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    PLACES.iter().map(|(pattern, _)| *pattern)
}

fn anywhere(document: &Document, value: &str) -> bool {
    let scalar = scalars(&document.tree).into_iter().any(|scalar| text(scalar) == Some(value));
    scalar || document.commands("").iter().flatten().any(|word| word == value)
}

/// The words behind the first one.
fn words(document: &Document, beginning: &str) -> Vec<String> {
    document.commands(beginning).first().map(|words| words[1..].to_vec()).unwrap_or_default()
}

fn file_path(document: &Document, value: &str) -> bool {
    let laid_down = document.files().iter().any(|file| file.0 == value && file.1 == "x");
    laid_down || words(document, "place /").get(3).is_some_and(|path| path == value)
}

/// The owner's command, as the program hands it on.
fn run(document: &Document) -> Vec<String> {
    let words = &document.commands("[ -e failed ] || step 1 3600 run 1 ")[0];
    words[10..words.len() - 2].to_vec()
}

/// Name and arguments of the first environment.
fn environment(document: &Document) -> Vec<String> {
    let words = &document.commands("step 2 3600 env ")[0];
    words[4..words.len() - 2].to_vec()
}

fn list(texts: &[&str]) -> Yaml11 {
    Yaml11::List(texts.iter().map(|text| Yaml11::Str(text.to_string())).collect())
}

/// A key of `.condarc`.
fn condarc(document: &Document, name: &str) -> Option<Yaml11> {
    let words = words(document, "printf '%s\\n' ");
    let lines = words[1..].split_last().map(|(_, lines)| lines.join("\n")).unwrap_or_default();
    key(&yaml11::read(&lines).ok()?, name).cloned()
}

/// What the program takes for `url` or `sum` on a machine of this architecture.
fn installer(document: &Document, name: &str, arch: &str) -> String {
    let line = [format!("{arch}) {name}="), format!("{name}=")];
    let found = line.iter().find_map(|beginning| document.commands(beginning).into_iter().next());
    let words = found.expect("there is an installer").join(" ").replace("$(uname -m)", arch);
    let value = words.split_once('=').expect("an assignment").1;
    value.trim_end_matches(" ;;&").trim_end_matches(" ;;").to_string()
}

fn sha256(document: &Document, value: &str) -> bool {
    ["x86_64", "aarch64"].iter().any(|arch| {
        let beginning = format!("{arch}) sum=");
        document
            .commands(&beginning)
            .iter()
            .any(|words| words[1] == format!("sum={}", value.to_lowercase()))
    })
}
