//! Seed images, as other programs see them and as other programs make them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod host;

use std::fs;
use std::path::Path;
use std::process::Command;

use bootseed::iso9660::{image, label, read};
use host::have;

/// What a seed holds, and sizes around a sector's.
const FILES: [(&str, &[u8]); 6] = [
    ("user-data", b"#cloud-config\nhostname: hello\n"),
    ("meta-data", b"instance-id: i-1\n"),
    ("network-config", &[b'n'; 2048]),
    ("vendor-data", b""),
    ("a.file.with-dots_and_CAPITALS", &[b'a'; 2049]),
    ("a-name-of-64-characters-which-is-as-long-as-joliet-has-them-.txt", b"long"),
];

/// Runs a program in a folder and returns what it says.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PATH", host::path())
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    output.stdout
}

fn text(folder: &Path, program: &str, arguments: &[&str]) -> String {
    String::from_utf8(run(folder, program, arguments)).expect("text")
}

/// A folder with our image in it, as `seed.iso`.
fn ours() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("seed.iso"), image("cidata", &FILES).unwrap()).expect("written");
    folder
}

/// A folder with the files in `files`, some of them deeper.
fn theirs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().join("files");
    fs::create_dir_all(files.join("openstack/latest")).expect("folders");
    for (name, content) in FILES {
        fs::write(files.join(name), content).expect("written");
    }
    fs::write(files.join("openstack/latest/user_data"), "#!/bin/sh\n").expect("written");
    fs::write(files.join("n".repeat(200)), "a name that one record cannot hold").expect("written");
    folder
}

fn holds_our_files(extracted: &Path) {
    for (name, content) in FILES {
        assert_eq!(fs::read(extracted.join(name)).expect(name), content, "{name}");
    }
    assert_eq!(fs::read_dir(extracted).expect("listed").count(), FILES.len());
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

#[test]
fn isoinfo_finds_label_names_and_contents() {
    if !have(&["isoinfo"]) {
        return;
    }
    let folder = ours();
    let isoinfo = |arguments: &[&str]| {
        text(folder.path(), "isoinfo", &[&["-i", "seed.iso"], arguments].concat())
    };
    let about = isoinfo(&["-d"]);
    assert!(about.contains("Volume id: cidata\n"), "{about}");
    assert!(about.contains("Rock Ridge signatures version 1 found"), "{about}");
    assert!(about.contains("Joliet with UCS level 3 found"), "{about}");
    let names = sorted(FILES.map(|(name, _)| format!("/{name}")).to_vec());
    for tree in ["-R", "-J"] {
        let listed = isoinfo(&[tree, "-f"]).lines().map(String::from).collect();
        assert_eq!(sorted(listed), names, "{tree}");
        for (name, content) in FILES {
            let path = format!("/{name}");
            assert_eq!(isoinfo(&[tree, "-x", &path]).as_bytes(), content, "{tree} {name}");
        }
    }
    let errors = text(folder.path(), "isovfy", &["seed.iso"]);
    assert!(errors.contains("No errors found"), "{errors}");
}

#[test]
fn blkid_finds_the_label_that_cloud_init_looks_for_and_no_uuid() {
    if !have(&["blkid"]) {
        return;
    }
    let found = text(ours().path(), "blkid", &["--probe", "--output", "export", "seed.iso"]);
    for line in ["LABEL=cidata", "TYPE=iso9660"] {
        assert!(found.lines().any(|l| l == line), "{line} in {found}");
    }
    assert!(!found.contains("UUID"), "{found}");
}

#[test]
fn bsdtar_extracts_the_files() {
    if !have(&["bsdtar"]) {
        return;
    }
    for option in ["rockridge", "!rockridge"] {
        let folder = ours();
        let (out, option) = (folder.path().join("out"), format!("iso9660:{option}"));
        fs::create_dir(&out).expect("a folder");
        run(&out, "bsdtar", &["-x", "--options", &option, "-f", "../seed.iso"]);
        holds_our_files(&out);
    }
}

#[test]
fn xorriso_extracts_the_files() {
    if !have(&["xorriso"]) {
        return;
    }
    let folder = ours();
    let extract = ["-indev", "seed.iso", "-osirrox", "on", "-extract", "/", "out"];
    run(folder.path(), "xorriso", &[&["-abort_on", "WARNING"], &extract[..]].concat());
    holds_our_files(&folder.path().join("out"));
}

#[test]
fn images_of_genisoimage_are_read() {
    if !have(&["genisoimage"]) {
        return;
    }
    let folder = theirs();
    let make = |options: &[&str]| {
        let words = [&["-quiet", "-V", "cidata", "-o", "its.iso"], options, &["files"]].concat();
        run(folder.path(), "genisoimage", &words);
        let bytes = fs::read(folder.path().join("its.iso")).expect("an image");
        assert_eq!(label(&bytes).unwrap(), "cidata");
        read(&bytes).unwrap()
    };
    holds_their_files(&make(&["-rock", "-joliet"]));
    holds_their_files(&make(&["-rock"]));
    fs::remove_file(folder.path().join("files").join("n".repeat(200))).expect("removed");
    let joliet = make(&["-joliet", "-joliet-long"]);
    for (name, content) in FILES {
        assert!(joliet.contains(&(name.into(), content.to_vec())), "{name}");
    }
    let plain = make(&[]);
    assert!(plain.contains(&("user_dat".into(), FILES[0].1.to_vec())), "{plain:?}");
}

#[test]
fn images_of_xorriso_are_read() {
    if !have(&["xorriso"]) {
        return;
    }
    let folder = theirs();
    let words = ["-as", "mkisofs", "-quiet", "-V", "cidata", "-J", "-R", "-o", "its.iso", "files"];
    run(folder.path(), "xorriso", &words);
    let bytes = fs::read(folder.path().join("its.iso")).expect("an image");
    holds_their_files(&read(&bytes).unwrap());
}

#[test]
fn seeds_of_cloud_localds_are_read() {
    if !have(&["cloud-localds"]) {
        return;
    }
    let folder = theirs();
    run(folder.path(), "cloud-localds", &["its.iso", "files/user-data", "files/meta-data"]);
    let bytes = fs::read(folder.path().join("its.iso")).expect("an image");
    assert_eq!(label(&bytes).unwrap(), "cidata");
    let expected = FILES[..2].iter().map(|(name, content)| ((*name).into(), content.to_vec()));
    assert_eq!(sorted(read(&bytes).unwrap()), sorted(expected.collect()));
}

fn holds_their_files(files: &[(String, Vec<u8>)]) {
    let has = |name: &str, content: &[u8]| {
        assert!(files.contains(&(name.into(), content.to_vec())), "{name}");
    };
    for (name, content) in FILES {
        has(name, content);
    }
    has("openstack/latest/user_data", b"#!/bin/sh\n");
    has(&"n".repeat(200), b"a name that one record cannot hold");
    assert_eq!(files.len(), FILES.len() + 2);
}
