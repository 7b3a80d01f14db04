//! The list of students.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use bootseed::roster::table::{Options, Table};

/// Opens a roster; `-` is standard input.
pub(super) fn open(roster: &Path, options: &Options) -> anyhow::Result<Table> {
    let (name, file) = if roster == Path::new("-") {
        let file = Table::spool(std::io::stdin().lock());
        ("<stdin>".to_owned(), file.context("cannot read standard input")?)
    } else {
        let name = roster.display().to_string();
        let file = File::open(roster).with_context(|| format!("cannot read {name}"))?;
        (name, file)
    };
    Ok(Table::open(&name, file, options)?)
}
