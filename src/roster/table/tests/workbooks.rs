//! Workbooks, made cell by cell. Those of real programs are in `tests/roster`.

use super::{
    super::{Options, Table},
    support::*,
};

const TEXT: &str = "inlineStr";

fn header(names: &[&str]) -> String {
    let letters = ["A", "B", "C", "D", "E", "F", "G", "H"];
    let cells: Vec<_> =
        letters.iter().zip(names).map(|(letter, name)| (*letter, TEXT, 0, *name)).collect();
    row(1, &cells)
}

#[test]
fn cells_are_what_people_see() {
    let mut cells = header(&["value"]);
    let cases = [
        ("n", 0, "20240001", "20240001"),
        ("n", 0, "20240001.0", "20240001"),
        ("n", 0, "2.0240001E7", "20240001"),
        ("n", 0, "0.30000000000000004", "0.3"),
        ("n", 0, "-1.5", "-1.5"),
        ("n", 0, "1E-3", "0.001"),
        ("n", 0, "999999999999999", "999999999999999"),
        ("n", 3, "42", "00000042"),
        ("n", 3, "123456789", "123456789"),
        ("n", 4, "1012345678", "010-1234-5678"),
        ("n", 4, "-5", "-5"),
        ("n", 1, "45353", "2024-03-02"),
        ("n", 1, "45353.5", "2024-03-02T12:00:00"),
        ("n", 5, "45353", "2024-03-02"),
        ("n", 1, "0.375", "09:00:00"),
        ("n", 2, "1.5", "36:00:00"),
        ("d", 0, "2024-03-02", "2024-03-02"),
        ("b", 0, "1", "true"),
        ("b", 0, "0", "false"),
        ("str", 0, "=&lt;", "=<"),
        (TEXT, 0, " 김_x000D_\n철수\u{3000}", "김\n철수"),
    ];
    for (at, (kind, style, value, _)) in cases.iter().enumerate() {
        cells += &row(at + 2, &[("A", kind, *style, value)]);
    }
    let read = read_with("r", &workbook(&[("학생", "visible", &cells)]), &Options::default());
    assert_eq!((&read.found[..], &read.errors[..]), ("XLSX, sheet 학생", &[][..]));
    for ((_, cells), (_, _, value, shown)) in read.rows.iter().zip(cases) {
        assert_eq!(cells[..], [shown], "{value}");
    }
    assert_eq!(read.rows.len(), cases.len());
}

#[test]
fn cells_that_cannot_be_right_are_mistakes() {
    let cells = header(&["id", "name"])
        + &row(2, &[("A", "e", 0, "#N/A"), ("B", "f", 0, "A1")])
        + &row(3, &[("A", "n", 0, "1"), ("B", TEXT, 0, "a")])
        + &row(4, &[("A", "n", 0, "12345678901234567890"), ("C", "n", 0, "1")])
        + &row(1_048_576, &[("XFD", TEXT, 0, "stray")]);
    let read = read_with("r.xlsx", &workbook(&[("S", "visible", &cells)]), &Options::default());
    assert_eq!(lines(&read), ["3:1|a"]);
    assert_eq!(
        read.errors,
        [
            "r.xlsx, row 2, column `id`: the cell shows the error #N/A; mend its formula, or type \
             the value in",
            "r.xlsx, row 2, column `name`: the formula of this cell was never calculated; open the \
             file in Excel or LibreOffice Calc and save it there",
            "r.xlsx, row 4, column `id`: a number of more than 15 digits, the last of which Excel \
             has lost; format the column as text and type the number in again",
            "r.xlsx, row 4: the row has 3 cells, and the header 2; empty what stands to the right of \
             the last column",
            "r.xlsx, row 1048576: there is something in column XFD, and a roster has 1,000 columns \
             at most; empty the cells far to the right: select the columns, delete",
        ]
    );
}

#[test]
fn rows_keep_their_numbers_and_empty_columns_do_not_count() {
    let blank = [("A", "n", 0, ""), ("B", TEXT, 0, " "), ("F", "n", 1, "")];
    let cells = row(2, &blank)
        + &row(3, &[("B", TEXT, 0, "id"), ("C", TEXT, 0, " name "), ("D", TEXT, 0, "")])
        + &row(5, &[("B", "n", 0, "1"), ("E", TEXT, 0, " ")])
        + &row(6, &blank)
        + &row(9, &[("C", TEXT, 0, "b")])
        + "<row r='10'/>";
    let read = read_with("r", &workbook(&[("S", "visible", &cells)]), &Options::default());
    assert_eq!(read.header, ["id", "name"]);
    assert_eq!(lines(&read), ["5:1|", "9:|b"]);
    assert_eq!((read.skipped, &read.errors[..]), (6, &[][..]));
}

#[test]
fn sheets_are_chosen() {
    let sheet_of = |value: &str| header(&["id"]) + &row(2, &[("A", TEXT, 0, value)]);
    let (old, first, second) = (sheet_of("old"), sheet_of("one"), sheet_of("two"));
    let book = workbook(&[
        ("Old", "hidden", &old),
        ("학생 명단", "visible", &first),
        ("Group B", "visible", &second),
    ]);
    let of = |options: &Options| lines(&read_with("r", &book, options)).join(" ");
    assert_eq!(of(&Options::default()), "2:one");
    assert_eq!((of(&sheet("Group B")), of(&sheet("Old"))), ("2:two".into(), "2:old".into()));
    assert_eq!(
        refused("r", &book, &sheet("group-b")),
        "r: there is no sheet `group-b`; there are `Old`, `학생 명단`, `Group B`; is `--sheet 'Group B'` meant?"
    );
    let message = refused("r", &book, &sheet("x"));
    assert!(message.ends_with("`Group B`; say which with `--sheet`"), "{message}");
    let book = workbook(&[("A", "visible", ""), ("B", "visible", &first)]);
    let message = refused("r", &book, &Options::default());
    assert_eq!(message, "r: the sheet `A` is empty; there are `A`, `B`; say which with `--sheet`");
}

#[test]
fn a_workbook_that_is_cut_off_is_refused() {
    let cells = header(&["id"]) + &row(2, &[("A", "n", 0, "1")]);
    let whole = workbook(&[("S", "visible", &cells)]);
    for length in (30..whole.len()).step_by(97) {
        let Ok(table) = open("r", &whole[..length], &Options::default()) else { continue };
        panic!("{length} of {} bytes were read: {}", whole.len(), table.found());
    }
    let message = refused("r", &whole[..whole.len() - 40], &Options::default());
    assert!(message.starts_with("r: the file cannot be read as XLSX: "), "{message}");
    let broken =
        workbook(&[("S", "visible", &(cells + "<row r='3'><c r='A3' t='s'><v>7</v></c></row>"))]);
    assert!(refused("r", &broken, &Options::default()).contains("cannot be read as XLSX"));
}

#[test]
fn workbooks_state_no_more_than_they_hold() {
    let more = "it says that it has more texts than it can hold";
    for (count, expected) in
        [("1", "_rels/.rels"), ("1000000000000", more), ("18446744073709551615", more)]
    {
        let strings = format!("<sst uniqueCount=\"{count}\"><si><t>a</t></si></sst>");
        let files = [("xl/workbook.xml", "<workbook/>"), ("xl/SharedStrings.xml", &strings)];
        let options = Options::default();
        let table = Table::open("r.xlsx", std::io::Cursor::new(zip(&files)), &options);
        let message = table.err().expect("there is no sheet").message();
        assert!(message.contains(expected), "{count}: {message}");
    }
}
