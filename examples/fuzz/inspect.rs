//! Payloads for `bootseed::inspect`: what bootseed makes for every destination, and what others do.
//! Parts and gzip within gzip are repeated, and now and then there is a bomb: an input that holds more
//! than it is given for.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::catalog::Listed;
use bootseed::destination::{Compress, Destination};
use bootseed::inspect::{Inspection, inspect};
use bootseed::iso9660;
use bootseed::payload::Payload;
use bootseed::source::{Source, parse};
use bootseed::template::Templates;
use bootseed::{cloud_config, plan, spec};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::Target;
use crate::mutation::{Mutation, Random};

/// A machine with a part of every kind.
const SPEC: &str = "\
hostname: fuzz
web: {index: <p>안녕</p>}
parts:
- {kind: script, content: \"#!/bin/sh\\necho 안녕\\n\"}
- {kind: boothook, content: \"#!/bin/sh\\n\"}
- {kind: include, content: \"https://example.org/\\n\"}
";

/// What bootseed never makes, but others do.
const OTHERS: &[&[u8]] = &[
    b"",
    b"#!/bin/sh\n",
    b"#cloud-config-archive\n- type: text/x-shellscript\n  content: |\n    #!/bin/sh\n- a: 1\n",
    b"## template: jinja\n#cloud-config\nhostname: {{ v1.region }}\n",
    b"From a\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\
      Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\n\n\
      #!/bin/sh=0A\n--b--\n--a\nContent-Type: application/x-gzip\nContent-Transfer-Encoding: base64\n\n\
      H4sIAAAAAAAA/0vOyS9N0U3Oz0vLTOcCAHXSu4AOAAAA\n--a--\n",
    b"guestinfo.userdata = \"I2Nsb3VkLWNvbmZpZwo=\"\n",
    b"guestinfo.userdata = \"I2Nsb3VkLWNvbmZpZwo=\"\nguestinfo.userdata.encoding = \"gz+b64\"\n",
    b"i-1\nUSERDATA\tI2Nsb3VkLWNvbmZpZwo=\n",
    b"{\"items\":[{\"key\":\"user-data\",\"value\":\"#!a\"},{\"key\":\"user-data-encoding\",\"value\":\"base64\"}]}",
    b"UserData: !Base64\n  Fn::Join: [\"\", [\"#!a\\n\", !Ref X]]\n",
    b"{\"user_data\":{\"a\":\"#!a\",\"b\":{\"Fn::Sub\":[\"#!b\",{}]}}}",
    b"#cloud-config\nmerge_how: [{name: list, settings: [append]}]\na: &a {b: !!binary YQ==}\nc: {<<: *a}\n",
    b"#cloud-config-archive\n- &a {type: text/x-shellscript, content: !!binary IyFh, filename: a}\n\
      - {<<: *a, launch-index: 1}\n- '#!b'\n",
    b"#cloud-config-jsonp\n[{\"op\":\"add\",\"path\":\"/a\",\"value\":1}]\n",
    b"MIME-Version: 1.0\nContent-Type: message/rfc822\n\nContent-Type: text/cloud-boothook; name=x\n\
      Content-Transfer-Encoding: x-uuencode\n\nbegin 644 f\n*(R$O8FEN+W-H\"@``\n`\nend\n",
    b"\xef\xbb\xbf#cloud-config\n",
];

/// Words that steer what is read.
const WORDS: &[&[u8]] = &[
    b"#cloud-config\n",
    b"#cloud-config-archive\n- ",
    b"MIME-Version: 1.0\n",
    b"Content-Type: multipart/mixed; boundary=",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%",
    b"=?utf-8?q?=",
    b"--",
    b"\n\n",
    b"\r\n",
    b"\x1f\x8b\x08",
    b"{\"UserData\":\"",
    b"Fn::Base64: |\n  ",
    b"user_data_base64",
    b"&a [*a, *a]",
    b"[[[[[[[[",
    b"- - - - ",
    b"\nContent-Type: application/gzip\n",
    b"\nContent-Type: multipart/mixed; boundary=c\n\n--c\n",
    b"--b\n",
    b"guestinfo.userdata.encoding = \"base64\"\n",
    b"\x55\xaa",
    b"CD001",
    b"\0",
    b"\xff",
    b"\xe2\x80\xa8",
    "안녕".as_bytes(),
];

/// Bytes that all parts of an input may hold.
const MOST: usize = 64 << 20;

pub(crate) const TARGET: Target = Target {
    name: "inspect",
    corpus,
    mutation: Mutation { longest: 16 << 10, words: WORDS, wrap: Some(wrapped) },
    look,
};

/// A document with all that is in one, and small.
const DOCUMENT: &str = "#cloud-config\nhostname: fuzz\nruncmd:\n- [sh, -c, 'echo 안녕']\n\
                        write_files:\n- {path: /a, content: !!binary YQ==}\n- path: /b\n  \
                        content: |\n    guestinfo.userdata = 1\n";

/// What every destination gives for a machine with parts and for one without.
fn corpus() -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = OTHERS.iter().map(|bytes| bytes.to_vec()).collect();
    found.push(vfat(b"#!/bin/sh\n"));
    let templates = Templates::default();
    let own = cloud_config::render_own(
        "fuzz.yaml.j2",
        DOCUMENT.into(),
        &serde_json::json!({}),
        &templates,
    );
    let document = own.expect("it renders");
    for text in [SPEC, "hostname: plain\n"] {
        let tree = parse(&Source::new("fuzz", text)).expect("it is YAML");
        let spec = spec::load(&tree).0.expect("it has no mistake");
        let plan = plan::resolve(&spec, Path::new(".")).0.expect("it has no mistake");
        let payload = Payload::new(&document, &plan.parts);
        for destination in Destination::ALL {
            for compress in [Compress::Auto, Compress::Always] {
                let emission = destination.deliver(&plan, &payload, compress, &templates);
                found.extend(
                    emission
                        .into_iter()
                        .flat_map(|one| one.artifacts)
                        .map(|one| one.bytes.to_vec()),
                );
            }
        }
    }
    found
}

/// A FAT file system of a few sectors: boot sector, table, top folder, one cluster for each file.
fn vfat(user_data: &[u8]) -> Vec<u8> {
    let mut image = vec![0; 6 * 512];
    image[..3].copy_from_slice(b"\xeb\x3c\x90");
    image[11..24].copy_from_slice(b"\0\x02\x01\x01\0\x01\x10\0\x06\0\xf8\x01\0");
    image[510..512].copy_from_slice(b"\x55\xaa");
    image[512..518].copy_from_slice(b"\xf8\xff\xff\xff\xff\xff");
    let mut entry = |at: usize, name: &[u8; 11], flags: u8, cluster: u8, size: usize| {
        let start = 1024 + at * 32;
        image[start..start + 11].copy_from_slice(name);
        (image[start + 11], image[start + 26]) = (flags, cluster);
        image[start + 28] = u8::try_from(size).unwrap_or_default();
    };
    entry(0, b"cidata     ", 8, 0, 0);
    entry(1, b"META-DATA  ", 0, 2, 1);
    entry(2, b"USER-DATA  ", 0, 3, user_data.len());
    image[2048..2048 + user_data.len()].copy_from_slice(user_data);
    image
}

fn wrapped(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let gzip = |bytes: &[u8]| {
        // Bytes that are gzip already are not compressed again by `Payload`.
        let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
        writer.write_all(bytes).expect("it can be written");
        writer.finish().expect("it can be written")
    };
    const HEAD: &str = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    match random.below(9) {
        0 => gzip(bytes),
        1 => [b"MIME-Version: 1.0\nContent-Type: text/plain\n\n", bytes].concat(),
        2 => format!("{{\"UserData\":\"{}\"}}", STANDARD.encode(bytes)).into_bytes(),
        3 => [gzip(bytes), gzip(WORDS[random.below(WORDS.len())])].concat(),
        4 | 5 => {
            // Zeros compress to a thousandth: all of these together are beyond the budget at times.
            let zeros = vec![0; if random.below(1_000) == 0 { 8 << 20 } else { random.below(512) }];
            let packed = STANDARD.encode(gzip(&[bytes, &zeros].concat()));
            let part = format!(
                "--b\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n{packed}\n"
            );
            format!("{HEAD}{}--b--\n", part.repeat(1 + random.below(12))).into_bytes()
        }
        6 => {
            let text = serde_json::json!([{"content": String::from_utf8_lossy(bytes)}]);
            format!("#cloud-config-archive\n{text}\n").into_bytes()
        }
        7 => iso9660::image("cidata", &[("meta-data", b"a"), ("user-data", bytes)])
            .expect("it is a small image"),
        _ => STANDARD.encode(bytes).into_bytes(),
    }
}

/// How an input was understood, without what differs between inputs of one sort.
fn signature(found: &Inspection) -> String {
    let layers = found.layers.iter().map(|layer| layer.envelope.chars().take(10).collect());
    let kinds = found.parts.iter().take(6).map(|part| format!("{:?}{}", part.kind, part.used));
    // Not the name in front of it.
    let words =
        |text: &String| text.rsplit(": ").next().unwrap_or_default().chars().take(24).collect();
    let said = found.warnings.iter().take(6).map(words);
    let machines = found.machines.iter().take(2).map(signature);
    layers.chain(kinds).chain(said).chain(machines).collect::<Vec<String>>().join("|")
}

/// Bytes of all parts.
fn held(found: &Inspection) -> usize {
    let parts: usize = found.parts.iter().map(|part| part.content.len()).sum();
    parts + found.machines.iter().map(held).sum::<usize>()
}

fn look(input: &[u8]) -> Result<String, String> {
    let found = inspect(input);
    let held = held(&found);
    if held > MOST + input.len() {
        return Err(format!("its parts hold {held} bytes"));
    }
    Ok(signature(&found))
}
