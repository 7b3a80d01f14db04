//! Parameters of the web server.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::place::{plain, under};
use super::{Auth, Https, Spec, word};
use crate::catalog::Choice;
use crate::catalog::web_server::WebServer;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// Directory that is served when none is named: Debian's own.
pub const WEB_ROOT: &str = "/var/www/html";

/// The web server of the machine. While the machine is being set up it shows how far that is; then
/// it serves the owner's pages.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// `nginx`, the default, or `apache`.
    pub server: Option<Choice<WebServer>>,
    /// Host name it answers for. Default: any.
    #[schemars(example = &"www.example.org")]
    pub server_name: Option<String>,
    /// Directory on the machine that it serves. Default: `/var/www/html`. Any other is made, with a
    /// start page, if nothing else here can make it.
    pub root: Option<String>,
    /// HTML text of the start page, written to `index.html` in `root`.
    pub index: Option<String>,
    /// TCP port. Default: 80.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u32>,
    /// Names and passwords that the site asks for.
    pub auth: Option<Auth>,
    /// A file on this computer, relative to the parameter file, that takes the place of bootseed's own
    /// site. It has the line `include /etc/bootseed/status.conf;` in its `server` (for Apache
    /// `Include /etc/bootseed/status.conf`, first in its `VirtualHost`), and listens on `port`.
    #[schemars(example = &"site.conf")]
    pub site: Option<String>,
    /// HTTPS on port 443, to which visitors of port 80 are sent then.
    pub https: Option<Https>,
}

impl Spec {
    /// Is there nothing that could bring the directory of the web pages, or something into it?
    pub fn has_no_pages(&self) -> bool {
        let Some(root) = self.web.as_ref().and_then(|web| web.root.as_deref()) else {
            return false;
        };
        let root = plain(root);
        let key = |key: &str| self.cloud_config.get(key).and_then(Value::as_array);
        let listed = key("write_files").into_iter().flatten();
        let listed = listed.filter_map(|file| file.get("path")?.as_str());
        let mut files = self.files.iter().map(|file| file.path.as_str()).chain(listed);
        let made = root == WEB_ROOT || under(&root, "/usr");
        let programs = !self.run.is_empty() || !self.parts.is_empty() || key("runcmd").is_some();
        !made && !programs && !files.any(|path| under(&plain(path), &root))
    }
}

impl Web {
    pub(super) fn check(&self, at: &Path, report: &mut Report) {
        if let Some(name) = &self.server_name {
            check_server_name(name, &at.key("server_name"), report);
        }
        if let Some(root) = &self.root {
            check_root(root, self.server.unwrap_or_default().0, &at.key("root"), report);
        }
        if let Some(index) = self.index.as_deref().filter(|index| is_file_name(index)) {
            let root = self.root.as_deref().unwrap_or(WEB_ROOT);
            let message = format!("`{}` is the name of a file, not a page", word::shorten(index));
            let help = format!(
                "write the HTML text itself; or bring the file along with files: [{{path: \
                 {root}/index.html, from: {index}}}]"
            );
            report.push(Diagnostic::error("web-index", message).at(&at.key("index")).help(help));
        }
        if let Some(auth) = &self.auth {
            auth.check(&at.key("auth"), report);
        }
        if let Some(https) = &self.https {
            https.check(&at.key("https"), report);
            self.check_together(https, at, report);
        }
        self.check_own_site(at, report);
        if self.port.is_some_and(|port| !(1..=65535).contains(&port)) {
            let message = "a TCP port is a number from 1 to 65535";
            report.push(Diagnostic::error("port", message).at(&at.key("port")).help("use 80"));
        }
        if self.port == Some(22) {
            let message = "port 22 is where SSH listens";
            report.push(Diagnostic::error("port", message).at(&at.key("port")).help("use 80"));
        }
        if self.port == Some(53) {
            let message = "port 53 is where the machine's own name service listens";
            report.push(Diagnostic::error("port", message).at(&at.key("port")).help("use 80"));
        }
    }
}

impl Web {
    /// A site of the owner's own says itself what it serves.
    fn check_own_site(&self, at: &Path, report: &mut Report) {
        if self.site.is_none() {
            return;
        }
        let apache = self.server.unwrap_or_default().0.name == "apache";
        let others = [
            ("root", self.root.is_some()),
            ("index", self.index.is_some()),
            ("auth", self.auth.is_some()),
            ("https", self.https.is_some() && apache),
        ];
        for (key, _) in others.iter().filter(|(_, given)| *given) {
            let message = format!("`{key}` is a setting of bootseed's own site, not of `site`");
            let help = "leave one of the two out; a site of your own says it itself";
            report
                .push(Diagnostic::error("web-own-site", message).at_key(&at.key(*key)).help(help));
        }
    }

    /// The authority asks at port 80, and at the names that it is for.
    fn check_together(&self, https: &Https, at: &Path, report: &mut Report) {
        if self.port.is_some_and(|port| port != 80) {
            let message = "an authority asks for the site at port 80 before it gives a certificate";
            let help = "leave `port` out";
            report.push(Diagnostic::error("https-port", message).at(&at.key("port")).help(help));
        }
        let Some(server_name) = &self.server_name else { return };
        if https.names().next().is_none() || https.names().any(|name| name != server_name) {
            let message = "the site would not answer at all names of its certificate";
            let help = "leave `server_name` out: the site answers at every name then";
            let at = at.key("server_name");
            report.push(Diagnostic::error("https-server-name", message).at(&at).help(help));
        }
    }
}

/// Is it one word that ends as the names of pages do?
fn is_file_name(text: &str) -> bool {
    const ENDINGS: &[&str] = &["css", "htm", "html", "j2", "js", "md", "pdf", "php", "png", "txt"];
    let text = text.trim();
    let ending = text.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let word = !text.contains(|c: char| c.is_whitespace() || c == '<' || c == '>');
    word && !text.contains("://") && ending.is_some_and(|end| ENDINGS.contains(&end.as_str()))
}

/// A star stands for the first or the last label: <https://nginx.org/en/docs/http/server_names.html>
fn check_server_name(name: &str, at: &Path, report: &mut Report) {
    if !word::SERVER_NAME.check(name, at, report) {
        return;
    }
    let inner = name.strip_prefix("*.").or(name.strip_prefix('.')).unwrap_or(name);
    let inner = inner.strip_suffix(".*").unwrap_or(inner);
    if inner.is_empty() || inner.contains('*') || inner.split('.').any(str::is_empty) {
        let message = format!("`{}` is no host name", word::shorten(name));
        let help = word::SERVER_NAME.help;
        report.push(Diagnostic::error(word::SERVER_NAME.id, message).at(at).help(help));
    }
}

fn check_root(root: &str, server: &WebServer, at: &Path, report: &mut Report) {
    if !word::absolute_path(root, at, report) {
        return;
    }
    if let Some(odd) = root.chars().find(|c| server.unquotable.contains(*c)) {
        let message = format!("{} cannot serve a directory with `{odd}` in its name", server.name);
        let help = "choose another name";
        report.push(Diagnostic::error("web-root", message).at(at).help(help));
        return;
    }
    let (message, help) = if ["/root", "/home"].iter().any(|directory| under(root, directory)) {
        ("home directories are closed to the web server", "put the pages below /srv or /var/www")
    } else if is_system(root) {
        ("everybody would see the machine's own files", "put the pages below /srv or /var/www")
    } else if under(root, "/tmp") {
        ("files below /tmp vanish at the next boot", "put the pages below /srv or /var/www")
    } else {
        return;
    };
    report.push(Diagnostic::error("web-root", message).at(at).help(help));
}

/// Is it a directory of the system, or one with such directories in it?
fn is_system(root: &str) -> bool {
    let root = root.trim_end_matches('/');
    let closed =
        ["/boot", "/dev", "/etc", "/proc", "/run", "/sys", "/var/log", "/var/lib/bootseed"];
    let above = ["", "/opt", "/usr", "/usr/local", "/var", "/var/lib", "/bin", "/lib", "/sbin"];
    closed.iter().any(|directory| under(root, directory)) || above.contains(&root)
}
