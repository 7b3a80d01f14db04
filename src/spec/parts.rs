//! Parameters of further parts of the user-data.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::waiting;
use super::word::{self, Word};
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// A part of the user-data beside the cloud-config that bootseed makes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What it is: `script`, `per-boot`, `per-instance`, `per-once`, `boothook`, `include` or
    /// `cloud-config`.
    pub kind: PartKind,
    /// File name on the machine; scripts run in the order of their names.
    #[schemars(example = &"10-greet.sh")]
    pub name: Option<String>,
    /// Its text. Either `content` or `from`.
    pub content: Option<String>,
    /// A text file on this computer, relative to the parameter file.
    pub from: Option<String>,
}

/// What cloud-init does with a part.
/// <https://docs.cloud-init.io/en/latest/explanation/format.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// A script that runs once, at the end of the first boot.
    Script,
    /// A script that runs at the end of every boot.
    PerBoot,
    /// A script that runs once for each new machine made from an image.
    PerInstance,
    /// A script that runs once ever.
    PerOnce,
    /// A script that runs early on every boot, before everything else.
    Boothook,
    /// A list of URLs, one a line, whose contents are user-data too.
    Include,
    /// Another cloud-config: merged into bootseed's by the rules of `cloud_config`.
    CloudConfig,
}

/// A file name of a part.
const NAME: Word = Word {
    id: "part-name",
    what: "file name",
    max: 100,
    first: |c| c.is_ascii_alphanumeric(),
    rest: |c| c.is_ascii_alphanumeric() || "-_.".contains(c),
    help: "use letters, digits, `-`, `_` and `.`",
};

/// What the module runcmd calls the script that it leaves among those of the user-data:
/// `cloudinit/config/cc_runcmd.py`
const RUNCMD: &str = "runcmd";

pub(super) fn check(parts: &[Part], at: &Path, report: &mut Report) {
    let mut seen = HashSet::new();
    for (i, part) in parts.iter().enumerate() {
        let at = at.index(i);
        if let Some(name) = &part.name {
            NAME.check(name, &at.key("name"), report);
        }
        if part.kind == PartKind::PerBoot && part.name.as_deref() == Some("bootseed") {
            let message = "bootseed has a script of this name itself";
            let help = "choose another name";
            report
                .push(Diagnostic::error("duplicate-part", message).at(&at.key("name")).help(help));
        }
        if part.kind == PartKind::Script && part.name.as_deref() == Some(RUNCMD) {
            let message = "cloud-init writes its own script of this name over it";
            let help = "choose another name";
            report
                .push(Diagnostic::error("duplicate-part", message).at(&at.key("name")).help(help));
        }
        if !seen.insert(part.file_name(i)) {
            let message = "two parts have this name";
            let help = "give each a name of its own";
            report
                .push(Diagnostic::error("duplicate-part", message).at(&at.key("name")).help(help));
        }
        let (message, help) = match (&part.content, &part.from) {
            (Some(_), Some(_)) => {
                ("`content` and `from` contradict each other", "keep one of the two")
            }
            (None, None) => {
                ("the part has no content", "add `content:`, or `from:` with a local file")
            }
            _ => continue,
        };
        report.push(Diagnostic::error("part-content", message).at(&at).help(help));
    }
}

impl Part {
    /// Its name, or one by its place in the list, from 0.
    pub fn file_name(&self, place: usize) -> String {
        self.name.clone().unwrap_or_else(|| format!("part-{:03}", place + 1))
    }

    /// Reports what cloud-init would pass over in silence. `text` is the part's content.
    pub fn check_text(&self, text: &str, at: &Path, report: &mut Report) {
        let (wrong, message, help) = match self.kind {
            PartKind::Include => (
                text.lines().any(|line| !is_url_line(line)),
                "an include list has one URL a line",
                "write lines such as https://example.org/user-data",
            ),
            PartKind::CloudConfig => return,
            // cloud-init takes its own header off, and white space: `cloudinit/handlers/boot_hook.py`
            PartKind::Boothook => {
                let script = text.strip_prefix("#cloud-boothook").unwrap_or(text);
                (!script.trim_start().starts_with("#!"), NO_INTERPRETER, INTERPRETER)
            }
            _ => (!text.starts_with("#!"), NO_INTERPRETER, INTERPRETER),
        };
        if wrong {
            report.push(Diagnostic::error("part-text", message).at(at).help(help));
        }
        if !matches!(self.kind, PartKind::Include | PartKind::CloudConfig) {
            waiting::check_shell(text, at, report);
        }
        word::no_nul(text, at, report);
    }
}

const NO_INTERPRETER: &str = "a script must begin with `#!`, or the machine cannot run it";
const INTERPRETER: &str = "write #!/bin/bash as its first line";

fn is_url_line(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.starts_with('#')
        || line.starts_with("http://")
        || line.starts_with("https://")
}
