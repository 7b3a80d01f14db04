//! Reads tables from bytes, and makes workbooks.

use std::io::Cursor;

use super::super::{Options, Table, TableError};

/// What was read: cells by row, and the messages between them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) found: String,
    pub(super) header: Vec<String>,
    /// Number and cells of each row.
    pub(super) rows: Vec<(usize, Vec<String>)>,
    pub(super) errors: Vec<String>,
    pub(super) skipped: usize,
}

pub(super) fn open(name: &str, bytes: &[u8], options: &Options) -> Result<Table, TableError> {
    Table::open(name, Cursor::new(bytes.to_vec()), options)
}

pub(super) fn read_with(name: &str, bytes: &[u8], options: &Options) -> Read {
    let mut table = open(name, bytes, options).unwrap_or_else(|error| panic!("{error}"));
    let (found, header) = (table.found().to_owned(), table.header().to_vec());
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for row in table.by_ref() {
        match row {
            Ok(row) => rows.push((row.number, row.cells)),
            Err(error) => errors.push(error.to_string()),
        }
    }
    Read { found, header, rows, errors, skipped: table.skipped() }
}

pub(super) fn read(bytes: &[u8]) -> Read {
    read_with("r.csv", bytes, &Options::default())
}

/// Why a table cannot be opened.
pub(super) fn refused(name: &str, bytes: &[u8], options: &Options) -> String {
    match open(name, bytes, options) {
        Err(error) => error.to_string(),
        Ok(table) => panic!("{} was read: {:?}", table.found(), table.header()),
    }
}

/// Rows as they are compared: `1:a|b`.
pub(super) fn lines(read: &Read) -> Vec<String> {
    read.rows.iter().map(|(number, cells)| format!("{number}:{}", cells.join("|"))).collect()
}

pub(super) fn encoding(label: &str) -> Options {
    Options { encoding: Some(label.into()), ..Options::default() }
}

pub(super) fn delimiter(delimiter: char) -> Options {
    Options { delimiter: Some(delimiter), ..Options::default() }
}

pub(super) fn sheet(name: &str) -> Options {
    Options { sheet: Some(name.into()), ..Options::default() }
}

/// A ZIP archive, nothing in it compressed.
pub(super) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let (offset, length) = (bytes.len() as u32, text.len() as u32);
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for number in [crc.sum(), length, length] {
            fields.extend(number.to_le_bytes());
        }
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&fields);
        bytes.extend(name.as_bytes());
        bytes.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&fields);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, start) = ((files.len() as u16).to_le_bytes(), bytes.len() as u32);
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// A workbook of sheets, each a name, a state and the XML of its rows. Styles: 1 is a date, 2 a
/// duration, 3 eight digits, 4 a telephone, 5 a date and time in a format of one's own.
pub(super) fn workbook(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let (mut list, mut relations, mut parts) = (String::new(), String::new(), Vec::new());
    for (at, (name, state, rows)) in sheets.iter().enumerate() {
        list +=
            &format!("<sheet name='{name}' sheetId='{}' state='{state}' r:id='r{at}'/>", at + 1);
        relations += &format!(
            "<Relationship Id='r{at}' Type='{office}/worksheet' Target='worksheets/s{at}.xml'/>"
        );
        let text = format!("<worksheet {main}><sheetData>{rows}</sheetData></worksheet>");
        parts.push((format!("xl/worksheets/s{at}.xml"), text));
    }
    let styles = format!(
        "<styleSheet {main}><numFmts count='3'><numFmt numFmtId='164' formatCode='00000000'/>\
         <numFmt numFmtId='165' formatCode='000\\-0000\\-0000'/><numFmt numFmtId='166' \
         formatCode='yyyy&quot;년&quot; m&quot;월&quot; d&quot;일&quot; hh:mm'/></numFmts><cellXfs>\
         <xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='46'/><xf numFmtId='164'/>\
         <xf numFmtId='165'/><xf numFmtId='166'/></cellXfs></styleSheet>"
    );
    let root = format!(
        "<Relationships {package}><Relationship Id='r' Type='{office}/officeDocument' \
         Target='xl/workbook.xml'/></Relationships>"
    );
    let book = format!("<workbook {main} xmlns:r='{office}'><sheets>{list}</sheets></workbook>");
    let relations = format!("<Relationships {package}>{relations}</Relationships>");
    let mut files = vec![
        ("_rels/.rels", &root[..]),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/styles.xml", &styles),
    ];
    files.extend(parts.iter().map(|(name, text)| (&name[..], &text[..])));
    zip(&files)
}

/// A sheet row: cells given as `A1 type style value`, texts in line.
pub(super) fn row(number: usize, cells: &[(&str, &str, usize, &str)]) -> String {
    let cell = |(column, kind, style, value): &(&str, &str, usize, &str)| {
        let value = match *kind {
            "inlineStr" => format!("<is><t xml:space='preserve'>{value}</t></is>"),
            "f" => format!("<f>{value}</f>"),
            _ => format!("<v>{value}</v>"),
        };
        let kind = if *kind == "f" { "n" } else { kind };
        format!("<c r='{column}{number}' t='{kind}' s='{style}'>{value}</c>")
    };
    format!("<row r='{number}'>{}</row>", cells.iter().map(cell).collect::<String>())
}
