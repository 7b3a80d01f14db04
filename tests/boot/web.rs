//! nginx is installed and does not work, and what it shows until the machine is ready.

use std::time::Duration;

use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;
use crate::verdict::{BOOT, end_of_boot, failed, ready, succeeds, tries, wait_for_step};
use crate::world::{WEB_ONLY, World};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_bookworm("port_80_is_taken_for_good", port_80_is_taken_for_good),
    Scenario::on_bookworm("port_80_is_taken_for_a_while", port_80_is_taken_for_a_while),
    Scenario::on_bookworm("nginx_is_masked", nginx_is_masked),
    Scenario::on_bookworm("an_image_with_a_dead_nginx", an_image_with_a_dead_nginx),
    Scenario::on_bookworm("another_site_takes_the_requests", another_site_takes_the_requests),
    Scenario::on_bookworm("nginx_does_not_start", nginx_does_not_start),
    Scenario::on_bookworm("nginx_is_killed_late", nginx_is_killed_late),
    Scenario::on_bookworm("a_name_that_nginx_needs_comes_late", a_name_comes_late),
    Scenario::on_bookworm("an_old_configuration_is_broken", an_old_configuration_is_broken),
    Scenario::on_bookworm("it_shows_how_far_it_is", it_shows_how_far_it_is),
    Scenario::on_newer("the_owners_pages_and_port", the_owners_pages_and_port),
    Scenario::on_edges("apache_serves_the_owners_pages", apache_serves_the_owners_pages),
    Scenario::on_bookworm("a_site_with_passwords", a_site_with_passwords),
    Scenario::on_bookworm("apache_cannot_have_its_port", apache_cannot_have_its_port),
];

/// Another program that listens on port 80 of the network that the machine is in.
const OTHER: [&str; 6] = ["/usr/bin/python3", "-m", "http.server", "80", "--bind", "0.0.0.0"];

fn port_80_is_taken_for_good(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    let _other = world.network.spawn(&OTHER);
    let machine = world.boot("taken");
    failed(&machine, &world, "web", &["bind() to 0.0.0.0:80 failed", "Address already in use"]);
}

fn port_80_is_taken_for_a_while(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    let other = world.network.spawn(&OTHER);
    let machine = world.boot("released");
    wait_for_step(&machine, "web", "retrying");
    other.stop();
    ready(&machine, &world);
}

fn nginx_is_masked(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    let machine = world.boot("masked");
    ready(&machine, &world);
    succeeds(&machine, "systemctl disable --now nginx && systemctl mask nginx");
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
    succeeds(&machine, "systemctl is-enabled nginx && systemctl is-active nginx");
}

/// nginx is in the image, where it was never bootseed's, and does not run.
fn an_image_with_a_dead_nginx(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    let machine = world.boot("image");
    ready(&machine, &world);
    succeeds(&machine, "systemctl disable --now nginx && systemctl mask nginx");
    succeeds(&machine, "rm /usr/local/sbin/bootseed-* /etc/nginx/conf.d/bootseed.conf");
    let default = "/etc/nginx/sites-enabled/default";
    succeeds(&machine, &format!("ln -s ../sites-available/default {default}"));
    let machine = machine.poweroff();
    for folder in ["/var/lib/bootseed", "/var/lib/cloud/instances", "/var/lib/cloud/scripts"] {
        std::fs::remove_dir_all(machine.path(folder)).unwrap();
    }
    machine.seed(world.user_data(), "i-2");
    let machine = machine.boot(&world.network);
    let status = ready(&machine, &world);
    assert_eq!(tries(&status, "web"), 1);
    succeeds(&machine, "systemctl is-enabled nginx && systemctl is-active nginx");
}

/// nginx runs and answers, but not with what the owner wants to show.
fn another_site_takes_the_requests(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.impatient_machine("other");
    let site = "server { listen 80; location / { return 404; } }\n";
    machine.write("/etc/nginx/conf.d/another.conf", site);
    let machine = machine.boot(&world.network);
    let status = failed(&machine, &world, "web", &["404"]);
    assert_eq!(tries(&status, "web"), 8, "it is not the network that is away");
}

/// For a reason that nginx itself does not know: on a machine that was ready before, and while its
/// package is installed.
fn nginx_does_not_start(suite: Suite) {
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.impatient_machine("kept-off");
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    let machine = machine.poweroff();
    let kept_off = "[Service]\nExecStartPre=/bin/false\n";
    machine.write("/etc/systemd/system/nginx.service.d/kept-off.conf", kept_off);
    let machine = machine.boot(&world.network);
    failed(&machine, &world, "web", &["Failed to start nginx"]);
    succeeds(&machine, "dpkg --purge nginx nginx-common");
    let machine = machine.reboot(&world.network);
    failed(&machine, &world, "web", &["dpkg: error processing package nginx"]);
}

/// As when memory is short while conda works.
fn nginx_is_killed_late(suite: Suite) {
    let mut world = World::with_installer(suite, &["--slow", "8"]);
    world.serve(&json!([]));
    let machine = world.impatient_machine("killed").boot(&world.network);
    wait_for_step(&machine, "web", "done");
    succeeds(&machine, "systemctl kill -s KILL nginx");
    ready(&machine, &world);
}

/// Of a program that the owner's own configuration passes requests on to.
fn a_name_comes_late(suite: Suite) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boot/standin/names.py");
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.machine("upstream");
    machine.write("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    let site = "server { listen 81; location / { proxy_pass http://app.example.org; } }\n";
    machine.write("/etc/nginx/conf.d/app.conf", site);
    let machine = machine.boot(&world.network);
    wait_for_step(&machine, "web", "retrying");
    let _names = world.network.spawn(&["/usr/bin/python3", program]);
    ready(&machine, &world);
}

/// Once on a machine made from an image with the file, where nginx is not installed yet, and once
/// on one that was ready before.
fn an_old_configuration_is_broken(suite: Suite) {
    const BROKEN: &str = "server { listen 81; root /srv/old\n}\n";
    const FILE: &str = "/etc/nginx/conf.d/old.conf";
    let mut world = World::new(suite).spec(WEB_ONLY);
    world.serve(&json!([]));
    let machine = world.machine("leftover");
    machine.write(FILE, BROKEN);
    let machine = machine.boot(&world.network);
    failed(&machine, &world, "web", &["emerg", FILE]);
    succeeds(&machine, &format!("rm {FILE}"));
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
    machine.machine().write(FILE, BROKEN);
    let machine = machine.reboot(&world.network);
    failed(&machine, &world, "web", &["emerg", FILE]);
}

fn it_shows_how_far_it_is(suite: Suite) {
    let mut world = World::new(suite).hooks(json!([{"hang_at": "base-link", "times": 1}]));
    let machine = world.boot("shows");
    wait_for_step(&machine, "web", "done");
    world.network.wait_until_answers("http://127.0.0.1/", Duration::from_secs(5));
    for path in ["", "index.html", "any/where?else"] {
        let (code, page) = world.network.get(&format!("http://127.0.0.1/{path}"));
        assert_eq!(code, 200, "{path}: {page}");
        assert!(page.contains("still being set up"), "{path}: {page}");
    }
    let (code, status) = world.network.get("http://127.0.0.1/status.json");
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    assert_eq!((code, &status["state"]), (200, &json!("running")));
    let conda = status["steps"].as_array().unwrap().iter().find(|step| step["step"] == "conda");
    assert_eq!(conda.unwrap()["state"], "running");
    machine.wait("the installer to hang", BOOT, || {
        machine.machine().read("/etc/standin.json.counts").contains("\"0\": 1").then_some(())
    });
    succeeds(&machine, "pkill -KILL -f 'bash /opt/conda[.]sh'");
    ready(&machine, &world);
}

fn the_owners_pages_and_port(suite: Suite) {
    pages_and_port(suite, "nginx");
}

fn apache_serves_the_owners_pages(suite: Suite) {
    pages_and_port(suite, "apache");
}

fn apache_cannot_have_its_port(suite: Suite) {
    let mut world = World::new(suite).spec("hostname: pages\nweb: {server: apache}\n");
    let _other = world.network.spawn(&OTHER);
    world.serve(&json!([]));
    let machine = world.impatient_machine("taken").boot(&world.network);
    failed(&machine, &world, "web", &["Address already in use"]);
}

/// What the parameters of `web` say, whichever server does it.
fn pages_and_port(suite: Suite, server: &str) {
    let page = "<!doctype html>\n<p>'안녕' \"$HOME\" {{ 1 }} %d \\n `id`</p>\n";
    let web = json!({"server": server, "server_name": "www.example.org",
        "root": "/srv/my pages/한글", "index": page, "port": 8080});
    let spec = format!("hostname: own\nweb: {web}\n");
    let mut world = World::new(suite).spec(&spec);
    let machine = world.boot("own");
    let status = ready(&machine, &world);
    let message = status["message"].as_str().unwrap();
    assert!(message.starts_with("READY http://") && message.ends_with(":8080/"), "{message}");
    assert_eq!(world.network.get("http://127.0.0.1:8080/"), (200, page.to_owned()));
    assert_eq!(world.network.get("http://127.0.0.1:8080/status.json").0, 200);
    assert_eq!(world.network.get("http://127.0.0.1:8080/setup.html").0, 404);
    assert_eq!(world.network.get("http://127.0.0.1:80/").0, 0, "nothing else listens");
}

/// For the whole site, and for a part of it; both servers.
fn a_site_with_passwords(suite: Suite) {
    for server in ["nginx", "apache"] {
        for paths in ["[]", "[/private/]"] {
            let users = "[{name: mina, password: 'pass word'}]";
            let spec = format!(
                "web: {{server: {server}, index: <p>hello, \
                 auth: {{users: {users}, paths: {paths}}}}}\n\
                 files: [{{path: /var/www/html/private/a, content: secret}}]\n"
            );
            let mut world = World::new(suite).spec(&spec);
            let machine = world.boot(server);
            end_of_boot(&machine, "ready", "READY ", "done");
            let asked = |login: &str, path: &str| {
                let line = "curl -s -o /dev/null -w '%{http_code}'";
                succeeds(&machine, &format!("{line} {login} http://127.0.0.1{path}"))
            };
            let whole = paths == "[]";
            assert_eq!(asked("", "/"), if whole { "401" } else { "200" }, "{server}");
            assert_eq!(asked("", "/private/a"), "401", "{server}");
            assert_eq!(asked("-u mina:wrong", "/private/a"), "401", "{server}");
            assert_eq!(asked("-u 'mina:pass word'", "/private/a"), "200", "{server}");
            assert_eq!(asked("-u 'mina:pass word'", "/"), "200", "{server}");
            assert_eq!(asked("", "/status.json"), "200", "{server}");
            let stat = "stat -c '%U %G %a' /etc/bootseed/htpasswd";
            assert_eq!(succeeds(&machine, stat), "root www-data 640\n");
        }
    }
}
