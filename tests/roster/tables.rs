//! Tables of LibreOffice Calc and openpyxl, read through the library.

use std::fs::{self, File};
use std::path::Path;

use bootseed::roster::table::{Options, Table};

use super::host::{have, have_modules};
use super::tools::{convert, folder, python};

const STUDENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/roster/students.csv");

/// How Calc is told of a CSV: comma, double quote, CP949, from the first line.
const KOREAN_CSV: &str = "44,34,62,1";

fn open(file: &Path, options: &Options) -> Result<Table, String> {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    Table::open(&name, File::open(file).unwrap(), options).map_err(|error| error.to_string())
}

/// A row's number and its cells.
type Numbered = (usize, Vec<String>);

/// What was found, the header, and the rows.
fn read(file: &Path, options: &Options) -> (String, Vec<String>, Vec<Numbered>) {
    let mut table = open(file, options).unwrap();
    let rows = table.by_ref().map(|row| row.map(|row| (row.number, row.cells)).unwrap()).collect();
    (table.found().to_owned(), table.header().to_vec(), rows)
}

#[test]
fn the_example_is_what_excel_writes_in_korea() {
    let bytes = fs::read(STUDENTS).unwrap();
    assert!(bytes.ends_with(b"\r\n") && str::from_utf8(&bytes).is_err());
    let (found, header, rows) = read(Path::new(STUDENTS), &Options::default());
    assert_eq!(found, "CSV, comma, CP949");
    assert_eq!(header, ["id", "name", "학과", "email", "hostname"]);
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (2..=41).collect::<Vec<_>>());
    assert_eq!(rows[0].1, ["20240101", "김민준", "통계학과", "s20240101@example.ac.kr", "lab-01"]);
    assert_eq!(rows[11].1[2], "경영학과, 컴퓨터공학 부전공");
    assert_eq!((&rows[30].1[1][..], &rows[39].1[1][..]), ("설믜", "마리아 산토스"));
}

#[test]
fn calc_turns_forty_students_into_every_file_it_can() {
    if !have(&["soffice"]) {
        return;
    }
    let folder = folder("calc");
    let students = Path::new(STUDENTS);
    let (_, header, rows) = read(students, &Options::default());
    let book = convert(students, Some(KOREAN_CSV), "xlsx", &folder);
    let found = read(&book, &Options::default());
    assert_eq!(found, ("XLSX, sheet students".into(), header.clone(), rows.clone()));
    // The same again as CSV: the delimiter and the number of the encoding vary, and in the end
    // whether every text is quoted.
    let csv = "csv:Text - txt - csv (StarCalc)";
    for (how, found) in [
        ("44,34,76,1", "CSV, comma, UTF-8"),
        ("59,34,62,1", "CSV, semicolon, CP949"),
        ("9,34,65535,1", "CSV, tab, UTF-16LE"),
        ("59,34,76,1,,0,true", "CSV, semicolon, UTF-8"),
    ] {
        let file = convert(&book, None, &format!("{csv}:{how}"), &folder);
        let read = read(&file, &Options::default());
        assert_eq!(read, (found.into(), header.clone(), rows.clone()), "{how}");
    }
    for (extension, expected) in [
        ("xls", "students.xls: this is a file of Excel 97-2003 (.xls); open it in Excel or"),
        ("ods", "students.ods: this is an OpenDocument file (.ods); open it in Excel or"),
        ("fods", "students.fods: this is XML, whatever its name says; open it in Excel or"),
        ("html", "students.html: this is a web page (HTML), whatever its name says; open it in"),
        ("pdf", "students.pdf: this is a PDF, not a table; export the list"),
    ] {
        let file = convert(&book, None, extension, &folder);
        let refused = open(&file, &Options::default()).err().unwrap();
        assert!(refused.starts_with(expected), "{refused}");
    }
}

#[test]
fn openpyxl_writes_what_people_see_and_calc_calculates_it() {
    if !have_modules(&["openpyxl"]) || !have(&["soffice"]) {
        return;
    }
    let folder = folder("openpyxl");
    python(BOOK, &folder);
    let book = folder.join("book.xlsx");
    let mut table = open(&book, &Options::default()).unwrap();
    assert_eq!(table.found(), "XLSX, sheet 학생");
    assert_eq!(
        table.header(),
        ["학번 (ID)", "이름", "전화", "입학", "시작", "합격", "점수", "계산"]
    );
    let error = table.next().unwrap().unwrap_err().to_string();
    assert!(
        error.starts_with("book.xlsx, row 2, column `계산`: the formula of this cell"),
        "{error}"
    );
    let error = table.next().unwrap().unwrap_err().to_string();
    assert!(
        error.starts_with("book.xlsx, row 4, column `점수`: the cell shows the error #N/A"),
        "{error}"
    );
    assert!(table.next().is_none());
    assert_eq!(table.skipped(), 1);

    let options = Options { sheet: Some("둘째".into()), ..Options::default() };
    assert_eq!(read(&book, &options).2, [(2, vec!["20240001".to_owned()])]);
    fs::rename(&book, folder.join("saved.xlsx")).unwrap();
    let again = folder.join("again");
    fs::create_dir_all(&again).unwrap();
    let mut table =
        open(&convert(&folder.join("saved.xlsx"), None, "xlsx", &again), &Options::default())
            .unwrap();
    let expected = [
        "00012345",
        "김철수",
        "010-1234-5678",
        "2024-03-02",
        "2024-03-02T09:30:00",
        "true",
        "3.7",
        "42",
    ];
    assert_eq!(table.next().unwrap().unwrap().cells, expected);
}

/// Numbers in formats of their own, dates, a formula, an error, an empty row, merged cells, and
/// empty cells in colour to the right.
const BOOK: &str = r##"
import datetime, openpyxl
from openpyxl.styles import PatternFill
book = openpyxl.Workbook()
old = book.active
old.title, old.sheet_state = "Old", "hidden"
sheet = book.create_sheet("학생")
sheet.append(["학번\n(ID)", " 이름\u00a0", "전화", "입학", "시작", "합격", "점수", "계산"])
sheet.append([12345, "김철수\u3000", 1012345678, datetime.date(2024, 3, 2),
              datetime.datetime(2024, 3, 2, 9, 30), True, 3.7, "=6*7"])
sheet.append([" ", None, ""])
sheet.append(["2", "이영희", None, None, None, False, "#N/A"])
sheet["A2"].number_format = "00000000"
sheet["C2"].number_format = "000-0000-0000"
sheet["G4"].data_type = "e"
sheet["K2"].fill = PatternFill("solid", fgColor="FFFF00")
sheet.merge_cells("C4:E4")
second = book.create_sheet("둘째")
second.append(["id"])
second.append([20240001.0])
book.active = 1
book.save("book.xlsx")
"##;
