//! Parameter files for the whole line, from the text to what a destination gets: the presets and the
//! examples. One that names files of this computer is not followed there.

use std::path::Path;

use bootseed::catalog::Listed;
use bootseed::destination::Destination;
use bootseed::machine::Order;
use bootseed::preset::Preset;
use bootseed::source::{self, Source};
use bootseed::template::Templates;
use bootseed::{plan, spec};

use crate::Target;
use crate::mutation::Mutation;

pub(crate) const TARGET: Target = Target {
    name: "parameters",
    corpus,
    mutation: Mutation { longest: 4 << 10, words: WORDS, wrap: None },
    look,
};

/// Parameter files with everything that the presets do not have.
const OTHERS: &[&str] = &[
    include_str!("../data-science.yaml"),
    include_str!("../operations.yaml"),
    include_str!("../course-app.yaml"),
    "app: {git: {url: 'https://example.org/a.git', commit: v1.0}, module: 'a:b', secrets: [A], \
     static: {/static/: a}, upload_limit: 10M, health: /ok, environment: {A: '1'}}\n\
     web: {server: apache, https: {address: true}, auth: {users: {kim: secret}}}\n",
    "hostname: a\nx-a: &a {b: 1}\nenv: {<<: *a}\nparts:\n- {kind: script, content: '#!/bin/sh'}\n",
    "swap: 2G\ntimezone: Asia/Seoul\nlocale: ko_KR.UTF-8\nusers: [{name: kim, password: a}]\n\
     run: [echo]\npackages: [git]\nwrite_files: [{path: /a, content: b}]\nstatus: {report: \
     'https://example.org/'}\ncloud_config: {runcmd: [reboot]}\n",
];

const WORDS: &[&[u8]] = &[
    b"- ",
    b": ",
    b"\n  ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"!!binary ",
    b"|\n    ",
    b"'",
    b"\"",
    b"null",
    b"true",
    b"0x10",
    b"1e999",
    b"9223372036854775808",
    b"-1",
    b".nan",
    b"{{ id }}",
    b"{% raw %}",
    b"$PORT",
    b"https://[::1]:80/",
    b"sha256:",
    b"..",
    b"\0",
    b"\xff",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    "안녕".as_bytes(),
    b"app:\n  ",
    b"web:\n  ",
    b"env:\n  ",
    b"conda:\n  ",
    b"users:\n- ",
    b"[[[[[[[[",
];

fn corpus() -> Vec<Vec<u8>> {
    let presets = Preset::ALL.iter().map(|preset| preset.source().text().as_bytes().to_vec());
    presets.chain(OTHERS.iter().map(|text| text.as_bytes().to_vec())).collect()
}

fn look(input: &[u8]) -> Result<String, String> {
    let Ok(source) = Source::from_bytes("a", input) else { return Ok("no text".into()) };
    let tree = match source::parse(&source) {
        Ok(tree) => tree,
        Err(_) => return Ok("no YAML".into()),
    };
    if spec::local_places(&tree).next().is_some() {
        return Ok("files".into());
    }
    let (plan, report) = plan::read(&tree, Path::new(""));
    let mut ids: Vec<&str> = report.iter().map(|one| one.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let Some(plan) = plan.filter(|_| !report.has_errors()) else { return Ok(ids.join(" ")) };
    let mut words = ids.join(" ");
    let templates = Templates::default();
    let at = input.iter().map(|byte| usize::from(*byte)).sum::<usize>();
    let destination = Destination::ALL[at % Destination::ALL.len()];
    let order = Order { destination, ..Order::new(&templates) };
    let machine = order.emission(plan).map_err(|error| error.to_string());
    match machine {
        Ok((machine, _)) => {
            let steps =
                machine.steps.iter().map(|step| step.name.chars().take(3).collect::<String>());
            words.extend(steps);
        }
        Err(error) => words.push_str(&error.chars().take(30).collect::<String>()),
    }
    Ok(words)
}
