//! How long `bootseed lint` takes: for a thousand documents in one call, and for large ones. Fails
//! when a limit is not kept, or when twice the size takes much more than twice the time.
//!
//!     cargo bench --bench lint
//!
//! Needs Debian's `time`.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod shared;

use std::fs;
use std::path::Path;
use std::time::Instant;

use bootseed::lint::{self, Settings};

/// A thousand documents of 2 KB, in seconds.
const THOUSAND: f64 = 0.5;
/// A document of 1 MiB, in seconds.
const LARGE: f64 = 0.1;
/// How much more twice the size may take.
const GROWTH: f64 = 2.6;
/// How many times its size a document of 1 MiB may take in memory.
const MEMORY: f64 = 20.0;

const BOOTSEED: &str = env!("CARGO_BIN_EXE_bootseed");

/// A kind of document: its name, what it begins with, and a piece that comes again and again.
struct Shape {
    name: &'static str,
    head: &'static str,
    piece: fn(usize) -> String,
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "files",
        head: "#cloud-config\npackages: [nginx, git]\nusers:\n  - default\n  - {name: ann, groups: [sudo]}\nwrite_files:\n",
        piece: |number| {
            format!(
                "  - path: /etc/app/{number}.conf\n    permissions: '0644'\n    content: |\n      # part {number}\n      \
                 listen = 127.0.0.1:{number}\n      name = \"part {number}\"\n"
            )
        },
    },
    Shape {
        name: "commands",
        head: "#cloud-config\nruncmd:\n",
        piece: |number| {
            format!(
                "  - systemctl enable --now app-{number} && echo \"started {number}\" >> /var/log/app.log\n"
            )
        },
    },
    Shape {
        name: "accounts",
        head: "#cloud-config\nusers:\n  - default\n",
        piece: |number| {
            format!(
                "  - name: student-{number}\n    groups: [sudo, docker]\n    shell: /bin/bash\n    \
                 ssh_authorized_keys:\n      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE{number:042} student\n"
            )
        },
    },
    Shape {
        name: "one long script",
        head: "#cloud-config\nwrite_files:\n  - path: /opt/setup.sh\n    permissions: '0755'\n    content: |\n      #!/bin/bash\n",
        piece: |number| {
            format!(
                "      if [ -f /etc/{number} ]; then cp \"/etc/{number}\" /srv/; else echo \"no {number}\"; fi\n"
            )
        },
    },
    Shape {
        name: "many parts",
        head: "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n",
        piece: |number| {
            format!(
                "--B\nContent-Type: text/x-shellscript; charset=\"us-ascii\"\nContent-Disposition: attachment; filename=\"{number}.sh\"\n\n#!/bin/sh\nset -e\necho {number} >>/var/log/parts\n"
            )
        },
    },
];

impl Shape {
    fn document(&self, bytes: usize) -> String {
        let mut text = self.head.to_owned();
        for number in 0.. {
            let piece = (self.piece)(number);
            if text.len() + piece.len() > bytes {
                break;
            }
            text += &piece;
        }
        text
    }
}

/// What a document takes more in memory than one of no size, in bytes.
fn memory(folder: &Path, document: &str) -> f64 {
    let taken = |text: &str| {
        let file = folder.join("measured.yaml");
        fs::write(&file, text).unwrap();
        let kilobytes = shared::memory(&[BOOTSEED, "lint", "--quiet", file.to_str().unwrap()]);
        kilobytes as f64 * 1024.0
    };
    taken(document) - taken("#cloud-config\nhostname: a\n")
}

/// The shortest of a few runs, in seconds.
fn shortest(runs: usize, mut run: impl FnMut()) -> f64 {
    let one = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..runs).map(one).fold(f64::MAX, f64::min)
}

/// What a run takes of the processor on Linux, which other programs do not make more, in seconds. It is
/// counted in steps of some milliseconds, so that one run says little.
fn taken(runs: u32, mut run: impl FnMut()) -> f64 {
    let Some(before) = given() else { return shortest(7, run) };
    (0..runs).for_each(|_| run());
    (given().unwrap_or(before) - before) / f64::from(runs)
}

fn given() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1e9)
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let names = (0..1000).map(|number| format!("{}/{number}.yaml", folder.path().display()));
    let names: Vec<String> = names.collect();
    names.iter().for_each(|name| fs::write(name, SHAPES[0].document(2000)).unwrap());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let thousand = shortest(3, || {
        shared::run(&[&[BOOTSEED, "lint"], &names[..]].concat());
    });
    println!("1,000 documents of 2 KB in one call: {:.0} ms", thousand * 1000.0);
    let mut late = Vec::new();
    for shape in SHAPES {
        let (name, settings) = (shape.name, Settings::default());
        let look = |text: &str| {
            let found = lint::lint("a", text.as_bytes(), &settings);
            let unread = found.iter().any(|one| one.diagnostic.id == "not-looked-at");
            if unread { usize::MAX } else { found.len() }
        };
        let whole = shape.document(1 << 20);
        let memory = memory(folder.path(), &whole) / whole.len() as f64;
        let time = |text: &str| taken(15, || assert!(look(text) < 3_000));
        let (half, whole) = (time(&shape.document(1 << 19)), time(&whole));
        println!(
            "{name}: 512 KiB in {:.0} ms, 1 MiB in {:.0} ms and {memory:.1} times its size",
            half * 1000.0,
            whole * 1000.0
        );
        let good = whole < LARGE && whole < half * GROWTH && memory < MEMORY;
        late.extend((!good).then_some(name));
    }
    assert!(thousand < THOUSAND, "longer than {THOUSAND} s");
    assert!(late.is_empty(), "not within {LARGE} s, {GROWTH} times or {MEMORY} times: {late:?}");
}
