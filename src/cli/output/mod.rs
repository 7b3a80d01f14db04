//! Where results go: standard output, or files that appear whole and together or not at all.

mod own;
mod pending;
mod target;

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bootseed::destination::Artifact;
use bootseed::system;

use pending::Pending;
use target::Target;

use super::voice::{self, note};

/// Where the results of a command go, and what may not be lost there.
#[derive(Default)]
pub(super) struct Outlet<'a> {
    /// A file, a folder, or `-`; standard output without one.
    pub(super) place: Option<&'a Path>,
    /// What may be overwritten.
    pub(super) over: Over,
    /// Files that this run reads.
    pub(super) inputs: Vec<PathBuf>,
    /// Are they closed to other users?
    pub(super) secret: bool,
}

/// What may be overwritten.
#[derive(Default, PartialEq, Eq)]
pub(super) enum Over {
    /// Nothing at all.
    Nothing,
    /// What bootseed made, and this run does not read.
    #[default]
    Own,
    /// Anything.
    All,
}

impl Over {
    /// Of an option `--force`.
    pub(super) fn forced(force: bool) -> Over {
        if force { Over::All } else { Over::Own }
    }
}

impl Outlet<'_> {
    /// Writes what a destination gave: one file to the place or standard output, several into the
    /// folder of that name.
    pub(super) fn deliver(&self, artifacts: &[Artifact]) -> anyhow::Result<()> {
        let place = self.place.filter(|place| *place != Path::new("-"));
        match (artifacts, place) {
            ([one], None) => print(&one.bytes).context("cannot write to standard output"),
            ([one], Some(place)) if !place.is_dir() => self.write(&[(place.into(), one)]),
            (_, Some(folder)) => self.fill(artifacts, folder),
            _ => {
                let names = names(artifacts);
                bail!("there are several files ({names}): name a folder with -o DIR")
            }
        }
    }

    /// The files that are not what a destination gave.
    pub(super) fn differing(&self, artifacts: &[Artifact]) -> anyhow::Result<Vec<PathBuf>> {
        let Some(place) = self.place.filter(|place| *place != Path::new("-")) else {
            bail!("--check needs the name of a file or folder behind -o");
        };
        let mut differing = Vec::new();
        for artifact in artifacts {
            let alone = artifacts.len() == 1 && !place.is_dir();
            let file = if alone { place.to_path_buf() } else { place.join(&artifact.name) };
            if file.exists() && !file.is_file() {
                bail!("{} is no file that could be compared", file.display());
            }
            match fs::read(&file) {
                Ok(bytes) if bytes[..] == artifact.bytes[..] => {}
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot read {}", file.display()));
                }
                _ => differing.push(file),
            }
        }
        Ok(differing)
    }

    /// Writes files into a folder, which is made if need be; names may lead into folders below it.
    pub(super) fn fill(&self, artifacts: &[Artifact], folder: &Path) -> anyhow::Result<()> {
        if !folder.is_dir() {
            check_name(artifacts, folder)?;
        }
        let place = |one: &Artifact| folder.join(&one.name);
        let files: Vec<_> = artifacts.iter().map(|one| (place(one), one)).collect();
        self.write(&files)?;
        name_left_over(artifacts, folder);
        Ok(())
    }

    fn write(&self, files: &[(PathBuf, &Artifact)]) -> anyhow::Result<()> {
        let several = files.len() > 1;
        let mut found = Vec::new();
        for (place, artifact) in files {
            let target = Target::find(place, several)?;
            self.check(&target, place, artifact)?;
            found.push((target, place, artifact));
        }
        let mut pending = Pending::default();
        let mut new = Vec::new();
        for (target, place, artifact) in found {
            if matches!(target, Target::File(..)) {
                new.push((place, artifact.bytes.len()));
            }
            let cannot = || format!("cannot write {}", place.display());
            pending.add(target, &artifact.bytes, self.secret).with_context(cannot)?;
        }
        pending.commit().context("cannot write")?;
        if voice::is_watched() {
            new.into_iter().for_each(|(place, bytes)| tell(place, bytes));
        }
        Ok(())
    }

    /// Refuses what would lose something of the owner's.
    fn check(&self, target: &Target, place: &Path, artifact: &Artifact) -> anyhow::Result<()> {
        let there = target.existing().filter(|_| self.over != Over::All);
        let Some((path, there)) = there else { return Ok(()) };
        let shown = place.display();
        if self.over == Over::Nothing {
            bail!("{shown} is there already; choose another name");
        }
        if self.inputs.iter().any(|input| system::is_one_file(input, path)) {
            bail!("{shown} is read by this run and would be overwritten; choose another name");
        }
        if !own::is_own(path, there, artifact) {
            bail!(
                "{shown} is there already and was not made by bootseed; choose another name, or \
                 overwrite it with --force"
            );
        }
        Ok(())
    }
}

fn names(artifacts: &[Artifact]) -> String {
    artifacts.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// How files are called that people name with `-o` where a folder is wanted.
const FILES: &[&str] = &["gz", "iso", "json", "sh", "tf", "tfvars", "txt", "yaml", "yml"];

/// Refuses a new folder with the name of a file, unless a `/` at its end says that it is meant.
fn check_name(artifacts: &[Artifact], folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    let extension = folder.extension().and_then(|extension| extension.to_str());
    let like_a_file = extension.is_some_and(|extension| FILES.contains(&extension))
        || artifacts.iter().any(|one| folder.ends_with(&one.name));
    if folder.exists() || like_a_file && !folder.as_os_str().as_encoded_bytes().ends_with(b"/") {
        let what = if folder.exists() { "is not" } else { "is no name for" };
        bail!("{shown} {what} a folder, which is needed for {}", names(artifacts));
    }
    Ok(())
}

/// Files, and what an earlier run may have written in the place of or beside each, when the
/// user-data was compressed and now is not, or the other way round.
const ALTERNATIVES: &[(&str, &str)] = &[
    ("user-data", "user-data.gz"),
    ("user-data.gz", "user-data"),
    ("user-data.gz", "user-data.yaml"),
    ("user-data.yaml", "user-data.gz"),
    ("run-instances.json", "user-data.gz"),
];

/// Names the files in the folder that look as if they belonged to the new ones, and do not.
fn name_left_over(artifacts: &[Artifact], folder: &Path) {
    let is_new = |name: &str| artifacts.iter().any(|one| one.name == name);
    let old = ALTERNATIVES.iter().filter(|(new, old)| is_new(new) && !is_new(old));
    for (_, old) in old.filter(|(_, old)| folder.join(old).is_file()) {
        note(&format!("note: {} is not of this run; remove it", folder.join(old).display()));
    }
}

fn tell(place: &Path, bytes: usize) {
    let digits = bytes.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    note(&format!("wrote {} ({} bytes)", place.display(), groups.join(",")));
}

/// Writes to standard output.
pub(super) fn write(text: &str) -> anyhow::Result<()> {
    print(text.as_bytes()).context("cannot write to standard output")
}

/// A reader that has seen enough is no error.
pub(super) fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    enough(out.write_all(bytes).and_then(|()| out.flush()))
}

fn enough(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
