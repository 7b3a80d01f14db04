//! HTTPS with certificates of a real authority for tests, Pebble, in the network of the test.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Scenario;
use crate::machine::{Machine, Network, Running, Server, Suite, apt_repository, package_index};
use crate::verdict::{BOOT, ready, succeeds};
use crate::world::World;

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_debians("https_for_a_name", https_for_a_name),
    Scenario::on_bookworm("https_behind_apache", https_behind_apache),
    Scenario::on_bookworm("https_is_never_had", https_is_never_had),
    Scenario::on_bookworm("https_for_an_address", https_for_an_address),
];

const NAME: &str = "www.example.org";

/// An address in the network of the test that nobody has.
const ELSEWHERE: &str = "192.0.2.77";

/// Longer than the machine waits between two looks at its name.
const SOON: Duration = BOOT;

/// Name servers, one for the machine and one for the authority, and the authority.
struct Authority {
    _names: [Server; 2],
    _pebble: Server,
}

impl Authority {
    /// Starts both; the name points elsewhere.
    fn new(world: &World) -> Authority {
        let text = |name: &str| world.path(name).display().to_string();
        let key = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
                   -keyout pebble.key -out pebble.crt -subj /CN=pebble -addext \
                   subjectAltName=IP:127.0.0.1 2>/dev/null";
        let made = Command::new("bash").args(["-ec", key]).current_dir(world.path("")).status();
        assert!(made.unwrap().success());
        let settings = json!({"pebble": {
            "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
            "certificate": text("pebble.crt"), "privateKey": text("pebble.key"),
            "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "profiles": {
                "default": {"description": "", "validityPeriod": 7_776_000},
                "shortlived": {"description": "", "validityPeriod": 576_000},
            },
        }});
        fs::write(world.path("pebble.json"), settings.to_string()).unwrap();
        point_to(world, "address", ELSEWHERE);
        point_to(world, "asked", Network::ADDRESS);
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boot/standin/names.py");
        let names = [("53", "address"), ("5300", "asked")].map(|(port, file)| {
            let words = ["/usr/bin/python3", program, "--port", port, "--file", &text(file)];
            world.network.spawn(&words)
        });
        let program = pebble(world);
        let quick = ["env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", &program];
        let words = [&quick[..], &["-dnsserver", "127.0.0.1:5300", "-config"]].concat();
        let pebble = world.network.spawn(&[&words[..], &[&text("pebble.json")]].concat());
        world.network.wait_until_listens(14000, Duration::from_secs(120));
        Authority { _names: names, _pebble: pebble }
    }
}

/// Debian's newest Pebble, which needs nothing but the C library.
fn pebble(world: &World) -> String {
    let folder = world.path("pebble").display().to_string();
    let pool = apt_repository(Suite::Sid).join("pool/main");
    let line = format!("dpkg-deb -x {}/pebble_*.deb {folder}", pool.display());
    let made = Command::new("bash").args(["-ec", &line]).status();
    assert!(made.unwrap().success());
    folder + "/usr/bin/pebble"
}

/// Has the name point to an address, for one of the name servers.
fn point_to(world: &World, server: &str, address: &str) {
    fs::write(world.path("new"), address).unwrap();
    fs::rename(world.path("new"), world.path(server)).unwrap();
}

fn spec(server: &str) -> String {
    let https = json!({"name": NAME, "email": "mina@example.org",
        "directory": "https://127.0.0.1:14000/dir"});
    let auth = "{users: [{name: mina, password: secret}], paths: [/private/]}";
    format!(
        "web: {{server: {server}, index: <p>hello, auth: {auth}, https: {https}}}\n\
         files: [{{path: /var/www/html/private/a, content: secret}}]\n"
    )
}

/// A machine that trusts the authority, and asks the name server.
fn machine(world: &mut World, name: &str) -> Machine {
    world.serve(&json!([]));
    let machine = world.machine(name);
    machine.write("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    let known = machine.read("/etc/ssl/certs/ca-certificates.crt");
    let pebble = fs::read_to_string(world.path("pebble.crt")).unwrap_or_default();
    machine.write("/etc/ssl/certs/ca-certificates.crt", known + &pebble);
    machine
}

/// What `status.json` says of HTTPS, once that is in a state.
fn told(machine: &Running, state: &str) -> Value {
    machine.wait(&format!("https: {state}"), SOON, || {
        let text = machine.peek("/run/bootseed/status.json");
        let status: Value = serde_json::from_str(&text).ok()?;
        (status["https"]["state"] == state).then(|| status["https"].clone())
    })
}

/// Asks for a page by the name of the site.
fn ask(world: &World, url: &str, more: &[&str]) -> String {
    let here = ["80", "443"].map(|port| format!("{NAME}:{port}:{}", Network::ADDRESS));
    let output = world
        .network
        .command("curl")
        .args(["-sSk", "--resolve", &here[0], "--resolve", &here[1]])
        .args(["-w", " %{http_code} %{redirect_url}"])
        .args(more)
        .arg(url)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The serial number and the issuer of the certificate that is served.
fn certificate(world: &World) -> String {
    let line = format!(
        "openssl s_client -connect {}:443 -servername {NAME} </dev/null 2>/dev/null | \
         openssl x509 -noout -serial -issuer",
        Network::ADDRESS
    );
    let output = world.network.command("bash").args(["-c", &line]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn https_for_a_name(suite: Suite) {
    it_comes_when_the_name_does(suite, "nginx");
}

fn https_behind_apache(suite: Suite) {
    it_comes_when_the_name_does(suite, "apache");
}

/// The machine is ready before its name points to it; then come HTTPS, a renewal and a reboot.
fn it_comes_when_the_name_does(suite: Suite, server: &str) {
    let mut world = World::new(suite).spec(&spec(server));
    let authority = Authority::new(&world);
    let machine = machine(&mut world, server).boot(&world.network);
    ready(&machine, &world);
    let waiting = told(&machine, "waiting");
    let reason = waiting["reason"].as_str().unwrap();
    assert_eq!(reason, format!("{NAME} points to {ELSEWHERE}, which is not this machine"));
    assert_eq!(ask(&world, "http://www.example.org/", &[]), "<p>hello 200 ");
    point_to(&world, "address", Network::ADDRESS);
    assert_eq!(told(&machine, "done")["reason"], "https://www.example.org/");
    // A web server takes a new configuration while it answers by the old one.
    let leads = || ask(&world, "http://www.example.org/", &[]).contains(" 302 ");
    machine.wait("the redirect", SOON, || (0..9).all(|_| leads()).then_some(()));
    it_is_secure(&world);
    let first = certificate(&world);
    assert!(first.contains("Pebble"), "{first}");
    succeeds(&machine, "systemctl is-enabled certbot.timer");
    succeeds(&machine, "certbot renew --force-renewal --no-random-sleep-on-renew");
    let renewed = || (certificate(&world) != first).then_some(());
    machine.wait("the renewed certificate", SOON, renewed);
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
    told(&machine, "done");
    it_is_secure(&world);
    drop(authority);
    succeeds(&machine, "rm -r /etc/letsencrypt/live");
    let machine = machine.reboot(&world.network);
    ready(&machine, &world);
    assert_eq!(ask(&world, "http://www.example.org/", &[]), "<p>hello 200 ");
}

/// HTTP leads to HTTPS, but for what others ask for by HTTP.
fn it_is_secure(world: &World) {
    let of = |url: &str| ask(world, &format!("{url}{NAME}/"), &[]);
    assert_eq!(of("https://"), "<p>hello 200 ");
    assert!(of("http://").ends_with(" 302 https://www.example.org/"), "{}", of("http://"));
    let deep = ask(world, "http://www.example.org/private/a?b=%20c", &[]);
    assert!(deep.ends_with(" 302 https://www.example.org/private/a?b=%20c"), "{deep}");
    let status = ask(world, "http://www.example.org/status.json", &[]);
    assert!(status.contains("\"steps\"") && status.ends_with(" 200 "), "{status}");
    let asked = ask(world, "http://www.example.org/.well-known/acme-challenge/x", &[]);
    assert!(asked.ends_with(" 404 "), "{asked}");
    let page = "https://www.example.org/private/a";
    assert!(ask(world, page, &[]).ends_with(" 401 "));
    assert_eq!(ask(world, page, &["-u", "mina:secret"]), "secret 200 ");
}

/// The authority is away; then it cannot reach the site.
fn https_is_never_had(suite: Suite) {
    let mut world = World::new(suite).spec(&spec("nginx").replace("14000", "14009"));
    let _authority = Authority::new(&world);
    point_to(&world, "address", Network::ADDRESS);
    let machine = machine(&mut world, "away").boot(&world.network);
    ready(&machine, &world);
    let failed = told(&machine, "failed");
    let reason = failed["reason"].as_str().unwrap();
    assert!(reason.contains("Connection refused") && reason.contains("HTTP goes on"), "{reason}");
    assert_eq!(ask(&world, "http://www.example.org/", &[]), "<p>hello 200 ");
    point_to(&world, "asked", ELSEWHERE);
    succeeds(&machine, "sed -i s/14009/14000/ /etc/bootseed/machine.yaml");
    succeeds(&machine, "systemctl start bootseed-https; true");
    let reason = told(&machine, "failed")["reason"].to_string();
    assert!(reason.contains("connection: "), "{reason}");
    assert_eq!(ask(&world, "http://www.example.org/", &[]), "<p>hello 200 ");
    point_to(&world, "asked", Network::ADDRESS);
    succeeds(&machine, "systemctl start bootseed-https");
    told(&machine, "done");
}

/// An address as the world has them; in the network of the test it leads nowhere else.
const PUBLIC: &str = "1.2.3.4";

/// By a certbot that pip brings, for six days.
fn https_for_an_address(suite: Suite) {
    let spec = "web: {index: <p>hello, https: {address: true, \
                directory: 'https://127.0.0.1:14000/dir'}}\n";
    let mut world = World::new(suite).spec(spec);
    std::os::unix::fs::symlink(package_index(suite), world.path("simple")).unwrap();
    let _authority = Authority::new(&world);
    let address = format!("address add {PUBLIC}/32 dev eth0");
    let made = world.network.command("ip").args(address.split(' ')).status();
    assert!(made.unwrap().success());
    let machine = machine(&mut world, "address");
    machine.write("/etc/pip.conf", "[global]\nindex-url = http://127.0.0.1:8800/simple\n");
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    assert_eq!(told(&machine, "done")["reason"], format!("https://{PUBLIC}/"));
    let leads = || ask(&world, &format!("http://{PUBLIC}/a"), &[]).contains(" 302 ");
    machine.wait("the redirect", SOON, || (0..9).all(|_| leads()).then_some(()));
    let led = ask(&world, &format!("http://{PUBLIC}/a"), &[]);
    assert!(led.ends_with(&format!(" 302 https://{PUBLIC}/a")), "{led}");
    assert_eq!(ask(&world, &format!("https://{PUBLIC}/"), &[]), "<p>hello 200 ");
    let served = format!(
        "openssl s_client -connect {PUBLIC}:443 </dev/null 2>/dev/null | \
         openssl x509 -noout -ext subjectAltName -checkend 600000 || true"
    );
    let served = succeeds(&machine, &served);
    assert!(served.contains(PUBLIC) && served.contains("will expire"), "{served}");
}
