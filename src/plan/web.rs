//! The web server, with every choice made.

use serde::Serialize;

use super::PlannedFile;
use crate::spec;

/// Port of HTTP.
const HTTP: u32 = 80;

/// The web server of the machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Web {
    /// Host name it answers for; any if there is none.
    pub server_name: Option<String>,
    /// Directory it serves.
    pub root: String,
    /// TCP port.
    pub port: u32,
    /// The port as a part of a URL: empty for port 80.
    pub shown_port: String,
    #[serde(skip)]
    index: Option<String>,
}

pub(super) fn resolve(web: &spec::Web) -> Web {
    let port = web.port.unwrap_or(HTTP);
    Web {
        server_name: web.server_name.clone(),
        root: web.root.clone().unwrap_or_else(|| "/var/www/html".into()),
        port,
        shown_port: if port == HTTP { String::new() } else { format!(":{port}") },
        index: web.index.clone(),
    }
}

impl Web {
    /// What is in the configuration of the server, which the start page is not.
    pub(super) fn settings(&self) -> (Option<&str>, &str, u32) {
        (self.server_name.as_deref(), &self.root, self.port)
    }

    pub(super) fn start_page(&self) -> Option<PlannedFile> {
        let path = format!("{}/index.html", self.root.trim_end_matches('/'));
        self.index.as_ref().map(|text| PlannedFile::text(path, text.clone(), "web.index".into()))
    }
}
