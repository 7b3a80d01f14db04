//! Lists of maps in JSON and YAML.

use super::{super::Options, support::*};

#[test]
fn json_keys_make_the_header() {
    let text = r#" [{"id": 20240001, "name": "김\n철수 ", "on": true},
        {"name": "B", "score": 1.50, "big": 123456789012345678901234567890, "id": null},
        {}, {"on": false}]"#;
    for (name, text) in [("r.json", text.to_owned()), ("r.csv", format!("\u{FEFF}{text}"))] {
        let read = read_with(name, text.as_bytes(), &Options::default());
        assert_eq!(read.found, "JSON, UTF-8");
        assert_eq!(read.header, ["id", "name", "on", "score", "big"]);
        assert_eq!(
            lines(&read),
            [
                "1:20240001|김\n철수|true||",
                "2:|B||1.50|123456789012345678901234567890",
                "4:||false||"
            ]
        );
        assert_eq!((read.skipped, &read.errors[..]), (1, &[][..]));
    }
}

#[test]
fn yaml_words_are_taken_as_they_are_written() {
    let text = "# students\n- id: 0012\n  name: 김철수\n  python: 3.10\n\
                - {id: '2', on: True, name: ~}\n- name: |\n    two\n    lines\n  id: yes\n";
    for name in ["r.yaml", "r.csv", "<stdin>"] {
        let read = read_with(name, text.as_bytes(), &Options::default());
        assert_eq!(read.found, "YAML, UTF-8");
        assert_eq!(read.header, ["id", "name", "python", "on"]);
        assert_eq!(lines(&read), ["1:0012|김철수|3.10|", "2:2|||true", "3:yes|two\nlines||"]);
    }
    let (bytes, ..) = encoding_rs::EUC_KR.encode("- 이름: 김철수\r\n");
    let read = read_with("r.yml", &bytes, &Options::default());
    assert_eq!((&read.found[..], &lines(&read)[..]), ("YAML, CP949", &["1:김철수".into()][..]));
    let flow = read_with("r.yml", b"[{id: 1}]", &Options::default());
    assert_eq!((&flow.found[..], &lines(&flow)[..]), ("YAML, UTF-8", &["1:1".into()][..]));
}

#[test]
fn mistakes_in_entries_are_reported_together() {
    let expected = [
        "r, entry 1, column `tags`: a list is not a cell; a cell is text, a number, true, false or",
        "r, entry 2: a map from columns to cells is expected, not a number;",
        "r, entry 3, column `id`: this column stands twice in the same entry; remove one of",
        "r, entry 4: a map from columns to cells is expected, not text;",
        "r, entry 6, column `id`: a map is not a cell",
    ];
    let json = r#"[{"id": 1, "tags": ["hunter2"]}, 5, {"id": 1, " id": 2}, "hunter2", {"id": 3},
        {"id": {"a": "hunter2"}}]"#;
    let yaml = "- {id: 1, tags: [hunter2]}\n- 5\n- {id: 1, ' id': 2}\n- hunter2\n- id: 3\n\
                - {id: {a: hunter2}}\n";
    for text in [json, yaml] {
        let read = read_with("r", text.as_bytes(), &Options::default());
        assert_eq!(lines(&read), ["5:3|"]);
        assert_eq!(read.errors.len(), expected.len(), "{:#?}", read.errors);
        for (error, expected) in read.errors.iter().zip(expected) {
            assert!(error.starts_with(expected) && !error.contains("hunter2"), "{error}");
        }
    }
}

#[test]
fn what_is_no_list_is_refused() {
    for (name, text, expected) in [
        (
            "r.json",
            "[{\"id\": 1},\n {\"id\" 2}]",
            "r.json: expected `:` (line 2, column 8 of the file)",
        ),
        (
            "r.json",
            "{\"students\": [{\"id\": 1}]}",
            "a list with one map for each student is expected, not a map; write [{",
        ),
        (
            "r.json",
            "{\"id\": 1}\n{\"id\": 2}\n",
            "trailing characters (line 2, column 1 of the file)",
        ),
        (
            "r.json",
            "id,name\n1,a\n",
            "expected value (line 1, column 1 of the file); is this the right file?",
        ),
        ("r.json", "[]", "there is nothing in it but empty rows"),
        ("r.json", "[{}, {}]", "there is nothing in it but empty rows"),
        ("r.json", "[{\"id\": \"\"}]", "a header and no row below it"),
        (
            "r.json",
            "[{\"id\\u0000\": 1}]",
            "r.json, entry 0, column `A`: there is a NUL in this cell",
        ),
        (
            "r.yaml",
            "students:\n- id: 1\n",
            "a list with one map for each student is expected, not a map",
        ),
        ("r.yaml", "- id: 1\n  id: 2\n", "2:3: the key `id` stands here a second time"),
        ("r.yaml", "- {id: 1\n- {id: 2}\n", "r.yaml: this is no YAML that can be read: 2:"),
        ("r.yaml", "# none\n", "there is nothing in it"),
    ] {
        let message = refused(name, text.as_bytes(), &Options::default());
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn yaml_mistakes_have_their_places_and_yaml_a_limit() {
    let error = open("r.yaml", b"- {id: 1, id: 2}\n", &Options::default()).err().unwrap();
    assert_eq!(
        (error.syntax().len(), error.syntax()[0].span.position().to_string()),
        (1, "1:11".into())
    );
    let long = "- id: 1\n".repeat(200_000);
    let message = refused("r.yaml", long.as_bytes(), &Options::default());
    assert!(
        message.contains("larger than 1 MiB, too large for a roster in YAML; save it as CSV"),
        "{message}"
    );
}
