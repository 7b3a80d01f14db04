//! `bootseed terraform`.

use std::io::Read;
use std::path::{Path as FilePath, PathBuf};

use anyhow::{Context, bail};
use bootseed::catalog::Listed;
use bootseed::destination::Destination;
use bootseed::diagnostic::{Diagnostic, Report, Severity, nearest, visible};
use bootseed::machine::{Machine, Order};
use bootseed::payload::{Payload, sha256};
use bootseed::plan::Plan;
use bootseed::preset::Preset;
use bootseed::source::{Node, Path, Source, parse};
use bootseed::spec;
use bootseed::template::Templates;
use serde_json::{Map, Value, json};

use super::roster::one::{self, Made};
use super::{Outcome, input, output, voice};

/// Answer Terraform's data source `external`: JSON query in, JSON map out
#[derive(clap::Args)]
#[command(after_help = "\
Keys of the query, all of them texts that may be left out:
  spec     a parameter file; local files in it are relative to it
  inline   the parameters themselves, as YAML or jsonencode({ … })
  preset   ready-made parameters, over which the others are laid
  set      jsonencode({ \"hostname\" = \"lab-7\", \"packages\" = [\"git\"] })
  for      a destination, whose limit counts; terraform is the default

Keys of the answer:
  user_data         the text; empty when it had to be compressed
  user_data_base64  the same bytes in base64, compressed or not
  sha256, bytes     of those bytes
  json              jsondecode() gives hostname, volume_gb, port, ports, image, steps, gzip

Examples:
  echo '{\"preset\": \"flask\"}' | bootseed terraform

  data \"external\" \"machine\" {
    program = [\"bootseed\", \"terraform\"]
    query   = { spec = \"class.yaml\", set = jsonencode({ hostname = \"lab-7\" }) }
  }")]
pub(super) struct Args {}

/// What to do about a text that waits for a student.
const EVERYBODY: &str =
    "make the machines of a roster with `bootseed roster ROSTER SPEC --for tfvars`";

/// More than any query is, in bytes.
const MOST: u64 = 4 << 20;

/// A query, as Terraform sends it: a flat map of texts.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Query {
    spec: Option<String>,
    inline: Option<String>,
    preset: Option<String>,
    set: Option<String>,
    #[serde(rename = "for")]
    destination: Option<String>,
}

const KEYS: &[&str] = &["spec", "inline", "preset", "set", "for"];

/// The protocol has one kind of failure: a line for people, and an exit code that is not 0.
/// <https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external>
pub(super) fn run(_: &Args) -> anyhow::Result<Outcome> {
    match answer() {
        Ok(answer) => {
            output::write(&format!("{answer}\n"))?;
            Ok(Outcome::Fine)
        }
        Err(error) => {
            voice::failure(&one_line(&format!("{error:#}")));
            Ok(Outcome::Mistakes)
        }
    }
}

fn answer() -> anyhow::Result<Value> {
    let mut text = String::new();
    let mut stdin = std::io::stdin().lock().take(MOST);
    stdin.read_to_string(&mut text).context("cannot read the query")?;
    let query = Query::read(&text)?;
    let templates = Templates::default();
    let plan = query.plan()?;
    let order = Order { destination: query.destination()?, ..Order::new(&templates) };
    let machine = order.machine(plan)?;
    Ok(described(&machine, &order.packed(&machine)?))
}

impl Query {
    fn read(text: &str) -> anyhow::Result<Query> {
        let map: Map<String, Value> = serde_json::from_str(text).context(
            "the query on standard input is no JSON object; this program is for Terraform's data \
             source `external`",
        )?;
        for (key, value) in &map {
            if !KEYS.contains(&key.as_str()) {
                let near = nearest(key, KEYS.iter().copied());
                let known = format!("known: {}", KEYS.join(", "));
                let help = near.map_or(known, |near| format!("did you mean `{near}`?"));
                bail!("the query has a key `{key}`; {help}");
            }
            if !value.is_string() {
                bail!("`{key}` in the query must be a text; wrap it in jsonencode()");
            }
        }
        Ok(serde_json::from_value(Value::Object(map))?)
    }

    fn plan(&self) -> anyhow::Result<Plan> {
        let (mut tree, mut report) = (None, Report::default());
        if self.preset.is_some() || (self.spec.is_none() && self.inline.is_none()) {
            let preset = self.preset.as_deref().map_or(Ok(Preset::ALL[0]), listed::<Preset>)?;
            input::lay(&mut tree, parse(&preset.source()).map_err(Report::from), &mut report);
        }
        if let Some(own) = self.own()? {
            input::lay(&mut tree, own, &mut report);
        }
        let Some(mut tree) = tree.filter(|_| !report.has_errors()) else {
            bail!("{}", mistakes(&mut report, None));
        };
        for (path, node) in self.changes()? {
            if let Err(message) = tree.set(&path, node) {
                report.push(Diagnostic::error("assignment", message).at(&path));
            }
        }
        let Made { plan, tree, report: found } = one::of_nobody(tree, &self.folder(), EVERYBODY);
        report.extend(found);
        match plan.filter(|_| !report.has_errors()) {
            Some(plan) => Ok(plan),
            None => bail!("{}", mistakes(&mut report, Some(&tree))),
        }
    }

    /// The owner's parameters, or what is wrong with them.
    fn own(&self) -> anyhow::Result<Option<Result<Node, Report>>> {
        Ok(match (&self.spec, &self.inline) {
            (Some(_), Some(_)) => bail!("`spec` and `inline` contradict each other; keep one"),
            (Some(path), None) if path == "-" => bail!("`spec` must be a file; use `inline`"),
            (Some(path), None) => Some(input::parsed(FilePath::new(path))?),
            (None, Some(text)) => {
                if let Some(wrong) = spec::check_kind("inline", text.as_bytes()) {
                    return Ok(Some(Err(wrong.into())));
                }
                let source = Source::from_bytes("inline", text.as_bytes())?;
                Some(parse(&source).map_err(Report::from))
            }
            (None, None) => None,
        })
    }

    /// What `set` holds: parameters by their paths, with values of any kind.
    fn changes(&self) -> anyhow::Result<Vec<(Path, Node)>> {
        let Some(text) = &self.set else { return Ok(Vec::new()) };
        let map: Map<String, Value> = serde_json::from_str(text)
            .context("`set` must be a JSON object of paths and values; use jsonencode({ … })")?;
        map.iter().map(|(path, value)| change(path, value)).collect()
    }

    fn destination(&self) -> anyhow::Result<&'static Destination> {
        listed::<Destination>(self.destination.as_deref().unwrap_or("terraform"))
    }

    fn folder(&self) -> PathBuf {
        let parent = self.spec.as_deref().and_then(|path| FilePath::new(path).parent());
        parent.map(FilePath::to_path_buf).unwrap_or_default()
    }
}

fn change(path: &str, value: &Value) -> anyhow::Result<(Path, Node)> {
    let at = path.parse().map_err(|error| anyhow::anyhow!("`set`, `{path}`: {error}"))?;
    let source = Source::new(format!("set {path}"), value.to_string());
    match parse(&source) {
        Ok(node) => Ok((at, node)),
        Err(errors) => bail!("{}", mistakes(&mut Report::from(errors), None)),
    }
}

fn listed<T: Listed>(name: &str) -> anyhow::Result<&'static T> {
    if let Some(one) = T::ALL.iter().find(|one| one.name() == name) {
        return Ok(one);
    }
    let names: Vec<&str> = T::ALL.iter().map(|one| one.name()).collect();
    let known = format!("known: {}", names.join(", "));
    let near = nearest(name, names.iter().copied());
    let help = near.map_or(known, |near| format!("did you mean `{near}`?"));
    bail!("there is no {} `{name}`; {help}", T::KIND)
}

/// The answer: a flat map of texts.
fn described(machine: &Machine, payload: &Payload) -> Value {
    let plan = &machine.plan;
    let steps: Vec<&str> = machine.steps.iter().map(|step| &step.name[..]).collect();
    let more = json!({
        "hostname": plan.hostname,
        "volume_gb": plan.volume_gb(),
        "port": plan.web.as_ref().map(|web| web.port),
        "ports": plan.ports(),
        "image": plan.distro.0.aws_image,
        "steps": steps,
        "gzip": payload.is_gzip(),
    });
    json!({
        "user_data": payload.text().unwrap_or_default(),
        "user_data_base64": payload.base64(),
        "sha256": sha256(payload.bytes()),
        "bytes": payload.bytes().len().to_string(),
        "json": more.to_string(),
    })
}

/// All errors, each with its place and what to write instead.
fn mistakes(report: &mut Report, tree: Option<&Node>) -> String {
    report.sort(tree);
    report.dedup();
    let errors = report.iter().filter(|one| one.severity == Severity::Error);
    let errors: Vec<String> = errors.map(|one| mistake(one, tree)).collect();
    errors.join("; ")
}

fn mistake(diagnostic: &Diagnostic, tree: Option<&Node>) -> String {
    let span = diagnostic.place.span(tree);
    let place = span.map(|span| format!("{}:{}: ", span.source().name(), span.position()));
    let help = diagnostic.help.as_ref().map(|help| format!(" ({help})"));
    format!("{}{}{}", place.unwrap_or_default(), diagnostic.message, help.unwrap_or_default())
}

/// Terraform shows standard error as it is: no line breaks, and nothing that moves the cursor.
fn one_line(text: &str) -> String {
    let words = text.lines().map(str::trim).filter(|line| !line.is_empty());
    visible(&words.collect::<Vec<_>>().join(", "))
}
