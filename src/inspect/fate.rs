//! What becomes of a part on the machine: `cloudinit/handlers/` of cloud-init.

use serde_json::Value;

use super::Kind;
use super::budget::Budget;
use super::found::{Found, Label};
use super::kind::{sniff, trim_start};
use super::merging;
use super::yaml::{self, Read};
use crate::source::yaml11::{Body, LoadError};

/// What becomes of a part.
#[derive(Debug, Default)]
pub(super) struct Fate {
    /// Why the machine passes over the whole part.
    pub(super) lost: Option<String>,
    pub(super) note: Option<String>,
}

impl Fate {
    fn lost(why: impl Into<String>) -> Fate {
        Fate { lost: Some(why.into()), ..Fate::default() }
    }

    fn lost_if(lost: bool, why: &str) -> Fate {
        if lost { Fate::lost(why) } else { Fate::default() }
    }

    fn note(mut self, note: &str) -> Fate {
        self.note = Some(note.into());
        self
    }
}

/// What becomes of a part of this kind, which was read so.
pub(super) fn of(kind: &Kind, part: &Found, read: &Read, budget: &mut Budget) -> Fate {
    let damaged = part.damaged.as_ref().map(|seen| yaml::read(kind, seen, budget));
    let read = damaged.as_ref().unwrap_or(read);
    let seen = part.seen();
    if let (Label::Item(_), Kind::Include | Kind::Archive) = (&part.label, kind) {
        return Fate::lost(IN_ARCHIVE);
    }
    let scripts = [Kind::Script, Kind::ScriptByFrequency, Kind::Boothook];
    if scripts.contains(kind) && part.name.as_deref().is_some_and(is_no_file_name) {
        return Fate::lost(NO_NAME);
    }
    match kind {
        Kind::CloudConfig => cloud_config(seen, read),
        Kind::JsonPatch => json_patch(seen),
        Kind::Script => script(seen),
        Kind::ScriptByFrequency => script(seen).note(BY_FREQUENCY),
        Kind::Boothook => boothook(seen),
        Kind::Include => include(seen),
        Kind::Jinja => jinja(seen, read),
        Kind::PartHandler => Fate::lost_if(std::str::from_utf8(seen).is_err(), NOT_UTF8),
        Kind::Archive | Kind::Unknown => Fate::default(),
    }
}

const IN_ARCHIVE: &str =
    "an archive in an archive is passed over, and so are `#include` lists in one";
const NO_INTERPRETER: &str = "a script without a first line such as #!/bin/bash cannot be run";
const NO_HOOK: &str = "a boothook cannot be run unless #!/bin/sh or the like follows \
     `#cloud-boothook`, which has to be the very first characters";
const NO_NAME: &str =
    "its name cannot be that of a file, without what is no letter A to Z, digit or one of _-.()";
const NOT_UTF8: &str = "the whole part is passed over: it is not UTF-8";
const NOT_READ: &str = "its YAML is larger or deeper than what is read here";
const WHITE: &str = "there is white space above the header: cloud-init copes, other tools do not";
const BY_FREQUENCY: &str = "cloud-init knows scripts by frequency since version 22.1";

/// `clean_filename` in `cloudinit/util.py`
fn is_no_file_name(name: &str) -> bool {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "_-.()".contains(*c);
    let clean: String = name.replace('/', "_").chars().filter(allowed).collect();
    !name.is_empty() && ["", ".", ".."].contains(&clean.as_str())
}

/// `cloud_config.py`: a part that is no YAML map is dropped as a whole.
fn cloud_config(seen: &[u8], read: &Read) -> Fate {
    let Ok(text) = std::str::from_utf8(seen) else { return Fate::lost(NOT_UTF8) };
    let whole = |why: &str| Fate::lost(format!("the whole part is passed over: {why}"));
    let tree = match read {
        Ok(Some(tree)) if !tree.is_null() => tree,
        Ok(_) => return whole("it has no keys"),
        Err(LoadError::Refused(why)) => {
            return whole(&format!("{why} (YAML as cloud-init reads it)"));
        }
        Err(LoadError::Beyond(_)) => return Fate::default().note(NOT_READ),
    };
    match &tree.body {
        Body::Map(_) => {
            if let Some(key) = merging::mistaken(tree) {
                return whole(&format!("`{key}` names no way to merge, such as `list(append)`"));
            }
            let note = (trim_start(text).len() != text.len()).then(|| WHITE.to_string());
            Fate { note, ..Fate::default() }
        }
        Body::List(_) => whole("it is a list, and keys are expected, such as `packages:`"),
        Body::Scalar(_) => {
            whole("it is a single value, and keys are expected, such as `packages:`")
        }
    }
}

/// `jsonpatch.py`: a list of operations.
fn json_patch(seen: &[u8]) -> Fate {
    const PREFIX: &str = "#cloud-config-jsonp";
    let text = String::from_utf8_lossy(seen);
    let text = trim_start(&text);
    let patch = serde_json::from_str(text.strip_prefix(PREFIX).unwrap_or(text));
    let operation = |one: &Value| one["op"].is_string() && one["path"].is_string();
    let good = matches!(&patch, Ok(Value::Array(all)) if all.iter().all(operation));
    Fate::lost_if(
        !good,
        "the whole part is passed over: it is no JSON list of maps with op and path",
    )
}

/// `shell_script.py`: written as it is, and given to the kernel.
fn script(seen: &[u8]) -> Fate {
    match std::str::from_utf8(seen) {
        Ok(text) => Fate::lost_if(!text.starts_with("#!"), NO_INTERPRETER),
        Err(_) => Fate::lost(NOT_UTF8),
    }
}

/// `boot_hook.py`: the header goes, if it is written exactly like this.
fn boothook(seen: &[u8]) -> Fate {
    let Ok(text) = std::str::from_utf8(seen) else { return Fate::lost(NOT_UTF8) };
    let script = text.strip_prefix("#cloud-boothook").unwrap_or(text);
    Fate::lost_if(!trim_start(script).starts_with("#!"), NO_HOOK)
}

/// `_do_include` in `user_data.py`
fn include(seen: &[u8]) -> Fate {
    let text = String::from_utf8_lossy(seen);
    let url = |line: &str| {
        let lower = line.to_lowercase();
        let header = ["#include-once", "#include"].into_iter().find(|h| lower.starts_with(h));
        let rest = line.get(header.map_or(0, str::len)..).unwrap_or_default().trim();
        !rest.is_empty() && !rest.starts_with('#')
    };
    Fate::lost_if(!text.lines().any(url), "there is no URL in it")
}

/// `jinja_template.py`: what can be said before it is rendered.
fn jinja(seen: &[u8], read: &Read) -> Fate {
    const KINDS: &str = "a template is passed over unless its second line is `#cloud-config`, \
         `#cloud-boothook` or `#!`";
    let Ok(text) = std::str::from_utf8(seen) else { return Fate::lost(NOT_UTF8) };
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let engine = first.strip_prefix("##").and_then(|first| {
        let name = trim_start(first).get(.."template:".len())?;
        let rest = &trim_start(first)[name.len()..];
        name.eq_ignore_ascii_case("template:").then(|| rest.trim().to_lowercase())
    });
    if engine.as_deref() != Some("jinja") {
        return Fate::lost("the first line has to be `## template: jinja` and nothing else");
    }
    let template = ["{{", "{%", "{#"].iter().any(|mark| rest.contains(mark));
    match sniff(rest.as_bytes()).0 {
        Kind::CloudConfig | Kind::JsonPatch | Kind::Script | Kind::Boothook if template => {
            Fate::default()
        }
        // The line that says that it is a template is a comment.
        Kind::CloudConfig => cloud_config(seen, read),
        Kind::Script => script(rest.as_bytes()),
        Kind::JsonPatch => Fate::default(),
        Kind::Boothook => {
            boothook(rest.as_bytes()).note("templates of boothooks need a newer cloud-init")
        }
        _ if trim_start(rest).starts_with('{') && template => Fate::default(),
        _ => Fate::lost(KINDS),
    }
}
