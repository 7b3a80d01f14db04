//! The web server, with every choice made.

use serde::Serialize;

use super::{Placed, PlannedFile, password};
use crate::catalog::Choice;
use crate::catalog::web_server::WebServer;
use crate::secret::Secret;
use crate::spec::{self, Auth, Spec, User, Visitor};

/// Port of HTTP: the one that is taken when none is named.
pub(super) const HTTP: u32 = 80;

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
    /// Does it ask for a password, and for which addresses? None are all.
    pub auth: Option<Vec<String>>,
    /// Lines of names and hashes.
    #[serde(skip)]
    visitors: Option<Secret<String>>,
    /// The start page, and the parameter that it comes from.
    #[serde(skip)]
    index: Option<(String, &'static str)>,
}

/// Stands in for pages that somebody brings later: without a directory the web server says 404.
const READY: &str = "<!doctype html>\n<title>Ready</title>\nThis machine is ready for its pages.\n";

/// Where the passwords wait until they are put in their place, and that place.
const STAGED: &str = "/var/lib/bootseed/htpasswd";
const PASSWORDS: &str = "/etc/bootseed/htpasswd";

pub(super) fn resolve(web: &spec::Web, spec: &Spec) -> Web {
    let auth = web.auth.as_ref();
    let index = web.index.clone().map(|text| (text, "web.index"));
    let ready = || spec.has_no_pages().then(|| (READY.to_string(), "web.root"));
    Web {
        server: web.server.unwrap_or_default(),
        server_name: web.server_name.clone(),
        root: web.root.clone().unwrap_or_else(|| spec::WEB_ROOT.into()),
        port: web.port.unwrap_or(HTTP),
        index: index.or_else(ready),
        auth: auth.map(|auth| auth.paths.clone()),
        visitors: auth.map(|auth| visitors(auth, spec)),
    }
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
