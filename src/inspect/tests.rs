//! What is found in payloads of all kinds, and that any bytes can be looked at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

const CONFIG: &str = "#cloud-config\nhostname: a\n";

fn envelopes(inspection: &Inspection) -> Vec<&str> {
    inspection.layers.iter().map(|layer| layer.envelope.as_str()).collect()
}

#[test]
fn plain_text_is_known_by_its_first_characters() {
    let table = [
        (CONFIG, Kind::CloudConfig),
        ("#!/bin/sh\n", Kind::Script),
        ("#include\nhttps://example.org/\n", Kind::Include),
        ("#cloud-boothook\n", Kind::Boothook),
        ("## template: jinja\n#cloud-config\n", Kind::Jinja),
    ];
    for (text, kind) in table {
        let found = inspect(text.as_bytes());
        assert_eq!((&found.parts[0].kind, found.warnings.len()), (&kind, 0), "{text}");
    }
}

#[test]
fn what_a_machine_passes_over_is_said() {
    let table: [(&[u8], &str); 8] = [
        (b"\xef\xbb\xbf#cloud-config\n", "byte order mark"),
        (b"# cloud-config\npackages: [a]\n", "misspelt"),
        (b"#cloud_config\n", "misspelt"),
        (b"# hello\n#cloud-config\n", "not the first"),
        (b"apt-get install nginx\n", "#!/bin/bash"),
        (b"\n#cloud-config\n", "white space"),
        (b"", "empty"),
        (b"\xff\xfe#\0", "UTF-16"),
    ];
    for (bytes, words) in table {
        let found = inspect(bytes);
        let said = found.warnings.join("; ");
        assert!(said.contains(words), "{:?}: {said}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn envelopes_are_opened_from_the_outside_in() {
    let gzip = Payload::of(CONFIG.as_bytes()).compressed();
    let found = inspect(gzip.base64().as_bytes());
    assert_eq!(envelopes(&found), ["base64", "gzip"]);
    assert_eq!(found.parts[0].content, CONFIG.as_bytes());
    let twice = STANDARD.encode(STANDARD.encode(CONFIG));
    let found = inspect(twice.as_bytes());
    assert_eq!(envelopes(&found), ["base64", "base64"]);
    assert!(found.warnings[0].contains("twice"));
    let wrapped = STANDARD.encode(CONFIG).replace('=', "\n=");
    assert!(inspect(wrapped.as_bytes()).warnings[0].contains("line breaks"));
    let json =
        format!("{{\"LaunchTemplateData\":{{\"UserData\":\"{}\"}}}}", STANDARD.encode(CONFIG));
    assert_eq!(envelopes(&inspect(json.as_bytes())), ["JSON (UserData)", "base64"]);
}

#[test]
fn parts_of_archives_and_messages_are_found() {
    let archive = "#cloud-config-archive\n- type: text/x-shellscript\n  filename: a\n  content: |\n    #!/bin/sh\n- '#cloud-config'\n";
    let kinds = |text: &str| -> Vec<Kind> {
        inspect(text.as_bytes()).parts.into_iter().map(|part| part.kind).collect()
    };
    assert_eq!(kinds(archive), [Kind::Script, Kind::CloudConfig]);
    let message = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/x-python\n\nprint()\n--b\nContent-Type: text/plain\n\n#!/bin/sh\necho 안녕\n--b--\n";
    let found = inspect(message.as_bytes());
    assert_eq!(found.parts[0].kind, Kind::Unknown);
    assert_eq!(found.parts[1].kind, Kind::Script);
    assert!(found.warnings.iter().any(|said| said.contains("text/x-python")));
    assert!(found.warnings.iter().any(|said| said.contains("not ASCII")));
}

proptest! {
    #[test]
    fn any_bytes_are_looked_at(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        inspect(&bytes);
    }

    #[test]
    fn packing_is_undone(text in "#cloud-config\n\\PC{0,200}") {
        let payload = Payload::of(text.as_bytes());
        for packed in [payload.bytes().to_vec(), payload.compressed().bytes().to_vec()] {
            prop_assert_eq!(&inspect(&packed).parts[0].content, &text.as_bytes());
        }
    }
}
