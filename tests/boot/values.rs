//! Values that would break a careless template arrive on the booted machine unchanged.

use std::fs;

use serde_json::json;

use crate::Scenario;
use crate::machine::{Running, Suite};
use crate::verdict::{ready, succeeds};
use crate::world::World;

pub(crate) const SCENARIOS: &[Scenario] = &[Scenario::on_edges("hostile_values", hostile_values)];

/// What YAML, Jinja, bash or nginx would take for something else.
const TEXTS: [&str; 16] = [
    "on",
    "0644",
    "12:30:45",
    "1_000",
    "=",
    "<<",
    "null",
    "- a: b\n  # c\n",
    "quotes ' '' \" \\ \\n `id` $(reboot) ${HOME} %d %{x} {{ 1 }} {% raw %} {# x #}",
    "trailing spaces  \n  leading\n\n\n",
    "tabs\t\tand\r\nline\rends\n",
    "control \u{1}\u{7}\u{1b}[31m\u{7f} next \u{85} line \u{2028} and \u{2029} bom \u{feff}",
    "한글 🐍 é e\u{301}",
    "## template: jinja\n#cloud-config\nMIME-Version: 1.0\n",
    "EOF\n'EOF'\nEND\n",
    "---\n...\n%YAML 1.2\n",
];

/// The longest host name: four labels of 63 characters at most, 253 in all.
fn hostname() -> String {
    let label = |begin: &str, length: usize| format!("{begin:-<0$}Z", length - 1);
    [label("0644--e9", 63), label("0x1F", 63), label("1", 63), label("no", 61)].join(".")
}

/// The longest account name, and the longest name of an environment in an alphabet of three bytes.
fn names() -> (String, String) {
    (format!("{:_<31}0", "_-0x--e9"), format!("{:갏<63}", "_한글²é-_.+1e9..++--"))
}

/// What conda takes of a package, with every character that may be in it, and the version that
/// follows from it.
const MATCHES: [(&str, &str, &str); 5] = [
    ("flask[version='(>=2.0,<3)|>9', build=\"*\"]", "flask", "2.3.3"),
    ("conda-forge/noarch::gunicorn !=23.0.0,~=21.0", "gunicorn", "21.2.0"),
    ("numpy ^1.*$", "numpy", "1.26.4"),
    ("pip=24.0=pyhd8ed1ab_0", "pip", "24.0"),
    ("tzdata>=2024a,!=2024a+1", "tzdata", "2024a"),
];

/// Packages of the archive of the test, as apt takes them: with a version, an architecture, a
/// suite, and a plus at the end, by which apt would otherwise mean that it be installed.
fn packages(suite: Suite) -> [String; 5] {
    let odd = "bootseed-test=1:2.0~rc1+b1-0.1+deb~2";
    ["libstdc++6", "0.bootseed-test.c++", odd, "tree:amd64", &format!("hello/{suite}")]
        .map(str::to_owned)
}

/// A unit whose name has every character that may be in one.
const UNIT: &str = "0odd:_-.x@a\\x2db:c.service";

/// JSON without the characters that YAML cannot hold, or takes for the end of a line.
fn ascii(json: &str) -> String {
    let escape = |c: char| match c {
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
            format!("\\u{:04x}", c as u32)
        }
        _ => c.to_string(),
    };
    json.chars().map(escape).collect()
}

fn hostile_values(suite: Suite) {
    let long = "x'\"\\ ".repeat(400);
    let binary: Vec<u8> = (0..=255).collect();
    let texts: Vec<&str> = TEXTS.iter().copied().chain([&long[..]]).collect();
    let mut files: Vec<_> = (0..texts.len())
        .map(|i| json!({"path": format!("/srv/{i} it's \"$x\" 한글"), "content": texts[i]}))
        .collect();
    files.push(json!({"path": "/home/bob/a b/own", "content": texts[8], "mode": "0600"}));
    files.push(json!({"path": "/srv/binary", "from": "binary", "owner": "bob:bob", "mode": "400"}));
    let run: Vec<_> =
        [json!(["sh", "-c", "printf '%s' \"$1\" >\"$0\"", "/srv/argument", texts[11]])]
            .into_iter()
            .chain([json!("set -- ' :  #' \"it's\"; printf '%s' \"$*\" >/srv/line")])
            .collect();
    files.push(json!({
        "path": "/etc/systemd/system/0odd:_-.x@.service",
        "content": "[Service]\nExecStart=/usr/bin/touch '/srv/unit %i'\n[Install]\nWantedBy=multi-user.target\n",
    }));
    let (user, environment) = names();
    let matches = MATCHES.map(|(spec, _, _)| spec);
    let spec = json!({
        "hostname": hostname(), "users": [{"name": "bob"}, {"name": user}],
        "files": files, "run": run, "packages": packages(suite), "services": [UNIT],
        "conda": {"environments": [
            {"name": "한글+1.0_e-3"},
            {"name": environment, "python": "!=3.13.*,>=3.9,<3.11|==3.9.18", "packages": matches},
        ]},
    });
    let mut world = World::new(suite).spec(&ascii(&spec.to_string()));
    fs::write(world.path("binary"), &binary).unwrap();
    let machine = world.boot("hostile");
    ready(&machine, &world);
    let bytes = |path: &str| machine.exec(&["cat", "--", path]).stdout;
    for (i, text) in texts.iter().enumerate() {
        let got = bytes(&format!("/srv/{i} it's \"$x\" 한글"));
        assert_eq!(String::from_utf8_lossy(&got), *text);
    }
    assert_eq!(bytes("/home/bob/a b/own"), texts[8].as_bytes());
    assert_eq!(bytes("/srv/binary"), binary);
    assert_eq!(bytes("/srv/argument"), texts[11].as_bytes());
    assert_eq!(bytes("/srv/line"), b" :  # it's");
    succeeds(
        &machine,
        "test \"$(stat -c '%U:%G %a' '/home/bob/a b/own' | xargs)\" = 'bob:bob 600'",
    );
    succeeds(&machine, "test \"$(stat -c '%U %a' '/home/bob/a b')\" = 'bob 755'");
    succeeds(&machine, "test \"$(stat -c '%U:%G %a' /srv/binary)\" = 'bob:bob 400'");
    succeeds(&machine, "/opt/conda/envs/한글+1.0_e-3/bin/python -V");
    arrived(&machine, &environment);
    let host = hostname();
    succeeds(&machine, &format!("test $(hostname) = {}", host.split('.').next().unwrap()));
    succeeds(&machine, &format!("id -u -- {user} && test -d /home/{user}"));
    for package in packages(suite) {
        let name = package.split(['=', '/', ':']).next().unwrap();
        succeeds(
            &machine,
            &format!("dpkg-query -Wf '${{db:Status-Status}}' {name} | grep -x installed"),
        );
    }
    succeeds(
        &machine,
        "dpkg-query -Wf '${Version}' bootseed-test | grep -xF '1:2.0~rc1+b1-0.1+deb~2'",
    );
    assert!(bytes("/srv/unit a\\x2db:c").is_empty());
    succeeds(
        &machine,
        &format!("systemctl is-enabled -- '{UNIT}' && test -e '/srv/unit a\\x2db:c'"),
    );
}

/// Conda was given each specification as it is, and installed what it asks for.
fn arrived(machine: &Running, environment: &str) {
    let history = machine.read(&format!("/opt/conda/envs/{environment}/conda-meta/history"));
    let python = "import shlex, sys, json; print(json.dumps(shlex.split(sys.argv[1])))";
    let command = history.lines().find_map(|line| line.strip_prefix("# cmd: ")).expect("a command");
    let words = machine.exec(&["python3", "-c", python, command]).stdout;
    let words: Vec<String> = serde_json::from_slice(&words).unwrap();
    let list = format!("/opt/conda/bin/conda list -n '{environment}'");
    for (spec, name, version) in MATCHES {
        assert!(words.iter().any(|word| word == spec), "{spec} is not in {words:?}");
        succeeds(machine, &format!("{list} | grep -E '^{name} +{version} '"));
    }
    succeeds(machine, &format!("{list} | grep -E '^python +3.10.13 '"));
}
