//! How the program speaks on standard error: in words or as JSON, with colors or without, and only of
//! what is wrong if that is wished.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use bootseed::diagnostic::{self, Level, Meaning, Message, Report};
use bootseed::lint::{self, Explained, Finding};
use bootseed::source::Node;
use clap::{ColorChoice, ValueEnum};

/// Options of every command.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Voice {
    /// Color messages on a terminal, always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Say nothing but what is wrong
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Write messages in words, as JSON with an object on each line, as workflow commands of GitHub
    /// Actions, or as one SARIF log
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human")]
    message_format: Format,
    /// Are messages the result, so that they go to standard output?
    #[arg(skip)]
    as_result: bool,
}

/// When there are colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// What a message looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Words, with the lines of the file, on standard error.
    #[default]
    Human,
    /// An object on each line.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
    /// One log in SARIF 2.1.0.
    Sarif,
}

static VOICE: OnceLock<Voice> = OnceLock::new();

/// What the log at the end of the run will have in it.
static KEPT: Mutex<Vec<Message>> = Mutex::new(Vec::new());

/// The voice of this run; that of a run without options before they are read.
fn voice() -> Voice {
    VOICE.get().cloned().unwrap_or_default()
}

impl Voice {
    /// The messages are what the command is called for.
    pub(super) fn for_result(&mut self, format: Format) {
        self.message_format = format;
        self.as_result = format != Format::Human;
    }

    /// From now on the program speaks like this.
    pub(super) fn take_on(self) {
        // There is one run in a process.
        let _ = VOICE.set(self);
    }
}

/// The value of an option of the call, before clap has read it.
fn early(option: &str) -> Option<String> {
    let arguments: Vec<String> =
        env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let pair = arguments.windows(2).find(|pair| pair[0] == option).map(|pair| pair[1].clone());
    let joined =
        |argument: &String| argument.strip_prefix(option)?.strip_prefix('=').map(String::from);
    pair.or_else(|| arguments.iter().find_map(joined))
}

/// Does clap color its help? Its options are not read yet then.
pub(crate) fn help_color() -> ColorChoice {
    match early("--color").as_deref() {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ if has_color() => ColorChoice::Auto,
        _ => ColorChoice::Never,
    }
}

/// Is a call that cannot be read one for messages to programs? Then this says what is wrong with it.
pub(super) fn usage(text: &str) -> bool {
    let wished = early("--message-format").or_else(|| early("--format"));
    let Some(format) = wished.and_then(|word| Format::from_str(&word, false).ok()) else {
        return false;
    };
    let text = text.trim();
    let message = Message::new(Level::Error, Some("usage"), text.trim_start_matches("error: "));
    match format {
        Format::Human => return false,
        Format::Json | Format::Github => write_one(&mut io::stderr().lock(), format, &message),
        Format::Sarif => write_log(&mut io::stderr().lock(), &[message]),
    }
    true
}

/// Are messages colored? The first of these that says something decides: `--color`, `NO_COLOR`
/// (<https://no-color.org>), `CLICOLOR_FORCE`, `CLICOLOR` (<https://bixense.com/clicolors>),
/// whether standard error is a terminal.
pub(super) fn has_color() -> bool {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    match voice().color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR").is_some() => false,
        Color::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto if set("CLICOLOR").is_some_and(|value| value == "0") => false,
        Color::Auto => io::stderr().is_terminal(),
    }
}

/// Is there somebody who watches what goes on?
pub(super) fn is_watched() -> bool {
    let voice = voice();
    !voice.quiet && voice.message_format == Format::Human && io::stderr().is_terminal()
}

/// Says something that is not wrong.
pub(super) fn note(text: &str) {
    if !voice().quiet {
        let bare = text.trim().strip_prefix("note: ").unwrap_or(text.trim());
        say(&lines(text), || vec![Message::new(Level::Note, None, bare)]);
    }
}

/// Says what is wrong with the input, in no place of it.
pub(super) fn wrong(id: &'static str, text: &str) {
    say(&format!("error[{id}]: {}", lines(text)), || {
        vec![Message::new(Level::Error, Some(id), text)]
    });
}

/// Says why the run failed, through no fault of the input.
pub(super) fn failure(text: &str) {
    say(&format!("bootseed: {}", lines(text)), || {
        vec![Message::new(Level::Error, Some("failure"), text)]
    });
}

/// Lines with names of files and the like in them, without what would change the terminal.
fn lines(text: &str) -> String {
    text.split('\n').map(diagnostic::visible).collect::<Vec<_>>().join("\n")
}

/// Says all of a report, and how much there is of it.
pub(super) fn report(report: &Report, tree: Option<&Node>) {
    say(&diagnostic::render(report, tree, has_color()), || diagnostic::messages(report, tree));
}

/// Says a part of a report.
pub(super) fn part(report: &Report, tree: Option<&Node>) {
    let text = format!("\n{}", diagnostic::excerpts(report, tree, has_color()));
    say(&text, || diagnostic::messages(report, tree));
}

/// Says what only people need, such as how much was wrong.
pub(super) fn words(text: &str) {
    say(text, Vec::new);
}

/// Says all that was found, as messages with their repairs or in words.
pub(super) fn findings(found: &[Finding]) {
    say(&diagnostic::render(&lint::report(found), None, has_color()), || {
        found.iter().map(Finding::message).collect()
    });
}

/// Nobody is told if it fails.
fn say(words: &str, messages: impl FnOnce() -> Vec<Message>) {
    let voice = voice();
    match voice.message_format {
        Format::Human => {
            let _ = writeln!(io::stderr().lock(), "{}", words.trim_end());
        }
        Format::Sarif => kept().extend(messages()),
        format => {
            let mut out = voice.out();
            messages().iter().for_each(|message| write_one(&mut out, format, message));
        }
    }
}

/// The run is over: writes what was kept for the log.
pub(super) fn finish() {
    let voice = voice();
    if voice.message_format == Format::Sarif {
        write_log(&mut voice.out(), &kept());
    }
}

fn kept() -> MutexGuard<'static, Vec<Message>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Voice {
    fn out(&self) -> Box<dyn Write> {
        match self.as_result {
            true => Box::new(io::stdout().lock()),
            false => Box::new(io::stderr().lock()),
        }
    }
}

fn write_one(out: &mut impl Write, format: Format, message: &Message) {
    if format == Format::Github {
        let _ = writeln!(out, "{}", diagnostic::github(message));
        return;
    }
    let _ = serde_json::to_writer(&mut *out, message);
    let _ = writeln!(out);
}

fn write_log(out: &mut impl Write, messages: &[Message]) {
    let log = diagnostic::sarif(messages, env!("CARGO_PKG_VERSION"), meaning);
    let _ = serde_json::to_writer_pretty(&mut *out, &log);
    let _ = writeln!(out);
}

/// What an id means, of a rule with all that `bootseed explain` says.
fn meaning(id: &str) -> Option<Meaning> {
    let known = lint::explain(id)?;
    let summary = known.summary().to_owned();
    let text = match known {
        Explained::Rule(rule) => format!("{}. {} {}", rule.summary, rule.boot, rule.advice),
        Explained::Other(..) => summary.clone(),
    };
    Some(Meaning { summary, text })
}
