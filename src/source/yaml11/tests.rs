//! Plain scalars and documents, as PyYAML reads them.

use super::*;

#[test]
fn words_that_stay_text() {
    for word in [
        "y",
        "n",
        "oN",
        "nULL",
        "08",
        "0o17",
        "0x",
        "0b12",
        "1e5",
        "1.5e5",
        "-.5",
        "+.5",
        ".",
        "._",
        ".iNF",
        "+.nan",
        "1:60",
        "01:30",
        "12:30.e+1",
        "2024-1-1",
        "2024-01-01T",
        "1.2.3",
        "3.9-dev",
        " 1",
        "_1",
        "+-1",
        "1+1",
        "<<<",
        "==",
        "@",
        "a: b",
        "é",
        "10.0.0.1",
        "2024-01-01 ",
    ] {
        assert_eq!(resolve_plain(word), Yaml11::Str(word.to_owned()), "{word}");
    }
}

#[test]
fn words_that_become_something_else() {
    use Yaml11::{Bool, Float, Int, Null};
    for (word, expected) in [
        ("", Null),
        ("~", Null),
        ("NULL", Null),
        ("on", Bool(true)),
        ("Yes", Bool(true)),
        ("no", Bool(false)),
        ("OFF", Bool(false)),
        ("0644", Int(420)),
        ("-017", Int(-15)),
        ("00", Int(0)),
        ("0_", Int(0)),
        ("0x1F", Int(31)),
        ("0b1_1", Int(3)),
        ("1_000", Int(1000)),
        ("1__0_", Int(10)),
        ("22:22", Int(1342)),
        ("12:30:45", Int(45045)),
        ("-1:30", Int(-90)),
        ("-170141183460469231731687303715884105728", Int(i128::MIN)),
        ("3.10", Float(3.1)),
        ("1.", Float(1.0)),
        ("1._5", Float(1.5)),
        (".5_", Float(0.5)),
        ("1.e+3", Float(1000.0)),
        ("12:30:45.5", Float(45045.5)),
        ("0:30.5", Float(30.5)),
        ("-.INF", Float(f64::NEG_INFINITY)),
        ("1.0e+400", Float(f64::INFINITY)),
        ("<<", Yaml11::Merge),
        ("=", Yaml11::Value),
    ] {
        assert_eq!(resolve_plain(word), expected, "{word}");
    }
    assert!(matches!(resolve_plain(".NaN"), Float(value) if value.is_nan()));
    let large = "9".repeat(50);
    assert_eq!(resolve_plain(&large), Yaml11::BigInt(large));
}

#[test]
fn dates_are_real_or_invalid() {
    for word in [
        "2024-01-01",
        "2024-02-29",
        "2024-1-1T1:02:03",
        "2024-01-01 00:00:00.25 +9:30",
        "2024-01-01t00:00:00Z",
        "2024-01-01\t00:00:00\t-23:59",
    ] {
        assert_eq!(resolve_plain(word), Yaml11::Timestamp(word.to_owned()), "{word}");
    }
    for word in [
        "2024-13-45",
        "2023-02-29",
        "0000-01-01",
        "2024-01-01T24:00:00",
        "2024-01-01 00:00:60",
        "2024-01-01 00:00:00+24",
        "0b_",
        "-0x_",
    ] {
        assert_eq!(resolve_plain(word), Yaml11::Invalid(word.to_owned()), "{word}");
    }
}

#[test]
fn documents_are_read_as_pyyaml_reads_them() {
    for (document, expected) in [
        ("", "Null"),
        ("a: on\n", r#"Map([(Str("a"), Bool(true))])"#),
        (
            "- \"on\"\n- 'a''b'\n- \"\\x41\\u00e9\\/\"\n",
            r#"List([Str("on"), Str("a'b"), Str("Aé/")])"#,
        ),
        (
            "[a, {b: c, d}, e: f]",
            r#"List([Str("a"), Map([(Str("b"), Str("c")), (Str("d"), Null)]), Map([(Str("e"), Str("f"))])])"#,
        ),
        (
            "a:\n- x\n-\nb: |\n  1\n\n   2\n",
            r#"Map([(Str("a"), List([Str("x"), Null])), (Str("b"), Str("1\n\n 2\n"))])"#,
        ),
        ("a: >-\n  x\n  y\n\n  z\n", r#"Map([(Str("a"), Str("x y\nz"))])"#),
        ("\"a\u{85}b\"", r#"Str("a b")"#),
        ("\"a\u{2028}b\"", "Str(\"a\\u{2028}b\")"),
        (
            "a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}",
            r#"Map([(Str("a"), Map([(Str("k"), Int(1)), (Str("l"), Int(2))])), (Str("b"), Map([(Str("k"), Int(3)), (Str("l"), Int(2))]))])"#,
        ),
        ("=: 1", r#"Map([(Str("="), Int(1))])"#),
        ("! '12'", "Int(12)"),
        ("!!str 12", r#"Str("12")"#),
        ("!!binary aGk=", "Binary([104, 105])"),
        ("!!float 1", "Float(1.0)"),
        ("%YAML 1.1\n---\n? a\n...\n", r#"Map([(Str("a"), Null)])"#),
        ("a:b", r#"Str("a:b")"#),
        ("12:30: x", r#"Map([(Int(750), Str("x"))])"#),
    ] {
        let shown = read(document).map_or_else(|e| e, |value| format!("{value:?}"));
        assert_eq!(shown, expected, "{document:?}");
    }
}

#[test]
fn what_pyyaml_refuses_is_refused() {
    for (document, expected) in [
        ("a: \u{7F}", "line 1: the character U+007F"),
        ("a: 1\nb: \u{1B}", "line 2: the character U+001B"),
        ("a:\tb", "a tab cannot begin"),
        ("\ta: b", "a tab cannot begin"),
        ("a: b: c", "a `:` is not allowed here"),
        ("a: [1, 2", "a `,` or `]` is expected"),
        (
            "a: [1\nb: 2\nc: 3\n",
            "line 2, column 2: a `,` or `]` is expected here, in the list that begins in line 1, column 4",
        ),
        ("a:\n- {b: 1\nc: 2\n", "in the map that begins in line 2, column 3"),
        ("a: {b: [}\n", "line 1, column 9: a value is missing before this, in the list"),
        ("a: 1\nb: 'x\nc: 2\n", "line 2, column 4: the quote that begins here"),
        ("a: 1\nb\nc:\n- 2\n", "line 2, column 1: a `:` is missing after this key"),
        (
            "a:\n  - b\n - c\n",
            "line 3, column 2: this does not belong to the map that begins in line 1",
        ),
        ("a:\n - b\n   c: d\n", "line 3, column 5: a `:` is not allowed here"),
        ("a: 'x", "the quote that begins here is not closed"),
        ("a: @x", "`@` cannot begin"),
        ("a: \"\\q\"", "`\\q` is no escape"),
        ("a: \"\\ud83d\\ude00\"", "U+d83d is no character"),
        ("a: *x", "`*x` has no `&x`"),
        ("a: =", "`=` cannot be a value"),
        ("a: <<", "`<<` cannot be a value"),
        ("a: 2024-13-45", "`2024-13-45` is no valid"),
        ("a: !x y", "the tag `!x` means nothing"),
        ("a: 1\na: 2", "a key stands here twice"),
        ("1: a\n1.0: b\n", "a key stands here twice"),
        ("[a]: b", "cannot be a key"),
        ("a\n---\nb", "a second document"),
        ("...\n", "a value is missing"),
        ("a: 1\n b: 2", "line 2"),
        ("a:\n  b\n c: 2", "line 3"),
        ("%YAML 2.0\n---\na", "`%YAML 1.1`"),
        ("!!int x", "`x` is no valid int"),
    ] {
        let message = read(document).unwrap_err();
        assert!(message.contains(expected), "{document:?}: {message}");
    }
}

#[test]
fn depth_and_size_are_limited() {
    assert!(read(&"[".repeat(100_000)).unwrap_err().contains("nested too deep"));
    assert!(read(&"- ".repeat(100_000)).unwrap_err().contains("nested too deep"));
    assert!(read(&"? ".repeat(100_000)).unwrap_err().contains("nested too deep"));
    assert!(read(&format!("[{}]", "a,".repeat(200_000))).unwrap_err().contains("too many"));
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        bomb.push_str(&format!("a{level}: &a{level} [*a{below}, *a{below}]\n"));
    }
    assert!(read(&bomb).unwrap_err().contains("too many"));
    let merges = bomb.replace("[x, x]", "{x: y}").replace(": &", ": {<<: &").replace(']', "]}");
    assert!(read(&merges).is_err());
}

#[test]
fn leaves_and_keys_come_in_order() {
    let value = read("a: [1, {b: on}]\nc: ~").unwrap();
    let shown = scalars(&value).iter().map(|s| format!("{s:?}")).collect::<Vec<_>>().join(" ");
    assert_eq!(shown, r#"Str("a") Int(1) Str("b") Bool(true) Str("c") Null"#);
}

#[test]
fn what_pyyaml_lets_pass_is_loaded() {
    let value = load("a: 1\na: 2\n").unwrap();
    assert_eq!(value, Yaml11::Map(vec![(Yaml11::Str("a".into()), Yaml11::Int(2))]));
    assert!(load("b: &b {c: 1}\nd:\n  <<: *b\n  <<: *b\n").is_ok());
    assert!(matches!(load("a: [\n"), Err(LoadError::Refused(_))));
    for document in ["[".repeat(200), format!("[{}]", "a,".repeat(200_000)), "&a [*a]".into()] {
        assert!(matches!(load(&document), Err(LoadError::Beyond(_))));
    }
}
