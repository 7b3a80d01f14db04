//! `bootseed boot`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bootseed::inspect;
use bootseed::machine::Order;
use bootseed::rehearsal::container::Container;
use bootseed::rehearsal::vm::Vm;
use bootseed::rehearsal::{Audience, Guest, Outcome as Ending, Step, Terms, Verdict};
use bootseed::source::{self, Source};
use bootseed::template::Templates;

use super::duration::duration;
use super::input::Input;
use super::progress::{self, Progress};
use super::roster::one::Pick;
use super::{Outcome, output, voice};

/// Rehearse the first boot on this computer: in a VM or in a container
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed boot class.yaml --image noble-server-cloudimg-amd64.img
  bootseed boot user-data --image debian-12-generic-amd64.qcow2 --keep
  sudo bootseed boot class.yaml --root rootfs.tar

The image is never written to. The exit status is 0 only when the machine is ready. A container
has the network and the ports of this computer: its web server takes port 80.")]
pub(super) struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    pick: Pick,
    #[command(flatten)]
    machine: Machine,
    /// Leave the machine on after the verdict, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Give up after this time: 90s, 30m or 2h
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration)]
    timeout: Duration,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Machine {
    /// A VM with QEMU from this cloud image, qcow2 or raw
    #[arg(long, value_name = "FILE", required_unless_present = "root")]
    image: Option<PathBuf>,
    /// A container with systemd-nspawn from this root file system; needs root
    #[arg(long, value_name = "DIR|TAR", conflicts_with = "image")]
    root: Option<PathBuf>,
    /// Memory of the VM
    #[arg(long, value_name = "SIZE", default_value = "2G", conflicts_with = "root")]
    memory: String,
    /// Disk of the VM; the image's own size without it
    #[arg(long, value_name = "SIZE", conflicts_with = "root")]
    disk: Option<String>,
    /// Port of this computer that leads to the VM's web server
    #[arg(long, value_name = "PORT", default_value_t = 8080, conflicts_with = "root")]
    port: u16,
}

/// Port of the machine's web server when the user-data does not say.
const HTTP: u16 = 80;

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Some((user_data, port)) = user_data(&args.input, &args.pick)? else {
        return Ok(Outcome::Mistakes);
    };
    let stop = Arc::new(AtomicBool::new(false));
    let pressed = stop.clone();
    ctrlc::set_handler(move || pressed.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")?;
    let mut audience = Listener { stop, progress: Progress::new() };
    let mut guest = args.machine.start(&user_data, port, true)?;
    let start = Instant::now();
    let mut terms = Terms { limit: args.timeout, restart: restarts(&user_data) };
    let mut verdict = guest.follow(terms, &mut audience);
    if let Ending::KvmFailed { reason } = &verdict.outcome {
        voice::note(&format!("KVM does not work here ({reason}); trying without it, slowly"));
        drop(guest);
        guest = args.machine.start(&user_data, port, false)?;
        terms.limit = args.timeout.saturating_sub(start.elapsed());
        verdict = guest.follow(terms, &mut audience);
    }
    audience.progress.end();
    tell(&verdict, args.json)?;
    if args.keep
        && !matches!(verdict.outcome, Ending::Off | Ending::Broken { .. } | Ending::Interrupted)
    {
        voice::note(&args.machine.invitation());
        guest.keep(&mut audience);
    }
    Ok(match verdict.outcome {
        Ending::Ready { .. } => Outcome::Fine,
        _ => Outcome::Mistakes,
    })
}

/// The bytes to rehearse and the port of their web server.
fn user_data(input: &Input, pick: &Pick) -> anyhow::Result<Option<(Vec<u8>, u16)>> {
    if let Some(bytes) = input.user_data()? {
        if pick.is_somebody() {
            bail!("--student is for a parameter file, and this is user-data already");
        }
        return Ok(Some((bytes, HTTP)));
    }
    let Some(plan) = input.plan(pick)? else { return Ok(None) };
    let machine = Order::new(&Templates::default()).machine(plan)?;
    let port = machine.plan.web.as_ref().and_then(|web| u16::try_from(web.port).ok());
    Ok(Some((machine.payload.bytes().to_vec(), port.unwrap_or(HTTP))))
}

/// Does cloud-init restart the machine at its end? `power_state` in one of the parts says so.
/// <https://docs.cloud-init.io/en/latest/reference/modules.html#power-state-change>
fn restarts(user_data: &[u8]) -> bool {
    let configs = inspect::inspect(user_data).parts.into_iter();
    configs.filter(|part| part.kind == inspect::Kind::CloudConfig).any(|part| {
        let source = Source::new("user-data", String::from_utf8_lossy(&part.content));
        let tree = source::parse(&source).map(|tree| tree.to_json()).unwrap_or_default();
        tree["power_state"]["mode"] == "reboot"
    })
}

impl Machine {
    fn start(&self, user_data: &[u8], port: u16, kvm: bool) -> anyhow::Result<Guest> {
        Ok(match (&self.image, &self.root) {
            (Some(image), _) => Vm {
                image: image.clone(),
                memory: self.memory.clone(),
                disk: self.disk.clone(),
                forward: (self.port, port),
                kvm,
            }
            .start(user_data)?,
            (None, root) => {
                Container { root: root.clone().unwrap_or_default() }.start(user_data)?
            }
        })
    }

    fn invitation(&self) -> String {
        let address = match self.image {
            Some(_) => format!("http://127.0.0.1:{}/", self.port),
            None => "http://127.0.0.1/".to_string(),
        };
        format!("The machine stays on: {address} . Ctrl-C switches it off.")
    }
}

/// Shows what the machine says, and listens for Ctrl-C.
struct Listener {
    stop: Arc<AtomicBool>,
    progress: Progress,
}

impl Audience for Listener {
    fn step(&mut self, step: &Step, total: usize) {
        self.progress.step(step, total);
    }

    fn restart(&mut self) {
        self.progress.restart();
    }

    fn line(&mut self, line: &str) {
        self.progress.line(line);
    }

    fn enough(&mut self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

fn tell(verdict: &Verdict, json: bool) -> anyhow::Result<()> {
    if json {
        return output::write(&(serde_json::to_string_pretty(verdict)? + "\n"));
    }
    if !matches!(verdict.outcome, Ending::Ready { .. }) {
        voice::note(&format!("The end of the console:\n  {}", verdict.console.join("\n  ")));
    }
    output::write(&progress::summary(verdict))
}
