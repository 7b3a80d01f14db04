//! Encodings, by real bytes.

use encoding_rs::{EUC_KR, SHIFT_JIS};

use super::{super::Options, support::*};

const TEXT: &str = "학번,이름\r\n20240001,김철수\r\n20240002,\"똠방, 각하\"\r\n";

fn utf_16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{FEFF}" } else { "" };
    let units = mark.encode_utf16().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn every_encoding_is_found() {
    let korean = EUC_KR.encode(TEXT).0;
    assert_eq!(korean[..4], [0xC7, 0xD0, 0xB9, 0xF8], "CP949 as Excel writes it");
    for (bytes, found) in [
        (TEXT.into(), "UTF-8"),
        (format!("\u{FEFF}{TEXT}").into_bytes(), "UTF-8"),
        (utf_16(TEXT, false, true), "UTF-16LE"),
        (utf_16(TEXT, true, true), "UTF-16BE"),
        (korean.to_vec(), "CP949"),
    ] {
        let read = read(&bytes);
        assert_eq!(read.found, format!("CSV, comma, {found}"));
        assert_eq!(read.header, ["학번", "이름"], "{found}");
        assert_eq!(lines(&read), ["2:20240001|김철수", "3:20240002|똠방, 각하"], "{found}");
    }
}

#[test]
fn the_whole_file_decides() {
    let mut text = String::from("id,name\n");
    for number in 0..30_000 {
        text += &format!("{number},a\n");
    }
    text += "30000,김철수\n";
    assert_eq!(read(text.as_bytes()).found, "CSV, comma, UTF-8");
    let bytes = EUC_KR.encode(&text).0;
    let read = read(&bytes);
    assert_eq!(read.found, "CSV, comma, CP949");
    assert_eq!(lines(&read)[30_000], "30002:30000|김철수");
}

#[test]
fn characters_across_pieces_are_one() {
    // Text whose pieces of 64 KiB end inside a character, wherever the first one begins.
    for shift in 0..4 {
        let text = format!("{}id,이름\n1,{}\n", "\n".repeat(shift), "가".repeat(100_000));
        for bytes in
            [text.clone().into_bytes(), EUC_KR.encode(&text).0.to_vec(), utf_16(&text, false, true)]
        {
            assert_eq!(read(&bytes).rows[0].1[1].chars().count(), 100_000);
        }
    }
}

#[test]
fn labels_are_many() {
    let korean = EUC_KR.encode(TEXT).0;
    for label in [
        "cp949",
        "CP949",
        "ms949",
        "MS_949",
        "cp-949",
        "euc-kr",
        "EUC_KR",
        "windows-949",
        "uhc",
        "ks_c_5601-1987",
    ] {
        let read = read_with("r", &korean, &encoding(label));
        assert_eq!(
            (&read.found[..], &read.header[1][..]),
            ("CSV, comma, CP949", "이름"),
            "{label}"
        );
    }
    let japanese = SHIFT_JIS.encode("番号,名前\n1,山田太郎\n").0;
    for label in ["shift_jis", "sjis", "cp932"] {
        assert_eq!(lines(&read_with("r", &japanese, &encoding(label))), ["2:1|山田太郎"]);
    }
    let western = read_with("r", b"id;name\n1;M\xFCller\n", &encoding("latin1"));
    assert_eq!(
        (&western.found[..], &lines(&western)[..]),
        ("CSV, semicolon, windows-1252", &["2:1|Müller".into()][..])
    );
    for (bytes, label) in [
        (utf_16(TEXT, false, false), "utf-16"),
        (utf_16(TEXT, true, false), "utf-16be"),
        (utf_16(TEXT, true, true), "UTF-16"),
        (utf_16(TEXT, true, true), "utf-16be"),
        (format!("\u{FEFF}{TEXT}").into_bytes(), "utf-8-sig"),
    ] {
        assert_eq!(read_with("r", &bytes, &encoding(label)).header, ["학번", "이름"], "{label}");
    }
}

#[test]
fn what_fits_nothing_is_named_by_byte_and_row() {
    let default = Options::default();
    // Müller in Windows-1252, below a cell of two lines.
    assert_eq!(
        refused("r.csv", b"id,name\n1,\"a\nb\"\n3,M\xFCller\n", &default),
        "r.csv: byte 19 (0xFC, line 4) is not UTF-8, and read as CP949 there is no common Korean \
         character; save it in Excel as `CSV UTF-8`, or name its encoding, as in `--encoding \
         windows-1252`"
    );
    let mut bytes = EUC_KR.encode("학번,이름\r\n1,김\r\n").0.to_vec();
    bytes.extend(b"2,\xFF\r\n");
    let message = refused("r.csv", &bytes, &default);
    assert!(message.contains("byte 19 (0xFF, line 3) is not CP949"), "{message}");
    // `Å` with a letter behind it would be one rare syllable in CP949.
    let message = refused("r.csv", b"id,name\n1,\xC5sa\n", &default);
    assert!(message.contains("byte 10 (0xC5, line 2) is not UTF-8"), "{message}");
}

#[test]
fn what_does_not_fit_its_label_is_named_too() {
    let mut half = utf_16("id\n1\n\u{AC22}\n", false, true);
    half.extend([0x00, 0xD8, b'x', 0]);
    for (bytes, label, expected) in [
        (
            &b"id\n\xB1\xE8\n"[..],
            "utf-8",
            "byte 3 (0xB1, line 2) is not UTF-8; name the encoding that it has with `--encoding`",
        ),
        (b"id\n\xFF\n", "cp949", "byte 3 (0xFF, line 2) is not CP949"),
        (
            b"\xEF\xBB\xBFid\n1\n",
            "cp949",
            "begins with the byte order mark of UTF-8, and `--encoding` says CP949",
        ),
        (b"\xFE\xFF\0i\0\n\x001", "utf-16le", "mark of UTF-16BE, and `--encoding` says UTF-16LE"),
        (b"\xEF\xBB\xBFid\n\xFF\n", "utf-8", "byte 6 (0xFF, line 2)"),
        (&half, "utf-16", "byte 16 (0x00, line 4) is not UTF-16LE"),
        (b"id\n1\n", "cp994", "no encoding is called `cp994`; is `cp949` meant?"),
        (b"id\n1\n", "utf9", "no encoding is called `utf9`; is `utf-8` meant?"),
        (b"id\n1\n", "klingon", "no encoding is called `klingon`; known are utf-8, utf-16, cp949"),
        (b"id\n1\n", "iso-2022-kr", "no encoding is called `iso-2022-kr`"),
    ] {
        let message = refused("r", bytes, &encoding(label));
        assert!(message.contains(expected), "{label}: {message}");
    }
}

#[test]
fn nul_is_no_text_unless_it_is_half_a_character() {
    let message = refused("r", b"id,name\n1,a\0b\n", &Options::default());
    assert!(message.contains("there is a NUL at byte 11 (line 2): this is not text"), "{message}");
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    let noise: Vec<u8> = (0..4000).map(|_| next()).collect();
    let message = refused("r", &noise, &Options::default());
    assert!(message.contains("this is not text; save the table as XLSX or CSV"), "{message}");
}

/// A class of few students, in the names that are most frequent and in rare ones.
#[test]
fn a_small_korean_roster_is_known() {
    for names in ["김민준", "이서연,박지후", "뷁,김민준", "똠방각하", "제갈량,남궁민수", "Kim 김"]
    {
        let rows: String = names.split(',').map(|name| format!("20260001,{name}\n")).collect();
        for header in ["id,name\n", "학번,이름\n"] {
            let text = format!("{header}{rows}");
            let read = read(&EUC_KR.encode(&text).0);
            assert_eq!(read.found, "CSV, comma, CP949", "{text}");
            assert!(lines(&read)[0].ends_with(names.split(',').next().unwrap()), "{text}");
        }
    }
}
