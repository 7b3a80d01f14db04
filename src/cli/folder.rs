//! Is everything used that is in the folder of `--templates`?

use std::path::{Path, PathBuf};

use anyhow::bail;
use bootseed::diagnostic::nearest;
use bootseed::template;

/// Says which file in the folder nothing would use: its name is that of no built-in template, and no
/// template speaks of it. `own` is the text of a template from elsewhere.
///
/// # Errors
/// That, or a folder where a template should be.
pub(super) fn check(folder: &Path, own: Option<&str>) -> anyhow::Result<()> {
    let mut found = Vec::new();
    walk(folder, "", &mut found)?;
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
        bail!("--templates {}: nothing uses `{name}`; {hint}", folder.display());
    }
    Ok(())
}

/// The templates in the folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let _ = walk(folder, "", &mut found);
    found.into_iter().map(|(name, _)| folder.join(name)).collect()
}

/// Name below the folder and text of every template.
fn walk(folder: &Path, above: &str, found: &mut Vec<(String, String)>) -> anyhow::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        let path = entry.path();
        match path.is_dir() {
            true if name.ends_with(".j2") => {
                bail!("{}: this is a folder, not a template", path.display());
            }
            true => walk(&path, &format!("{name}/"), found)?,
            false if name.ends_with(".j2") => {
                let text = std::fs::read(&path)?;
                found.push((name, String::from_utf8_lossy(&text).into_owned()));
            }
            false => {}
        }
    }
    Ok(())
}
