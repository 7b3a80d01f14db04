//! What other programs say about the result: Python, bash, shellcheck, nginx, systemd, cloud-init,
//! crypt(3) and PyYAML, each asked about every preset, every example and machines with everything turned on.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod accounts;
mod cloud_init;
mod crypt;
mod guest;
#[path = "../host/mod.rs"]
mod host;
mod lint;
#[allow(unused_imports)] // the boot tests use all of it
#[path = "../boot/machine/mod.rs"]
mod machine;
mod nginx;
mod own_templates;
mod program;
mod shellcheck;
mod systemd;
#[path = "../values/mod.rs"]
mod values;

use std::path::{Path, PathBuf};

use bootseed::catalog::Listed;
use bootseed::preset::Preset;
use values::document::{self, Document};
use values::everything;

/// The parameter files of examples/.
fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = std::fs::read_dir(folder).expect("examples/ is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}

/// Name and document of everything that has to please the programs.
fn documents() -> Vec<(String, Document)> {
    let mut documents = Vec::new();
    for preset in Preset::ALL {
        let text = preset.source().text().to_string();
        documents.push((preset.name().to_string(), text, PathBuf::new()));
    }
    for path in examples() {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let folder = path.parent().expect("a folder").to_path_buf();
        documents.push((path.display().to_string(), text, folder));
    }
    let made = [
        ("everything", everything::on()),
        ("own", everything::own_installers()),
        ("nothing", everything::off()),
    ];
    for (name, parameters) in made {
        documents.push((name.to_string(), document::parameter_file(&parameters), PathBuf::new()));
    }
    let render = |(name, text, folder): (String, String, PathBuf)| {
        let document = document::render_text(&text, &folder)
            .unwrap_or_else(|refusal| panic!("{name}: {}", refusal.shown));
        (name, document)
    };
    documents.into_iter().map(render).collect()
}
