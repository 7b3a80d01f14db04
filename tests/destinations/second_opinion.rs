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
    if !have(&["cloud-localds", "genisoimage"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let document = render(&spec(folder.path(), PARTS), &[]);
    fs::write(folder.path().join("document"), &document).unwrap();
    let mut command = Command::new("cloud-localds");
    command.args(["seed.img", "document"]).current_dir(folder.path());
    succeeds(command.env("PATH", host::path()));
    let found = inspect(&folder.path().join("seed.img"));
    assert_eq!(kinds(&found), ["cloud-config", "script", "script", "boothook"]);
    assert_eq!(found["warnings"], json!([]));
    assert_eq!(found["layers"][0]["bytes"], document.len());
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
