//! cloud-init's own code, of three releases: what it unpacks from every envelope.
//!
//! It is run in the root file systems of the boot tests (Debian 11, 12, 13: cloud-init 20.4, 22.4,
//! 25.1), with their Python, by `unpack.py`.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::inspect::{Kind, Part};
use bootseed::source::Yaml11;
use bootseed::source::yaml11;
use serde_json::Value;

use crate::host::{everything, have, left_out};
use crate::machines::{PACKED, PARTS};
use crate::payloads;
use crate::tools::{ROOT, inspect, render, spec, succeeds, target};

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
    // Another test may be reading it.
    fs::write(place.path().join("included"), payloads::SCRIPT).unwrap();
    fs::rename(place.path().join("included"), tree.join(&payloads::INCLUDED[1..])).unwrap();
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
    let built = everything();
    if !built {
        left_out("cloud-init's own code");
    }
    built && have(&["chroot", "tar", "mmdebstrap"])
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
        let out_of_it = out.display().to_string();
        render(file, &[arguments, &PACKED, &["-o", &out_of_it]].concat());
        fs::read(out.join(if arguments.contains(&"always") { "user-data.gz" } else { "user-data" }))
            .unwrap()
    };
    let gzip = ["--for", "openstack", "--compress", "always"];
    let payloads = [
        packed(&alone, &[]),
        packed(&alone, &gzip),
        render(&alone, &[&["--for", "mime"][..], &PACKED].concat()),
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

/// What reaches a machine by a drive, by base64 that is undone, in an archive and by an include.
#[test]
fn every_way_leads_to_the_same() {
    if !ready() || !have(&["isoinfo"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = spec(folder.path(), &PARTS[..PARTS.find("parts:\n").unwrap()]);
    let made = |arguments: &[&str]| render(&file, &[arguments, &PACKED].concat());
    let document = made(&[]);
    let seed = folder.path().join("seed.iso");
    made(&["--for", "nocloud-iso", "-o", &seed.display().to_string()]);
    let drive = succeeds(Command::new("isoinfo").args(["-R", "-x", "/user-data", "-i"]).arg(&seed));
    let base64 = made(&["--for", "hetzner", "--compress", "always"]);
    assert!(base64.starts_with(b"H4sI") && !base64.contains(&b'\n'));
    let text = String::from_utf8(document.clone()).unwrap();
    let archive =
        serde_json::json!([{"type": "text/cloud-config", "content": text}, "#!/bin/sh\n"]);
    let archive = format!("#cloud-config-archive\n{archive}\n").into_bytes();
    let include = format!("#include {}\n", payloads::INCLUDED).into_bytes();
    let expected = json(&yaml11::load(&text).unwrap());
    for suite in SUITES {
        let ways = [&document, &drive, &base64, &archive, &include].map(Vec::clone);
        let found = unpacked(suite, &ways);
        for way in &found[..4] {
            assert_eq!(way["config"], expected, "{suite}");
        }
        assert_eq!(found[3]["done"][1][2], STANDARD.encode("#!/bin/sh\n"), "{suite}");
        assert_eq!(found[4]["done"][0][2], STANDARD.encode(payloads::SCRIPT), "{suite}");
    }
}

fn json(value: &Yaml11) -> Value {
    match value {
        Yaml11::Null => Value::Null,
        Yaml11::Bool(value) => (*value).into(),
        Yaml11::Int(value) => i64::try_from(*value).unwrap().into(),
        Yaml11::Str(text) => text.as_str().into(),
        Yaml11::List(items) => items.iter().map(json).collect(),
        Yaml11::Map(entries) => entries
            .iter()
            .map(|(key, value)| (json(key).as_str().unwrap().to_string(), json(value)))
            .collect(),
        other => panic!("bootseed writes no {other:?}"),
    }
}

/// What a machine does with awkward payloads, by cloud-init and by `inspect`.
#[test]
fn cloud_init_does_what_inspect_says() {
    if !ready() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let all = payloads::all();
    let bytes: Vec<Vec<u8>> = all.iter().map(|one| one.bytes.clone()).collect();
    let said: Vec<Value> = bytes
        .iter()
        .map(|bytes| {
            fs::write(folder.path().join("payload"), bytes).unwrap();
            inspect(&folder.path().join("payload"))
        })
        .collect();
    for suite in SUITES {
        let wrong = unpacked(suite, &bytes).into_iter().zip(&said).zip(&all);
        let wrong = wrong.filter(|((done, said), one)| {
            let agreed = agree(done, said, &one.bytes);
            agreed.is_ok() == one.too_old.contains(&suite)
        });
        let wrong: Vec<String> = wrong
            .map(|((done, said), one)| {
                let text = String::from_utf8_lossy(&one.bytes);
                format!(
                    "{suite}: {text:?}\n{:?}\n{said:#}\n{done:#}",
                    agree(&done, said, &one.bytes)
                )
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
}

/// Does `inspect` say what cloud-init did?
fn agree(done: &Value, said: &Value, payload: &[u8]) -> Result<(), String> {
    let warnings: Vec<&str> =
        said["warnings"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let parts = bootseed::inspect::inspect(payload).parts;
    let used: Vec<&Part> = parts.iter().filter(|part| part.used).collect();
    if used.len() < parts.len() && warnings.is_empty() {
        return Err("nothing is said of a part that is not used".into());
    }
    let gives_up = warnings.iter().any(|one| one.contains("all user-data is lost"));
    if gives_up != done["raises"].is_string() {
        return Err(format!("gives up: {}", done["raises"]));
    }
    let mut done = done["done"].as_array().cloned().unwrap_or_default();
    // A message in a part is walked through twice.
    done.dedup();
    let is_damaged = warnings.iter().any(|one| one.contains("damage"));
    let same = used.len() == done.len()
        && used.iter().zip(&done).all(|(part, done)| was_done(part, done, is_damaged));
    if same { Ok(()) } else { Err(format!("{used:#?}")) }
}

/// Is this what was done with the part?
fn was_done(part: &Part, done: &Value, is_damaged: bool) -> bool {
    let how = done[0].as_str().unwrap();
    let expected: &[&str] = match part.kind {
        Kind::CloudConfig => &["cloud-config"],
        Kind::JsonPatch => &["json-patch"],
        Kind::Script => &["scripts"],
        Kind::ScriptByFrequency => &["per-boot", "per-instance", "per-once"],
        Kind::Boothook => &["boothooks"],
        Kind::Jinja => return ["cloud-config", "scripts", "boothooks"].contains(&how),
        // The file that is included is a script.
        Kind::Include => return how == "scripts",
        Kind::Archive | Kind::PartHandler | Kind::Unknown => &[],
    };
    let bytes = STANDARD.decode(done[2].as_str().unwrap()).unwrap();
    let unix = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let name = done[1].as_str().filter(|_| part.name.is_some());
    // What cloud-init does to names for files is for cloud-init.
    let named = name.is_none_or(|name| part.name.as_deref().unwrap().replace('/', "_") == name);
    expected.contains(&how)
        && (is_damaged || unix(&part.content).ends_with(&unix(&bytes)))
        && (named || how == "scripts")
}
