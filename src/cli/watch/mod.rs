//! `bootseed watch`.

mod html;
mod json;
mod lines;
mod live;

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bootseed::roster::tokens::Tokens;
use bootseed::watch::{
    self, Audience, Board, Class, Ending, Kind, Listener, Remote, Reply, Targets, Terms, Wishes,
    list,
};
use clap::ValueEnum;
use ratatui::crossterm::event::Event;

use super::roster::TOKENS;
use super::{Outcome, voice};
use html::Html;

/// Watch machines as they come up, and see who needs help
#[derive(clap::Args)]
#[command(after_help = "\
A list is lines of hosts, a table with a column `address`, or the JSON of one of: terraform output,
aws ec2 describe-instances, gcloud compute instances list, az vm list -d, hcloud server list,
doctl compute droplet list. With --class it is joined with the students by their names.

Examples:
  bootseed watch 203.0.113.5 kim=203.0.113.6:8080 https://lab.example.org
  terraform output -json | bootseed watch --class class -
  aws ec2 describe-instances | bootseed watch --class class - --html class.html
  bootseed watch --class class addresses.csv --until ready --timeout 15m

On a terminal it is a table with trouble on top, until q; elsewhere a line for each change. Exit
status: 0 all are ready, or nothing was waited for; 1 --until ready, and some failed or the time is
over; 2 wrong usage, or input and output failed.")]
pub(super) struct Args {
    /// Hosts, as HOST, HOST:PORT, https://HOST or NAME=HOST; or files with lists of them, `-` for
    /// standard input
    #[arg(value_name = "HOST|FILE", required_unless_present = "class")]
    hosts: Vec<String>,
    /// Folder of the class, as `bootseed roster` made it: who has no machine is named, too
    #[arg(long, value_name = "DIR")]
    class: Option<PathBuf>,
    /// Port of the web servers, where an address does not say
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// End when all machines are ready, or when nothing can change any more
    #[arg(long, value_name = "STATE")]
    until: Option<Until>,
    /// End after this time: 90s, 15m or 2h
    #[arg(long, value_name = "TIME", value_parser = super::duration::duration)]
    timeout: Option<Duration>,
    /// Pause before a machine is asked again
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = super::duration::duration)]
    interval: Duration,
    /// Longest time for one answer
    #[arg(long, value_name = "TIME", default_value = "4s", value_parser = super::duration::duration)]
    patience: Duration,
    /// Connections at the same time, at most
    #[arg(long, value_name = "NUMBER", default_value_t = 256,
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    jobs: u16,
    /// Print each change as a line of JSON
    #[arg(long)]
    json: bool,
    /// Also take what machines tell by themselves (`status.report`) at this port, or IP:PORT
    #[arg(long, value_name = "PORT", requires = "class", value_parser = socket)]
    listen: Option<SocketAddr>,
    /// The tokens by which they are known, if not those of the class
    #[arg(long, value_name = "FILE", requires = "listen")]
    tokens: Option<PathBuf>,
    /// Also write a page to project, again and again
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    /// Every machine says that it is ready.
    Ready,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let class = args.class.as_deref().map(Class::open).transpose()?;
    let targets = args.targets(class.as_ref())?;
    if targets.all.is_empty() {
        bail!("nobody is to be watched: the list is empty");
    }
    let mut board = Board::new(&targets.all, Instant::now());
    let title = class.map_or_else(|| "bootseed watch".to_owned(), |class| class.name);
    let html = args.html.as_deref().map(|file| Html::new(file, &title, args.interval));
    let html = html.transpose()?;
    let listener = args.listener(&board)?;
    let (remote, wishes) = watch::remote();
    let stop = remote.clone();
    ctrlc::set_handler(move || stop.stop()).context("cannot listen for Ctrl-C")?;
    let mut show = Show { output: args.output(&board, &title, &remote)?, html };
    let ended = args.follow(&mut board, wishes, listener, &mut show);
    show.output.end();
    let ending = match ended {
        // Whoever read it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Outcome::Fine),
        ended => ended?,
    };
    if let Some(html) = &mut show.html {
        html.end(&board)?;
    }
    Ok(args.verdict(&board, ending))
}

impl Args {
    /// Whom to watch; says who is left out.
    fn targets(&self, class: Option<&Class>) -> anyhow::Result<Targets> {
        let mut found = Vec::new();
        for host in &self.hosts {
            if host == "-" || Path::new(host).is_file() {
                let (name, bytes) = read(host)?;
                found.extend(list::read(&name, bytes, self.port)?);
            } else {
                found.push(watch::argument(host, self.port).with_context(|| no_file(host))?);
            }
        }
        let targets = watch::join(found, class, !self.hosts.is_empty());
        if !targets.strangers.is_empty() {
            let names: Vec<&str> = targets.strangers.iter().take(10).map(String::as_str).collect();
            let count = targets.strangers.len();
            let names = names.join(", ");
            voice::note(&format!(
                "left out, as nobody of the class is called so ({count}): {names}"
            ));
        }
        Ok(targets)
    }

    /// Where machines tell by themselves, and the tokens by which they are known.
    fn listener(&self, board: &Board) -> anyhow::Result<Option<Listener>> {
        let Some(place) = self.listen else { return Ok(None) };
        let class = self.class.as_deref().unwrap_or(Path::new(""));
        let file = self.tokens.clone().unwrap_or_else(|| class.join(TOKENS));
        let bytes = fs::read(&file).with_context(|| {
            let file = file.display();
            format!("cannot read {file}: `bootseed roster` makes it where `status.report` is set")
        })?;
        let tokens = Tokens::read(bytes)?;
        let socket =
            TcpListener::bind(place).with_context(|| format!("cannot listen at {place}"))?;
        let at = socket.local_addr()?;
        let listener = Listener::new(socket, board, tokens.iter())?;
        voice::note(&format!("listening at {at} for {} machines", listener.known()));
        Ok(Some(listener))
    }

    fn output(
        &self,
        board: &Board,
        title: &str,
        remote: &Remote<Event>,
    ) -> anyhow::Result<Box<dyn Output>> {
        if self.json {
            return Ok(Box::new(json::Json::new(board)?));
        }
        if io::stdout().is_terminal() {
            return Ok(Box::new(live::Live::begin(title, remote.clone())?));
        }
        Ok(Box::new(lines::Lines::new(board)?))
    }

    fn follow(
        &self,
        board: &mut Board,
        wishes: Wishes<Event>,
        listener: Option<Listener>,
        show: &mut Show,
    ) -> io::Result<Ending> {
        let terms = Terms {
            interval: self.interval,
            patience: self.patience,
            jobs: self.jobs.into(),
            until_ready: self.until.is_some(),
            timeout: self.timeout,
        };
        watch::watch(board, &terms, wishes, listener, show)
    }

    /// Says how it ended, and who is not ready.
    fn verdict(&self, board: &Board, ending: Ending) -> Outcome {
        voice::note(&board.summary());
        if self.until.is_none() || ending == Ending::Ready {
            return Outcome::Fine;
        }
        let why = match ending {
            Ending::TimeOver => "the time is over",
            Ending::Stopped => "stopped",
            Ending::Ready | Ending::Settled => "nothing changes any more",
        };
        voice::wrong("not-ready", &format!("{why}, and not all are ready:{}", missing(board)));
        Outcome::Mistakes
    }
}

/// A line for each machine that is not ready.
fn missing(board: &Board) -> String {
    let order = board.order().into_iter().map(|at| &board.machines()[at]);
    let missing = order.filter(|machine| machine.state.kind() != Kind::Ready);
    missing.map(|machine| format!("\n  {}", lines::line(machine))).collect()
}

/// `8900` at all addresses of this computer, or `192.0.2.7:8900`.
fn socket(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok((IpAddr::from(Ipv4Addr::UNSPECIFIED), port).into());
    }
    text.parse().map_err(|_| "write a port such as 8900, or 192.0.2.7:8900".into())
}

/// A list and its name for messages.
fn read(file: &str) -> anyhow::Result<(String, Vec<u8>)> {
    if file != "-" {
        let bytes = fs::read(file).with_context(|| format!("cannot read {file}"))?;
        return Ok((file.to_owned(), bytes));
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(("<stdin>".to_owned(), bytes))
}

fn no_file(host: &str) -> String {
    match host.contains(['/', '.']) && !host.contains("://") {
        true => format!("{host} is no file that is there, and no host"),
        false => format!("{host} is no host"),
    }
}

/// A way to show machines.
trait Output {
    /// See [`Audience::changed`].
    fn changed(&mut self, board: &Board, at: usize) -> io::Result<()>;
    /// See [`Audience::show`].
    fn show(&mut self, _: &Board) -> io::Result<()> {
        Ok(())
    }
    /// See [`Audience::input`].
    fn input(&mut self, _: &Board, _: Event) -> Reply {
        Reply::Go
    }
    /// Leaves everything as it was before.
    fn end(&mut self) {}
}

/// All that is shown.
struct Show {
    output: Box<dyn Output>,
    html: Option<Html>,
}

impl Audience for Show {
    type Input = Event;

    fn changed(&mut self, board: &Board, at: usize) -> io::Result<()> {
        self.output.changed(board, at)
    }

    fn show(&mut self, board: &Board) -> io::Result<()> {
        if let Some(html) = &mut self.html {
            html.show(board)?;
        }
        self.output.show(board)
    }

    fn input(&mut self, board: &Board, input: Event) -> Reply {
        self.output.input(board, input)
    }
}
