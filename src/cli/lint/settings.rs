//! What is looked for: the options of the call, over `[lint]` in `bootseed.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bootseed::diagnostic::nearest;
use bootseed::lint::{self, Settings, Target};
use clap::ValueEnum;
use serde::Deserialize;

use super::{Args, FailOn};

const FILE: &str = "bootseed.toml";

/// What is looked for, and what makes the call fail.
pub(in crate::cli) struct Chosen {
    pub(in crate::cli) settings: Settings,
    pub(super) fail_on: FailOn,
}

/// The file of settings. Other parts of it are for other commands.
#[derive(Default, Deserialize)]
struct Configuration {
    #[serde(default)]
    lint: Section,
}

/// `[lint]`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Section {
    select: Vec<String>,
    ignore: Vec<String>,
    fail_on: Option<String>,
    image: Option<String>,
    cloud_init: Option<String>,
}

impl Chosen {
    pub(in crate::cli) fn of(args: &Args) -> anyhow::Result<Chosen> {
        let (section, file) = section()?;
        let within = |error: anyhow::Error| match &file {
            Some(file) => error.context(format!("in [lint] of {}", file.display())),
            None => error,
        };
        let select = if args.select.is_empty() { section.select } else { args.select.clone() };
        let mut ignore = section.ignore;
        ignore.extend(args.ignore.iter().cloned());
        select.iter().chain(&ignore).try_for_each(|id| known(id)).map_err(within)?;
        let image = args.image.as_ref().or(section.image.as_ref());
        let mut target = image.map(|name| Target::of_image(name)).transpose()?.unwrap_or_default();
        let version = args.cloud_init.as_ref().or(section.cloud_init.as_ref());
        target.cloud_init = version.map(|text| lint::version(text)).transpose()?;
        let named = section.fail_on.as_deref().map(fail_on).transpose().map_err(within)?;
        let fail_on = args.fail_on.or(named).unwrap_or(FailOn::Error);
        Ok(Chosen { settings: Settings { select, ignore, target }, fail_on })
    }
}

fn fail_on(word: &str) -> anyhow::Result<FailOn> {
    let found = FailOn::from_str(word, false).ok();
    found.with_context(|| format!("`fail-on` is error, warning or hint, and not `{word}`"))
}

fn known(id: &str) -> anyhow::Result<()> {
    let ids = || lint::rules().map(|rule| rule.id);
    if ids().any(|known| known == id) {
        return Ok(());
    }
    match nearest(id, ids()) {
        Some(near) => bail!("no rule is called {id}; did you mean {near}?"),
        None => bail!("no rule is called {id}; `bootseed explain` lists them"),
    }
}

/// The section of the nearest file, in this folder or one above it.
fn section() -> anyhow::Result<(Section, Option<PathBuf>)> {
    let folder = std::env::current_dir().unwrap_or_default();
    let Some(file) = folder.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file())
    else {
        return Ok((Section::default(), None));
    };
    Ok((read(&file)?, Some(file)))
}

fn read(file: &Path) -> anyhow::Result<Section> {
    let cannot = || format!("cannot read {}", file.display());
    let text = fs::read_to_string(file).with_context(cannot)?;
    let configuration: Configuration = toml::from_str(&text).with_context(cannot)?;
    Ok(configuration.lint)
}
