//! The list of students, and the column that tells them apart.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use bootseed::roster::table::{Options, Table};

/// Columns that students are known by if nothing else is said.
const NAMES: &[&str] = &["id", "student_id", "학번", "username", "login"];

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

/// How a text speaks of a column.
pub(super) fn reference(column: &str) -> String {
    match column.chars().all(|c| c.is_alphanumeric() || c == '_') {
        true => format!("student.{column}"),
        false => format!("student[\"{column}\"]"),
    }
}

/// The column that students are known by: one of [`NAMES`], or else the first.
pub(super) fn name_column(header: &[String]) -> usize {
    let known = NAMES.iter().find_map(|name| header.iter().position(|one| one == name));
    known.unwrap_or_default()
}
