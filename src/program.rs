//! The program on the machine, put together from its files.
//!
//! In: the [`Step`]s of a machine. Out: a [`Program`] in Python: one file with what these steps
//! need, of constant text. Machines with the same kinds of steps have the same program, whatever
//! their values are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libdeflater::{CompressionLvl, Compressor};
use sha2::{Digest, Sha256};

use crate::catalog::package_manager::PackageManager;
use crate::step::{PACKAGES, PACKAGES_UPGRADE, Step, guest_files};
use crate::template::{TemplateError, Templates};

/// What every machine's program begins and ends with.
const FIRST: &str = "step.py";
const LAST: [&str; 2] = ["status.py", "engine.py"];

const HEADER: &str = "#!/usr/bin/python3 -I
\"\"\"Sets this machine up, as /etc/bootseed/machine.yaml says: sudo bootseed-provision

It runs on every boot. What is done is found done, so it may be run by hand at any time.\"\"\"

";

/// How the program travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As text.
    Plain,
    /// As gzip in base64.
    Packed,
}

/// The program. Its clones share what is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program(Arc<Made>);

/// A program, and what is made of it when it is first asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Made {
    text: String,
    bare: bool,
    sha256: OnceLock<String>,
    packed: OnceLock<String>,
    without_comments: OnceLock<Program>,
}

impl Program {
    /// The program for these steps.
    ///
    /// # Errors
    /// A file of the program cannot be read: only with a folder of the owner's.
    pub fn of(
        steps: &[Step],
        packages: &PackageManager,
        templates: &Templates,
    ) -> Result<Program, TemplateError> {
        let own = guest_files(steps);
        let chosen = own.into_iter().map(|file| match file {
            PACKAGES => packages.guest,
            PACKAGES_UPGRADE => packages.upgrade,
            file => file,
        });
        let files: Vec<&str> = [FIRST].into_iter().chain(chosen).chain(LAST).collect();
        let made = templates.once(&files.join(" "), || assembled(&files, templates))?;
        Ok(Program::clone(&made))
    }

    fn new(text: String, bare: bool) -> Program {
        Program(Arc::new(Made { text, bare, ..Made::default() }))
    }

    /// The program.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The same without comments and docstrings: a third less, for where there is no room.
    pub fn without_comments(&self) -> &Program {
        self.0.without_comments.get_or_init(|| Program::new(without_comments(self.text()), true))
    }

    /// Is it without comments and docstrings?
    pub fn is_bare(&self) -> bool {
        self.0.bare
    }

    /// Its SHA-256 in hexadecimal, by which a packed program can be told.
    pub fn sha256(&self) -> &str {
        let hash =
            || Sha256::digest(self.text()).iter().map(|byte| format!("{byte:02x}")).collect();
        self.0.sha256.get_or_init(hash)
    }

    /// The program as [`packed`] makes it.
    pub fn packed(&self) -> &str {
        self.0.packed.get_or_init(|| packed(self.text()))
    }
}

/// The files of a program as one, in this order.
fn assembled(files: &[&str], templates: &Templates) -> Result<Program, TemplateError> {
    let mut imports = Imports::default();
    let mut body = String::new();
    for file in files {
        let text = templates.text(&format!("guest/{file}"))?;
        body += &section(file, &text, &mut imports);
    }
    Ok(Program::new(format!("{HEADER}{}{body}", imports.lines()), false))
}

/// A program in Python without its comments and docstrings.
pub fn without_comments(program: &str) -> String {
    let mut text = String::new();
    let (mut begins, mut inside) = (false, false);
    for (number, line) in program.lines().enumerate() {
        let code = line.trim_start();
        let quotes = code.matches("\"\"\"").count();
        let docstring = inside || begins && quotes > 0;
        if docstring {
            inside ^= quotes == 1;
        } else if number == 0 || !code.starts_with('#') {
            text += line;
            text.push('\n');
        }
        begins = !docstring && code.ends_with(':') || begins && code.is_empty();
    }
    text
}

/// A text as gzip in base64, on one line, for `encoding: gz+b64`.
pub fn packed(text: &str) -> String {
    STANDARD.encode(gzip(text.as_bytes()))
}

/// gzip without a name and with time 0, so that the same input gives the same bytes. libdeflate
/// makes it a twentieth smaller than zlib does, which is room for the owner.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::best());
    let mut packed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    // It cannot fail: the bound is large enough.
    let length = compressor.gzip_compress(bytes, &mut packed).unwrap_or_default();
    packed.truncate(length);
    packed
}

/// The same by zopfli: up to a twentieth smaller again, and a hundred times as slow.
#[cfg(not(target_family = "wasm"))]
pub fn gzip_at_any_cost(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    // It cannot fail: nothing is read or written but memory.
    let _ = zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, bytes, &mut packed);
    packed
}

/// As above, where there is no zopfli.
#[cfg(target_family = "wasm")]
pub fn gzip_at_any_cost(bytes: &[u8]) -> Vec<u8> {
    gzip(bytes)
}

/// One file of the program without its imports, below a line with its name.
fn section(name: &str, text: &str, imports: &mut Imports) -> String {
    let (about, rest) = docstring(text);
    let mut code = String::new();
    let mut inside = false;
    for line in rest.lines() {
        let begins = line.starts_with("from guest");
        if begins || inside {
            inside = if begins { line.ends_with('(') } else { line != ")" };
        } else if !imports.take(line) {
            code += line;
            code.push('\n');
        }
    }
    format!("\n\n# {name}: {about}\n\n{}\n", code.trim_matches('\n'))
}

/// The docstring of a module on one line, and what comes after it.
fn docstring(text: &str) -> (String, &str) {
    let parts = text.strip_prefix("\"\"\"").and_then(|rest| rest.split_once("\"\"\""));
    match parts {
        Some((about, rest)) => (about.split_whitespace().collect::<Vec<_>>().join(" "), rest),
        None => (String::new(), text),
    }
}

/// What the files import from Python's library, each module once.
#[derive(Default)]
struct Imports {
    whole: BTreeSet<String>,
    names: BTreeMap<String, BTreeSet<String>>,
}

impl Imports {
    /// Takes a line that is an import.
    fn take(&mut self, line: &str) -> bool {
        if let Some(module) = line.strip_prefix("import ") {
            self.whole.insert(module.to_string());
            return true;
        }
        let parts = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "));
        let Some((module, names)) = parts else { return false };
        let known = self.names.entry(module.to_string()).or_default();
        known.extend(names.split(", ").map(str::to_string));
        true
    }

    fn lines(&self) -> String {
        let whole = self.whole.iter().map(|module| format!("import {module}\n"));
        let named = self.names.iter().map(|(module, names)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("from {module} import {}\n", names.join(", "))
        });
        whole.chain(named).collect()
    }
}
