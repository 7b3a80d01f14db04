//! What is wrong with a table, and that the reading goes on.

use super::{super::Options, support::*};

#[test]
fn other_files_are_named_with_what_to_do() {
    let html =
        "\u{FEFF}  <html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table><tr><td>학번";
    let ods =
        zip(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "")]);
    let ole = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &[0; 600][..]].concat();
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_32: Vec<u8> = "\u{FEFF}id\n".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let calc = "open it in Excel or LibreOffice Calc and save it as XLSX, or as CSV in UTF-8";
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "the file is empty", "a roster has a row with the names of the columns"),
        (b"\xEF\xBB\xBF\r\n ,,\r\n", "nothing in it but empty rows", "a roster has a row"),
        (b"id,name\n\n,\n", "there is a header and no row below it", "a roster has a row"),
        (&ole, "this is a file of Excel 97-2003 (.xls)", calc),
        (
            &[&ole[..], &name].concat(),
            "a workbook that a password protects",
            "open it in Excel and save it as XLSX without a password",
        ),
        (&ods, "an OpenDocument file (.ods)", calc),
        (&zip(&[("a.csv", "id\n1\n")]), "a ZIP archive without a workbook", "unpack it"),
        (&zip(&[("xl/workbook.bin", "")]), "a binary workbook of Excel (.xlsb)", calc),
        (&zip(&[("word/document.xml", "")]), "a file of Word", "export the list"),
        (
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            "a ZIP archive without a workbook",
            "unpack it",
        ),
        (
            b"%PDF-1.7\n%\xE2\xE3",
            "this is a PDF, not a table",
            "export the list from where it comes from",
        ),
        (html.as_bytes(), "this is a web page (HTML), whatever its name says", calc),
        (&encoding_rs::EUC_KR.encode("<table><tr><td>학번").0, "a web page (HTML)", calc),
        (b"<?xml version=\"1.0\"?>\n<Workbook>", "this is XML", calc),
        (b"\x1F\x8B\x08\0", "a compressed file", "unpack it"),
        (b"\x89PNG\r\n\x1A\n", "this is a picture", "export the list"),
        (&utf_32, "this is UTF-32 text", "save it as UTF-8"),
    ];
    for (bytes, what, help) in cases {
        let message = refused("명단.xls", bytes, &Options::default());
        assert!(message.starts_with("명단.xls: ") && message.contains(what), "{what}: {message}");
        assert!(message.contains(&format!("; {help}")), "{message}");
    }
}

#[test]
fn a_folder_is_named() {
    let folder = std::fs::File::open(env!("CARGO_MANIFEST_DIR")).unwrap();
    let error = super::super::Table::open("lists", folder, &Options::default()).err().unwrap();
    let message = error.to_string();
    assert!(message.starts_with("lists: Is a directory"), "{message}");
    assert!(message.ends_with("; name the file with the roster"), "{message}");
}

#[test]
fn options_for_another_format_are_refused() {
    let book = workbook(&[("S", "visible", "")]);
    for (bytes, options, expected) in [
        (
            &b"id\n1\n"[..],
            sheet("S"),
            "`--sheet` is for XLSX files, and this is CSV; leave out `--sheet`",
        ),
        (b"[{\"id\": 1}]", delimiter(';'), "`--delimiter` is for CSV files, and this is JSON"),
        (&book, delimiter(';'), "`--delimiter` is for CSV files, and this is XLSX"),
        (&book, encoding("cp949"), "`--encoding` is for text files, and this is XLSX"),
    ] {
        assert!(refused("r", bytes, &options).contains(expected));
    }
}

#[test]
fn headers_have_every_name_once() {
    let message = refused("r", "id, 이름,x,이름\u{A0}\n1,a,b,c\n".as_bytes(), &Options::default());
    assert_eq!(
        message,
        "r, row 1, column `이름`: columns B and D have the same name; rename one of the two, or remove it"
    );
    let message = refused("r", b"\nid,a\x07b\n1,2\n", &Options::default());
    assert!(
        message.starts_with("r, row 2, column `B`: there is the control character U+0007"),
        "{message}"
    );
    let message = refused("r", b"id,\"name\n1,2\n", &Options::default());
    assert!(
        message.starts_with("r, row 1, column `B`: the quote that begins this cell is never"),
        "{message}"
    );
}

#[test]
fn cells_without_a_column_are_mistakes() {
    let read = read(b"id,,mail,\n1,,a\n2,x,b\n3,y,c\n4,,d,e,\n5,,e,,,,\n6,,f,,,hunter2\n");
    assert_eq!(lines(&read), ["2:1|a", "4:3|c", "6:5|e"]);
    assert_eq!(
        read.errors,
        [
            "r.csv, row 3, column `B`: this column has no name in the header, and here a cell is not \
             empty; give the column a name, or empty it",
            "r.csv, row 5: the row has 4 cells, and the header 3; put a cell that holds a comma in \
             double quotes",
            "r.csv, row 7: the row has 6 cells, and the header 3; put a cell that holds a comma in \
             double quotes",
        ]
    );
}

#[test]
fn a_title_above_the_header_is_guessed() {
    let read = read("2024학년도 명단,,\n학번,이름,메일\n1,a,b\n".as_bytes());
    assert_eq!(read.errors.len(), 1, "every row has it: {:?}", read.errors);
    assert!(read.errors[0].contains("is the first row a title? Remove it"), "{:?}", read.errors);
}

#[test]
fn a_stray_quote_costs_its_row_only() {
    for (middle, expected) in [
        ("2,\"b,m", "r.csv, row 3, column `name`: the quote that begins this cell is never closed"),
        ("2,\"b\"x,m", "r.csv, row 3, column `name`: there is text behind the closing quote"),
        ("2,\"b\n x,m\" y", "r.csv, row 3, column `name`: there is text behind the closing quote"),
        ("2,b,\"m", "r.csv, row 3, column `mail`: the quote that begins this cell is never closed"),
    ] {
        let text = format!("id,name,mail\n1,a,m\n{middle}\n4,d,m\n5,e,m\n");
        let read = read(text.as_bytes());
        assert!(read.errors[0].starts_with(expected), "{middle}: {:?}", read.errors);
        let rows: Vec<&str> = read.rows.iter().map(|(_, cells)| &cells[0][..]).collect();
        assert!(rows.starts_with(&["1"]) && rows.ends_with(&["4", "5"]), "{middle}: {rows:?}");
        if !middle.contains('\n') {
            assert_eq!((lines(&read)[1].as_str(), read.errors.len()), ("4:4|d|m", 1), "{middle}");
        }
    }
}

#[test]
fn a_quote_that_swallows_rows_is_noticed() {
    let text = "id,name,mail\r\n1,\"a,m\r\n2,b,m\r\n3,c,m\r\n4,\"d\",m\r\n5,e\",m\r\n6,f,m\r\n";
    let read = read(text.as_bytes());
    assert!(read.errors[0].starts_with("r.csv, row 2, column `name`: "), "{:?}", read.errors);
    assert_eq!(lines(&read), ["3:2|b|m", "4:3|c|m", "5:4|d|m", "6:5|e\"|m", "7:6|f|m"]);
    let text = "id,name,mail\n1,\"a,m\n2,b,m\n3,c,m\n4,d\",m\n5,e,m\n";
    let read = super::support::read(text.as_bytes());
    assert_eq!(
        read.errors,
        [
            "r.csv, row 2, column `name`: this cell runs over 4 lines that look like rows: a quote is \
          stray or missing; close the quote or remove it; a quote inside a quoted cell is written \
          twice"
        ]
    );
    assert_eq!(lines(&read), ["3:2|b|m", "4:3|c|m", "5:4|d\"|m", "6:5|e|m"]);
}

#[test]
fn cells_of_several_lines_are_no_suspects() {
    for cell in [
        "Seoul, Gangnam\nTeheran-ro 1, 2F",
        "a\nb, c, d\ne",
        "a, b\nc, d, e\nf",
        "a\n\nb",
        "-----\n\nab",
    ] {
        let text = format!("id,address,mail\n1,\"{cell}\",m\n2,b,\"{cell}\"\n");
        let read = read(text.as_bytes());
        assert_eq!((read.rows.len(), &read.errors[..]), (2, &[][..]), "{cell}");
        assert_eq!(read.rows[0].1[1], cell);
    }
}

#[test]
fn a_quote_that_is_not_closed_in_a_mebibyte_is_found() {
    let mut text = String::from("id,name\n1,\"a\n");
    for number in 2..200_000 {
        text += &format!("{number},b\n");
    }
    let read = read(text.as_bytes());
    assert!(
        read.errors[0].contains("row 2, column `name`: the quote that begins"),
        "{:?}",
        read.errors
    );
    assert_eq!((read.rows.len(), read.errors.len()), (199_998, 1));
    let long = format!("id\n1\n{}\n2\n", "x".repeat(3 << 20));
    let read = super::support::read(long.as_bytes());
    assert_eq!(lines(&read), ["2:1"]);
    assert_eq!(
        read.errors,
        ["r.csv, row 3: the row is longer than 1048576 bytes; is this the right file?"]
    );
}

#[test]
fn characters_that_no_editor_shows_are_refused() {
    let read = read(
        "id,name\n1,a\u{0}b\n2,\u{1B}[31mx\n3,b\u{FFFD}d\n4,a\tb\n5,c\u{85}d\n"
            .replace('\0', "\u{1}")
            .as_bytes(),
    );
    assert_eq!(lines(&read), ["5:4|a\tb"]);
    let what: Vec<&str> = read
        .errors
        .iter()
        .map(|error| error.split("there is ").nth(1).unwrap().split(" in this").next().unwrap())
        .collect();
    assert_eq!(
        what,
        [
            "the control character U+0001",
            "an escape character (U+001B)",
            "U+FFFD, which stands for a character that was lost",
            "the control character U+0085"
        ]
    );
}

#[test]
fn a_file_that_shrinks_and_one_that_breaks_end_the_reading() {
    use std::io::{self, Cursor, Read, Seek, SeekFrom};
    /// Fails after some bytes, once it was read through.
    struct Failing(Cursor<Vec<u8>>, usize);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.1 > 5 && self.0.position() > 70_000 {
                return Err(io::Error::other("the disk is gone"));
            }
            self.0.read(buffer)
        }
    }
    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.1 += 1;
            self.0.seek(to)
        }
    }
    let bytes = format!("id\n{}", "1\n".repeat(100_000)).into_bytes();
    let mut table =
        super::super::Table::open("r", Failing(Cursor::new(bytes), 0), &Options::default())
            .unwrap();
    let error = table.by_ref().find_map(Result::err).unwrap();
    assert!(
        error.to_string().contains(": the disk is gone; is it a file that you may read?"),
        "{error}"
    );
    assert!(error.row().is_some() && table.next().is_none());
}
