//! Web servers.
//!
//! To add one: a file with its constant, a `mod` line and an entry in `ALL`; and the template of its
//! site.

mod apache;
mod nginx;

use super::Listed;

/// A web server, as the distribution packages it.
pub struct WebServer {
    /// Name in a parameter file.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// Package that brings it.
    pub package: &'static str,
    /// Its systemd service.
    pub service: &'static str,
    /// The site that the package brings, which takes the port.
    pub default_site: &'static str,
    /// Command that prepares the server.
    pub prepare: Option<&'static [&'static str]>,
    /// Command that tests its configuration.
    pub test: &'static [&'static str],
    /// How it answers by HTTPS.
    pub secure: Secure,
    /// Where systemd reads what is added to its service.
    pub drop_in: &'static str,
    /// Words, as a regular expression of Python's, by which it tells of a fault in a line.
    pub complaint: &'static str,
    /// Files of its configuration, each with its template.
    pub files: &'static [(&'static str, &'static str)],
    /// The template of what a site of the owner's own includes: `status.json`, and what HTTPS needs.
    pub status: &'static str,
    /// Files of the owner's that its own configuration takes the place of.
    pub replaced: &'static [&'static str],
    /// Folders from which it reads sites.
    pub sites: &'static [&'static str],
    /// Characters that its configuration has no way to quote in a path.
    pub unquotable: &'static str,
}

/// How a web server answers by HTTPS, once there is a certificate. Its template includes the file
/// `/etc/bootseed/https.conf`, if it is there, with these texts in it.
pub struct Secure {
    /// Command that prepares the server for it.
    pub prepare: Option<&'static [&'static str]>,
    /// What makes it answer on port 443.
    pub switch: &'static str,
    /// What sends visitors there, but for `status.json` and the authority's requests: to `NAME`. To
    /// itself a machine answers by HTTP on.
    pub redirect: &'static str,
}

impl Listed for WebServer {
    const KIND: &'static str = "web server";
    const ALL: &'static [&'static WebServer] = &[&nginx::NGINX, &apache::APACHE];

    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}
