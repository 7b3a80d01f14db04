//! Where the text of a parameter belongs in the document. A parameter that has no line here has to
//! arrive whole somewhere: as a scalar of the document, or of what the program
//! is told.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::source::{Yaml11, scalars, yaml11};
use liblzma::read::XzDecoder;

use crate::values::document::{Document, MACHINE, key, text};

type Arrived = fn(&Document, &str) -> bool;

const PLACES: &[(&str, Arrived)] = &[
    ("distro", |_, value| ["ubuntu", "debian"].contains(&value)),
    ("hostname", |d, value| d.text_at("hostname") == Some(value)),
    ("timezone", |d, value| d.text_at("timezone") == Some(value)),
    ("locale", |d, value| d.text_at("locale") == Some(value)),
    ("swap", |d, value| value.starts_with('0') || d.at("swap").is_some()),
    ("users[].name", |d, value| d.text_at("users.1.name") == Some(value)),
    ("users[].groups[]", |d, value| d.text_at("users.1.groups.0") == Some(value)),
    ("users[].shell", |d, value| d.text_at("users.1.shell") == Some(&normal(value))),
    ("users[].ssh_authorized_keys[]", |d, value| {
        d.text_at("users.1.ssh_authorized_keys.0") == Some(value)
    }),
    ("users[].password", |d, _| {
        d.text_at("users.1.hashed_passwd").is_some_and(|hash| hash.starts_with("$6$"))
    }),
    ("users[].password_hash", |d, value| d.text_at("users.1.hashed_passwd") == Some(value)),
    ("packages[]", |d, value| d.step_list("packages", "packages") == [value]),
    ("services[]", |d, value| d.step_list("services", "services") == [value]),
    ("files[].path", file_path),
    ("files[].content", |d, value| d.file("/srv/x") == value),
    ("files[].line_endings", |_, value| ["unix", "keep"].contains(&value)),
    ("files[].owner", |d, value| {
        let owner = if value.contains(':') { value.into() } else { format!("{value}:{value}") };
        owner == "root:root" || step_text(d, "files", "files.0.owner") == owner
    }),
    ("files[].mode", |d, value| {
        d.files().last().is_some_and(|file| file.2 == format!("{value:0>4}"))
    }),
    ("run[]", |d, value| run(d) == ["bash", "-eo", "pipefail", "-c", value]),
    ("run[][]", |d, value| run(d) == [value] || run(d) == ["printf", value]),
    ("apt.sources[].name", |d, value| {
        d.at("apt.sources").is_some_and(|all| key(all, &format!("{value}.list")).is_some())
    }),
    ("apt.sources[].source", |d, value| {
        let sources = d.at("apt.sources").and_then(|sources| key(sources, "docker.list"));
        let line = sources.and_then(|one| key(one, "source")).and_then(text).unwrap_or_default();
        value.split_whitespace().last().is_some_and(|last| line.ends_with(last))
    }),
    ("apt.sources[].key", |d, value| d.file("/etc/apt/keyrings/docker.asc") == value),
    ("conda.distribution", |d, value| {
        d.file(MACHINE).to_lowercase().contains(&format!("# {value} "))
    }),
    ("conda.version", |d, value| {
        ["x86_64", "aarch64"].iter().all(|arch| installer(d, arch, "url").contains(value))
    }),
    ("conda.mirror", |d, value| {
        let base = value.trim_end_matches('/');
        condarc(d, "channel_alias") == Some(Yaml11::Str(format!("{base}/cloud")))
            && condarc(d, "default_channels")
                == Some(list(&[&format!("{base}/pkgs/main"), &format!("{base}/pkgs/r")]))
    }),
    ("conda.prefix", |d, value| step_text(d, "conda", "prefix") == normal(value)),
    ("conda.owner", |d, value| value == "root" || step_text(d, "handover", "owner") == value),
    ("conda.channels[]", |d, value| condarc(d, "channels") == Some(list(&[value]))),
    ("conda.installer.x86_64.url", |d, value| installer(d, "x86_64", "url") == value),
    ("conda.installer.aarch64.url", |d, value| installer(d, "aarch64", "url") == value),
    ("conda.installer.x86_64.sha256", |d, value| sha256(d, "x86_64", value)),
    ("conda.installer.aarch64.sha256", |d, value| sha256(d, "aarch64", value)),
    ("conda.environments[].name", |d, value| {
        d.step_words(&format!("env:{value}")).get(3).is_some_and(|name| name == value)
    }),
    ("conda.environments[].python", |d, value| {
        let operator = if value.starts_with(|c: char| c.is_ascii_digit()) { "=" } else { "" };
        environment(d)[0] == format!("python{operator}{value}")
    }),
    ("conda.environments[].packages[]", |d, value| environment(d).contains(&value.to_string())),
    ("conda.environments[].pip[]", |d, value| {
        d.step_words("pip:e1") == ["python", "-m", "pip", "install", "--no-input", value]
    }),
    ("conda.environments[].index_url", |d, value| pip_option(d, "--index-url") == [value]),
    ("conda.environments[].extra_index_urls[]", |d, value| {
        pip_option(d, "--extra-index-url") == [value]
    }),
    ("conda.environments[].find_links[]", |d, value| pip_option(d, "--find-links") == [value]),
    ("web.server", |_, value| ["nginx", "apache"].contains(&value)),
    ("web.server_name", |d, value| d.directive("server_name") == [value]),
    ("web.root", |d, value| d.directive("root") == [normal(value)]),
    ("web.index", |d, value| d.file("/var/www/html/index.html") == value),
    ("web.auth.users[].name", |d, value| visitors(d).starts_with(&format!("{value}:"))),
    ("web.auth.users[].password", |d, _| visitors(d).starts_with("kim:$6$")),
    ("web.auth.users[].password_hash", |d, value| visitors(d).trim_end().ends_with(value)),
    ("web.auth.paths[]", |d, value| d.file(SITE).contains(value)),
    ("status.report", |d, value| step_text(d, "report", "url") == value),
    ("status.token", |d, value| d.file("/etc/bootseed/report-token") == value),
    ("app.name", |d, value| step_text(d, "app", "folder") == format!("/srv/{value}")),
    ("app.code.<key>", |d, value| packed(d).iter().any(|(path, _)| path == value)),
    ("app.code.migrate", |d, value| packed(d).iter().any(|(_, text)| text == value)),
    ("app.git.path", |d, value| step_text(d, "app", "source.path") == value.trim_matches('/')),
    ("app.archive.path", |d, value| {
        step_text(d, "app", "root") == format!("/srv/a/{}", value.trim_matches('/'))
    }),
    ("app.command", |d, _| d.file("/etc/systemd/system/app.service").contains("/bin/bash -c ")),
    ("app.requirements", |d, value| {
        step_text(d, "app", "requirements") == if value == "none" { "" } else { value }
    }),
    ("app.archive.sha256", |d, value| {
        step_text(d, "app", "source.sha256") == value.to_ascii_lowercase()
    }),
    ("app.upload_limit", |d, _| d.directive("client_max_body_size").len() == 1),
    ("app.static.<key>", |d, value| d.file(SITE).contains(value)),
    ("app.environment.<key>", |d, value| {
        d.step_at("app", "environment").is_some_and(|all| key(all, value).is_some())
    }),
    ("parts[].kind", |_, value| value.chars().all(|c| c.is_ascii_lowercase() || c == '-')),
    ("parts[].name", |d, value| d.parts[0].name == value),
    ("parts[].content", |d, value| d.parts[0].text == value),
    ("cloud_config.migrate", |d, value| d.text_at("migrate") == Some(value)),
    ("cloud_config.<key>", |d, value| key(&d.tree, value).is_some()),
];

/// The site of the web server.
const SITE: &str = "/etc/nginx/conf.d/bootseed.conf";

/// Who may see the site, each with a hash.
fn visitors(document: &Document) -> &str {
    document.file("/var/lib/bootseed/htpasswd")
}

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
    let trees = [&document.tree, &document.machine];
    trees.into_iter().flat_map(scalars).any(|scalar| text(scalar) == Some(value))
}

/// A text that the program is told of a step.
fn step_text<'a>(document: &'a Document, step: &str, path: &str) -> &'a str {
    document.step_at(step, path).and_then(text).unwrap_or_default()
}

fn file_path(document: &Document, value: &str) -> bool {
    let value = normal(value);
    let laid_down = document.files().iter().any(|file| file.0 == value && file.1 == "x");
    laid_down || step_text(document, "files", "files.0.to") == value
}

/// A path without what makes no difference.
fn normal(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.flat_map(|part| ["/", part]).collect()
}

/// The owner's command, as the program runs it.
fn run(document: &Document) -> Vec<&str> {
    document.step_list("run:1", "command")
}

/// What stands behind an option of pip in the environment `e1`.
fn pip_option(document: &Document, option: &str) -> Vec<String> {
    let words = document.step_words("pip:e1");
    let options = words.windows(2).filter(|pair| pair[0] == option);
    options.map(|pair| pair[1].to_string()).collect()
}

/// The files of an application that travels in the user-data, with their texts.
fn packed(document: &Document) -> Vec<(String, String)> {
    let base64 = document.file("/var/lib/bootseed/app.tar.xz").replace('\n', "");
    let bytes = STANDARD.decode(base64).unwrap();
    let mut archive = tar::Archive::new(XzDecoder::new(&bytes[..]));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let (mut entry, mut text) = (entry.unwrap(), String::new());
        entry.read_to_string(&mut text).unwrap();
        (entry.path().unwrap().display().to_string(), text)
    };
    archive.entries().unwrap().map(read).collect()
}

/// The packages of the environment `e1`.
fn environment(document: &Document) -> Vec<String> {
    let words = document.step_words("env:e1");
    let (create, mut rest) = words.split_at(6);
    assert_eq!(create, ["conda", "create", "-qyn", "e1", "--override-channels", "-c"]);
    while let [_, option, more @ ..] = rest
        && option == "-c"
    {
        rest = more;
    }
    rest[1..].to_vec()
}

fn list(texts: &[&str]) -> Yaml11 {
    Yaml11::List(texts.iter().map(|text| Yaml11::Str(text.to_string())).collect())
}

/// A key of `.condarc`.
fn condarc(document: &Document, name: &str) -> Option<Yaml11> {
    key(&yaml11::read(step_text(document, "conda", "condarc")).ok()?, name).cloned()
}

/// What the program takes on a machine of this architecture.
fn installer<'a>(document: &'a Document, arch: &str, name: &str) -> &'a str {
    step_text(document, "conda", &format!("installer.{arch}.{name}"))
}

fn sha256(document: &Document, arch: &str, value: &str) -> bool {
    installer(document, arch, "sha256") == value.to_lowercase()
}
