//! Is everything used that is in the folder of `--templates`?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bootseed::diagnostic::nearest;
use bootseed::template;

use super::Mistake;

/// Says which file in the folder nothing would use: its name is that of no built-in template, and no
/// template speaks of it. `own` is the text of a template from elsewhere.
///
/// # Errors
/// That, or a folder where a template should be.
pub(super) fn check(folder: &Path, own: Option<&str>) -> anyhow::Result<()> {
    let mut found = Vec::new();
    walk(folder, "", &mut BTreeSet::new(), &mut found)?;
    for (name, _) in &found {
        let known = template::built_in().any(|known| known == name);
        let spoken_of = |text: &str| text.contains(name.as_str());
        if known
            || own.is_some_and(spoken_of)
            || found.iter().any(|(other, text)| other != name && spoken_of(text))
        {
            continue;
        }
        let hint = match nearest(name, template::built_in()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "no template includes it, and the built-in ones are {}",
                template::built_in().collect::<Vec<_>>().join(", ")
            ),
        };
        let message = format!("--templates {}: nothing uses `{name}`; {hint}", folder.display());
        return Err(Mistake("unused-template", message).into());
    }
    Ok(())
}

/// The templates in the folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let _ = walk(folder, "", &mut BTreeSet::new(), &mut found);
    found.into_iter().map(|(name, _)| folder.join(name)).collect()
}

/// Name below the folder and text of every template. Folders that were looked into are not again:
/// a link may lead back to one.
fn walk(
    folder: &Path,
    above: &str,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut Vec<(String, String)>,
) -> anyhow::Result<()> {
    if !seen.insert(folder.canonicalize()?) {
        return Ok(());
    }
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        let path = entry.path();
        match path.is_dir() {
            false if !name.ends_with(".j2") => {}
            true if !name.ends_with(".j2") => walk(&path, &format!("{name}/"), seen, found)?,
            folder if folder || !path.is_file() => {
                let what = if folder { "a folder" } else { "no file" };
                let message = format!("{}: this is {what}, not a template", path.display());
                return Err(Mistake("unused-template", message).into());
            }
            _ => {
                let text = std::fs::read(&path)?;
                found.push((name, String::from_utf8_lossy(&text).into_owned()));
            }
        }
    }
    Ok(())
}
