//! nginx takes every site that is rendered, and serves what it should.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::documents;
use super::host::find;
use super::values::document::{self, Document, SITE};
use super::values::tools::{plain, said};
use super::values::{awkward, document::Refusal};

/// A configuration around the site, as Debian's own but with everything in one folder.
const AROUND: &str = "daemon off;\nmaster_process off;\npid FOLDER/pid;\nerror_log stderr;\n\
    events {}\nhttp {\n  include /etc/nginx/mime.types;\n  default_type application/octet-stream;\n\
    access_log off;\n  client_body_temp_path FOLDER/body;\n  proxy_temp_path FOLDER/proxy;\n\
    fastcgi_temp_path FOLDER/fastcgi;\n  uwsgi_temp_path FOLDER/uwsgi;\n  scgi_temp_path FOLDER/scgi;\n\
    include FOLDER/site.conf;\n}\n";

/// A throw-away nginx.
struct World {
    folder: TempDir,
    nginx: PathBuf,
    port: u16,
}

impl World {
    fn new() -> Option<World> {
        let nginx = find("nginx")?;
        // web.root may not be below /tmp.
        let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        Some(World { folder, nginx, port })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Lays the site down with the world's port and folder in it.
    fn configure(&self, site: &str) {
        let folder = self.folder.path().display().to_string();
        let here = |line: &str| match line.trim_start().strip_prefix("listen ") {
            Some(old) if old.starts_with('[') && !Path::new("/proc/net/if_inet6").exists() => {
                String::new()
            }
            Some(old) => {
                let address = old.rsplit_once(':').map(|(address, _)| format!("{address}:"));
                format!("listen {}{};", address.unwrap_or_default(), self.port)
            }
            None => {
                let own = ["/var/lib/bootseed", "/run/bootseed", "/etc/bootseed"];
                own.iter().fold(line.to_string(), |line, place| line.replace(place, &folder))
            }
        };
        let site: Vec<String> = site.lines().map(here).collect();
        fs::write(self.path("site.conf"), site.join("\n")).expect("written");
        fs::write(self.path("nginx.conf"), AROUND.replace("FOLDER", &folder)).expect("written");
    }

    fn command(&self) -> Command {
        let mut command = plain(&self.nginx);
        command.arg("-p").arg(self.folder.path()).arg("-c").arg(self.path("nginx.conf"));
        command
    }

    /// What `nginx -t` has against the site.
    fn complaint(&self, site: &str) -> Option<String> {
        self.configure(site);
        let output = self.command().arg("-t").output().expect("nginx runs");
        let text = said(&output);
        let fine = output.status.success() && !text.contains("[warn]");
        (!fine).then(|| format!("{text}\n{site}"))
    }

    fn start(&self, site: &str) -> Server<'_> {
        self.configure(site);
        let child = self.command().stderr(Stdio::null()).spawn().expect("nginx starts");
        let server = Server { child, world: self };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("nginx does not answer");
    }
}

struct Server<'a> {
    child: Child,
    world: &'a World,
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server<'_> {
    /// Status, headers and body.
    fn get(&self, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.world.port)).expect("connected");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: x\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("headers");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        (status, head.to_string(), body.to_string())
    }
}

#[test]
fn nginx_takes_every_document() {
    let Some(world) = World::new() else { return };
    let documents = documents();
    let sites: Vec<&str> =
        documents.iter().map(|(_, d)| d.file(SITE)).filter(|site| !site.is_empty()).collect();
    assert!(sites.len() >= 4);
    for site in sites {
        assert_eq!(world.complaint(site), None);
    }
}

fn web(key: &str, text: &str) -> Result<Document, Refusal> {
    document::render(&json!({ "web": { key: text, "port": 8080 } }))
}

#[test]
fn nginx_takes_every_accepted_name_and_root() {
    let Some(world) = World::new() else { return };
    let mut accepted = 0;
    let mut complaints = Vec::new();
    let names =
        ["*", "*.", "*.*", "www.*", "*a", "a.*.b", ".a", "..", "_", "a..b", "a*", "*.b*", "-"];
    let texts = awkward::texts();
    let names = names.into_iter().chain(texts.iter().map(String::as_str));
    let names = names.map(|text| ("server_name", text.to_string()));
    let roots = texts.iter().flat_map(|text| [text.clone(), format!("/srv/{text}")]);
    for (key, text) in names.chain(roots.map(|text| ("root", text))) {
        let Ok(document) = web(key, &text) else { continue };
        accepted += 1;
        if let Some(why) = world.complaint(document.file(SITE)) {
            complaints.push(format!("{key} {text:?}: {why}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(accepted > 100, "{accepted}");
}

#[test]
fn nginx_serves_the_status_page_and_then_the_site() {
    let Some(world) = World::new() else { return };
    let root = world.path("a \"b\" 'c' \\d;{e} 한글 #%");
    fs::create_dir_all(root.join("deep")).unwrap();
    fs::write(root.join("index.html"), "the site").unwrap();
    fs::write(root.join("deep/page.html"), "a page").unwrap();
    fs::write(world.path("status.html"), "still being set up").unwrap();
    fs::write(world.path("status.json"), "{\"state\":\"running\"}").unwrap();
    let document = web("root", root.to_str().unwrap()).unwrap_or_else(|r| panic!("{}", r.shown));
    let server = world.start(document.file(SITE));

    for path in ["/", "/x", "/deep/page.html", "/index.html", "/a/b?c=d", "/%20"] {
        let (status, head, body) = server.get(path);
        assert_eq!((status, body.as_str()), (200, "still being set up"), "{path}");
        assert!(head.contains("text/html"), "{head}");
    }
    let (status, head, body) = server.get("/status.json");
    assert_eq!((status, body.as_str()), (200, "{\"state\":\"running\"}"));
    assert!(head.contains("application/json"), "{head}");

    fs::write(world.path("ready"), "").unwrap();
    for (path, status, body) in [("/", 200, "the site"), ("/deep/page.html", 200, "a page")] {
        let found = server.get(path);
        assert_eq!((found.0, found.2.as_str()), (status, body), "{path}");
    }
    for path in ["/x", "/setup.html", "/deep/none"] {
        assert_eq!(server.get(path).0, 404, "{path}");
    }
    assert_eq!(server.get("/status.json").0, 200);
}
