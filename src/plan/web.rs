//! The web server, with every choice made.

use serde::Serialize;

use super::PlannedFile;
use crate::catalog::Choice;
use crate::catalog::web_server::WebServer;
use crate::spec::{self, Spec};

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
    /// The start page, and the parameter that it comes from.
    #[serde(skip)]
    index: Option<(String, &'static str)>,
}

/// Stands in for pages that somebody brings later: without a directory the web server says 404.
const READY: &str = "<!doctype html>\n<title>Ready</title>\nThis machine is ready for its pages.\n";

pub(super) fn resolve(web: &spec::Web, spec: &Spec) -> Web {
    let index = web.index.clone().map(|text| (text, "web.index"));
    let ready = || spec.has_no_pages().then(|| (READY.to_string(), "web.root"));
    Web {
        server: web.server.unwrap_or_default(),
        server_name: web.server_name.clone(),
        root: web.root.clone().unwrap_or_else(|| spec::WEB_ROOT.into()),
        port: web.port.unwrap_or(HTTP),
        index: index.or_else(ready),
    }
}

impl Web {
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
