//! Whatever table is written in whatever way, the same cells are read.

use std::io::Cursor;

use encoding_rs::{EUC_KR, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use proptest::{collection::vec, prelude::*, sample::select};

use super::super::{Options, Table, trimmed};
use super::support::*;

const SIGNS: &[&str] =
    &[",", ";", "\t", "|", "\"", "\"\"", "\n", " ", "\u{A0}", "\u{3000}", "-", "#"];

/// How files begin.
const STARTS: &[&[u8]] = &[
    b"",
    b"id,name\n",
    b"\xEF\xBB\xBFid\n",
    b"\xFF\xFEi\0",
    b"[{\"id\": ",
    b"- id: ",
    b"PK\x03\x04xl/workbook.xml",
    b"sep=;\n",
    b"a,b\n\"",
];

/// Cells of what breaks readers: delimiters, quotes, line breaks, white space, Hangul.
fn cell() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9]{1,4}",
        3 => "[가-힣]{1,3}",
        4 => select(SIGNS.to_vec()).prop_map(str::to_owned),
    ];
    vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// A header of distinct names, and rows that are not empty.
fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    (2..6_usize).prop_flat_map(|columns| {
        let row = vec(cell(), columns);
        (Just((0..columns).map(|at| format!("열{at}")).collect()), vec(row, 1..12))
    })
}

fn write(
    header: &[String],
    rows: &[Vec<String>],
    delimiter: char,
    end: &str,
    always: bool,
) -> String {
    let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
    let mut writer = csv::WriterBuilder::new();
    let terminator =
        if end == "\r\n" { csv::Terminator::CRLF } else { csv::Terminator::Any(end.as_bytes()[0]) };
    writer.delimiter(delimiter as u8).quote_style(style).terminator(terminator);
    let mut writer = writer.from_writer(Vec::new());
    writer.write_record(header).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn encode(text: &str, encoding: &'static Encoding, mark: bool) -> Vec<u8> {
    let wide =
        |unit: u16| if encoding == UTF_16BE { unit.to_be_bytes() } else { unit.to_le_bytes() };
    let text = if mark { format!("\u{FEFF}{text}") } else { text.to_owned() };
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return text.encode_utf16().flat_map(wide).collect();
    }
    encoding.encode(&text).0.into_owned()
}

fn cells(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    let row = |row: &Vec<String>| row.iter().map(|cell| trimmed(cell).to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    rows.into_iter().filter(|row: &Vec<String>| row.iter().any(|cell| !cell.is_empty())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_read(
        (header, rows) in table(),
        delimiter in select(vec![',', ';', '\t']),
        end in select(vec!["\n", "\r\n", "\r"]),
        always: bool,
        (encoding, mark) in select(vec![
            (UTF_8, false), (UTF_8, true), (UTF_16LE, true), (UTF_16BE, true),
            (EUC_KR, false),
        ]),
    ) {
        // CP949 has no no-break space.
        let space = if encoding == EUC_KR { " " } else { "\u{A0}" };
        let cell = |cell: &String| cell.replace('\u{A0}', space);
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        let expected = cells(&rows);
        prop_assume!(!expected.is_empty());
        let bytes = encode(&write(&header, &rows, delimiter, end, always), encoding, mark);
        let read = read(&bytes);
        prop_assert_eq!(&read.header, &header);
        prop_assert_eq!(read.skipped, rows.len() - expected.len());
        let found: Vec<Vec<String>> = read.rows.iter().map(|(_, cells)| cells.clone()).collect();
        prop_assert_eq!(read.errors, Vec::<String>::new());
        prop_assert_eq!(found, expected);
        let numbers: Vec<usize> = read.rows.iter().map(|(number, _)| *number).collect();
        prop_assert!(numbers.is_sorted() && numbers.iter().all(|number| *number <= rows.len() + 1));
    }

    #[test]
    fn any_bytes_end_in_rows_or_messages(
        bytes in vec(any::<u8>(), 0..600),
        start in select(STARTS.to_vec()),
        label in select(vec!["", "utf-8", "cp949", "utf-16", "latin1", "shift_jis"]),
    ) {
        let options = if label.is_empty() { Options::default() } else { encoding(label) };
        let bytes = [start, &bytes].concat();
        match Table::open("r", Cursor::new(bytes.clone()), &options) {
            Err(error) => prop_assert!(error.to_string().starts_with("r") && !error.help().is_empty()),
            Ok(table) => {
                let columns = table.header().len();
                for row in table.take(bytes.len() + 1).flatten() {
                    prop_assert_eq!(row.cells.len(), columns);
                }
            }
        }
    }

    #[test]
    fn named_encodings_are_read(names in vec("[a-zäöüßéàÅ]{1,8}", 1..8)) {
        let text = format!("name;x\n{};1\n", names.join(";1\n"));
        let read = read_with("r", &WINDOWS_1252.encode(&text).0, &encoding("windows-1252"));
        let found: Vec<String> = read.rows.into_iter().map(|(_, cells)| cells[0].clone()).collect();
        prop_assert_eq!(found, names);
    }

    #[test]
    fn named_encodings_of_two_bytes_are_read(names in vec("[ァ-ヶ一二三四五六山田中]{1,6}", 1..8)) {
        let text = format!("名前\n{}\n", names.join("\n"));
        let read = read_with("r", &SHIFT_JIS.encode(&text).0, &encoding("sjis"));
        let found: Vec<String> = read.rows.into_iter().map(|(_, cells)| cells[0].clone()).collect();
        prop_assert_eq!(found, names);
    }
}
