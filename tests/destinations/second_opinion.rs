//! Payloads that other programs make: `write-mime-multipart` and `cloud-localds` of Debian's
//! cloud-image-utils. `inspect` reads them, and they read bootseed's.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::host::{self, have};
use crate::machines::PARTS;
use crate::tools::{bootseed, inspect, render, spec, succeeds};

const CONFIG: &str = "#cloud-config\nhostname: second\n# 안녕\n";
const SCRIPT: &str = "#!/bin/sh\necho 안녕\n";
const PLAIN: &str = "#!/bin/sh\necho plain\n";

fn kinds(found: &Value) -> Vec<&str> {
    found["parts"].as_array().unwrap().iter().map(|part| part["kind"].as_str().unwrap()).collect()
}

#[test]
fn messages_of_write_mime_multipart_are_read() {
    if !have(&["write-mime-multipart"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("config", CONFIG);
    file("script", SCRIPT);
    file("plain", PLAIN);
    file("lost", "nothing that it knows\n");
    for zip in [&[][..], &["--gzip"][..]] {
        let mut command = Command::new("write-mime-multipart");
        command.args(zip).args([
            "-o",
            "message",
            "config",
            "script",
            "plain:text/x-shellscript",
            "lost",
        ]);
        succeeds(command.current_dir(folder.path()));
        let message = folder.path().join("message");
        let found = inspect(&message);
        assert_eq!(kinds(&found), ["cloud-config", "script", "script", "unknown"], "{found:#}");
        assert_eq!(found["layers"][0]["envelope"] == "gzip", !zip.is_empty());
        assert!(found["warnings"][0].as_str().unwrap().starts_with("lost: "), "{found:#}");
        let parts = folder.path().join("parts");
        let mut command = bootseed(&["inspect", "--extract"]);
        let output = command.arg(&parts).arg(&message).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        for (name, text) in [("001-config", CONFIG), ("002-script", SCRIPT), ("003-plain", PLAIN)] {
            assert_eq!(fs::read_to_string(parts.join(name)).unwrap(), text);
        }
    }
}

#[test]
fn seeds_of_cloud_localds_are_read() {
    if !have(&["cloud-localds", "genisoimage", "mkfs.vfat", "mcopy"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let document = render(&spec(folder.path(), PARTS), &[]);
    fs::write(folder.path().join("document"), &document).unwrap();
    for format in ["iso9660", "vfat"] {
        let mut command = Command::new("cloud-localds");
        command.args(["-f", format, "seed.img", "document"]).current_dir(folder.path());
        succeeds(command.env("PATH", host::path()));
        let found = inspect(&folder.path().join("seed.img"));
        assert_eq!(kinds(&found), ["cloud-config", "script", "script", "boothook"], "{format}");
        assert_eq!(found["warnings"], json!([]), "{format}");
        assert_eq!(found["layers"][0]["bytes"], document.len(), "{format}");
    }
}

/// File systems of other sizes, with a document of many clusters.
#[test]
fn seeds_of_every_fat_are_read() {
    if !have(&["mkfs.vfat", "mcopy"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let document = format!("{CONFIG}{}", "# filler\n".repeat(3_000));
    fs::write(folder.path().join("user-data"), &document).unwrap();
    fs::write(folder.path().join("meta-data"), "instance-id: a\n").unwrap();
    for (bits, mebibytes, label, good) in [
        ("12", 2, "CIDATA", true),
        ("16", 20, "cidata", true),
        ("32", 40, "CIDATA", true),
        ("16", 20, "seed", false),
    ] {
        let image = folder.path().join(format!("{bits}-{label}.img"));
        fs::File::create(&image).unwrap().set_len(mebibytes << 20).unwrap();
        let mut command = Command::new("mkfs.vfat");
        command.args(["-F", bits, "-n", label]).arg(&image);
        succeeds(command.env("PATH", host::path()));
        let mut command = Command::new("mcopy");
        command.arg("-i").arg(&image).args(["meta-data", "user-data", "::"]);
        succeeds(command.current_dir(folder.path()));
        let found = inspect(&image);
        assert_eq!(found["layers"][0]["bytes"], document.len(), "{bits} {label}: {found:#}");
        assert_eq!(found["parts"][0]["used"], good, "{bits} {label}: {found:#}");
    }
}

#[test]
fn isoinfo_reads_our_seed() {
    if !have(&["isoinfo"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (seed, file) = (folder.path().join("seed.iso"), spec(folder.path(), PARTS));
    render(&file, &["--for", "nocloud-iso", "-o", &seed.display().to_string()]);
    let mut command = Command::new("isoinfo");
    command.args(["-R", "-x", "/user-data", "-i"]).arg(&seed);
    // Nothing limits a seed, so the program in it is text.
    assert!(succeeds(&mut command) == render(&file, &["--program", "plain"]));
}
