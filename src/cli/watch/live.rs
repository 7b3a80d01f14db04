//! The table on a terminal.
//!
//! Drawn by ratatui: it knows how wide Korean is, and draws only what changed. Where the terminal is
//! narrow, columns give way; the machine that is chosen is told in full below the table.

use std::io;
use std::thread;
use std::time::Instant;

use bootseed::watch::{Board, Kind, Machine, Remote, Reply, time};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Row, Table, TableState, Wrap};
use ratatui::{DefaultTerminal, Frame};

use super::Output;
use super::voice;

pub(super) struct Live {
    terminal: DefaultTerminal,
    view: View,
    /// Is the terminal as it was before?
    ended: bool,
}

/// What is looked at.
#[derive(Default)]
struct View {
    title: String,
    color: bool,
    only: Only,
    /// Words that a machine must have.
    words: String,
    /// Are words being typed?
    typing: bool,
    table: TableState,
}

/// Which machines are shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Only {
    #[default]
    All,
    NotReady,
    Trouble,
}

/// Columns of a terminal from which on an address is shown, and the time.
const WIDE: u16 = 90;
const MIDDLE: u16 = 60;

impl Live {
    pub(super) fn begin(title: &str, remote: Remote<Event>) -> io::Result<Live> {
        let terminal = ratatui::try_init()?;
        // It ends with the process: nothing can end a thread that waits for a key.
        thread::spawn(move || while event::read().is_ok_and(|event| remote.input(event)) {});
        let view = View { title: title.into(), color: voice::has_color(), ..View::default() };
        Ok(Live { terminal, view, ended: false })
    }
}

impl Output for Live {
    fn changed(&mut self, _: &Board, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn show(&mut self, board: &Board) -> io::Result<()> {
        let view = &mut self.view;
        self.terminal.draw(|frame| view.draw(frame, board, Instant::now()))?;
        Ok(())
    }

    fn input(&mut self, board: &Board, input: Event) -> Reply {
        match input {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.view.key(board, key),
            _ => Reply::Go,
        }
    }

    fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            ratatui::restore();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.end();
    }
}

impl View {
    fn key(&mut self, board: &Board, key: KeyEvent) -> Reply {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c' | 'd') => Reply::Stop,
                _ => Reply::Go,
            };
        }
        if self.typing {
            return self.type_in(key.code);
        }
        let shown = self.shown(board);
        match key.code {
            KeyCode::Char('q') => return Reply::Stop,
            KeyCode::Esc => (self.words, self.only) = (String::new(), Only::All),
            KeyCode::Char('/') => self.typing = true,
            KeyCode::Char('f') | KeyCode::Tab => self.only = self.only.next(),
            KeyCode::Down | KeyCode::Char('j') => self.table.select_next(),
            KeyCode::Up | KeyCode::Char('k') => self.table.select_previous(),
            KeyCode::PageDown => self.table.scroll_down_by(10),
            KeyCode::PageUp => self.table.scroll_up_by(10),
            KeyCode::Home => self.table.select_first(),
            KeyCode::End => self.table.select_last(),
            KeyCode::Char('A') => return Reply::Ask(shown),
            KeyCode::Char('a') | KeyCode::Enter => {
                return Reply::Ask(self.chosen(&shown).into_iter().collect());
            }
            _ => {}
        }
        Reply::Go
    }

    fn type_in(&mut self, key: KeyCode) -> Reply {
        match key {
            KeyCode::Enter => self.typing = false,
            KeyCode::Esc => (self.typing, self.words) = (false, String::new()),
            KeyCode::Backspace => drop(self.words.pop()),
            KeyCode::Char(c) if self.words.len() < 64 => self.words.push(c),
            _ => {}
        }
        Reply::Go
    }

    /// The machines that are shown, trouble first.
    fn shown(&self, board: &Board) -> Vec<usize> {
        let words: Vec<String> =
            self.words.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let wanted = |machine: &Machine| {
            let text = super::lines::line(machine).to_lowercase();
            self.only.takes(machine.state.kind()) && words.iter().all(|word| text.contains(word))
        };
        board.order().into_iter().filter(|at| wanted(&board.machines()[*at])).collect()
    }

    /// The machine that is chosen, of those that are shown.
    fn chosen(&self, shown: &[usize]) -> Option<usize> {
        let at = self.table.selected()?.min(shown.len().checked_sub(1)?);
        shown.get(at).copied()
    }

    fn draw(&mut self, frame: &mut Frame<'_>, board: &Board, now: Instant) {
        let areas = [
            Constraint::Length(1),
            Constraint::Min(1),
            Constraint::Length(if frame.area().height > 12 { 3 } else { 1 }),
            Constraint::Length(1),
        ];
        let [head, middle, foot, keys] = Layout::vertical(areas).areas(frame.area());
        let bold = Style::new().add_modifier(Modifier::BOLD);
        frame.render_widget(Line::styled(self.head(board), bold), head);
        let shown = self.shown(board);
        self.draw_table(frame, middle, board, &shown, now);
        let told = self.chosen(&shown).map(|at| super::lines::line(&board.machines()[at]));
        let told = Paragraph::new(told.unwrap_or_default()).wrap(Wrap { trim: true });
        frame.render_widget(told, foot);
        let soft = Style::new().add_modifier(Modifier::DIM);
        frame.render_widget(Line::styled(self.keys(), soft), keys);
    }

    fn head(&self, board: &Board) -> String {
        format!("{}: {}", self.title, board.summary())
    }

    fn keys(&self) -> String {
        if self.typing {
            return format!("/{}_   Enter keeps it, Esc forgets it", self.words);
        }
        let words = if self.words.is_empty() { String::new() } else { format!(" /{}", self.words) };
        let only = self.only.word();
        format!("q ends  f {only}{words}  / search  a ask again  A ask all  ↑↓ choose")
    }

    fn draw_table(
        &mut self,
        frame: &mut Frame<'_>,
        area: Rect,
        board: &Board,
        shown: &[usize],
        now: Instant,
    ) {
        let columns = Columns::of(area.width, board);
        let rows = shown.iter().map(|at| {
            let machine = &board.machines()[*at];
            let style = if self.color { style(machine.state.kind()) } else { Style::new() };
            Row::new(columns.cells(machine, now)).style(style)
        });
        let table = Table::new(rows, columns.widths())
            .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
        if let Some(at) = self.table.selected() {
            // The row of a machine moves as its state changes; the choice stays in the table.
            self.table.select(shown.len().checked_sub(1).map(|last| at.min(last)));
        }
        frame.render_stateful_widget(table, area, &mut self.table);
    }
}

impl Only {
    fn next(self) -> Only {
        match self {
            Only::All => Only::NotReady,
            Only::NotReady => Only::Trouble,
            Only::Trouble => Only::All,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Only::All => "all",
            Only::NotReady => "not ready",
            Only::Trouble => "trouble",
        }
    }

    fn takes(self, kind: Kind) -> bool {
        match self {
            Only::All => true,
            Only::NotReady => kind != Kind::Ready,
            Only::Trouble => kind.is_trouble(),
        }
    }
}

/// What there is room for.
struct Columns {
    who: u16,
    address: Option<u16>,
    time: bool,
}

impl Columns {
    fn of(width: u16, board: &Board) -> Columns {
        let longest = |length: &dyn Fn(&Machine) -> usize| {
            let lengths = board.machines().iter().map(length);
            u16::try_from(lengths.max().unwrap_or_default()).unwrap_or(u16::MAX)
        };
        let who = longest(&|machine| Line::from(machine.who()).width());
        let address = longest(&|machine| {
            machine.address.as_ref().map_or(0, |address| address.to_string().chars().count())
        });
        Columns {
            who: who.clamp(4, (width / 3).max(8)),
            address: (width >= WIDE && address > 0).then_some(address.min(width / 4)),
            time: width >= MIDDLE,
        }
    }

    fn widths(&self) -> Vec<Constraint> {
        let address = self.address.map(Constraint::Length);
        let time = self.time.then_some(Constraint::Length(10));
        let ends = [Constraint::Length(16), Constraint::Min(1)];
        [Constraint::Length(self.who)].into_iter().chain(address).chain(time).chain(ends).collect()
    }

    fn cells(&self, machine: &Machine, now: Instant) -> Vec<String> {
        let kind = machine.state.kind();
        let address = machine.address.as_ref().map(ToString::to_string).unwrap_or_default();
        let address = self.address.map(|_| address);
        let lasting = self.time.then(|| time(machine.lasting(now).as_secs()));
        let state = format!("{} {}", kind.sign(), kind.word());
        let ends = [state, machine.state.details()];
        [machine.who()].into_iter().chain(address).chain(lasting).chain(ends).collect()
    }
}

fn style(kind: Kind) -> Style {
    let color = match kind {
        kind if kind.is_trouble() => Color::Red,
        Kind::NoAddress | Kind::Retrying => Color::Yellow,
        Kind::Ready => Color::Green,
        _ => return Style::new(),
    };
    Style::new().fg(color)
}
