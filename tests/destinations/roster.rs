//! The folder of a roster, made here by the library as it is made for `bootseed roster`.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bootseed::catalog::Listed;
use bootseed::destination::{Compress, Destination, Member, Share};
use bootseed::machine::Order;
use bootseed::payload::Payload;
use bootseed::plan::{self, Plan};
use bootseed::source::{self, Source};
use bootseed::spec;
use bootseed::template::Templates;

use crate::machines::PARTS;
use crate::tools::{render, spec as file};

/// A machine: the student's name, and the parameter file.
pub(crate) type Student = (String, String);

/// File names that are hard on scripts and on Terraform.
pub(crate) const AWKWARD: &[&str] = &[
    "김철수",
    "김 철수 (2)",
    "O'Brien \"Bob\"",
    "$HOME ${HOME} $(touch broken) `touch broken`",
    "%HOME% %{if} ~ * ? [a] \\ ; & | < > # !",
    "-c",
    "--list",
    "~",
    "a.gz",
    "a",
    "tab\tand\nline",
];

pub(crate) fn destination(name: &str) -> &'static Destination {
    Destination::ALL.iter().find(|one| one.name() == name).unwrap()
}

pub(crate) fn resolved(text: &str) -> (Plan, Payload) {
    let tree = source::parse(&Source::new("test.yaml", text)).unwrap();
    let plan = plan::resolve(&spec::load(&tree).0.unwrap(), Path::new("/nowhere")).0.unwrap();
    let machine = Order::new(&Templates::default()).machine(plan).unwrap();
    (machine.plan, machine.payload)
}

/// What comes out for a student, and the bytes that the machine is to get.
pub(crate) fn share(to: &Destination, class: &str, student: &Student) -> (Share, Vec<u8>) {
    let templates = Templates::default();
    let (plan, payload) = resolved(&student.1);
    let packed = to.pack(&plan, &payload, Compress::Auto).unwrap();
    let member = Member { name: &student.0, full_name: None, class };
    (to.share(member, &plan, &packed, &templates).unwrap(), packed.bytes().to_vec())
}

/// Makes the folder of a class, and returns the bytes that each machine is to get.
pub(crate) fn make(folder: &Path, to: &str, class: &str, students: &[Student]) -> Vec<Vec<u8>> {
    let to = destination(to);
    let gather = to.gather(class, &Templates::default()).unwrap();
    let (mut payloads, mut entries) = (Vec::new(), Vec::new());
    for student in students {
        let (share, bytes) = share(to, class, student);
        for file in share.artifacts {
            let place = folder.join(file.name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, &*file.bytes).unwrap();
        }
        entries.extend(share.entry);
        payloads.push(bytes);
    }
    if let Some(gather) = gather {
        let place = folder.join(gather.file);
        let text = [gather.head, entries.join(gather.between), gather.tail].concat();
        fs::write(&place, text).unwrap();
        let mode = if gather.program { 0o755 } else { 0o644 };
        fs::set_permissions(&place, fs::Permissions::from_mode(mode)).unwrap();
    }
    payloads
}

#[test]
fn one_machine_of_a_roster_is_what_one_machine_is() {
    let text = "hostname: lab-7\nweb: {index: 안녕}\n";
    let student: Student = ("lab-7".into(), text.into());
    let (plan, payload) = resolved(text);
    let templates = Templates::default();
    for to in Destination::ALL.iter().filter(|to| to.name() != "aws-cli") {
        let one = to.deliver(&plan, &payload, Compress::Auto, &templates).unwrap();
        let share = share(to, "monday", &student).0;
        assert_eq!(share.entry.is_some(), to.name() == "tfvars");
        if share.entry.is_none() {
            let bytes = share.artifacts.iter().map(|file| &file.bytes);
            assert!(bytes.eq(one.artifacts.iter().map(|file| &file.bytes)), "{}", to.name());
            let more = usize::from(to.name() == "terraform");
            assert_eq!(share.notes[..share.notes.len() - more], one.notes, "{}", to.name());
        }
    }
}

#[test]
fn the_variables_of_one_machine_are_the_file_of_one_machine() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["hostname: lab-7\nweb: {index: 안녕}\n", "hostname: bare\n", PARTS] {
        let name = text.lines().next().unwrap().trim_start_matches("hostname: ");
        make(folder.path(), "tfvars", "monday", &[(name.into(), text.into())]);
        let made = fs::read_to_string(folder.path().join("bootseed.auto.tfvars.json")).unwrap();
        let rendered = render(&file(folder.path(), text), &["--for", "tfvars"]);
        assert_eq!(made, String::from_utf8(rendered).unwrap());
        let value: serde_json::Value = serde_json::from_str(&made).unwrap();
        assert_eq!(made, serde_json::to_string_pretty(&value).unwrap() + "\n");
        assert!(!folder.path().join("machines").exists());
    }
}

#[test]
fn no_two_machines_share_a_file_or_a_resource() {
    let large = format!("web: {{index: {}}}\n", "x".repeat(17_000));
    for to in Destination::ALL {
        let mut names = BTreeSet::new();
        let mut templates = BTreeSet::new();
        let mut count = 0;
        for name in AWKWARD {
            // Compressed for `a`, whose file must not take the place of that of `a.gz`.
            let small = "hostname: the-same\nweb: {}\n".to_string();
            let text = if *name == "a" && to.gzip { large.clone() } else { small };
            for file in share(to, "monday", &(name.to_string(), text)).0.artifacts {
                let rest = file.name.strip_prefix("machines/").unwrap().strip_prefix(name).unwrap();
                assert!(rest.starts_with(['.', '/']) && rest.len() > 1, "{}", file.name);
                if to.name() == "aws-launch-template" {
                    let value: serde_json::Value = serde_json::from_slice(&file.bytes).unwrap();
                    let name = value["LaunchTemplateName"].as_str().unwrap();
                    let fine = |c: char| c.is_ascii_alphanumeric() || "()./-_".contains(c);
                    assert!((3..=128).contains(&name.len()) && name.chars().all(fine), "{name}");
                    assert!(templates.insert(name.to_string()), "{name}");
                }
                count += 1;
                names.insert(file.name);
            }
        }
        assert_eq!(names.len(), count, "{}", to.name());
        assert_eq!(count == 0, to.name() == "tfvars");
    }
}
