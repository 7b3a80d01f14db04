//! The parameter file of a command: read, laid over a preset, changed by `--set`, and resolved.

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bootseed::catalog::Listed;
use bootseed::diagnostic::{self, Diagnostic, Report};
use bootseed::plan::Plan;
use bootseed::preset::Preset;
use bootseed::source::{self, Node, Source};
use bootseed::spec;
use clap::builder::PossibleValue;

use super::roster::one::{Made, Pick};

/// Where the parameters come from.
#[derive(clap::Args)]
pub(super) struct Input {
    /// Parameter file; `-` reads standard input. Without one, the preset hello_cju
    #[arg(value_name = "SPEC")]
    spec: Option<PathBuf>,
    /// Ready-made parameters; a SPEC is laid over them
    #[arg(long, value_name = "NAME", value_parser = preset_parser())]
    preset: Option<String>,
    /// Set one parameter, such as conda.environments[0].name=web; PATH+=VALUE adds to a list, and
    /// PATH=@FILE takes the text of a file (@@ is one @); can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
}

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
    pub(super) fn plan(&self, pick: &Pick) -> anyhow::Result<Option<Plan>> {
        Ok(self.plan_of_files(pick)?.map(|(plan, _)| plan))
    }

    /// The same, and the files on this computer that it was made of.
    pub(super) fn plan_of_files(
        &self,
        pick: &Pick,
    ) -> anyhow::Result<Option<(Plan, Vec<PathBuf>)>> {
        if self.is_stdin() && pick.file() == Some(Path::new("-")) {
            anyhow::bail!("both --roster and SPEC are `-`; standard input can be read once");
        }
        let mut report = Report::default();
        let Some(tree) = self.parameters(&mut report)? else {
            return Ok(tell(&mut report, None).and(None));
        };
        let Made { plan, tree, report: found } = pick.plan(tree, &self.folder())?;
        report.extend(found);
        let fine = tell(&mut report, Some(&tree));
        let plan = plan.filter(|_| fine.is_some());
        Ok(plan.map(|plan| {
            let mut files = self.files(&tree);
            files.extend(pick.file().map(Path::to_owned));
            (plan, files)
        }))
    }

    /// The parameter file, and the files that it names.
    fn files(&self, tree: &Node) -> Vec<PathBuf> {
        let own = self.spec.iter().map(|spec| match self.is_stdin() {
            true => PathBuf::from("/dev/stdin"),
            false => spec.clone(),
        });
        own.chain(spec::local_files(tree).map(|name| self.folder().join(name))).collect()
    }

    /// The parameters as they were written and set; `None` if they cannot be followed.
    pub(super) fn parameters(&self, report: &mut Report) -> anyhow::Result<Option<Node>> {
        let Some(mut tree) = self.tree(report)? else { return Ok(None) };
        for assignment in &self.set {
            let assignment = with_file(assignment)?;
            report.extend(spec::assign(&mut tree, &assignment).err().unwrap_or_default());
        }
        Ok(Some(tree))
    }

    /// Do they come from standard input?
    pub(super) fn is_stdin(&self) -> bool {
        self.spec.as_deref() == Some(Path::new("-"))
    }

    /// The bytes of SPEC if it is user-data already, rather than parameters.
    #[cfg(unix)]
    pub(super) fn user_data(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(path) = self.spec.as_deref().filter(|path| *path != Path::new("-")) else {
            return Ok(None);
        };
        let bytes = bytes(path)?;
        Ok(spec::user_data(&bytes).is_some().then_some(bytes))
    }

    /// The parameter file laid over the preset; `None` if one of them cannot be followed.
    fn tree(&self, report: &mut Report) -> anyhow::Result<Option<Node>> {
        let mut tree: Option<Node> = None;
        if self.preset.is_some() || self.spec.is_none() {
            let source = preset(self.preset.as_deref()).source();
            lay(&mut tree, source::parse(&source).map_err(Report::from), report);
        }
        if let Some(file) = &self.spec {
            lay(&mut tree, parsed(file)?, report);
        }
        Ok(tree.filter(|_| !report.has_errors()))
    }

    /// The folder that files named in the parameters are relative to.
    pub(super) fn folder(&self) -> PathBuf {
        let parent = self.spec.as_deref().and_then(Path::parent);
        parent.map(Path::to_path_buf).unwrap_or_default()
    }
}

/// An assignment with the text of the file that it names: `PATH=@FILE`.
fn with_file(assignment: &str) -> anyhow::Result<Cow<'_, str>> {
    let Some((path, name)) = assignment.split_once("=@") else { return Ok(assignment.into()) };
    if path.contains('=') {
        return Ok(assignment.into());
    }
    if name.starts_with('@') {
        return Ok(format!("{path}={name}").into());
    }
    let (name, bytes) = named(Path::new(name))?;
    let text =
        String::from_utf8(bytes).ok().with_context(|| format!("{name} is not UTF-8 text"))?;
    // A file of one line is one word, such as a key; a page ends as it does.
    let word = text.strip_suffix('\n').filter(|line| !line.contains('\n'));
    Ok(format!("{path}={}", word.map_or(&text[..], |word| word.trim_end_matches('\r'))).into())
}

/// Lays a tree over another one.
pub(super) fn lay(tree: &mut Option<Node>, over: Result<Node, Report>, report: &mut Report) {
    match (tree.take(), over) {
        (under, Err(errors)) => {
            report.extend(errors);
            *tree = under;
        }
        (Some(under), Ok(node)) => *tree = Some(under.merged_under(node)),
        (None, Ok(node)) => *tree = Some(node),
    }
}

/// The tree of a parameter file, or of standard input for `-`; or the mistakes that leave none.
///
/// # Errors
/// When it cannot be read from the disk.
pub(super) fn parsed(path: &Path) -> anyhow::Result<Result<Node, Report>> {
    let (name, bytes) = named(path)?;
    match spec::check_kind(&name, &bytes) {
        Some(wrong) => Ok(Err(wrong.into())),
        None => Ok(tree(name, &bytes)),
    }
}

/// The same of any YAML.
///
/// # Errors
/// As [`parsed`].
pub(super) fn values(path: &Path) -> anyhow::Result<Result<Node, Report>> {
    named(path).map(|(name, bytes)| tree(name, &bytes))
}

/// Name and bytes of a text, with one byte more than is read.
fn named(path: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let name = if path == Path::new("-") { "<stdin>".into() } else { path.display().to_string() };
    Ok((name, limited(path, source::MAX_BYTES as u64 + 1)?))
}

fn tree(name: String, bytes: &[u8]) -> Result<Node, Report> {
    let source = Source::from_bytes(name, bytes).map_err(Diagnostic::from)?;
    source::parse(&source).map_err(Report::from)
}

/// Larger than anything that is inspected, in bytes.
const MOST: u64 = 256 << 20;

/// The bytes of a file, or of standard input for `-`.
pub(super) fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = limited(path, MOST + 1)?;
    if bytes.len() as u64 > MOST {
        anyhow::bail!("{} is larger than {} MiB", path.display(), MOST >> 20);
    }
    Ok(bytes)
}

fn limited(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        let stdin = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
        stdin.context("cannot read standard input")?;
        return Ok(bytes);
    }
    let name = path.display();
    if path.is_dir() {
        anyhow::bail!("{name} is a folder; name a file in it");
    }
    let file = std::fs::File::open(path).with_context(|| match similar(path) {
        Some(other) => format!("cannot read {name}, but there is {}", other.display()),
        None => format!("cannot read {name}"),
    })?;
    file.take(most).read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
    Ok(bytes)
}

/// A file beside one that is not there, with nearly its name: `class.yaml.txt`, `class.yml`.
fn similar(path: &Path) -> Option<PathBuf> {
    if path.exists() {
        return None;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let looked = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = std::fs::read_dir(looked).ok()?.filter_map(Result::ok);
    let files = entries.filter(|entry| entry.path().is_file());
    let names: Vec<String> =
        files.filter_map(|entry| entry.file_name().into_string().ok()).take(1000).collect();
    let wanted = path.file_name()?.to_str()?;
    let stem = |name: &str| name.split('.').next().map(str::to_owned).unwrap_or_default();
    let same = |name: &&String| stem(name) == stem(wanted) && name.contains(".y");
    let same = names.iter().find(same).map(String::as_str);
    let near = same.or_else(|| diagnostic::nearest(wanted, names.iter().map(String::as_str)));
    near.map(|name| folder.join(name))
}

/// Prints what was found; `None` if there is an error among it.
pub(super) fn tell(report: &mut Report, tree: Option<&Node>) -> Option<()> {
    if !report.is_empty() {
        report.dedup();
        super::voice::report(report, tree);
    }
    (!report.has_errors()).then_some(())
}
