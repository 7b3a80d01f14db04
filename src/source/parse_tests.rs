//! What is read from a parameter file, and where it stands in it.

use super::super::Path;
use super::*;

/// `line:column message` of every mistake.
fn mistakes(text: &str) -> Vec<String> {
    let errors = parse(&Source::new("a.yaml", text)).err().unwrap_or_default();
    errors.iter().map(|e| format!("{} {}", e.span.position(), e.message)).collect()
}

fn json(text: &str) -> String {
    parse(&Source::new("a.yaml", text)).unwrap().to_json().to_string()
}

#[test]
fn documents_become_trees() {
    for (text, expected) in [
        ("a: 1", r#"{"a":1}"#),
        ("---\na: 'it''s'\n...\n", r#"{"a":"it's"}"#),
        ("- 1\n- [x, {y: z}]\n-\n", r#"[1,["x",{"y":"z"}],null]"#),
        ("a: &x [1]\nb: *x\n", r#"{"a":[1],"b":[1]}"#),
        ("a: |\n  x\n   y\nb: >\n  x\n  y\n", r#"{"a":"x\n y\n","b":"x y\n"}"#),
        ("a: !!str 12\nb: !!int \"12\"\nc: ! 12\n", r#"{"a":"12","b":12,"c":"12"}"#),
        ("\"a b\": on\n? c\n", r#"{"a b":"on","c":null}"#),
        ("한글: é # c\n", r#"{"한글":"é"}"#),
    ] {
        assert_eq!(json(text), expected, "{text}");
    }
}

#[test]
fn places_are_bytes() {
    let source = Source::new("a.yaml", "é: ü\nb: [\"한\", x]  # c\n");
    let tree = parse(&source).unwrap();
    let text = |path: Path, on_key| tree.locate(&path, on_key).text().to_owned();
    let b = Path::root().key("b");
    assert_eq!(text(Path::root().key("é"), true), "é");
    assert_eq!(text(Path::root().key("é"), false), "ü");
    assert_eq!(text(b.clone(), false), "[\"한\", x]");
    assert_eq!(text(b.index(0), false), "\"한\"");
    assert_eq!(text(b.index(1), false), "x");
}

#[test]
fn all_mistakes_of_the_tree_are_reported() {
    let text = "a: 1\nb: !x 2\na: 3\n? [x]\n: 1\n<<: {}\n: 4\na: 5\n";
    assert_eq!(
        mistakes(text),
        [
            "2:4 a word that begins with `!` is a tag, which means nothing here",
            "3:1 the key `a` stands here a second time",
            "4:3 a list cannot be a key",
            "7:1 a key is missing before this `:`",
            "8:1 the key `a` stands here a second time",
        ]
    );
    let errors = parse(&Source::new("a.yaml", text)).unwrap_err();
    let (first, label) = errors[1].related.clone().unwrap();
    assert_eq!((first.position().to_string(), label.as_str()), ("1:1".to_owned(), "first here"));
}

#[test]
fn each_mistake_has_its_place_and_words() {
    for (text, expected) in [
        ("a:\n\tb: 1\n", "2:1 this line is indented with a tab"),
        ("a:\n  b: 1\n\tc: 2\n", "3:1 this line is indented with a tab"),
        ("a:\n  \t- b\n", "2:3 this line is indented with a tab"),
        ("a: [\n\tb]\n", "2:1 this line is indented with a tab"),
        ("a:\tb\n", "1:3 a tab stands here"),
        ("a: *x\n", "1:4 this alias has no anchor before it"),
        ("a: &x [*x]\n", "1:8 this alias stands inside the value it repeats"),
        ("a: 1\n---\nb: 2\n", "2:1 a second document begins here"),
        ("a: b: c\n", "1:5 a `:` is not allowed here"),
        (
            "a: 1\n b: 2\n",
            "2:2 this line is indented deeper than the line above it, which has its value",
        ),
        ("a:1\nb: 2\n", "1:2 a space is missing after this `:`"),
        ("a: 1\nfoo\nb: 2\n", "2:1 a `:` is missing in this line"),
        ("a: @x\n", "1:4 a value cannot begin with `@`"),
        ("a: `x`\n", "1:4 a value cannot begin with a backquote"),
        ("a: 'it's'\n", "1:8 something follows the closing quote"),
        ("a: 'x\nb: 1\n", "1:4 the closing quote is missing"),
        ("a: \"C:\\q\"\n", "1:4 a `\\` in this text is not followed by an escape"),
        ("a: {b: c\n", "1:9 a `,` or `}` is missing here"),
        ("a: [b]]\n", "1:7 this bracket closes nothing"),
        ("- a\nb: c\n", "2:1 this line does not belong to the list above it"),
        ("a:\n  b: 1\n c: 2\n", "3:2 this line is not indented like those above it"),
        ("a: - b\n", "1:4 an item (`-`) is not allowed here"),
        ("a: |x\n", "1:4 `|` and `>` are followed by a line break"),
        ("a: !!int x\n", "1:4 the tag `!!int` does not fit this word"),
        ("a: !!binary x\n", "1:4 what is tagged `!!binary` is not base64"),
        ("a: !!binary /w==\n", "1:4 what is tagged `!!binary` is not text"),
        ("a: !!timestamp eA==\n", "1:4 the tag `!!timestamp` means nothing here"),
        ("# nothing\n", "1:1 there is nothing in it but blank lines and comments"),
    ] {
        assert_eq!(mistakes(text), [expected], "{text:?}");
    }
}

#[test]
fn tabs_inside_a_text_are_no_mistake() {
    assert_eq!(
        json("a: |\n  all:\n  \tmake\nb: \"x\n  \ty\"\n"),
        r#"{"a":"all:\n\tmake\n","b":"x y"}"#
    );
}

#[test]
fn depth_and_size_are_limited() {
    let nested = |levels: usize| format!("{}x{}", "[".repeat(levels), "]".repeat(levels));
    assert!(mistakes(&nested(64)).is_empty());
    assert!(mistakes(&nested(65))[0].contains("nested more than 64 levels"));
    assert!(!mistakes(&"[".repeat(100_000)).is_empty());
    assert!(!mistakes(&"- ".repeat(100_000)).is_empty());
    assert!(mistakes(&"- x\n".repeat(100_001))[0].contains("more than 100000 values"));
    let (mut wide, mut deep) = ("a0: &a0 x\n".to_owned(), "a0: &a0 x\n".to_owned());
    for level in 1..100 {
        let below = level - 1;
        wide.push_str(&format!("a{level}: &a{level} [*a{below}, *a{below}]\n"));
        deep.push_str(&format!("a{level}: &a{level} [*a{below}]\n"));
    }
    assert!(mistakes(&wide)[0].contains("more than 100000 values"));
    assert!(mistakes(&deep)[0].contains("nested more than 64 levels"));
}

#[test]
fn endless_mistakes_end() {
    let found = mistakes(&"a: 1\n".repeat(10_000));
    assert_eq!(found.len(), 101);
    assert!(found[100].ends_with("there are 100 mistakes above; the rest is not read"));
}

#[test]
fn a_pair_of_escapes_is_one_character() {
    for (text, json) in [
        (r#"{"a": "\ud83d\ude42"}"#, r#"{"a":"🙂"}"#),
        (r#"a: "x\ud83d\ude42y" # é"#, r#"{"a":"x🙂y"}"#),
        (
            r#"{"a": "\uD83D\uDE42\ud83d\ude42", "b": ["\ud83d\ude42"]}"#,
            r#"{"a":"🙂🙂","b":["🙂"]}"#,
        ),
        (
            "a: \"\\ud83d\\ude42\"\nb: '\\ud83d\\ude42'\nc: |\n  \"\\ud83d\\ude42\"\n",
            r#"{"a":"🙂","b":"\\ud83d\\ude42","c":"\"\\ud83d\\ude42\"\n"}"#,
        ),
        (r#"{"a": "\\ud83d \u00e9"}"#, r#"{"a":"\\ud83d é"}"#),
    ] {
        let tree = parse(&Source::new("a.yaml", text)).unwrap();
        assert_eq!(tree.to_json().to_string(), json, "{text}");
    }
    let tree = parse(&Source::new("a.yaml", r#"{"a": "\ud83d\ude42", "b": é, "c": x}"#)).unwrap();
    let place = |path: &str| tree.locate(&path.parse().unwrap(), false).position().to_string();
    assert_eq!((place("a"), place("b"), place("c")), ("1:7".into(), "1:28".into(), "1:36".into()));
    for text in [r#"a: "\ud83d""#, r#"a: "\ude42\ud83d""#, r#"{"a": "\ud83dx\ude42"}"#] {
        let errors = parse(&Source::new("a.yaml", text)).unwrap_err();
        assert_eq!(errors[0].message, "an escape in this text is no character", "{text}");
    }
}

#[test]
fn text_in_base64_is_that_text() {
    let tree = parse(&Source::new("x", "a: !!binary |\n  aGkg\n  MTI=\n")).unwrap();
    assert_eq!(tree.to_cloud_json().to_string(), r#"{"a":"hi 12"}"#);
}

#[test]
fn keys_are_merged_as_yaml_has_it() {
    for (text, json) in [
        ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n", r#"{"a":{"x":1,"y":2},"b":{"x":1,"y":3}}"#),
        (
            "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc:\n  w: 0\n  <<: [*a, *b]\n",
            r#"{"a":{"x":1},"b":{"x":2,"z":3},"c":{"x":1,"z":3,"w":0}}"#,
        ),
        ("a: {'<<': 1}\n", r#"{"a":{"<<":1}}"#),
    ] {
        let tree = parse(&Source::new("x", text)).unwrap();
        assert_eq!(tree.to_json().to_string(), json, "{text}");
    }
    assert_eq!(
        mistakes("a: {<<: 1}\n"),
        ["1:9 `<<` takes over the keys of a map, and this is none"]
    );
    let twice = "a: &a {x: 1}\nb: {<<: *a, <<: *a}\n";
    assert_eq!(mistakes(twice), ["2:13 the key `<<` stands here a second time"]);
}
