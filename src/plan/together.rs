//! Parameters that are fine alone and cannot be had together.
//!
//! In: a [`Spec`], and the [`Plan`] of it, which has the defaults. Out: complaints. To add one: a
//! function here and its line in `check`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Plan;
use super::web::HTTP;
use crate::catalog::Listed;
use crate::catalog::web_server::WebServer;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;
use crate::spec::{Spec, is_owner_word, plain, shorten, under};

/// Places that belong to bootseed, cloud-init or the system, and why they are no place for a file.
const RESERVED: &[(&str, &str)] = &[
    ("/etc/bootseed", "bootseed keeps its own files there"),
    ("/var/lib/bootseed", "bootseed keeps its own files there"),
    ("/usr/local/sbin/bootseed-provision", "bootseed's own program is there"),
    ("/etc/systemd/system/app.service", "bootseed writes it for `app`"),
    ("/var/log/bootseed.log", "bootseed's own log is there"),
    ("/var/lib/cloud", "cloud-init keeps its own files there"),
    ("/proc", "the kernel makes the files there"),
    ("/sys", "the kernel makes the files there"),
    ("/dev", "the kernel makes the files there"),
    ("/run", "files there vanish at the next boot"),
];

const BY_BOOTSEED: &str = "bootseed writes it; set `web.root` and so on instead";

/// [`RESERVED`] and the configurations of the web servers.
fn reserved() -> impl Iterator<Item = (&'static str, &'static str)> {
    let own = WebServer::ALL.iter().flat_map(|server| server.files);
    RESERVED.iter().copied().chain(own.map(|(path, _)| (*path, BY_BOOTSEED)))
}

/// Directories of every machine, which cannot be files.
const DIRECTORIES: &[&str] = &[
    "/bin",
    "/boot",
    "/etc",
    "/home",
    "/lib",
    "/mnt",
    "/opt",
    "/root",
    "/sbin",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/local",
    "/usr/local/bin",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/tmp",
    "/var/www",
    "/var/www/html",
];

/// Programs that listen on port 80 as soon as they are installed, beside the web servers that
/// bootseed knows.
const WEB_SERVERS: &[&str] = &["apache2", "caddy", "lighttpd", "tomcat9", "tomcat10", "varnish"];

pub(super) fn check(spec: &Spec, plan: &Plan, report: &mut Report) {
    let files = files(spec, plan);
    check_files(&files, report);
    check_pages(plan, &files, report);
    check_owners(spec, plan, report);
    check_conda_prefix(plan, &files, report);
    check_conda_owner(spec, plan, report);
    check_passwords(spec, plan, report);
    check_ports(plan, report);
    check_app(spec, report);
    check_sites(spec, plan, report);
}

/// A file that is written, and the parameter that says so.
struct Written {
    path: String,
    by: By,
}

#[derive(Clone, Copy)]
enum By {
    Page,
    File(usize),
    Listed(usize),
}

impl Written {
    fn new(path: &str, by: By) -> Written {
        Written { path: plain(path), by }
    }

    fn at(&self) -> Path {
        let root = Path::default();
        match self.by {
            By::Page => root.key("web").key("index"),
            By::File(i) => root.key("files").index(i).key("path"),
            By::Listed(i) => root.key("cloud_config").key("write_files").index(i).key("path"),
        }
    }
}

fn files(spec: &Spec, plan: &Plan) -> Vec<Written> {
    let own = spec.files.iter().enumerate();
    let own = own.map(|(i, file)| Written::new(&file.path, By::File(i)));
    let indexed = spec.web.as_ref().is_some_and(|web| web.index.is_some());
    let page = plan.web.iter().filter(|_| indexed);
    let page = page.map(|web| Written::new(&format!("{}/index.html", web.root), By::Page));
    let listed = spec.cloud_config.get("write_files").and_then(|list| list.as_array());
    let listed = listed
        .into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(i, item)| Some(Written::new(item.get("path")?.as_str()?, By::Listed(i))));
    page.chain(own).chain(listed).filter(|file| !file.path.is_empty()).collect()
}

fn check_files(files: &[Written], report: &mut Report) {
    let mut seen: BTreeMap<&str, &Written> = BTreeMap::new();
    for file in files {
        let path = file.path.as_str();
        if let Some(first) = seen.get(path) {
            let (first, at) = (first.at(), file.at());
            let message = format!("`{}` is written twice: by `{first}` and `{at}`", shorten(path));
            let help = "keep one of them";
            report.push(Diagnostic::error("duplicate-file", message).at(&at).help(help));
        } else {
            seen.insert(path, file);
        }
    }
    for file in files {
        let path = file.path.as_str();
        let reserved = reserved().find(|(place, _)| under(path, place));
        let above = path.match_indices('/').skip(1).map(|(end, _)| &path[..end]);
        let trouble = if let Some((_, why)) = reserved {
            format!("a file cannot be put at `{}`: {why}", shorten(path))
        } else if DIRECTORIES.contains(&path) {
            format!("`{path}` is a directory")
        } else if let Some(file) = above.into_iter().find(|above| seen.contains_key(above)) {
            let (path, file) = (shorten(path), shorten(file));
            format!("`{path}` cannot be: another parameter makes `{file}` a file")
        } else {
            continue;
        };
        let help = "choose another path";
        report.push(Diagnostic::error("file-path", trouble).at(&file.at()).help(help));
    }
}

/// The web server shows bootseed's own files at these addresses.
fn check_pages(plan: &Plan, files: &[Written], report: &mut Report) {
    let Some(web) = &plan.web else { return };
    let root = plain(&web.root);
    let own = ["setup.html", "status.json"].map(|name| format!("{root}/{name}"));
    for file in files.iter().filter(|file| own.contains(&file.path)) {
        let message = format!("nobody would see `{}`", shorten(&file.path));
        let help = "choose another name: the web server shows a page of bootseed's at this address";
        report.push(Diagnostic::error("file-path", message).at(&file.at()).help(help));
    }
}

/// The owner of a file is an account of the image, of `users`, or of a package.
fn check_owners(spec: &Spec, plan: &Plan, report: &mut Report) {
    let accounts = &plan.accounts;
    for (i, file) in spec.files.iter().enumerate() {
        let at = Path::default().key("files").index(i);
        let (name, at) = match (&file.owner, file.home()) {
            (Some(owner), _) if !is_owner_word(owner) || owner.ends_with(':') => continue,
            (Some(owner), _) if !spec.packages.is_empty() || accounts.has_owner(owner) => continue,
            (Some(owner), _) => (owner.as_str(), at.key("owner")),
            (None, Some(home)) if !accounts.has(home) => (home, at.key("path")),
            (None, _) => continue,
        };
        let message = format!("nothing makes the account or group of `{}`", shorten(name));
        let help = "add it to `users`, or the package that brings it to `packages`";
        report.push(Diagnostic::error("file-owner", message).at(&at).help(help));
    }
}

/// A prefix that is not whole is deleted before conda is installed, and the installer refuses one
/// that is there.
fn check_conda_prefix(plan: &Plan, files: &[Written], report: &mut Report) {
    let Some(conda) = &plan.conda else { return };
    let prefix = plain(&conda.prefix);
    for file in files.iter().filter(|file| under(&file.path, &prefix)) {
        let message = format!("`{}` is inside conda's prefix", shorten(&file.path));
        let help = format!("{prefix} is made by conda's installer: choose another path");
        report.push(Diagnostic::error("conda-prefix", message).at(&file.at()).help(help));
    }
    let root = plan.web.as_ref().map(|web| plain(&web.root));
    if root.is_some_and(|root| under(&root, &prefix) || under(&prefix, &root)) {
        let message = "the web pages and conda's prefix are in one another";
        let help = "put the pages below /srv or /var/www";
        let at = Path::default().key("web").key("root");
        report.push(Diagnostic::error("conda-prefix", message).at(&at).help(help));
    }
}

/// An application answers at every address, as an account that is nobody else.
fn check_app(spec: &Spec, report: &mut Report) {
    let Some(app) = &spec.app else { return };
    let web = Path::default().key("web");
    let pages = spec.web.as_ref().map(|web| [("index", &web.index), ("root", &web.root)]);
    for (key, _) in pages.iter().flatten().filter(|(_, value)| value.is_some()) {
        let message = "nobody would see these pages: the application answers at every address";
        let help = "leave it out; for files of the application's own write app.static";
        report.push(Diagnostic::error("app-pages", message).at_key(&web.key(*key)).help(help));
    }
    let at = Path::default().key("app").key("user");
    if let Some(user) = app.user.as_deref().filter(|user| *user == "root") {
        let message = format!("whoever gets into the application would be `{user}`");
        let help = "leave it out: an account `app` is made for it";
        report.push(Diagnostic::error("app-user", message).at(&at).help(help));
    }
    if let Some(i) =
        spec.services.iter().position(|name| name.trim_end_matches(".service") == "app")
    {
        let message = "the service `app` is bootseed's own, for `app`";
        let help = "leave it out: it is started anyway";
        let at = Path::default().key("services").index(i);
        report.push(Diagnostic::error("service-name", message).at(&at).help(help));
    }
}

/// Sites of the owner's that would silently lose against the one of `web`, or win against it.
fn check_sites(spec: &Spec, plan: &Plan, report: &mut Report) {
    let Some(web) = &plan.web else { return };
    let (server, port) = (web.server.0, web.port);
    let listed = spec.cloud_config.get("write_files").and_then(Value::as_array);
    let listed = listed.into_iter().flatten().enumerate().map(|(i, item)| {
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        (text("path"), Some(text("content")), By::Listed(i))
    });
    let own = spec.files.iter().enumerate();
    let own = own.map(|(i, file)| (&file.path[..], file.content.as_deref(), By::File(i)));
    for (path, content, by) in own.chain(listed) {
        let path = plain(path);
        let site = server.sites.iter().any(|folder| under(&path, folder));
        let trouble = if server.replaced.contains(&path.as_str()) {
            format!("{} would not serve it: `web` puts its own site in its place", server.name)
        } else if site && content.is_some_and(|text| listens(text, port)) {
            format!("two sites would answer on port {port}: this one and that of `web`")
        } else {
            continue;
        };
        let help = format!(
            "to serve nothing but this, write web: {{site: FILE}}; or leave `web` out, and install \
             {0} with packages: [{0}]; or give one of the two another port",
            server.package
        );
        let at = Written::new(&path, by).at();
        report.push(Diagnostic::error("web-site", trouble).at(&at).help(help));
    }
}

/// Does a configuration of a web server listen on a port? Without a word it is 80.
fn listens(text: &str, port: u32) -> bool {
    let lines = || text.lines().map(|line| line.trim_start().trim_start_matches("server {").trim());
    let lines = || lines().filter(|line| !line.starts_with('#'));
    let is_site = |line: &str| line.starts_with("server") || line.starts_with("<VirtualHost");
    let listen = |line: &str| -> Option<String> {
        let (word, rest) = line.split_once(char::is_whitespace)?;
        let known = ["listen", "Listen", "<VirtualHost"].contains(&word);
        let address = rest.split_whitespace().next()?.trim_end_matches([';', '>', '}']);
        known.then(|| address.rsplit(':').next().unwrap_or(address).to_string())
    };
    let ports: Vec<String> = lines().filter_map(listen).collect();
    match ports.is_empty() {
        true => port == HTTP && lines().any(is_site),
        false => ports.contains(&port.to_string()),
    }
}

/// The account has to be there before conda is, and to be one that somebody logs in to.
fn check_conda_owner(spec: &Spec, plan: &Plan, report: &mut Report) {
    let (Some(conda), Some(planned)) = (&spec.conda, &plan.conda) else { return };
    let Some(owner) = planned.owner.as_deref() else {
        if conda.home().is_some() {
            report.push(another_home(conda.home().unwrap_or_default()));
        }
        return;
    };
    let at = Path::default().key("conda");
    let at = at.key(if conda.owner.is_some() { "owner" } else { "prefix" });
    if !plan.accounts.has_login(owner) {
        let message = format!("nothing makes the account `{}`", shorten(owner));
        let own = plan.distro.0.image_users.join("` or `");
        let help = format!("add it to `users`; images of {} have `{own}`", plan.distro.0.name);
        report.push(Diagnostic::error("conda-owner", message).at(&at).help(help));
    } else if let Some(home) = conda.home().filter(|home| *home != owner) {
        report.push(another_home(home));
    }
}

fn another_home(home: &str) -> Diagnostic {
    let message = format!("the prefix is in the home of `{}`, which is not `owner`", shorten(home));
    let help = "leave `owner` out, or choose another prefix";
    let at = Path::default().key("conda").key("owner");
    Diagnostic::error("conda-owner", message).at(&at).help(help)
}

/// The images have `PasswordAuthentication no`, so that who has only a password stays outside.
fn check_passwords(spec: &Spec, plan: &Plan, report: &mut Report) {
    if plan.keys.have("ssh_pwauth") {
        return;
    }
    let at = Path::default().key("users");
    for (i, user) in spec.users.iter().enumerate() {
        let key = if user.password.is_some() { "password" } else { "password_hash" };
        let with_password = user.password.is_some() || user.password_hash.is_some();
        let by_key = !user.ssh_authorized_keys.is_empty() || user.is_of_image(plan.distro.0);
        if with_password && !by_key {
            let name = shorten(&user.name);
            let message =
                format!("`{name}` cannot log in over SSH: these images take keys only there");
            let help = "add `ssh_password_login: true`, or false if the console and `sudo` are \
                        enough; or give the account `ssh_authorized_keys`";
            let at = at.index(i).key(key);
            report.push(Diagnostic::warning("ssh-password", message).at_key(&at).help(help));
        }
    }
}

fn check_ports(plan: &Plan, report: &mut Report) {
    let Some(web) = plan.web.as_ref().filter(|web| web.port == HTTP) else { return };
    let known = WebServer::ALL.iter().map(|server| server.package);
    let others: Vec<&str> = known
        .chain(WEB_SERVERS.iter().copied())
        .filter(|package| *package != web.server.0.package)
        .collect();
    let server = |name: &String| others.contains(&name.as_str());
    for (i, name) in plan.packages.iter().enumerate().filter(|(_, name)| server(name)) {
        let message = format!("`{name}` and the web server of `web` both want port {HTTP}");
        let help = format!("leave `{name}` out, or set `web.port` to another port");
        let at = Path::default().key("packages").index(i);
        report.push(Diagnostic::error("port", message).at(&at).help(help));
    }
}
