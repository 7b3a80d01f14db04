//! The whole site: presets and examples that deploy an application, a site file of the owner's own,
//! what is killed or under load, and applications that cannot be deployed.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Scenario;
use crate::app::{FASTAPI, FLASK, SOCKET, boot, must, post, repository, shows, world, write};
use crate::machine::{Machine, Network, Running, Suite};
use crate::verdict::{BOOT, end_of_boot, failed, ready, state_of, succeeds, wait_for_step};
use crate::world::World;

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_debians("the_application_of_the_course", the_application_of_the_course),
    Scenario::on_bookworm("the_preset_flask", the_preset_flask),
    Scenario::on_bookworm("the_preset_django", the_preset_django),
    Scenario::on_bookworm("the_preset_streamlit", the_preset_streamlit),
    Scenario::on_debians("a_websocket_behind_apache", a_websocket_behind_apache),
    Scenario::on_bookworm("a_site_file_of_one_s_own", a_site_file_of_one_s_own),
    Scenario::on_edges("a_visitor_with_a_browser", a_visitor_with_a_browser),
    Scenario::on_bookworm("a_busy_site_is_restarted", a_busy_site_is_restarted),
    Scenario::on_edges("a_power_cut_in_each_phase", a_power_cut_in_each_phase),
    Scenario::on_bookworm("an_application_that_runs_itself", an_application_that_runs_itself),
    Scenario::on_bookworm("applications_that_cannot_be_had", applications_that_cannot_be_had),
];

/// An application answers again so soon after a boot.
const SOON: Duration = Duration::from_secs(10);

/// Waits until a page has a text, from when a machine that was switched on has come to its program:
/// how long that takes depends on what else the computer of the test has to do.
pub(crate) fn answers_soon(machine: &Running, world: &World, text: &str) {
    machine.wait_for_file("/run/bootseed/status.json", BOOT);
    shows(machine, world, text, SOON);
}

fn the_application_of_the_course(suite: Suite) {
    let spec = include_str!("../../examples/course-app.yaml");
    let mut world = world(suite, spec);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/course-app");
    must(Command::new("cp").args(["-r", folder]).arg(world.path("course-app")));
    let machine = boot(&mut world, "course");
    ready(&machine, &world);
    let form = "curl -s -c jar -o page http://127.0.0.1/; \
                token=$(sed -n 's/.*csrf_token.* value=\"\\([^\"]*\\).*/\\1/p' page); \
                curl -s -b jar -o /dev/null -w '%{http_code}' -d csrf_token=$token \
                --data-urlencode 'subject=언제 끝나요?' http://127.0.0.1/";
    assert_eq!(succeeds(&machine, &format!("cd /root; {form}")), "302");
    let machine = machine.power_cut().boot(&world.network);
    answers_soon(&machine, &world, "언제 끝나요?");
    ready(&machine, &world);
}

fn the_preset_flask(suite: Suite) {
    let mut world = world(suite, include_str!("../../src/preset/flask.yaml"));
    let machine = boot(&mut world, "flask");
    ready(&machine, &world);
    assert_eq!(post(&world, &world.site(), "name=mina"), "302");
    shows(&machine, &world, "<p>mina</p>", SOON);
}

fn the_preset_django(suite: Suite) {
    let mut world = world(suite, include_str!("../../src/preset/django.yaml"));
    let machine = boot(&mut world, "django");
    ready(&machine, &world);
    shows(&machine, &world, "<h1>Hello from the cloud</h1>", SOON);
    let (status, page) = world.network.get(&format!("http://{}/admin/login/", Network::ADDRESS));
    assert!(status == 200 && page.contains("csrfmiddlewaretoken"), "{page}");
    assert_eq!(world.network.get("http://127.0.0.1/static/admin/css/base.css").0, 200);
}

fn the_preset_streamlit(suite: Suite) {
    let mut world = world(suite, include_str!("../../src/preset/streamlit.yaml"));
    let machine = boot(&mut world, "streamlit");
    end_of_boot(&machine, "ready", "READY ", "done");
    shows(&machine, &world, "Streamlit", SOON);
    assert_eq!(world.network.get("http://127.0.0.1/_stcore/health").0, 200);
    let upgrade = "curl -s -m 10 -o /dev/null -w '%{http_code}' -H 'Connection: Upgrade' -H \
                   'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H \
                   'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' --http1.1 \
                   http://127.0.0.1/_stcore/stream; true";
    assert_eq!(succeeds(&machine, upgrade), "101");
}

fn a_websocket_behind_apache(suite: Suite) {
    let spec =
        "app: {from: site, packages: [fastapi], module: 'main:site'}\nweb: {server: apache}\n";
    let mut world = world(suite, spec);
    write(&world, "site/main.py", FASTAPI);
    let machine = boot(&mut world, "socket");
    ready(&machine, &world);
    let output = world.network.command("python3").args(["-c", SOCKET]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, "HTTP/1.1 101 Switching Protocols\necho hello\n");
}

const OWN_NGINX: &str = "\
server {
  listen 80 default_server;
  include /etc/bootseed/status.conf;
  location / { add_header X-Own yes; proxy_pass http://unix:/run/app/app.sock; }
}
";

const OWN_APACHE: &str = "\
Listen 80
<VirtualHost *:80>
  Include /etc/bootseed/status.conf
  DocumentRoot /var/www/html
</VirtualHost>
";

fn a_site_file_of_one_s_own(suite: Suite) {
    let spec = FLASK.replace("{server: nginx}", "{site: own.conf}");
    let mut world = world(suite, &spec);
    write(&world, "own.conf", OWN_NGINX);
    let machine = boot(&mut world, "nginx");
    ready(&machine, &world);
    let head = succeeds(&machine, "curl -si http://127.0.0.1/");
    assert!(head.contains("X-Own: yes") && head.contains("방명록"), "{head}");
    assert_eq!(world.network.get("http://127.0.0.1/status.json").0, 200);
    drop(machine);
    let spec = "web: {server: apache, site: own.conf}\n\
                files: [{path: /var/www/html/index.html, content: own}]\n";
    let mut world = World::new(suite).spec(spec);
    write(&world, "own.conf", OWN_APACHE);
    let machine = world.boot("apache");
    ready(&machine, &world);
    assert_eq!(world.network.get("http://127.0.0.1/").1, "own");
    drop(machine);
    // What nginx refuses is told in its words.
    let mut world = World::new(suite).spec("web: {site: own.conf}\n");
    write(&world, "own.conf", &OWN_NGINX.replace("add_header", "ad_header"));
    world.serve(&serde_json::json!([]));
    let machine = world.impatient_machine("refused").boot(&world.network);
    failed(&machine, &world, "web", &["unknown directive \"ad_header\""]);
}

/// What a browser shows of a page, after a form is filled in. The picture stays in
/// `target/pictures`.
fn seen(world: &World, url: &str, picture: &str, fields: &[&str]) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let pictures = format!("{root}/target/pictures");
    fs::create_dir_all(&pictures).unwrap();
    let program = format!("{root}/tests/boot/standin/visitor.py");
    let picture = format!("{pictures}/{picture}.png");
    let mut command = world.network.command("/usr/bin/python3");
    let output = command.args([&program, url, &picture]).args(fields).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Of a machine that is being set up, that is ready, and that failed.
fn a_visitor_with_a_browser(suite: Suite) {
    let picture = |shown: &str| format!("{shown}-{suite}");
    let waits = "until test -e /seen; do /bin/sleep 1; done && flask upgrade";
    let slow = FLASK.replace("flask upgrade", waits);
    let mut world = world(suite, &slow);
    let machine = boot(&mut world, "browser");
    wait_for_step(&machine, "app", "running");
    let page = seen(&world, &world.site(), &picture("set-up"), &[]);
    assert!(page.contains("still being set up") && page.contains("running"), "{page}");
    succeeds(&machine, "touch /seen");
    ready(&machine, &world);
    let page = seen(&world, &world.site(), &picture("form"), &["name=미나", "text=안녕하세요"]);
    assert!(page.contains("미나 안녕하세요"), "{page}");
    drop(machine);
    let mut world = self::world(suite, &FLASK.replace("flask upgrade", "flask nothing"));
    let machine = boot(&mut world, "fails");
    failed(&machine, &world, "app", &["flask nothing: "]);
    let page = seen(&world, &world.site(), &picture("failed"), &[]);
    assert!(page.contains("could not be set up") && page.contains("No such command"), "{page}");
}

/// How many answers of each status 200 visitors get in half a minute, while something happens.
fn under_load(world: &World, machine: &Running, happening: &str) -> String {
    let count = "local threads = {}\n\
                 function setup(thread) table.insert(threads, thread) end\n\
                 function init() bad = 0; waited = 0; good = 0 end\n\
                 function response(status)\n\
                   if status == 200 then good = good + 1\n\
                   elseif status == 503 then waited = waited + 1 else bad = bad + 1 end\n\
                 end\n\
                 function done(summary)\n\
                   local all, lost = {good = 0, waited = 0, bad = 0}, summary.errors\n\
                   for _, thread in ipairs(threads) do for name in pairs(all) do\n\
                     all[name] = all[name] + thread:get(name) end end\n\
                   local none = lost.connect + lost.read + lost.write + lost.timeout\n\
                   print('good', all.good, 'waited', all.waited, 'bad', all.bad, 'none', none)\n\
                 end\n";
    fs::write(world.path("count.lua"), count).unwrap();
    let script = world.path("count.lua").display().to_string();
    let words = ["-t2", "-c200", "-d30s", "--timeout", "30s", "-s", &script, &world.site()];
    let mut load = world.network.command("timeout");
    // Apache closes connections that are kept open when it has many, whoever is about to use them.
    let close = ["-H", "Connection: close"];
    let close = if world.spec.contains("apache") { &close[..] } else { &[] };
    let load = load
        .args(["90", "wrk"])
        .args(words)
        .args(close)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let load = load.spawn().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    succeeds(machine, happening);
    let output = load.wait_with_output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

fn a_busy_site_is_restarted(suite: Suite) {
    for server in ["nginx", "apache"] {
        let mut world = world(suite, &FLASK.replace("nginx", server));
        let machine = boot(&mut world, server);
        ready(&machine, &world);
        for happening in ["true", "systemctl restart app", "pkill -KILL gunicorn"] {
            let said = under_load(&world, &machine, happening);
            let file = format!("target/load-{server}-{}.txt", happening.len());
            fs::write(format!("{}/{file}", env!("CARGO_MANIFEST_DIR")), &said).unwrap();
            let count = |what: &str| -> u32 {
                let (_, rest) = said.split_once(&format!("{what}\t")).expect("wrk counts");
                rest.split_whitespace().next().unwrap().parse().unwrap()
            };
            let shown = format!("{server}, {happening}: {said}");
            assert!(count("good") > 100 && count("bad") == 0, "{shown}");
            assert!(happening != "true" || count("waited") == 0, "{shown}");
            // Of 8 threads, what they had begun to send.
            let cut = if happening.contains("KILL") { 8 } else { 0 };
            assert!(count("none") <= cut, "{shown}");
        }
        let service = if server == "nginx" { "nginx" } else { "apache2" };
        succeeds(&machine, &format!("systemctl kill -s KILL {service}"));
        shows(&machine, &world, "방명록", SOON);
        let machine = machine.power_cut().boot(&world.network);
        answers_soon(&machine, &world, "방명록");
        ready(&machine, &world);
    }
}

/// What a machine has from each phase on: the code, its environment, what `before_start` made, the
/// service.
const PHASES: &[&str] = &[
    "/srv/guestbook",
    "/opt/venv/guestbook/bin/python",
    "/opt/venv/guestbook/bin/flask",
    "/srv/guestbook/instance",
    "/var/lib/bootseed/app.env",
];

fn a_power_cut_in_each_phase(suite: Suite) {
    let mut world = world(suite, FLASK);
    let mut machine: Running = boot(&mut world, "phases");
    for phase in PHASES {
        machine.wait_for_file(phase, BOOT);
        let off: Machine = machine.power_cut();
        machine = off.boot(&world.network);
    }
    ready(&machine, &world);
    assert_eq!(state_of(&machine, "app").as_deref(), Some("done"));
    assert_eq!(post(&world, &world.site(), "name=mina&text=hello"), "302");
    let machine = machine.power_cut().boot(&world.network);
    answers_soon(&machine, &world, "mina");
}

/// As it is written for a laptop: gunicorn would wait for ever for the import of such a module.
fn an_application_that_runs_itself(suite: Suite) {
    let code = "from flask import Flask\napp = Flask(__name__)\n\n\n@app.route('/')\ndef hello():\n    \
                return '안녕하세요'\n\n\napp.run(host='0.0.0.0', port=5000, debug=True)\n";
    let spec = format!("app: {{code: {{app.py: {}}}}}\n", serde_json::json!(code));
    let mut world = world(suite, &spec);
    let machine = boot(&mut world, "itself");
    ready(&machine, &world);
    assert_eq!(world.network.get(&world.site()), (200, "안녕하세요".into()));
}

/// Each with what it is told as the reason.
fn applications_that_cannot_be_had(suite: Suite) {
    let web = "web: {server: nginx}\n";
    let none = "0123456789012345678901234567890123456789";
    let sum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let cases = [
        (
            "build",
            "app: {code: {app.py: 'app = 1', requirements.txt: 'http://127.0.0.1:8800/a-1.tar.gz'}, \
             module: 'app:app'}\n"
                .to_string(),
            "no C today",
        ),
        (
            "commit",
            format!(
                "app: {{git: {{url: 'http://127.0.0.1:8801/all.git', commit: {none}}}, module: 'a:b'}}\n"
            ),
            none,
        ),
        (
            "sum",
            format!(
                "app: {{archive: {{url: 'http://127.0.0.1:8800/a-1.tar.gz', sha256: {sum}}}, \
                 module: 'a:b'}}\n"
            ),
            "has SHA-256",
        ),
        (
            "taken",
            "app: {code: {a.txt: x}, command: 'python -m http.server --bind 127.0.0.1 $PORT'}\n".into(),
            "Address already in use",
        ),
    ];
    for (name, spec, reason) in cases {
        let mut world = world(suite, &format!("{spec}{web}"));
        write(&world, "a-1/setup.py", "raise SystemExit('no C today')\n");
        let line = "tar -czf a-1.tar.gz a-1";
        must(Command::new("bash").args(["-ec", line]).current_dir(world.path("")));
        repository(&world);
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boot/standin/git_server.py");
        let repositories = world.path("git").display().to_string();
        let _git = world.network.spawn(&["/usr/bin/python3", program, "8801", &repositories]);
        let other = ["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "8000"];
        let _other = (name == "taken").then(|| world.network.spawn(&other));
        let machine = boot(&mut world, name);
        failed(&machine, &world, "app", &[reason]);
    }
}
