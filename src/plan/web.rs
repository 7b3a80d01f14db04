//! The web server, with every choice made.

use serde::Serialize;

use std::path::Path as FilePath;

use super::delivery::read_local;
use super::{Https, Placed, PlannedFile, https, password};
use crate::catalog::Choice;
use crate::catalog::web_server::WebServer;
use crate::diagnostic::{Diagnostic, Report};
use crate::secret::Secret;
use crate::source::Path;
use crate::spec::{self, Auth, Spec, User, Visitor};

/// Port of HTTP: the one that is taken when none is named.
pub(super) const HTTP: u32 = 80;

/// Port of HTTPS.
const HTTPS: u32 = 443;

/// The web server of the machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Web {
    /// The program that serves.
    pub server: Choice<WebServer>,
    /// Host name it answers for; any if there is none.
    pub server_name: Option<String>,
    /// Directory it serves.
    pub root: String,
    /// TCP port.
    pub port: u32,
    /// Names by which visitors ask for it, as far as they are known.
    pub names: Vec<String>,
    /// Does it ask for a password, and for which addresses? None are all.
    pub auth: Option<Vec<String>>,
    /// HTTPS.
    pub https: Option<Https>,
    /// Lines of names and hashes.
    #[serde(skip)]
    visitors: Option<Secret<String>>,
    /// The text of a site of the owner's own.
    #[serde(skip)]
    site: Option<String>,
    /// The start page, and the parameter that it comes from.
    #[serde(skip)]
    index: Option<(String, &'static str)>,
}

/// Stands in for pages that somebody brings later: without a directory the web server says 404.
const READY: &str = "<!doctype html>\n<title>Ready</title>\nThis machine is ready for its pages.\n";

/// Where the passwords wait until they are put in their place, and that place.
const STAGED: &str = "/var/lib/bootseed/htpasswd";
const PASSWORDS: &str = "/etc/bootseed/htpasswd";

pub(super) fn resolve(web: &spec::Web, spec: &Spec, folder: &FilePath, report: &mut Report) -> Web {
    let auth = web.auth.as_ref();
    let index = web.index.clone().map(|text| (text, "web.index"));
    let ready = || spec.has_no_pages().then(|| (READY.to_string(), "web.root"));
    Web {
        server: web.server.unwrap_or_default(),
        server_name: web.server_name.clone(),
        root: web.root.clone().unwrap_or_else(|| spec::WEB_ROOT.into()),
        port: web.port.unwrap_or(HTTP),
        names: names(web),
        index: index.or_else(ready),
        auth: auth.map(|auth| auth.paths.clone()),
        visitors: auth.map(|auth| visitors(auth, spec)),
        https: web.https.as_ref().map(Https::of),
        site: web.site.as_ref().and_then(|file| own_site(file, folder, report)),
    }
}

/// Where the file is that a site of the owner's own includes.
const STATUS: &str = "/etc/bootseed/status.conf";

/// The text of a site of the owner's own.
fn own_site(file: &str, folder: &FilePath, report: &mut Report) -> Option<String> {
    let at = Path::default().key("web").key("site");
    let bytes = read_local(file, folder, &at, report)?;
    let text = String::from_utf8(bytes).ok();
    let lines = text.iter().flat_map(|text| text.lines());
    if !lines.map(str::trim_start).any(|line| !line.starts_with('#') && line.contains(STATUS)) {
        let message = "nobody could see how far the machine is: the site has no `status.json`";
        let help = format!(
            "add the line `include {STATUS};` to its `server`; for Apache `Include {STATUS}` to its \
             `VirtualHost`"
        );
        report.push(Diagnostic::error("web-own-site", message).at(&at).help(help));
        return None;
    }
    text
}

fn names(web: &spec::Web) -> Vec<String> {
    let secure = web.https.iter().flat_map(spec::Https::names);
    let others = secure.filter(|name| web.server_name.as_ref() != Some(*name));
    web.server_name.iter().chain(others).cloned().collect()
}

/// The lines of a file of `htpasswd`. Hashes of SHA-512 crypt are taken by every web server here.
fn visitors(auth: &Auth, spec: &Spec) -> Secret<String> {
    let line = |visitor: &Visitor| {
        let user = User { name: format!("web {}", visitor.name), ..User::default() };
        let password = visitor.password.as_ref();
        let hashed = password.and_then(|password| password::hash(password, &user, spec));
        let hash = visitor.password_hash.clone().or(hashed)?;
        Some(format!("{}:{}\n", visitor.name, hash.expose()))
    };
    Secret::new(auth.users.iter().filter_map(line).collect())
}

impl Web {
    /// The file of passwords, which the web server alone reads: as it travels, and where it goes.
    pub(super) fn passwords(&self) -> Option<(PlannedFile, Placed)> {
        let text = self.visitors.as_ref()?.expose().clone();
        let origin = "web.auth".to_string();
        let mode = "0600".to_string();
        let file = PlannedFile { mode, ..PlannedFile::text(STAGED.into(), text, origin) };
        let placed = Placed {
            staged: STAGED.into(),
            owner: "root:www-data".into(),
            mode: "0640".into(),
            path: PASSWORDS.into(),
        };
        Some((file, placed))
    }

    /// See [`Plan::ports`](super::Plan::ports).
    pub(super) fn ports(&self) -> Vec<u32> {
        let secure = self.https.is_some().then_some(HTTPS);
        [self.port].into_iter().chain(secure).collect()
    }

    /// Files that are made for it by templates: where they go, and the template.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let secure = self.https.as_ref().map_or(&[][..], |_| https::FILES);
        let server = self.server.0;
        let own = [(STATUS, server.status)];
        let site = if self.site.is_some() { Vec::from(own) } else { server.files.to_vec() };
        site.into_iter().chain(secure.iter().copied())
    }

    /// The site of the owner's own, which takes the place of the first of the server's files.
    pub(super) fn own_site(&self) -> Option<PlannedFile> {
        let (path, _) = self.server.0.files.first()?;
        let text = self.site.clone()?;
        Some(PlannedFile::text((*path).into(), text, "web.site".into()))
    }

    /// Its URL on a host.
    pub fn url(&self, host: &str) -> String {
        match self.port {
            HTTP => format!("http://{host}/"),
            port => format!("http://{host}:{port}/"),
        }
    }

    pub(super) fn start_page(&self) -> Option<PlannedFile> {
        let path = format!("{}/index.html", self.root.trim_end_matches('/'));
        let (text, origin) = self.index.as_ref()?;
        Some(PlannedFile::text(path, text.clone(), origin.to_string()))
    }
}
