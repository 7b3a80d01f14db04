//! `bootseed lint`.

mod files;
mod fixes;
mod parameters;
mod settings;

use std::path::{Path, PathBuf};

use bootseed::diagnostic::{self, Report, Severity};
use bootseed::lint::{self, Finding};
use clap::ValueEnum;

use super::Outcome;
use super::voice::{self, Format};
pub(super) use settings::Chosen;

/// Say what will go wrong in any user-data, whoever wrote it, before it is launched
#[derive(Default, clap::Args)]
#[command(after_help = "\
Examples:
  bootseed lint user-data.yaml
  bootseed lint user-data.yaml --image ubuntu-26.04
  bootseed lint class.yaml                 a parameter file: what it renders to
  bootseed lint user-data.yaml --fix       make the safe repairs
  bootseed lint cloud-init/                every file of a folder that is user-data
  terraform output -raw user_data | bootseed lint -
  bootseed explain command-becomes-map     more about one finding

A comment `# bootseed: allow ID` on a line or above it allows what is found there; `[lint]` in
bootseed.toml has `select`, `ignore`, `fail-on`, `image` and `cloud-init`.
The exit status is 1 when something as bad as --fail-on was found, and 2 when a file cannot be read.")]
pub(super) struct Args {
    /// User-data in any envelope, or parameter files; `-` reads standard input, and of a folder every
    /// file is taken that is user-data
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Look for these alone; can be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    select: Vec<String>,
    /// Do not look for these; can be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    ignore: Vec<String>,
    /// How bad a finding has to be for the exit status 1 [default: error]
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// The image of the machine, such as ubuntu-26.04, debian-13 or amazon-linux-2023
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// The version of cloud-init on it, such as 25.1; that of the image without it
    #[arg(long, value_name = "VERSION")]
    cloud_init: Option<String>,
    /// Write what was found to standard output: as JSON with an object on each line, as workflow
    /// commands of GitHub Actions, or as one SARIF log [default: words on standard error]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<Format>,
    /// Make the safe repairs in the files; what is around them stays as it is. Standard input is
    /// written to standard output
    #[arg(long, conflicts_with = "format")]
    fix: bool,
    /// Print what --fix would do as a unified diff, and write nothing; exit with 1 if that is anything
    #[arg(long, conflicts_with_all = ["format", "fix"])]
    diff: bool,
}

/// How bad a finding has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// What cannot work.
    Error,
    /// What is probably not meant, too.
    Warning,
    /// Everything.
    Hint,
}

impl FailOn {
    fn is_met(self, report: &Report) -> bool {
        let worst = report.iter().map(|one| one.severity).min();
        let least = match self {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Hint => Severity::Hint,
        };
        worst.is_some_and(|worst| worst <= least)
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let chosen = Chosen::of(args)?;
    let mut looked = Looked::default();
    for file in files::named(&args.files)? {
        match look(&file, &chosen, args, &mut looked) {
            // The other files are looked at all the same.
            Err(error) if args.files.len() > 1 || looked.unread => {
                voice::failure(&format!("{error:#}"));
                looked.unread = true;
            }
            result => result?,
        }
    }
    if !looked.found.is_empty() {
        voice::findings(&looked.found);
    }
    if looked.unread {
        anyhow::bail!("not every file could be read");
    }
    let met = looked.differs || chosen.fail_on.is_met(&lint::report(&looked.found));
    Ok(if met { Outcome::Mistakes } else { Outcome::Fine })
}

/// What came of the files so far.
#[derive(Default)]
struct Looked {
    found: Vec<Finding>,
    /// Could one of them not be read?
    unread: bool,
    /// Would a repair change one?
    differs: bool,
}

fn look(
    file: &files::File,
    chosen: &Chosen,
    args: &Args,
    looked: &mut Looked,
) -> anyhow::Result<()> {
    let mut bytes = super::input::bytes(&file.path)?;
    let name = diagnostic::visible(&file.name);
    if args.fix || args.diff {
        let repaired = fixes::repaired(&file.path, &name, &bytes, chosen)?;
        match (repaired, args.diff) {
            (Some(repaired), true) => {
                fixes::show(&name, &bytes, &repaired)?;
                looked.differs = true;
            }
            (Some(repaired), false) => {
                fixes::write(&file.path, &name, &repaired)?;
                bytes = repaired.text.into_bytes();
            }
            (None, false) if file.path == Path::new("-") => fixes::pass(&bytes)?,
            (None, _) => {}
        }
    }
    looked.found.extend(findings(&file.path, &name, &bytes, chosen)?);
    Ok(())
}

/// What is found in the bytes of a file: user-data, or a parameter file and what it renders to.
pub(super) fn findings(
    path: &Path,
    name: &str,
    bytes: &[u8],
    chosen: &Chosen,
) -> anyhow::Result<Vec<Finding>> {
    match parameters::rendered(path, bytes)? {
        Some(parameters) => Ok(parameters.findings(name, chosen)),
        None => Ok(lint::lint(name, bytes, &chosen.settings)),
    }
}

/// Are these bytes a parameter file?
pub(super) fn is_parameters(path: &Path, bytes: &[u8]) -> bool {
    parameters::is_one(path, bytes)
}
