//! What is found in payloads of all kinds, and that any bytes can be looked at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

mod bounds;
mod carriers;
mod fates;

use super::*;
use crate::payload::Payload;

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
        ("#cloud-boothook\n#!/bin/sh\n", Kind::Boothook),
        ("## template: jinja\n#cloud-config\n{}\n", Kind::Jinja),
    ];
    for (text, kind) in table {
        let found = inspect(text.as_bytes());
        assert_eq!((&found.parts[0].kind, found.warnings.len()), (&kind, 0), "{text}");
    }
}

#[test]
fn what_a_machine_passes_over_is_said() {
    let table: [(&[u8], &str); 7] = [
        (b"\xef\xbb\xbf#cloud-config\n", "byte order mark"),
        (b"# cloud-config\npackages: [a]\n", "misspelt"),
        (b"#cloud_config\n", "misspelt"),
        (b"# hello\n#cloud-config\n", "not the first"),
        (b"apt-get install nginx\n", "#!/bin/bash"),
        (b"", "empty"),
        (b"\xff\xfe#\0", "UTF-16"),
    ];
    for (bytes, words) in table {
        let found = inspect(bytes);
        let said = found.warnings.join("; ");
        assert!(said.contains(words), "{:?}: {said}", String::from_utf8_lossy(bytes));
    }
    let found = inspect(b"\n#cloud-config\n{}\n");
    assert!(found.parts[0].used && found.warnings.is_empty() && found.notes.len() == 1);
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

#[test]
fn archives_are_read_as_cloud_init_reads_them() {
    let archive = "#cloud-config-archive\n- 'hostname: a'\n- {content: YQ==, encoding: b64}\n- 7\n- |\n  #cloud-config-archive\n  - '#!/bin/sh'\n";
    let found = inspect(archive.as_bytes());
    let kinds: Vec<&Kind> = found.parts.iter().map(|part| &part.kind).collect();
    assert_eq!(kinds, [&Kind::CloudConfig, &Kind::CloudConfig, &Kind::Archive]);
    assert_eq!(found.parts[1].content, b"YQ==");
    let said = found.warnings.join("; ");
    assert!(said.contains("no `encoding`") && said.contains("archive in an archive"), "{said}");
    let message = format!(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n{}\n--b--\n",
        "#cloud-config-archive\n- '#!/bin/sh'\n"
    );
    let found = inspect(message.as_bytes());
    assert_eq!(envelopes(&found), ["MIME message", "cloud-config archive"]);
    assert_eq!(found.parts[0].kind, Kind::Script);
}

#[test]
fn a_message_is_judged_as_a_whole() {
    let header = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    let said = |bytes: &[u8]| inspect(bytes).warnings.join("; ");
    assert!(said(format!("{header}--c\n").as_bytes()).contains("no part"));
    assert!(said(&[header.as_bytes(), b"--b\n\n\xff\n--b--\n"].concat()).contains("not UTF-8"));
    let script = "--b\nContent-Type: text/x-shellscript\n\necho\n--b--\n";
    let found = inspect(format!("{header}{script}").as_bytes());
    assert_eq!(found.parts[0].kind, Kind::Script);
    assert!(found.warnings[0].contains("cannot be run"));
    let mistaken = "#cloud-config\n# MIME-Version: 1.0\nhostname: \u{e4}\n";
    let found = inspect(mistaken.as_bytes());
    assert_eq!(found.parts[0].content, mistaken.as_bytes());
    assert!(found.warnings[0].contains("damages"), "{:?}", found.warnings);
}

#[test]
fn a_compressed_part_is_looked_into() {
    let packed = Payload::of(CONFIG.as_bytes()).compressed().base64();
    let message = format!(
        "MIME-Version: 1.0\nContent-Type: application/x-gzip\nContent-Transfer-Encoding: base64\n\n{packed}\n"
    );
    let found = inspect(message.as_bytes());
    assert_eq!(found.parts[0].kind, Kind::CloudConfig);
    assert_eq!(found.parts[0].content, CONFIG.as_bytes());
}

#[test]
fn what_it_fits_is_what_takes_it_as_it_is() {
    let text = format!("{CONFIG}# {}\n", "ab".repeat(10_000));
    let plain = inspect(text.as_bytes()).fits;
    assert!(!plain.contains(&"aws-form") && plain.contains(&"multipass"), "{plain:?}");
    let packed = inspect(Payload::of(text.as_bytes()).compressed().base64().as_bytes()).fits;
    assert!(packed.contains(&"aws-form") && !packed.contains(&"digitalocean"), "{packed:?}");
    assert!(!inspect(b"#!/bin/sh\n").fits.contains(&"multipass"));
}

#[test]
fn templates_profiles_and_vmx_files_are_opened() {
    let table = [
        (
            "Resources:\n  M:\n    ImageId: !Ref I\n    UserData:\n      Fn::Base64: |\n        #cloud-config\n        hostname: a\n",
            "YAML (Fn::Base64)",
        ),
        (
            "config:\n  cloud-init.user-data: |\n    #cloud-config\n    hostname: a\n",
            "YAML (cloud-init.user-data)",
        ),
        (
            "guestinfo.userdata = \"I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogYQo=\"\n",
            "vmx (guestinfo.userdata)",
        ),
    ];
    for (text, envelope) in table {
        let found = inspect(text.as_bytes());
        assert_eq!(found.layers[0].envelope, envelope);
        assert_eq!(found.parts[0].content, CONFIG.as_bytes(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_looked_at(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        inspect(&bytes);
    }

    #[test]
    fn packing_is_undone(text in "#cloud-config\n(?s:.){0,200}") {
        prop_assume!(!text.to_ascii_lowercase().contains("mime-version:"));
        let plain = Payload::of(text.as_bytes());
        for payload in [plain.clone(), plain.compressed()] {
            let json = serde_json::json!({"UserData": payload.base64()}).to_string();
            let seed = crate::iso9660::image("cidata", &[("user-data", payload.bytes())]).unwrap();
            let twice = STANDARD.encode(payload.base64()).into_bytes();
            let base64 = payload.base64().into_bytes();
            for packed in [payload.bytes().to_vec(), base64, twice, json.into_bytes(), seed] {
                prop_assert_eq!(&inspect(&packed).parts[0].content, &text.as_bytes());
            }
        }
    }
}
