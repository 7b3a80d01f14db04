//! The parameter file of a command: read, laid over a preset, changed by `--set`, and resolved.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use bootseed::catalog::Listed;
use bootseed::diagnostic::{self, Report};
use bootseed::plan::{self, Plan};
use bootseed::preset::Preset;
use bootseed::source::{self, Node, Source};
use bootseed::spec;
use clap::builder::PossibleValue;

/// Where the parameters come from.
#[derive(clap::Args)]
pub(super) struct Input {
    /// Parameter file; `-` reads standard input. Without one, the preset hello_cju
    #[arg(value_name = "SPEC")]
    spec: Option<PathBuf>,
    /// Ready-made parameters; a SPEC is laid over them
    #[arg(long, value_name = "NAME", value_parser = preset_parser())]
    preset: Option<String>,
    /// Set one parameter, such as conda.environments[0].name=web; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
}

/// How user-data begins, by its kinds, with gzip and MIME among them.
/// <https://docs.cloud-init.io/en/latest/explanation/format.html>
const USER_DATA: &[&[u8]] = &[
    b"#cloud-config",
    b"#!",
    b"#include",
    b"#cloud-boothook",
    b"#part-handler",
    b"## template: jinja",
    b"Content-Type:",
    b"MIME-Version:",
    b"\x1f\x8b",
];

/// Completes and checks the names of presets.
pub(super) fn preset_parser() -> clap::builder::PossibleValuesParser {
    let value = |preset: &&Preset| PossibleValue::new(preset.name()).help(preset.about());
    Preset::ALL.iter().map(value).collect::<Vec<_>>().into()
}

/// The preset of this name; the first one without a name.
pub(super) fn preset(name: Option<&str>) -> &'static Preset {
    let named = |preset: &&&Preset| Some(preset.name()) == name;
    Preset::ALL.iter().find(named).unwrap_or(&Preset::ALL[0])
}

impl Input {
    /// The plan, or `None` when the parameters have mistakes; those are on standard error then.
    pub(super) fn plan(&self) -> anyhow::Result<Option<Plan>> {
        let mut tree = None;
        let mut report = Report::default();
        for source in self.sources()? {
            match source::parse(&source) {
                Ok(node) => {
                    tree = Some(match tree {
                        Some(under) => Node::merged_under(under, node),
                        None => node,
                    });
                }
                Err(errors) => report.extend(Report::from(errors)),
            }
        }
        let tree = tree.filter(|_| !report.has_errors());
        let Some(mut tree) = tree else { return Ok(tell(&mut report, None).and(None)) };
        for assignment in &self.set {
            report.extend(spec::assign(&mut tree, assignment).err().unwrap_or_default());
        }
        let (spec, found) = spec::load(&tree);
        report.extend(found);
        let mut plan = None;
        if let Some(spec) = spec.filter(|_| !report.has_errors()) {
            let (resolved, found) = plan::resolve(&spec, &self.folder());
            report.extend(found);
            plan = resolved;
        }
        let fine = tell(&mut report, Some(&tree));
        Ok(plan.filter(|_| fine.is_some()))
    }

    /// The bytes of SPEC if it is user-data already, rather than parameters.
    pub(super) fn user_data(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(path) = self.spec.as_deref().filter(|path| *path != Path::new("-")) else {
            return Ok(None);
        };
        let bytes = bytes(path)?;
        Ok(USER_DATA.iter().any(|start| bytes.starts_with(start)).then_some(bytes))
    }

    /// The preset and the parameter file, the lower one first.
    fn sources(&self) -> anyhow::Result<Vec<Arc<Source>>> {
        let mut sources = Vec::new();
        if self.preset.is_some() || self.spec.is_none() {
            sources.push(preset(self.preset.as_deref()).source());
        }
        sources.extend(self.spec.as_deref().map(read).transpose()?);
        Ok(sources)
    }

    /// The folder that files named in the parameters are relative to.
    fn folder(&self) -> PathBuf {
        let parent = self.spec.as_deref().and_then(Path::parent);
        parent.map(Path::to_path_buf).unwrap_or_default()
    }
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> anyhow::Result<Arc<Source>> {
    if path == Path::new("-") {
        return Ok(Source::read("<stdin>", std::io::stdin().lock())?);
    }
    let name = path.display().to_string();
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {name}"))?;
    Ok(Source::read(name, file)?)
}

/// The bytes of a file, or of standard input for `-`.
pub(super) fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Prints what was found; `None` if there is an error among it.
pub(super) fn tell(report: &mut Report, tree: Option<&Node>) -> Option<()> {
    if !report.is_empty() {
        report.sort(tree);
        report.dedup();
        let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        super::output::note(&diagnostic::render(report, tree, color));
    }
    (!report.has_errors()).then_some(())
}
