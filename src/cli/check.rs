//! `bootseed check`.

use std::path::{Path, PathBuf};

use bootseed::diagnostic::{Place, Report};
use bootseed::lint::Finding;
use bootseed::plan;
use bootseed::roster::Unfilled;
use bootseed::source::Node;

use super::voice::{self, Format};
use super::{Outcome, input};

/// Say what is wrong in parameter files, and nothing else
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed check class.yaml
  bootseed check machines/*.yaml --format github

The exit status is 0 when nothing was found but warnings, 1 when a file has mistakes, and 2 when one
cannot be read.")]
pub(super) struct Args {
    /// Parameter files; `-` reads standard input
    #[arg(value_name = "SPEC", required = true)]
    files: Vec<PathBuf>,
    /// Write what was found to standard output: as JSON with an object on each line, as workflow
    /// commands of GitHub Actions, or as one SARIF log [default: words on standard error]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<Format>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let (mut found, mut unread) = (Vec::new(), false);
    for file in &args.files {
        match checked(file) {
            Ok(more) => found.extend(more),
            // The other files are looked at all the same.
            Err(error) if args.files.len() > 1 => {
                voice::failure(&format!("{error:#}"));
                unread = true;
            }
            Err(error) => return Err(error),
        }
    }
    let wrong = bootseed::lint::report(&found).has_errors();
    if !found.is_empty() {
        voice::findings(&found);
    }
    if unread {
        anyhow::bail!("not every file could be read");
    }
    Ok(if wrong { Outcome::Mistakes } else { Outcome::Fine })
}

fn checked(file: &Path) -> anyhow::Result<Vec<Finding>> {
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(match input::parsed(file)? {
        Ok(tree) => mistakes(&tree, &folder),
        Err(report) => placed(report, None),
    })
}

/// What is wrong with parameters that name files relative to `folder`.
pub(super) fn mistakes(tree: &Node, folder: &Path) -> Vec<Finding> {
    let (_, mut report) = plan::read(tree, folder);
    // What a roster fills in is no mistake.
    if let Some(unfilled) = Unfilled::find(tree) {
        report = unfilled.beside(report, tree);
    }
    report.dedup();
    report.sort(Some(tree));
    placed(report, Some(tree))
}

/// The diagnostics with their places, which hold without the tree.
pub(super) fn placed(report: Report, tree: Option<&Node>) -> Vec<Finding> {
    let mut found = Vec::new();
    for mut diagnostic in report {
        if let Some(span) = diagnostic.place.span(tree) {
            diagnostic.place = Place::Span(span);
        }
        found.push(Finding { diagnostic, fix: None });
    }
    found
}
