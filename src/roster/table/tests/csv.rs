//! Delimited text as it is meant to be.

use super::{super::Options, support::*};

#[test]
fn delimiters_are_found_outside_quotes() {
    for (text, found, header, rows) in [
        ("id,name\n1,a\n", "comma", "id|name", "2:1|a"),
        ("id;name\n1;Kim, A\n2;Lee, B\n", "semicolon", "id|name", "2:1|Kim, A 3:2|Lee, B"),
        ("id\tname\n1\tKim, A; B\n", "tab", "id|name", "2:1|Kim, A; B"),
        ("id|name\n1|a\n", "`|`", "id|name", "2:1|a"),
        ("\"id;x\",\"a;b;c\",n\n1;2,2;3;4,3\n", "comma", "id;x|a;b;c|n", "2:1;2|2;3;4|3"),
        (
            "id;name, given;note\n1;Kim, A;x, y, z\n",
            "semicolon",
            "id|name, given|note",
            "2:1|Kim, A|x, y, z",
        ),
        ("name;grade\nKim;3,5\nLee;4,5\n", "semicolon", "name|grade", "2:Kim|3,5 3:Lee|4,5"),
        ("a,b;c\n1,2;3\n1,2;3\n4,5\n", "comma", "a|b;c", "2:1|2;3 3:1|2;3 4:4|5"),
        ("id\n1\n2\n", "one column", "id", "2:1 3:2"),
        ("sep=;\nid;a,b,c\n1;2\n", "semicolon", "id|a,b,c", "2:1|2"),
        ("sep=|\r\nid|a,b,c\r\n1|2\r\n", "`|`", "id|a,b,c", "2:1|2"),
        ("\"sep=\t\"\rid\ta\r1\t2", "tab", "id|a", "2:1|2"),
    ] {
        let read = read(text.as_bytes());
        assert_eq!(read.found, format!("CSV, {found}, UTF-8"), "{text}");
        assert_eq!((read.header.join("|"), lines(&read).join(" ")), (header.into(), rows.into()));
        assert_eq!(read.errors, [""; 0], "{text}");
    }
}

#[test]
fn a_delimiter_that_is_given_is_taken() {
    let read = read_with("r", b"a,b;c\n1,2;3\n", &delimiter(';'));
    assert_eq!(
        (&read.found[..], &lines(&read)[..]),
        ("CSV, semicolon, UTF-8", &["2:1,2|3".into()][..])
    );
    let read = read_with("r", "a、b\n1、2\n".as_bytes(), &delimiter('、'));
    assert_eq!((&read.found[..], &lines(&read)[..]), ("CSV, `、`, UTF-8", &["2:1|2".into()][..]));
    let refused = refused("r", b"a,b\n1,2\n", &delimiter('"'));
    assert!(refused.starts_with("r: '\"' cannot separate cells; say `--delimiter`"), "{refused}");
}

#[test]
fn every_line_end_is_one_also_within_quotes() {
    for end in ["\n", "\r\n", "\r"] {
        let lines_of = ["id,note", "1,\"a", "", "b\"", "", "2,\"c", "\"", "3,"];
        for last in ["", end] {
            let read = read(format!("{}{last}", lines_of.join(end)).as_bytes());
            assert_eq!(lines(&read), ["2:1|a\n\nb", "4:2|c", "5:3|"], "{end:?}");
            assert_eq!((read.skipped, &read.errors[..]), (1, &[][..]), "{end:?}");
        }
    }
}

#[test]
fn quotes_are_undone_and_those_inside_a_word_stay() {
    let text =
        "id,note\n1,\"say \"\"hi\"\", now\"\n2, \"x,y\" \n3,5'10\" tall\n4,\"\"\n5,\"\"\"\"\n";
    let read = read(text.as_bytes());
    assert_eq!(
        lines(&read),
        ["2:1|say \"hi\", now", "3:2|x,y", "4:3|5'10\" tall", "5:4|", "6:5|\""]
    );
    assert_eq!(read.errors, [""; 0]);
}

#[test]
fn hidden_white_space_goes() {
    let text = "\u{FEFF}\u{FEFF}\"id\" ,\u{A0}name\u{3000},\"학번\n (ID) \"\n\
                1\t,\u{3000}김 철수\u{A0}, \u{200B}x\u{200E}\n";
    let read = read(text.as_bytes());
    assert_eq!(read.header, ["id", "name", "학번 (ID)"]);
    assert_eq!(lines(&read), ["2:1|김 철수|x"]);
}

#[test]
fn empty_rows_are_counted_and_short_ones_filled() {
    let read = read(b"\n,,\nid,name,,mail,,\n,,,,,,,,,\n1\n \t , ,\n\n2,b,,m\n\n\n");
    assert_eq!(read.header, ["id", "name", "mail"]);
    assert_eq!(lines(&read), ["5:1||", "8:2|b|m"]);
    assert_eq!((read.skipped, &read.errors[..]), (7, &[][..]));
}

#[test]
fn a_long_file_is_read_in_pieces() {
    let mut text = String::from("학번,이름,메모\r\n");
    for number in 0..20_000 {
        text += &format!("{number},김철수,\"여러\r\n줄 {number}\"\r\n");
    }
    let read = read(text.as_bytes());
    assert_eq!((read.rows.len(), read.errors.len(), read.skipped), (20_000, 0, 0));
    for (at, (number, cells)) in read.rows.iter().enumerate() {
        assert_eq!(*number, at + 2);
        assert_eq!(cells[..], [at.to_string(), "김철수".into(), format!("여러\n줄 {at}")]);
    }
}

#[test]
fn debug_output_has_no_cells() {
    let mut table = open("r", b"user,password\nkim,hunter2\n", &Options::default()).unwrap();
    assert_eq!(format!("{:?}", table.next().unwrap().unwrap()), "Row(2, 2 cells)");
}

#[test]
fn standard_input_can_be_read_twice() {
    use std::io::Read;
    let mut file = super::super::Table::spool(&b"id\n1\n"[..]).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "id\n1\n");
    let mut table = super::super::Table::open("<stdin>", file, &Options::default()).unwrap();
    assert_eq!(table.next().unwrap().unwrap().cells, ["1"]);
}

#[test]
fn texts_that_are_dressed_as_formulas_are_texts() {
    let read = read(b"id,a\n=\"0042\", =\"x\" \n\"=\"\"0043\"\"\",=1\n=\"a\"b\",=\"\"\n");
    assert_eq!(lines(&read), ["2:0042|x", "3:0043|=1", "4:=\"a\"b\"|"]);
}

#[test]
fn tables_and_errors_go_to_other_threads() {
    fn check<T: Send>() {}
    fn check_error<T: std::error::Error + Send + Sync + 'static>() {}
    check::<super::super::Table>();
    check_error::<super::super::TableError>();
}
