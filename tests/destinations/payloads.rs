//! Awkward payloads: what cloud-init makes of each is for cloud-init to say.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::payload::Payload;

/// A payload, and the suites whose cloud-init is too old for what `inspect` says of it.
pub(crate) struct Awkward {
    pub(crate) bytes: Vec<u8>,
    pub(crate) too_old: &'static [&'static str],
}

/// A file of the root file system, for parts that include it.
pub(crate) const INCLUDED: &str = "/tmp/bootseed-included";

/// What is in it.
pub(crate) const SCRIPT: &str = "#!/bin/sh\necho included\n";

/// Texts without an envelope.
const TEXTS: &[&[u8]] = &[
    b"#cloud-config\nhostname: a\nruncmd: [echo, '\xec\x95\x88']\n",
    b"#cloud-config\nhostname: [\n",
    b"#cloud-config\nruncmd:\n\t- echo\n",
    b"#cloud-config\n- a\n- b\n",
    b"#cloud-config\nhello\n",
    b"#cloud-config\n",
    b"#cloud-config\n{}\n",
    b"#cloud-config\na: 1\n---\nb: 2\n",
    b"#cloud-config\nhostname: \xe9\n",
    b"#cloud-config\nhostname: a\nhostname: b\n",
    b"#cloud-config\na: &a {b: c}\nd:\n  <<: *a\n  <<: *a\n",
    b"#cloud-config\na: !x b\n",
    b"#cloud-config\n? [a, b]\n: c\n",
    b"#cloud-config\n{\"hostname\": \"a\"}\n",
    b"#cloud-config\nmerge_how: {name: list, settings: [append]}\n",
    b"#cloud-config\nmerge_how:\n- settings: [append]\n",
    b"#cloud-config\nmerge_how: ~\nmerge_type:\n- {name: x, settings: []}\n",
    b"#cloud-config\nmerge_how: [{name: m-list, settings: [append]}, [dict, replace], [str]]\n",
    b"#cloud-config\nmerge_how: [list]\n",
    b"#cloud-config\nmerge_how: []\n",
    b"#cloud-config\nmerge_how: list\n",
    b"#cloud-config\nmerge_how: List(append) + dict(recurse_list)+\n",
    b"#cloud-config\nmerge_how: x(append)\n",
    b"#cloud-config v1\nhostname: a\n",
    b"#CLOUD-CONFIG\nhostname: a\n",
    b"\n \t#cloud-config\nhostname: a\n",
    b"\x1c#cloud-config\nhostname: a\n",
    b"\xc2\xa0#cloud-config\nhostname: a\n",
    b"\xc2\x85#cloud-config\nhostname: a\n",
    b"\xe2\x80\x8b#cloud-config\nhostname: a\n",
    b"\xef\xbb\xbf#cloud-config\nhostname: a\n",
    b"# hello\n#cloud-config\nhostname: a\n",
    b"# cloud-config\nhostname: a\n",
    b"#cloud-config\nwrite_files:\n- path: /a\n  content: |\n    guestinfo.userdata = \"x\"\n",
    b"#cloud-config\n# MIME-Version: 1.0\nhostname: a\n",
    b"#cloud-config\n# MIME-Version: 1.0\nhostname: \xc3\xa4\n",
    b"#cloud-config\n# MIME-Version: 1.0\nhostname: \xec\x95\x88\n",
    b"#cloud-config-jsonp\n[{\"op\": \"add\", \"path\": \"/a\", \"value\": 1}]\n",
    b"#cloud-config-jsonp\n[{\"op\": \"add\"}]\n",
    b"#cloud-config-jsonp\n{\"a\": 1}\n",
    b"#!/bin/sh\necho \xec\x95\x88\n",
    b"#!/bin/bash\r\necho\r\n",
    b"\n#!/bin/sh\n",
    b"# !/bin/sh\necho\n",
    b"#!/bin/sh\n\xff\xfe\0\n",
    b"#!/bin/sh\ncat <<E\nMIME-Version: 1.0\nE\n",
    b"#cloud-boothook\n#!/bin/sh\n",
    b"#cloud-boothook\n\n \n#!/bin/sh\n",
    b"#cloud-boothook\necho\n",
    b"\n#cloud-boothook\n#!/bin/sh\n",
    b"#Cloud-Boothook\n#!/bin/sh\n",
    b"#include\n",
    b"#include\n# /tmp/bootseed-included\n",
    b"#include /tmp/bootseed-included\n",
    b"#include-once\n\n/tmp/bootseed-included\n",
    b"## template: jinja\n#cloud-config\nhostname: {{ v1.region }}\n",
    b"## template: jinja\n#cloud-config\n- a\n",
    b"## template: jinja\n#!/bin/sh\n",
    b"## template: jinja\nhostname: a\n",
    b"## template: jinja\n#include\n/tmp/bootseed-included\n",
    b"## template: jinja2\n#cloud-config\nhostname: a\n",
    b"\n## template: jinja\n#cloud-config\nhostname: a\n",
    b"##template: jinja\n#cloud-config\nhostname: a\n",
    b"##  Template: Jinja\n#cloud-config\nhostname: a\n",
    b"",
    b"packages: [git]\n",
    b"<powershell>\nls\n</powershell>\n",
];

/// Items of an archive.
const ARCHIVES: &[&str] = &[
    "- 'hostname: a'\n- {content: YQ==, type: text/x-a, encoding: b64}\n- 7\n",
    "- |\n  #cloud-config-archive\n  - '#!/bin/sh'\n",
    "- {type: text/plain, content: '#!/bin/sh'}\n- {content: '#!/bin/sh'}\n",
    "- |\n  #include\n  /tmp/bootseed-included\n",
    "- {type: a/b, type: text/x-shellscript, content: '#!/bin/sh'}\n",
    "- &a {type: text/x-shellscript, content: '#!/bin/sh'}\n- {<<: *a, filename: x}\n",
    "- {type: text/x-shellscript, content: !!binary IyEvYmluL3NoCmVjaG8g7JWI}\n",
    "- {type: text/x-shellscript, content: !!binary /w==}\n",
    "- {content: !!binary /w==}\n- '#!/bin/sh'\n",
    "- '#!/bin/sh'\n- {type: text/cloud-config, content: {hostname: a}}\n",
    "- '#!/bin/sh'\n- {type: nonsense, content: x}\n",
    "- '#!/bin/sh'\n- {content: 'a: 1', permissions: 0644}\n",
    "- '#!/bin/sh'\n- {content: 'a: 1', permissions: '0644', 1: x}\n",
    "- {type: Text/X-ShellScript; charset=utf-8, content: '#!/bin/sh'}\n",
    "- {type: '', content: 'a: 1', filename: 5}\n- {type: ~, content: '#!/bin/sh'}\n",
    "- {type: text/jinja2, content: \"## template: jinja\\n#!/bin/sh\"}\n",
    "- {content: \"#!/bin/sh\\r\\n\\xe9\\u1234\"}\n",
    "- a:\tb\n",
    "- a\n- [\n",
    "a: b\n",
    "",
];

/// Parts of a message whose boundary is `b`.
const MESSAGES: &[&str] = &[
    "--b\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--bar\necho\n--b--\n",
    "--b \t\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n\n--b-- \nepilogue\n--b\n\n#!/bin/sh\n",
    "x\n--b\n--b\nContent-Type: TEXT/X-SHELLSCRIPT\r\n\r\n#!/bin/sh\r\n\r\n--b",
    "--b\nContent-Type: text/x-shellscript; name=\"x.sh\"\n\n#!/bin/sh",
    "--b\nContent-Type: text/x-shellscript\nContent-Disposition: x; filename=\"=?utf-8?b?7JWI?=\"\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: text/x-shellscript\nContent-Disposition: x;\n filename*=utf-8''%EC%95%88\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: text/x-shellscript\nContent-Disposition: attachment; filename=\"../../etc/x\"\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: text/x-shellscript; name=안.sh\n\n#!/bin/sh\n--b\nContent-Type: text/cloud-boothook; name=\"..\"\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: text/x-shellscript\n\necho\n--b\nContent-Type: text/x-shellscript\n\n#cloud-config\na: 1\n--b--\n",
    "--b\nContent-Type: text/cloud-config\n\nhostname: a\n--b\nContent-Type: text/cloud-config\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: text/cloud-config\n\nhostname: \u{e9}\n--b\nContent-Type: text/cloud-config\n\nfqdn: 안\n--b--\n",
    "--b\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: 8bit\n\n#!/bin/sh\necho é\n--b--\n",
    "--b\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\nIyEvYmlu!!!L3No\n--b--\n",
    "--b\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: BASE64\n\nIyEvYmluL3NoCv8K\n--b--\n",
    "--b\nContent-Transfer-Encoding: quoted-printable\n\n#!/bin/sh=0Aecho =EC=95=88=\nx\n--b--\n",
    "--b\nContent-Type: text/x-python\n\nprint()\n--b\nContent-Type: text/html\n\n#!/bin/sh\n--b\n\nhello\n--b--\n",
    "--b\nContent-Type: nonsense\n\n#!/bin/sh\n--b\nno header at all\n--b\n: x\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: message/rfc822\n\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n#!/bin/sh\n--c\n\n#!/bin/sh\n\n--b\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: multipart/mixed\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: application/octet-stream\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: text/x-include-url\n\n/tmp/bootseed-included\n--b\nContent-Type: text/cloud-config-archive\n\n- '#!/bin/sh'\n--b--\n",
    "--b\nContent-Type: application/gzip\n\nno gzip\n--b\n\n#!/bin/sh\n--b--\n",
    "--b\nContent-Type: text/cloud-boothook\n\n#!/bin/sh\n--b\nContent-Type: text/cloud-boothook\n\necho\n--b--\n",
    "--c\n\n#!/bin/sh\n--c--\n",
];

const HEAD: &str = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    Payload::of(bytes).compressed().bytes().to_vec()
}

/// Bytes that are gzip already, compressed once more.
fn gzip_again(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut writer, bytes).unwrap();
    writer.finish().unwrap()
}

/// Compressed as a whole, and compressed parts.
fn compressed() -> Vec<Vec<u8>> {
    let config = b"#cloud-config\nhostname: a\n";
    let part = |bytes: &[u8]| {
        let packed = STANDARD.encode(gzip(bytes));
        format!(
            "{HEAD}--b\nContent-Type: application/x-gzip\nContent-Transfer-Encoding: base64\n\n{packed}\n--b--\n"
        )
    };
    let cut = gzip(&config.repeat(9));
    vec![
        gzip(config),
        [gzip(config), gzip(b"fqdn: b\n"), vec![0; 9]].concat(),
        [gzip(config), b"x".to_vec()].concat(),
        cut[..cut.len() - 9].to_vec(),
        gzip_again(&gzip(config)),
        gzip(STANDARD.encode(config).as_bytes()),
        gzip(format!("{HEAD}--b\n\n#!/bin/sh\n--b--\n").as_bytes()),
        part(config).into(),
        part("#!/bin/sh\necho 안\n".as_bytes()).into(),
        part("#cloud-config\nhostname: é\n".as_bytes()).into(),
        part(b"#!/bin/sh\n\xff\n").into(),
        part(b"hello\n").into(),
    ]
}

pub(crate) fn all() -> Vec<Awkward> {
    let mut all: Vec<Vec<u8>> = TEXTS.iter().map(|text| text.to_vec()).collect();
    let archive = |items: &&str| format!("#cloud-config-archive\n{items}").into_bytes();
    all.extend(ARCHIVES.iter().map(archive));
    all.extend(MESSAGES.iter().map(|parts| format!("{HEAD}{parts}").into_bytes()));
    all.extend(
        [&b"\n"[..], b"From a\n", b" x\n"]
            .map(|line| [line, HEAD.as_bytes(), b"--b\n\n#!/bin/sh\n--b--\n"].concat()),
    );
    all.push([HEAD.as_bytes(), b"--b\n\n#!/bin/sh\n\xff\n--b--\n"].concat());
    all.extend(compressed());
    let mut all: Vec<Awkward> =
        all.into_iter().map(|bytes| Awkward { bytes, too_old: &[] }).collect();
    let hook = "## template: jinja\n#cloud-boothook\n#!/bin/sh\n";
    all.push(Awkward { bytes: hook.into(), too_old: &["bullseye", "bookworm"] });
    let often = "--b\nContent-Type: text/x-shellscript-per-boot\n\n#!/bin/sh\n--b--\n";
    all.push(Awkward { bytes: format!("{HEAD}{often}").into(), too_old: &["bullseye"] });
    all
}
