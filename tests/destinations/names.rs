//! Names of machines that YAML would take for something else: they are texts in every file.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::catalog::Listed;
use bootseed::destination::Destination;
use bootseed::iso9660;
use bootseed::source::{Yaml11, scalars, yaml11};

use crate::tools::{bootseed, spec, succeeds};

/// Host names that are numbers, booleans, dates and the like for a reader of YAML 1.1.
const NAMES: &[&str] = &["20260001", "007", "0x1f", "1e5", "on", "yes", "null", "2024-01-01"];

/// Destinations that hand the name over beside the user-data.
const NAMED: &[&str] = &[
    "aws-cli",
    "aws-launch-template",
    "cloudformation",
    "incus",
    "lxd",
    "nocloud",
    "nocloud-iso",
    "tfvars",
    "vmware",
];

/// The texts in YAML or JSON that are beside the user-data.
fn beside(file: &Path) -> Vec<String> {
    let bytes = fs::read(file).unwrap();
    if let Ok(files) = iso9660::read(&bytes) {
        let files = files.into_iter().filter(|(name, _)| name != "user-data");
        return files.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect();
    }
    let text = String::from_utf8(bytes).unwrap();
    match text.lines().find_map(|line| line.strip_prefix("guestinfo.metadata = \"")) {
        Some(value) => {
            let bytes = STANDARD.decode(value.trim_end_matches('"')).unwrap();
            vec![String::from_utf8(bytes).unwrap()]
        }
        None => vec![text],
    }
}

fn delivered(file: &str, destination: &str, out: &Path) -> Vec<PathBuf> {
    let _ = fs::remove_dir_all(out);
    fs::create_dir(out).unwrap();
    succeeds(bootseed(&["render", file, "--for", destination, "-o"]).arg(out));
    let files = fs::read_dir(out).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| !file.ends_with("user-data")).collect()
}

#[test]
fn a_name_is_a_text_for_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        let file = spec(folder.path(), &format!("hostname: \"{name}\"\nweb: {{port: 8080}}\n"));
        for destination in NAMED {
            let files = delivered(&file, destination, &folder.path().join("out"));
            let texts: Vec<String> = files.iter().flat_map(|file| beside(file)).collect();
            let found = texts.iter().any(|text| {
                let tree = yaml11::read(text).unwrap_or_else(|why| panic!("{why}\n{text}"));
                scalars(&tree).contains(&&Yaml11::Str((*name).into()))
            });
            assert!(found, "{destination}, {name}: {texts:?}");
        }
    }
}

/// Who adds a destination with files of its own says here whether the name is in them.
#[test]
fn no_other_destination_writes_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = spec(folder.path(), "hostname: odd-name\n");
    let quoted_otherwise = "terraform";
    for destination in Destination::ALL.iter().map(|one| one.name()) {
        let files = delivered(&file, destination, &folder.path().join("out"));
        let named = files.iter().flat_map(|file| beside(file)).any(|text| {
            let text = text.split("#cloud-config").next().unwrap_or_default().to_owned();
            text.contains("odd-name")
        });
        let expected = NAMED.contains(&destination) || destination == quoted_otherwise;
        assert_eq!(named, expected, "{destination}");
    }
}
