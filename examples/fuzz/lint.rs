//! User-data for `bootseed::lint`: the examples of its rules. A place outside of its text fails.

use bootseed::lint::{self, Finding, Settings};

use crate::Target;
use crate::mutation::Mutation;

/// Pieces that steer what is read.
const WORDS: &[&[u8]] = &[
    b"#cloud-config\n",
    b"runcmd:\n- ",
    b"write_files:\n- path: /a\n  content: |\n    #!/bin/sh\n    ",
    b"users:\n- name: a\n  ",
    b"chpasswd: {list: |\n  a: b\n}",
    b"$(",
    b"`",
    b"\"",
    b"'",
    b"${",
    b"<<EOF\n",
    b"if x; then ",
    b"; done",
    b" fi",
    b"until ",
    b"while ",
    b"do ",
    b"case a in ",
    b")",
    b"(",
    b"{",
    b"}",
    b" && ",
    b" | sh",
    b": ",
    b"- ",
    b"\t",
    b"\n\n",
    b"\r\n",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!binary ",
    b"{{ ",
    b" }}",
    b"%{",
    b"0644",
    b"# bootseed: allow duplicate-key\n",
    b"ssh-ed25519 AAAA",
    "\u{FEFF}".as_bytes(),
    "\u{2028}".as_bytes(),
    "안녕".as_bytes(),
    b"[",
    b"]",
    b"[[[[[[[[",
    b"encoding: b64\n",
    b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n--a\n",
    b"$6$",
    b"bootcmd: ",
    b"bash -c '",
    b"curl -o /a http://x/ ",
];

pub(crate) const TARGET: Target = Target {
    name: "lint",
    corpus,
    mutation: Mutation { longest: 2 << 10, words: WORDS, wrap: None },
    look,
};

/// Do all places lie within their texts?
fn are_placed(found: &[Finding]) -> bool {
    let spans = found.iter().filter_map(|one| one.diagnostic.place.span(None));
    let fixes = found.iter().filter_map(|one| one.fix.as_ref());
    let edits = fixes.flat_map(|fix| fix.edits.iter().map(|edit| edit.span.clone()));
    spans.chain(edits).all(|span| span.end() <= span.source().text().len())
}

fn corpus() -> Vec<Vec<u8>> {
    let examples = lint::rules().flat_map(|rule| [rule.examples.bad, rule.examples.good]);
    examples.map(|text| text.as_bytes().to_vec()).collect()
}

fn look(input: &[u8]) -> Result<String, String> {
    let found = lint::lint("a", input, &Settings::default());
    if !are_placed(&found) {
        return Err("a place is outside of its text".into());
    }
    let mut ids: Vec<&str> = found.iter().map(|one| one.diagnostic.id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids.join(" "))
}
