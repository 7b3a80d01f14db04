//! What becomes of a part. `tests/destinations/cloud_init.rs` compares the same with cloud-init.

use super::*;

/// Text of a part, and why a machine passes over it; nothing where it does not.
const FATES: &[(&[u8], &str)] = &[
    (b"#cloud-config\nhostname: [\n", "line 3, column 1"),
    (b"#cloud-config\nruncmd:\n\t- echo\n", "line 3, column 1"),
    (b"#cloud-config\n- a\n", "it is a list"),
    (b"#cloud-config\nhello\n", "a single value"),
    (b"#cloud-config\n", "no keys"),
    (b"#cloud-config\na: 1\n---\nb: 2\n", "second document"),
    (b"#cloud-config\nhostname: \xe9\n", "not UTF-8"),
    (b"#cloud-config\nhostname: a\nhostname: b\n", ""),
    (b"#cloud-config v1\n{\"a\": 1}\n", ""),
    ("\u{a0}#cloud-config\nhostname: a\n".as_bytes(), "passed over"),
    (b"#cloud-config-jsonp\n[{\"op\": \"add\", \"path\": \"/a\", \"value\": 1}]\n", ""),
    (b"#cloud-config-jsonp\n{}\n", "no JSON list"),
    (b"\n#!/bin/sh\n", "cannot be run"),
    (b"#!/bin/sh\n\xff\n", "not UTF-8"),
    (b"#cloud-boothook\necho\n", "boothook cannot be run"),
    (b"\n#cloud-boothook\n#!/bin/sh\n", "boothook cannot be run"),
    (b"#Cloud-Boothook\n#!/bin/sh\n", "boothook cannot be run"),
    (b"#cloud-boothook\n\n#!/bin/sh\n", ""),
    (b"#include\n# https://example.org/\n", "no URL"),
    (b"#include https://example.org/\n", ""),
    (b"## template: jinja\nhostname: a\n", "second line"),
    (b"## template: jinja\n#include\nhttps://example.org/\n", "second line"),
    (b"## template: jinja2\n#cloud-config\n{a: 1}\n", "nothing else"),
    (b"\n## template: jinja\n#cloud-config\n{a: 1}\n", "nothing else"),
    (b"## template: jinja\n#cloud-config\n- a\n", "it is a list"),
    (b"## template: jinja\n#cloud-config\na: [1\nb: 2\n", "line 4, column 2"),
    (b"## template: jinja\n#cloud-config\nhostname: {{ v1.region }}\n", ""),
    (b"## template: jinja\n{% if v1.region %}\n#cloud-config\n{a: 1}\n{% endif %}", ""),
];

#[test]
fn what_cannot_work_is_lost_and_said() {
    for (bytes, words) in FATES {
        let (found, text) = (inspect(bytes), String::from_utf8_lossy(bytes));
        let said = found.warnings.join("; ");
        assert_eq!(found.parts[0].used, words.is_empty(), "{text}: {said}");
        assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{text}: {said}");
        assert_eq!(found.fits.is_empty(), !words.is_empty(), "{text}: {:?}", found.fits);
        assert_eq!(found.parts[0].action == "nothing", !words.is_empty(), "{text}");
    }
}

fn message(parts: &str) -> Inspection {
    let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n";
    inspect(format!("{head}{parts}").as_bytes())
}

#[test]
fn messages_are_read_as_python_reads_them() {
    let script = "Content-Type: text/x-shellscript";
    let table = [
        (format!("--b\n{script}\n\n#!/bin/sh\n--bar\necho\n--b--\n"), "#!/bin/sh\n--bar\necho", ""),
        (format!("--b \t\n{script}\n\n#!/bin/sh\n\n--b-- \nepilogue"), "#!/bin/sh\n", ""),
        (format!("x\n--b\n--b\n{script}\r\n\r\n#!/bin/sh\r\n\r\n--b"), "#!/bin/sh\r\n", ""),
        (format!("--b\n{script}; name=x.sh\n\n#!/bin/sh"), "#!/bin/sh", "x.sh"),
        (
            format!(
                "--b\n{script};\n\tname=y\nContent-Disposition: x;\n filename=\"=?utf-8?b?7JWI?=\"\n\n#!a"
            ),
            "#!a",
            "=?utf-8?b?7JWI?=",
        ),
        (
            format!("--b\n{script}\nContent-Disposition: x; filename*=utf-8''%EC%95%88\n\n#!a"),
            "#!a",
            "안",
        ),
        (format!("--b\n{script}\nContent-Transfer-Encoding: base64\n\nIyFh!!\n--b--"), "#!a", ""),
        (
            "--b\nContent-Type: message/rfc822\n\nContent-Type: text/x\n\n#!a\n--b--".into(),
            "#!a",
            "",
        ),
        (
            "--b\nContent-Type: multipart/digest; boundary=c\n\n--c\n\nX: y\n\n#!a\n--b--".into(),
            "#!a",
            "",
        ),
        ("--b\nContent-Type: nonsense\n\n#!a\n".into(), "#!a", ""),
    ];
    for (text, content, name) in table {
        let found = message(&text);
        assert_eq!(found.parts.len(), 1, "{text}: {found:#?}");
        let part = &found.parts[0];
        assert_eq!(part.content, content.as_bytes(), "{text}");
        assert_eq!(part.name.as_deref().unwrap_or_default(), name, "{text}");
    }
}

#[test]
fn parts_of_a_message_that_cannot_work_are_named() {
    let found = message(
        "--b\nContent-Type: text/x-shellscript-per-boot\n\necho\n--b\nContent-Type: text/cloud-boothook\n\necho\n--b--\n",
    );
    assert!(found.parts.iter().all(|part| !part.used), "{found:#?}");
    assert_eq!(found.warnings.len(), 2);
    let found = message("--b\nLaunch-Index: 3\n\n#!/bin/sh\n--b--\n");
    assert!(found.notes[0].contains("launch index 3"), "{:?}", found.notes);
    let packed = Payload::of(SCRIPT.as_bytes()).compressed().base64();
    let gzip = format!(
        "--b\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n{packed}\n"
    );
    let found = message(&gzip);
    assert_eq!(found.parts[0].content, SCRIPT.as_bytes());
    assert!(found.warnings[0].contains("damaged in a compressed part"), "{:?}", found.warnings);
    let found = message(&format!("{gzip}--b\nContent-Type: application/gzip\n\nno gzip\n--b--\n"));
    assert!(found.warnings.iter().any(|said| said.contains("all user-data is lost")));
    assert!(found.parts.iter().all(|part| !part.used) && found.fits.is_empty());
}

const SCRIPT: &str = "#!/bin/sh\necho 안녕\n";

#[test]
fn items_of_an_archive_count_as_they_are() {
    let archive = |items: &str| inspect(format!("#cloud-config-archive\n{items}").as_bytes());
    for (items, kinds, used) in [
        ("- {type: text/plain, content: '#!/bin/sh'}\n", "unknown", false),
        ("- {type: text/x-include-url, content: 'https://example.org/'}\n", "include", false),
        ("- {type: a/b, type: text/x-shellscript, content: '#!/bin/sh'}\n", "script", true),
        ("- {type: text/x-shellscript, content: !!binary IyEvYmluL3No}\n", "script", true),
        ("- {type: text/x-shellscript, content: 'echo'}\n", "script", false),
        ("- {content: !!binary /w==}\n", "unknown", false),
        ("- {type: '', content: 'a: 1', launch-index: 2}\n", "cloud-config", true),
    ] {
        let found = archive(items);
        let kind = serde_json::to_value(&found.parts[0].kind).unwrap();
        assert_eq!(
            (kind.as_str(), found.parts[0].used),
            (Some(kinds), used),
            "{items}: {found:#?}"
        );
        assert_eq!(found.warnings.is_empty(), used, "{items}: {:?}", found.warnings);
    }
    let merged =
        archive("- &a {type: text/x-shellscript, content: '#!a'}\n- {<<: *a, filename: x}\n");
    assert_eq!((merged.parts.len(), merged.parts[1].name.as_deref()), (2, Some("x")));
    for items in [
        "- '#!/bin/sh'\n- {type: text/cloud-config, content: {hostname: a}}\n",
        "- '#!/bin/sh'\n- {type: nonsense, content: x}\n",
        "- '#!/bin/sh'\n- {type: text/x-shellscript, content: !!binary /w==}\n",
        "- '#!/bin/sh'\n- {content: x, permissions: 0644}\n",
    ] {
        let found = archive(items);
        assert!(
            found.warnings[0].contains("item 2 of the archive"),
            "{items}: {:?}",
            found.warnings
        );
        assert!(found.parts.iter().all(|part| !part.used), "{items}");
    }
    assert!(archive("- a:\tb\n- {").warnings[0].contains("no list in YAML: line"));
}
