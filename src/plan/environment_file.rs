//! An `environment.yml` of the author's, taken over into the plan.
//!
//! Its packages become arguments of `conda create`, because `conda env create` deletes an existing
//! environment, knows no `--override-channels` and, since conda 26.7, fails on `nodefaults`.
//! <https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html>

use std::path::Path as FilePath;

use super::conda::{Draft, Pip};
use super::delivery::read_local;
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::source::{Kind, Node, Path, Plain, Source, parse};
use crate::spec::{
    check_channel, check_match_spec, check_name, check_pip_url, check_requirement, needs_terms,
    package_channel, pip_option, terms_missing,
};

const KEYS: &[&str] = &["name", "channels", "dependencies", "prefix"];

pub(super) fn read(
    file: &str,
    folder: &FilePath,
    terms_accepted: bool,
    at: &Path,
    report: &mut Report,
) -> Option<Draft> {
    let bytes = read_local(file, folder, at, report)?;
    let source = match Source::from_bytes(file, &bytes) {
        Ok(source) => source,
        Err(error) => {
            let diagnostic = Diagnostic::error("environment-file", error.titled()).at(at);
            report.push(diagnostic.help(error.help()));
            return None;
        }
    };
    match parse(&source) {
        Ok(tree) => Reader { terms_accepted, report }.draft(&tree),
        Err(errors) => {
            report.extend(Report::from(errors));
            None
        }
    }
}

struct Reader<'a> {
    terms_accepted: bool,
    report: &'a mut Report,
}

impl Reader<'_> {
    fn draft(&mut self, tree: &Node) -> Option<Draft> {
        for entry in tree.entries().iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
            let near = nearest(&entry.key, KEYS.iter().copied());
            let help = near.map_or("remove it from that file".into(), |near| {
                format!("did you mean `{near}`?")
            });
            let message = format!("bootseed cannot take `{}` over", entry.key);
            let diagnostic = Diagnostic::error("environment-file", message).help(help);
            self.report.push(diagnostic.at_span(entry.key_span.clone()));
        }
        if !matches!(tree.kind, Kind::Map(_)) {
            self.wrong(tree, "an environment file is a map with `name` and `dependencies`");
            return None;
        }
        let (packages, pip) = self.dependencies(tree);
        Some(Draft { name: self.name(tree), channels: self.channels(tree), packages, pip })
    }

    fn wrong(&mut self, node: &Node, message: impl Into<String>) {
        let help = "see https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/\
                    manage-environments.html#creating-an-environment-file-manually";
        let diagnostic = Diagnostic::error("environment-file", message).help(help);
        self.report.push(diagnostic.at_span(node.span.clone()));
    }

    /// Runs a check that names a path, and moves what it finds to `node`.
    fn check(&mut self, node: &Node, check: impl Fn(&Path, &mut Report)) {
        let mut found = Report::default();
        check(&Path::default(), &mut found);
        for diagnostic in found.iter() {
            self.report.push(diagnostic.clone().at_span(node.span.clone()));
        }
    }

    fn list(&mut self, node: &Node, message: &str) {
        if !matches!(node.kind, Kind::List(_)) && !node.is_null() {
            self.wrong(node, message);
        }
    }

    fn name(&mut self, tree: &Node) -> String {
        let Some(entry) = tree.entry("name") else { return String::new() };
        let name = entry.value.as_scalar().map(|scalar| scalar.text.clone()).unwrap_or_default();
        self.check(&entry.value, |at, report| check_name(&name, at, report));
        name
    }

    fn channels(&mut self, tree: &Node) -> Vec<String> {
        let Some(entry) = tree.entry("channels") else { return Vec::new() };
        self.list(&entry.value, "`channels` is a list");
        let listed = entry.value.items();
        let mut channels = Vec::new();
        for node in listed {
            match node.as_scalar().map(|scalar| scalar.text.as_str()) {
                None | Some("") => self.wrong(node, "a channel is a name or a URL"),
                Some("nodefaults") => {}
                Some(channel) => {
                    self.check(node, |at, report| {
                        check_channel(channel, at, report);
                    });
                    self.terms(node, channel);
                    channels.push(channel.to_string());
                }
            }
        }
        channels
    }

    /// Reports a channel whose terms were not accepted.
    fn terms(&mut self, node: &Node, channel: &str) {
        if needs_terms(channel) && !self.terms_accepted {
            self.report.push(terms_missing(channel).at_span(node.span.clone()));
        }
    }

    fn dependencies(&mut self, tree: &Node) -> (Vec<String>, Pip) {
        let (mut packages, mut pip) = (Vec::new(), Pip::default());
        let Some(entry) = tree.entry("dependencies") else { return (packages, pip) };
        self.list(&entry.value, "`dependencies` is a list");
        for node in entry.value.items() {
            match &node.kind {
                Kind::Scalar(scalar) if scalar.look() == Plain::Text => {
                    self.check(node, |at, report| check_match_spec(&scalar.text, at, report));
                    let channel = package_channel(&scalar.text);
                    self.terms(node, channel.unwrap_or_default());
                    packages.push(scalar.text.clone());
                }
                Kind::Map(entries) if entries.len() == 1 && entries[0].key == "pip" => {
                    self.list(&entries[0].value, "`pip` is a list");
                    for node in entries[0].value.items() {
                        self.requirement(node, &mut pip);
                    }
                }
                _ => self.wrong(node, "a dependency is a package, or `pip:` with a list"),
            }
        }
        (packages, pip)
    }

    /// A line of a requirements file: a package, or an address to look for packages at.
    fn requirement(&mut self, node: &Node, pip: &mut Pip) {
        let scalar = node.as_scalar().filter(|scalar| scalar.look() == Plain::Text);
        let Some(text) = scalar.map(|scalar| scalar.text.clone()) else {
            return self.wrong(node, "a package of pip is one text");
        };
        let Some((key, url)) = pip_option(&text) else {
            self.check(node, |at, report| check_requirement(&text, at, report));
            return pip.packages.push(text);
        };
        self.check(node, |at, report| check_pip_url(url, at, report));
        match key {
            "index_url" => pip.index_url = Some(url.to_string()),
            "find_links" => pip.find_links.push(url.to_string()),
            _ => pip.extra_index_urls.push(url.to_string()),
        }
    }
}
