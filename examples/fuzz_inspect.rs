//! Throws damaged payloads at `bootseed::inspect`, which has to look at any bytes without a panic.
//!
//!     cargo run --release --example fuzz_inspect -- 10000000
//!
//! It starts from what bootseed makes for every destination, changes it, and keeps what was
//! understood in a new way to change it further. The same number gives the same inputs; a second
//! number begins elsewhere. An input that panics is written to `target/fuzz_inspect.bin`.

#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used)]

use std::collections::HashSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::catalog::Listed;
use bootseed::destination::{Compress, Destination};
use bootseed::inspect::inspect;
use bootseed::payload::Payload;
use bootseed::source::{Source, parse};
use bootseed::template::Templates;
use bootseed::{cloud_config, plan, spec};

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
    b"CD001",
    b"\0",
    b"\xff",
    b"\xe2\x80\xa8",
    "안녕".as_bytes(),
];

/// Longer inputs are cut.
const LONGEST: usize = 64 << 10;

/// Inputs that are kept.
const KEPT: usize = 4_000;

/// xorshift64*: <https://doi.org/10.18637/jss.v008.i14>
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or_default() % end.max(1)
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = (length - start).min(if self.below(4) == 0 { length } else { 64 });
        start..start + self.below(most + 1)
    }
}

/// What every destination gives for `SPEC` and for a machine without parts.
fn corpus() -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = OTHERS.iter().map(|bytes| bytes.to_vec()).collect();
    for text in [SPEC, "hostname: plain\n"] {
        let tree = parse(&Source::new("fuzz", text)).expect("it is YAML");
        let spec = spec::load(&tree).0.expect("it has no mistake");
        let plan = plan::resolve(&spec, Path::new(".")).0.expect("it has no mistake");
        let templates = Templates::default().without_comments();
        let document = cloud_config::render(&plan, &templates).expect("it renders");
        let payload = Payload::new(&document, &plan.parts);
        for destination in Destination::ALL {
            for compress in [Compress::Auto, Compress::Always] {
                let emission = destination.deliver(&plan, &payload, compress, &templates);
                found.extend(
                    emission.into_iter().flat_map(|one| one.artifacts).map(|one| one.bytes),
                );
            }
        }
    }
    found
}

fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(4) {
        let range = random.range(bytes.len());
        match random.below(8) {
            0 => drop(bytes.drain(range)),
            1 => bytes.truncate(range.start),
            2 => drop(bytes.splice(range, WORDS[random.below(WORDS.len())].iter().copied())),
            3 => {
                let piece = bytes[range].to_vec();
                let at = random.below(bytes.len() + 1);
                bytes.splice(at..at, piece);
            }
            4 => {
                let other = &corpus[random.below(corpus.len())];
                let piece = other[random.range(other.len())].to_vec();
                bytes.splice(range, piece);
            }
            5 => bytes = wrapped(&bytes, random),
            _ => {
                if let Some(byte) = bytes.get_mut(range.start) {
                    *byte = u8::try_from(random.below(256)).unwrap_or_default();
                }
            }
        }
        bytes.truncate(LONGEST);
    }
    bytes
}

fn wrapped(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    match random.below(4) {
        0 => Payload::of(bytes).compressed().bytes().to_vec(),
        1 => [b"MIME-Version: 1.0\nContent-Type: text/plain\n\n", bytes].concat(),
        2 => format!("{{\"UserData\":\"{}\"}}", STANDARD.encode(bytes)).into_bytes(),
        _ => STANDARD.encode(bytes).into_bytes(),
    }
}

/// How an input was understood, without what differs between inputs of one sort.
fn signature(bytes: &[u8]) -> String {
    let found = inspect(bytes);
    let layers = found.layers.iter().map(|layer| layer.envelope.clone());
    let kinds = found.parts.iter().take(6).map(|part| format!("{:?}", part.kind));
    let said = found.warnings.iter().take(6).map(|text| text.chars().take(24).collect());
    layers.chain(kinds).chain(said).collect::<Vec<String>>().join("|")
}

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let runs = numbers.first().copied().unwrap_or(1_000_000);
    let mut random =
        Random(numbers.get(1).copied().unwrap_or(0).wrapping_add(0x9E37_79B9_7F4A_7C15));
    let mut corpus = corpus();
    let (begun, start) = (corpus.len(), Instant::now());
    let (mut seen, mut slowest) = (HashSet::new(), Duration::ZERO);
    for run in 0..runs {
        let input = mutated(&corpus, &mut random);
        let since = Instant::now();
        let Ok(signature) = catch_unwind(AssertUnwindSafe(|| signature(&input))) else {
            std::fs::write("target/fuzz_inspect.bin", &input).expect("it can be written");
            println!("run {run} panics; its input is in target/fuzz_inspect.bin");
            return ExitCode::FAILURE;
        };
        slowest = slowest.max(since.elapsed());
        if corpus.len() < KEPT && seen.insert(signature) {
            corpus.push(input);
        }
        if run % 1_000_000 == 999_999 {
            println!("{} runs, {:.0} s", run + 1, start.elapsed().as_secs_f64());
            std::io::stdout().flush().expect("it can be written");
        }
    }
    println!(
        "{runs} runs without a panic in {:.0} s, from {begun} payloads and {} found on the way; the \
         slowest took {:.0} ms",
        start.elapsed().as_secs_f64(),
        corpus.len() - begun,
        slowest.as_secs_f64() * 1000.0
    );
    ExitCode::SUCCESS
}
