//! The rows of a sheet of an XLSX workbook.
//!
//! In: a file, and the sheet that is wanted. Out: the rows that have cells, as people see them in
//! Excel. Only cells that are there take memory, wherever they stand.

use std::collections::BTreeMap;
use std::io::BufReader;

use calamine::{
    CellErrorType, DataRef, Reader, Sheet, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError,
};

use super::{
    Cell, MOST_COLUMNS, Raw,
    fault::Fault,
    format::Input,
    number::{self, decimal},
    unpacking,
};
use crate::diagnostic::nearest;

type Workbook = Xlsx<BufReader<Input>>;

/// Cells by row and column, from 0.
type Cells = BTreeMap<(u32, u32), Cell>;

/// The name of the sheet, and its rows.
///
/// # Errors
/// No such sheet, an empty one, or no workbook that can be read.
pub(super) fn read(
    mut file: Input,
    wanted: Option<&str>,
) -> Result<(String, impl Iterator<Item = Raw> + use<>), Fault> {
    unpacking::check(&mut file)?;
    let mut workbook: Workbook = Xlsx::new(BufReader::new(file))?;
    let sheet = sheet(workbook.sheets_metadata(), wanted)?;
    let (mut cells, hollow) = values(&mut workbook.worksheet_cells_reader(&sheet)?)?;
    if hollow {
        uncalculated(&mut workbook.worksheet_cells_reader(&sheet)?, &mut cells)?;
    }
    if cells.is_empty() {
        let all = worksheets(workbook.sheets_metadata()).map(|sheet| sheet.name.clone());
        return Err(Fault::EmptySheet { sheet, all: all.collect() });
    }
    Ok((sheet, rows(cells)))
}

fn worksheets(sheets: &[Sheet]) -> impl Iterator<Item = &Sheet> {
    sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet)
}

/// The sheet of this name, or else the first one that is shown.
fn sheet(sheets: &[Sheet], wanted: Option<&str>) -> Result<String, Fault> {
    let all: Vec<String> = worksheets(sheets).map(|sheet| sheet.name.clone()).collect();
    let Some(wanted) = wanted else {
        let shown = worksheets(sheets).find(|sheet| sheet.visible == SheetVisible::Visible);
        let shown = shown.map(|sheet| sheet.name.clone());
        return shown.or(all.into_iter().next()).ok_or(Fault::NoSheets);
    };
    if all.iter().any(|name| name == wanted) {
        return Ok(wanted.into());
    }
    let nearest = nearest(wanted, all.iter().map(String::as_str)).map(str::to_owned);
    Err(Fault::NoSheet { wanted: wanted.into(), nearest, all })
}

/// All cells with something in them, and whether there are others.
fn values(reader: &mut XlsxCellReader<'_, BufReader<Input>>) -> Result<(Cells, bool), XlsxError> {
    let (mut cells, mut hollow) = (Cells::new(), false);
    while let Some((cell, style)) = reader.next_cell_with_style_id()? {
        let format = reader.styles().get(style).and_then(|style| style.number_format.as_ref());
        let code = format.map_or("", |format| &format.format_code);
        match shown(cell.get_value(), code) {
            Some(value) => drop(cells.insert(cell.get_position(), value)),
            None => hollow = true,
        }
    }
    Ok((cells, hollow))
}

/// A cell as people see it; `None` if there is nothing in it.
fn shown(value: &DataRef<'_>, code: &str) -> Option<Cell> {
    Some(match value {
        DataRef::Empty => return None,
        DataRef::String(text) => Ok(lines(text)),
        DataRef::SharedString(text) => Ok(lines(text)),
        DataRef::Bool(value) => Ok(value.to_string()),
        DataRef::Int(value) => Ok(value.to_string()),
        DataRef::Float(value) => decimal(*value, code).ok_or(Fault::LostDigits),
        DataRef::DateTime(value) => Ok(number::date(value)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Ok(text.clone()),
        DataRef::Error(error) => Err(cell_error(error)),
    })
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn cell_error(error: &CellErrorType) -> Fault {
    Fault::CellError(error.to_string())
}

/// Marks the formulas without a value, which programs leave that write workbooks and do not
/// calculate.
fn uncalculated(
    reader: &mut XlsxCellReader<'_, BufReader<Input>>,
    cells: &mut Cells,
) -> Result<(), XlsxError> {
    while let Some(formula) = reader.next_formula()? {
        if !formula.get_value().is_empty() {
            cells.entry(formula.get_position()).or_insert(Err(Fault::Uncalculated));
        }
    }
    Ok(())
}

/// The rows, one after the other: a cell far to the right makes a row wide, but not all at once.
fn rows(cells: Cells) -> impl Iterator<Item = Raw> {
    let mut cells = cells.into_iter().peekable();
    std::iter::from_fn(move || {
        let row = cells.peek()?.0.0;
        let mut raw = Raw { number: row as usize + 1, cells: Vec::new(), fault: None };
        while let Some(((_, column), cell)) = cells.next_if(|((next, _), _)| *next == row) {
            let column = column as usize;
            if column >= MOST_COLUMNS {
                raw.fault = Some(Fault::TooWide { column });
            } else {
                raw.cells.resize_with(column, || Ok(String::new()));
                raw.cells.push(cell);
            }
        }
        Some(raw)
    })
}
