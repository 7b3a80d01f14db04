//! Machines whose documents have a certain size.

use std::path::Path;

use crate::tools::{render, spec};

/// Bytes of user-data that EC2 takes.
pub(crate) const EC2: usize = 16_384;

/// More than EC2 takes as text, in whatever form the program travels.
pub(crate) const LARGE: usize = EC2 + 4_000;

/// How the program travels where documents are compared, and in those of a certain size.
pub(crate) const PACKED: [&str; 2] = ["--program", "packed"];

const HEAD: &str = "hostname: sized\nweb: {index: 안녕}\nfiles:\n- path: /srv/a\n  content: |\n";

/// A parameter file whose document, with a packed program, has exactly `bytes` bytes of text that compresses well.
pub(crate) fn sized(folder: &Path, bytes: usize) -> String {
    let filled = |count: usize| format!("{HEAD}    {}\n", "x".repeat(count));
    let one = render(&spec(folder, &filled(1)), &PACKED).len();
    let file = spec(folder, &filled(1 + bytes - one));
    assert_eq!(render(&file, &PACKED).len(), bytes);
    file
}

/// A parameter file whose document is too large for EC2 even when it is compressed.
pub(crate) fn huge(folder: &Path) -> String {
    let mut text = HEAD.to_string();
    let mut state = 1_u64;
    for _ in 0..900 {
        let mut line = String::new();
        while line.len() < 60 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            line += &format!("{:x}", state >> 33);
        }
        text += &format!("    {line}\n");
    }
    spec(folder, &(text + "run: [echo one, echo two]\npackages: [git]\n"))
}

/// A machine with parts of every kind, text that is not ASCII among them.
pub(crate) const PARTS: &str = "\
hostname: parts
web: {index: <p>안녕하세요</p>}
packages: [git]
parts:
- {kind: script, name: 20-hello.sh, content: \"#!/bin/sh\\necho '안녕' >/srv/hello\\n\"}
- {kind: script, name: 10-plain.sh, content: \"#!/bin/sh\\necho plain --b\\n\"}
- {kind: boothook, name: early, content: \"#!/bin/sh\\necho early ü\\n\"}
- {kind: per-boot, name: every, content: \"#!/bin/sh\\necho 매번\\n\"}
- {kind: cloud-config, content: \"package_upgrade: false\\nmanage_etc_hosts: true\\n\"}
";
