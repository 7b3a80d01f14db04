//! The owner's web application: real Flask, Django and FastAPI, installed by real pip from an index
//! in the network of the test.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Scenario;
use crate::machine::{Running, Suite, package_index};
use crate::verdict::{end_of_boot, failed, ready, succeeds, tries, wait_for_step};
use crate::world::World;

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_newer("flask_from_a_folder", flask_from_a_folder),
    Scenario::on_debians("flask_behind_apache", flask_behind_apache),
    Scenario::on_debians("an_application_in_git", an_application_in_git),
    Scenario::on_debians("fastapi_from_an_archive", fastapi_from_an_archive),
    Scenario::on_debians("django_from_a_folder", django_from_a_folder),
    Scenario::on_bookworm("an_application_by_a_command", an_application_by_a_command),
    Scenario::on_bookworm("applications_that_do_not_start", applications_that_do_not_start),
    Scenario::on_bookworm("the_power_is_cut_while_it_is_deployed", cut_while_deployed),
];

pub(crate) const FLASK: &str = "\
app: {from: flask-app, name: guestbook, before_start: [flask upgrade], secrets: [SECRET_KEY],
      static: {/static/: guestbook/static}}
web: {server: nginx}
";

pub(crate) const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

/// A network with an index of packages for pip, and the code that the parameter file names.
pub(crate) fn world(suite: Suite, spec: &str) -> World {
    let world = World::new(suite).spec(spec);
    std::os::unix::fs::symlink(package_index(suite), world.path("simple")).unwrap();
    must(
        Command::new("cp")
            .args(["-r", &format!("{EXAMPLES}/flask-app")])
            .arg(world.path("flask-app")),
    );
    world
}

pub(crate) fn must(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Lays down a file of an application.
pub(crate) fn write(world: &World, path: &str, text: &str) {
    let path = world.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A machine whose pip knows the index.
pub(crate) fn boot(world: &mut World, name: &str) -> Running {
    boot_with(world, name, &json!([]))
}

fn boot_with(world: &mut World, name: &str, faults: &Value) -> Running {
    world.serve(faults);
    let machine = world.impatient_machine(name);
    machine.write("/etc/pip.conf", "[global]\nindex-url = http://127.0.0.1:8800/simple\n");
    machine.boot(&world.network)
}

/// Posts a form, and says what came back: the status.
pub(crate) fn post(world: &World, url: &str, fields: &str) -> String {
    let output = world
        .network
        .command("curl")
        .args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-d", fields, url])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Waits until a page shows a text.
pub(crate) fn shows(machine: &Running, world: &World, text: &str, limit: Duration) {
    let shown = || world.network.get(&world.site()).1.contains(text).then_some(());
    machine.wait(&format!("{text:?} on the page"), limit, shown);
}

fn flask_from_a_folder(suite: Suite) {
    let mut world = world(suite, FLASK);
    let machine = boot(&mut world, "flask");
    ready(&machine, &world);
    let (status, page) = world.network.get(&world.site());
    assert_eq!(status, 200);
    assert!(page.contains("<footer>192.0.2.10</footer>"), "who asks: {page}");
    assert_eq!(post(&world, &world.site(), "name=mina&text=hello"), "302");
    let (status, style) = world.network.get("http://127.0.0.1/static/style.css");
    assert!(status == 200 && style.contains("sans-serif"), "{style}");
    it_is_not_root(&machine);
    let secret = succeeds(&machine, "grep SECRET_KEY /var/lib/bootseed/app.env");
    it_is_never_502(&machine, &world, "systemctl restart app; sleep 1; pkill -KILL gunicorn");
    let machine = machine.power_cut().boot(&world.network);
    crate::site::answers_soon(&machine, &world, "mina");
    ready(&machine, &world);
    assert_eq!(succeeds(&machine, "grep SECRET_KEY /var/lib/bootseed/app.env"), secret);
    let user_data = String::from_utf8(world.user_data()).unwrap();
    assert!(!user_data.contains(secret.trim()));
}

/// It runs as an account of its own, and others do not read its secrets.
fn it_is_not_root(machine: &Running) {
    let users = succeeds(machine, "ps -o user= -p $(pgrep -d, gunicorn) | sort -u");
    assert_eq!(users.trim(), "app");
    let modes = "stat -c '%U %a' /var/lib/bootseed/app.env /var/lib/bootseed/app.secrets";
    assert_eq!(succeeds(machine, modes), "root 600\nroot 600\n");
    succeeds(machine, "! runuser -u nobody -- cat /var/lib/bootseed/app.env");
    succeeds(machine, "! runuser -u nobody -- ls /run/app");
}

/// It comes again when it is killed, and is waited for with a page and status 503.
fn it_is_never_502(machine: &Running, world: &World, interrupt: &str) {
    let ask = "curl -s -o /dev/null -w '%{http_code}\n' 127.0.0.1; /bin/sleep 0.05";
    let statuses =
        format!("for i in $(seq 150); do {ask}; done >/statuses & sleep 0.5; {interrupt}");
    let found = succeeds(machine, &format!("{statuses}; wait; sort -u /statuses"));
    let known = ["200", "503"];
    assert!(found.lines().all(|status| known.contains(&status)), "{found}");
    shows(machine, world, "mina", Duration::from_secs(60));
    succeeds(machine, "systemctl stop app");
    let waiting = succeeds(machine, "curl -si 127.0.0.1");
    assert!(waiting.starts_with("HTTP/1.1 503"), "{waiting}");
    assert!(waiting.contains("Retry-After: 5"), "{waiting}");
    succeeds(machine, "systemctl start app");
}

fn flask_behind_apache(suite: Suite) {
    let mut world = world(suite, &FLASK.replace("nginx", "apache"));
    let machine = boot(&mut world, "apache");
    ready(&machine, &world);
    assert_eq!(post(&world, &world.site(), "name=mina&text=hello"), "302");
    let (status, page) = world.network.get(&world.site());
    assert!(status == 200 && page.contains("mina"), "{page}");
    assert!(page.contains("<footer>192.0.2.10</footer>"), "{page}");
    assert_eq!(world.network.get("http://127.0.0.1/static/style.css").0, 200);
    assert_eq!(world.network.get("http://127.0.0.1/status.json").0, 200);
    it_is_never_502(&machine, &world, "systemctl restart app; sleep 1; pkill -KILL gunicorn");
}

/// A repository that the network of the test serves, with its first commit.
pub(crate) fn repository(world: &World) -> String {
    let line = "mkdir -p git/all.git && cp -r flask-app git/all.git/site && cd git/all.git && \
                git init -q && git add . && git commit -qm first && \
                git config uploadpack.allowAnySHA1InWant true && \
                git config uploadpack.allowFilter true";
    must(as_author("bash").args(["-ec", line]).current_dir(world.path("")));
    head(world)
}

/// A program that makes commits in the name of somebody.
fn as_author(program: &str) -> Command {
    let mut command = Command::new(program);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Mina");
        command.env(format!("GIT_{role}_EMAIL"), "mina@example.org");
    }
    command
}

fn head(world: &World) -> String {
    let repository = world.path("git/all.git");
    let output = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(repository).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim().to_string()
}

/// Replaces a text of the application in the repository, and says the new commit.
fn change(world: &World, old: &str, new: &str) -> String {
    let file = world.path("git/all.git/site/guestbook/templates/index.html");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(old));
    fs::write(&file, text.replace(old, new)).unwrap();
    must(as_author("git").args(["commit", "-qam", "next"]).current_dir(world.path("git/all.git")));
    head(world)
}

/// Deployed at a commit, then at the next one by hand; one that does not work is taken back.
fn an_application_in_git(suite: Suite) {
    let mut world = world(suite, "");
    let first = repository(&world);
    let spec = format!(
        "app: {{git: {{url: 'http://127.0.0.1:8801/all.git', commit: {first}, path: site}}, \
         name: guestbook, module: 'guestbook:create_app()', before_start: [flask upgrade]}}\n\
         web: {{server: nginx}}\n"
    );
    world.spec = spec;
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boot/standin/git_server.py");
    let repositories = world.path("git").display().to_string();
    let server = world.network.spawn(&["/usr/bin/python3", program, "8801", &repositories]);
    let machine = boot(&mut world, "git");
    ready(&machine, &world);
    assert_eq!(post(&world, &world.site(), "name=mina&text=hello"), "302");
    let second = change(&world, "<h1>방명록</h1>", "<h1>second</h1>");
    deploy(&machine, &first, &second, true);
    let (_, page) = world.network.get(&world.site());
    assert!(page.contains("second") && page.contains("mina"), "{page}");
    let third = change(&world, "{% endfor %}", "");
    let said = deploy(&machine, &second, &third, false);
    assert!(said.contains("FAILED at app: "), "{said}");
    let (_, page) = world.network.get(&world.site());
    assert!(page.contains("second") && page.contains("mina"), "the old code stays: {page}");
    drop(server);
}

/// Has the machine take another commit, and says what it said.
fn deploy(machine: &Running, old: &str, new: &str, good: bool) -> String {
    succeeds(machine, &format!("sed -i s/{old}/{new}/ /etc/bootseed/machine.yaml"));
    let ended = machine.exec(&["bootseed-provision"]).status.code();
    let log = machine.read("/var/log/bootseed.log");
    assert_eq!(ended, Some(if good { 0 } else { 1 }), "{log}");
    log.lines().rev().take(3).collect::<Vec<_>>().join("\n")
}

pub(crate) const FASTAPI: &str = r#"
from fastapi import FastAPI, Request, WebSocket

site = FastAPI()

@site.get("/")
def index(request: Request):
    return {"from": request.client.host, "scheme": request.url.scheme}

@site.websocket("/echo")
async def echo(socket: WebSocket):
    await socket.accept()
    await socket.send_text("echo " + await socket.receive_text())
    await socket.close()
"#;

/// Says something to a websocket and prints the answer, with Python's library alone (RFC 6455).
pub(crate) const SOCKET: &str = r#"
import base64, os, socket, sys
s = socket.create_connection(("127.0.0.1", 80))
s.settimeout(20)
s.sendall(b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(os.urandom(16)) + b"\r\n\r\n")
file = s.makefile("rb")
head = [file.readline()]
while head[-1].strip():
    head.append(file.readline())
print(head[0].decode().strip())
text = b"hello"
s.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
first, length = file.read(2)
print(file.read(length).decode())
"#;

fn fastapi_from_an_archive(suite: Suite) {
    let mut world = world(suite, "");
    write(&world, "code/hello-1.0/main.py", FASTAPI);
    write(&world, "code/hello-1.0/requirements.txt", "fastapi\n");
    let archive = "tar -C code -czf hello-1.0.tar.gz hello-1.0 && sha256sum hello-1.0.tar.gz";
    let output = Command::new("bash").args(["-ec", archive]).current_dir(world.path("")).output();
    let sum = String::from_utf8(output.unwrap().stdout).unwrap();
    world.spec = format!(
        "app: {{archive: {{url: 'http://127.0.0.1:8800/hello-1.0.tar.gz', sha256: {}}}, \
         module: 'main:site'}}\nweb: {{server: nginx}}\n",
        sum.split(' ').next().unwrap()
    );
    let machine = boot(&mut world, "fastapi");
    ready(&machine, &world);
    let (_, page) = world.network.get(&world.site());
    let said: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(said, json!({ "from": "192.0.2.10", "scheme": "http" }));
    let output = world.network.command("python3").args(["-c", SOCKET]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, "HTTP/1.1 101 Switching Protocols\necho hello\n");
}

/// Makes a Django project as its users do, with what they most often add.
const PROJECT: &str = "\
django-admin startproject mysite . && cat >>mysite/settings.py <<E
DEBUG = False
E
cat >mysite/urls.py <<E
from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

def index(request):
    return HttpResponse(request.get_host() + ' ' + request.META['REMOTE_ADDR'])

urlpatterns = [path('admin/', admin.site.urls), path('', index)]
E
";

fn django_from_a_folder(suite: Suite) {
    let spec = "app: {from: site, name: mysite, before_start: [python manage.py migrate --noinput], \
                packages: [django]}\nweb: {server: nginx}\n";
    let mut world = world(suite, spec);
    // This computer's Python makes it.
    let index = package_index(Suite::Bookworm);
    let line = format!(
        "/usr/bin/python3 -m venv venv && venv/bin/pip install -q --no-index --find-links {}/files \
         django; mkdir -p site && cd site && PATH=../venv/bin:$PATH && {PROJECT}",
        index.display()
    );
    must(Command::new("bash").args(["-ec", &line]).current_dir(world.path("")));
    let machine = boot(&mut world, "django");
    ready(&machine, &world);
    let (status, page) = world.network.get(&world.site());
    assert_eq!((status, &page[..]), (200, "192.0.2.10 192.0.2.10"));
    let css = world.network.get("http://127.0.0.1/static/admin/css/base.css");
    assert_eq!(css.0, 200, "the style of the administration pages");
    let login = "curl -s -c jar -o page http://127.0.0.1/admin/login/; \
                 token=$(sed -n 's/.*csrfmiddlewaretoken\" value=\"\\([^\"]*\\).*/\\1/p' page); \
                 curl -s -b jar -o page -w '%{http_code}' -H 'Origin: http://127.0.0.1' \
                 -d csrfmiddlewaretoken=$token -d username=a -d password=b \
                 http://127.0.0.1/admin/login/";
    assert_eq!(succeeds(&machine, &format!("cd /root; {login}")), "200", "no 403 for the form");
    let other = "curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example.org' 127.0.0.1";
    assert_eq!(succeeds(&machine, other), "400");
}

/// Shows a variable at one address, and nothing at any other.
const SERVER: &str = r#"
import http.server, sys

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/up" else 404)
        self.end_headers()
        self.wfile.write(sys.argv[2].encode())

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"#;

fn an_application_by_a_command(suite: Suite) {
    let spec = "app: {from: site, command: 'python server.py $PORT \"$GREETING\"', name: own, \
                environment: {GREETING: 'say \"hi\" # $HOME \\\\'}, health: /up}\n\
                web: {server: nginx}\n";
    let mut world = world(suite, spec);
    write(&world, "site/server.py", SERVER);
    let machine = boot(&mut world, "command");
    end_of_boot(&machine, "ready", "READY ", "done");
    assert_eq!(world.network.get("http://127.0.0.1/up").1, r#"say "hi" # $HOME \\"#);
}

/// Each with what it is told as the reason.
fn applications_that_do_not_start(suite: Suite) {
    let cases = [
        ("import", "import nothing_of_this_name\n", "ModuleNotFoundError: No module named"),
        ("variable", "import os\nos.environ['DATABASE_URL']\n", "KeyError: 'DATABASE_URL'"),
        ("status", "def app(environ, start):\n    raise ValueError('oh')\n", "status 500"),
    ];
    for (name, code, reason) in cases {
        let spec = "app: {from: site, name: site, module: 'app:app'}\nweb: {server: nginx}\n";
        let mut world = world(suite, spec);
        write(&world, "site/app.py", code);
        let machine = boot(&mut world, name);
        let status = failed(&machine, &world, "app", &[reason]);
        assert_eq!(tries(&status, "app"), 1, "{name}");
    }
    let broken = FLASK.replace("flask upgrade", "flask upgrade --nothing");
    let mut world = world(suite, &broken);
    let machine = boot(&mut world, "migration");
    failed(&machine, &world, "app", &["flask upgrade --nothing: ", "No such option"]);
}

/// At six moments of the step `app`.
fn cut_while_deployed(suite: Suite) {
    let mut world = world(suite, FLASK);
    let mut machine = boot(&mut world, "cut");
    for moment in 0..6 {
        wait_for_step(&machine, "app", "running");
        std::thread::sleep(Duration::from_millis(700 * moment));
        machine = machine.power_cut().boot(&world.network);
    }
    ready(&machine, &world);
    assert_eq!(post(&world, &world.site(), "name=mina&text=hello"), "302");
}
