//! cloud-init's own code, of three releases: what it unpacks from every envelope.
//!
//! It is run in the root file systems of the boot tests (Debian 11, 12, 13: cloud-init 20.4, 22.4,
//! 25.1), with their Python, by `unpack.py`.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::machines::PARTS;
use crate::tools::{ROOT, all, have, inspect, left_out, render, spec, succeeds, target};

const SUITES: [&str; 3] = ["bullseye", "bookworm", "trixie"];

/// What of a root file system Python and cloud-init need.
const NEEDED: &[&str] = &[
    "./bin",
    "./lib",
    "./lib64",
    "./usr/lib64",
    "./etc/cloud",
    "./etc/os-release",
    "./etc/ssl",
    "./usr/share/ca-certificates",
    "./usr/bin/python3*",
    "./usr/lib/os-release",
    "./usr/lib/python3*",
    "./usr/lib/*-linux-gnu/lib*.so*",
    "./usr/lib/*-linux-gnu/ld-*",
];

/// The tree of a suite, with what is needed of it.
fn tree(suite: &str) -> PathBuf {
    let tar = succeeds(Command::new(Path::new(ROOT).join("tests/boot/rootfs")).arg(suite));
    let tar = PathBuf::from(String::from_utf8(tar).unwrap().trim());
    let version = fs::read_to_string(tar.with_extension("stamp")).unwrap();
    let tree = target().join(format!("{suite}-{}", &version[..12]));
    let lock = OpenOptions::new().create(true).append(true).open(target().join("trees.lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    if !tree.is_dir() {
        let half = target().join(format!("{suite}-half"));
        let _ = fs::remove_dir_all(&half);
        fs::create_dir_all(half.join("tmp")).unwrap();
        let mut command = Command::new("tar");
        command.arg("-xf").arg(&tar).arg("-C").arg(&half).arg("--wildcards");
        // A pattern that one suite has nothing for is no trouble: Python would not start otherwise.
        let _ = command.args(NEEDED).output().unwrap();
        fs::rename(&half, &tree).unwrap();
    }
    tree
}

/// What cloud-init of a suite makes of user-data, one answer for each.
fn unpacked(suite: &str, payloads: &[Vec<u8>]) -> Vec<Value> {
    let tree = tree(suite);
    let place = tempfile::tempdir_in(tree.join("tmp")).unwrap();
    let inside = Path::new("/tmp").join(place.path().file_name().unwrap());
    let program = Path::new(ROOT).join("tests/destinations/unpack.py");
    fs::copy(program, place.path().join("unpack.py")).unwrap();
    let mut command = Command::new("chroot");
    command.arg(&tree).args(["/usr/bin/python3", "-B"]).arg(inside.join("unpack.py"));
    for (number, payload) in payloads.iter().enumerate() {
        fs::write(place.path().join(number.to_string()), payload).unwrap();
        command.arg(inside.join(number.to_string()));
    }
    command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let text = String::from_utf8(succeeds(&mut command)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ready() -> bool {
    let here = have("cloud-init's own code", &["chroot", "tar", "mmdebstrap"]);
    if here && !all() {
        left_out("cloud-init's own code");
    }
    here && all()
}

#[test]
fn every_envelope_is_unpacked_to_the_same() {
    if !ready() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = spec(folder.path(), PARTS);
    let alone = spec_of(folder.path(), "alone.yaml", &PARTS[..PARTS.find("parts:\n").unwrap()]);
    let packed = |file: &str, arguments: &[&str]| {
        let out = folder.path().join("out");
        let _ = fs::remove_dir_all(&out);
        fs::create_dir(&out).unwrap();
        render(file, &[arguments, &["-o", &out.display().to_string()]].concat());
        fs::read(out.join(if arguments.contains(&"always") { "user-data.gz" } else { "user-data" }))
            .unwrap()
    };
    let gzip = ["--for", "openstack", "--compress", "always"];
    let payloads = [
        packed(&alone, &[]),
        packed(&alone, &gzip),
        render(&alone, &["--for", "mime"]),
        packed(&file, &[]),
        packed(&file, &gzip),
    ];
    let expected = inspected(folder.path(), &payloads[3]);
    for suite in SUITES {
        let found = unpacked(suite, &payloads);
        assert_eq!(found[0]["config"]["hostname"], "parts", "{suite}");
        assert_eq!(found[0]["others"], Value::Array(Vec::new()), "{suite}");
        assert!(found[0] == found[1] && found[0] == found[2], "{suite}");
        assert!(found[3] == found[4], "{suite}");
        assert_eq!(found[3]["config"]["package_upgrade"], false, "{suite}");
        assert_eq!(found[3]["config"]["manage_etc_hosts"], true, "{suite}");
        let others = found[3]["others"].as_array().unwrap();
        let others: Vec<(String, Vec<u8>)> = others.iter().map(part).collect();
        assert_eq!(others, expected, "{suite}");
        assert_eq!(others[0].1, "#!/bin/sh\necho '안녕' >/srv/hello\n".as_bytes(), "{suite}");
    }
}

fn part(part: &Value) -> (String, Vec<u8>) {
    (part[1].as_str().unwrap().into(), STANDARD.decode(part[2].as_str().unwrap()).unwrap())
}

fn spec_of(folder: &Path, name: &str, text: &str) -> String {
    fs::write(folder.join(name), text).unwrap();
    folder.join(name).display().to_string()
}

/// The parts beside the cloud-config, as `inspect` sees and extracts them.
fn inspected(folder: &Path, payload: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (file, out) = (folder.join("payload"), folder.join("parts"));
    fs::write(&file, payload).unwrap();
    succeeds(crate::tools::bootseed(&["inspect", "--extract"]).arg(&out).arg(&file));
    let found = inspect(&file);
    let names = found["parts"].as_array().unwrap().iter().enumerate().skip(1);
    names
        .map(|(i, part)| {
            let name = part["name"].as_str().unwrap().to_string();
            let bytes = fs::read(out.join(format!("{:03}-{name}", i + 1))).unwrap();
            (name, bytes)
        })
        .collect()
}

/// What `inspect` says that a machine passes over, damages or refuses.
#[test]
fn warnings_are_what_cloud_init_does() {
    if !ready() {
        return;
    }
    let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n";
    let payloads: Vec<Vec<u8>> = vec![
        "#cloud-config-archive\n- 'hostname: a'\n- {content: YQ==, type: text/x-a, encoding: b64}\n- |\n  #cloud-config-archive\n  - '#!/bin/sh'\n".into(),
        format!("{head}Content-Type: text/x-shellscript\n\necho\n--b--\n").into(),
        "#cloud-config\n# MIME-Version: 1.0\nhostname: a\n".into(),
        format!("{head}Content-Type: application/x-gzip\nContent-Transfer-Encoding: base64\n\n{}\n--b--\n",
            STANDARD.encode(bootseed::payload::Payload::of(b"#cloud-config\nhostname: a\n").compressed().bytes())).into(),
        format!("{head}Content-Type: text/cloud-config\n\nhostname: \u{e4}\n--b--\n").into(),
    ];
    for suite in SUITES {
        let found = unpacked(suite, &payloads);
        assert_eq!(found[0]["config"]["hostname"], "a", "{suite}");
        let kinds: Vec<&str> = found[0]["others"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part[0].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["text/x-a", "text/cloud-config-archive"], "{suite}");
        assert_eq!(found[0]["others"][0][2], STANDARD.encode("YQ=="), "{suite}");
        assert_eq!(found[1]["others"][0][0], "text/x-shellscript", "{suite}");
        assert_eq!(found[2]["config"]["hostname"], "a", "{suite}");
        assert_eq!(found[3]["config"]["hostname"], "a", "{suite}");
        assert_ne!(found[4]["config"]["hostname"], "\u{e4}", "{suite}");
    }
}
