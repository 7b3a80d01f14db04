//! The table on a real terminal: tmux, whose windows change their size.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::host::find;
use crate::servers::{Manner, Servers, answer, http};
use crate::tools::status;

const READY: Manner = |stream, _| {
    Box::pin(async move { answer(stream, http("200 OK", &status("ready", "READY"))).await })
};

const FAILED: Manner = |stream, _| {
    Box::pin(async move {
        let message = "FAILED at conda: disk: 9000 MB needed, 800 MB free";
        answer(stream, http("200 OK", &status("failed", message))).await;
    })
};

/// A tmux of its own, until it is dropped.
struct Terminal {
    socket: String,
}

impl Terminal {
    fn start(line: &str) -> Option<Terminal> {
        find("tmux")?;
        let terminal = Terminal { socket: format!("bootseed-{}", std::process::id()) };
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "20", line]);
        Some(terminal)
    }

    fn tmux(&self, words: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        tmux.args(["-u", "-L", &self.socket]).args(words).stdin(Stdio::null());
        let output = tmux.env_remove("TMUX").env("LC_ALL", "C.UTF-8").output().unwrap();
        assert!(output.status.success(), "{words:?} {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Waits for a screen like this.
    fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let (start, mut before) = (Instant::now(), false);
        loop {
            let screen = self.screen();
            // The first that is so may be half drawn.
            if is_so(&screen) && std::mem::replace(&mut before, true) {
                return screen;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "never {what}:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    }

    fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let mut tmux = Command::new("tmux");
        let _ = tmux.args(["-L", &self.socket, "kill-server"]).env_remove("TMUX").output();
    }
}

#[test]
fn the_table_fits_the_terminal_and_leaves_it_clean() {
    let servers = Servers::start(vec![READY, FAILED]);
    let (good, bad) = (servers.places[0], servers.places[1]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let many: String = (10..40).map(|number| format!(" s{number}={good}")).collect();
    let program = env!("CARGO_BIN_EXE_bootseed");
    let line = format!(
        "stty -a >/dev/null; echo before; '{program}' watch --interval 1s '김가람={bad}' \
         'off={closed}'{many}; echo \"ended with $?\"; stty -a; echo after; sleep 60"
    );
    let Some(terminal) = Terminal::start(&line) else { return };
    let screen = terminal
        .until("all asked", |screen| screen.contains("30 of 32 ready, 1 failed, 1 unreachable"));
    let lines: Vec<&str> = screen.lines().collect();
    // Trouble is on top, with everything that is known.
    assert!(lines[1].starts_with("김가람"), "{screen}");
    assert!(lines[1].contains("✗ failed") && lines[1].contains("disk: 9000 MB needed"), "{screen}");
    assert!(lines[1].contains(&bad.to_string()), "{screen}");
    assert!(lines[2].starts_with("off") && lines[2].contains("! unreachable"), "{screen}");
    assert!(lines[3].contains("✓ ready"), "{screen}");

    // Narrow: what matters stays, the rest is told of the machine that is chosen.
    terminal.tmux(&["resize-window", "-x", "40", "-y", "16"]);
    terminal.keys(&["Down"]);
    let screen = terminal.until("narrow", |screen| screen.contains("800 MB free"));
    assert!(screen.lines().all(|line| line.chars().count() <= 40), "{screen}");
    assert!(screen.lines().nth(1).unwrap().contains("✗ failed"), "{screen}");

    // As small as can be, and wide again.
    terminal.tmux(&["resize-window", "-x", "10", "-y", "3"]);
    sleep(Duration::from_millis(300));
    terminal.tmux(&["resize-window", "-x", "150", "-y", "40"]);
    terminal.until("wide", |screen| screen.contains("s39") && screen.contains("A ask all"));

    // Only trouble; then a search.
    terminal.keys(&["f", "f"]);
    terminal.until("trouble alone", |screen| !screen.contains("s10") && screen.contains("off"));
    terminal.keys(&["Escape"]);
    terminal.until("all", |screen| screen.contains("s10"));
    terminal.keys(&["/", "s", "2", "5", "Enter", "A"]);
    terminal.until("one", |screen| screen.contains("s25") && !screen.contains("s24"));

    terminal.keys(&["C-c"]);
    let screen = terminal.until("ended", |screen| screen.contains("\nafter\n"));
    // The screen of before is back, and the summary below what was there.
    let summary = "30 of 32 ready, 1 failed, 1 unreachable";
    assert!(screen.trim_start().starts_with(&format!("before\n{summary}\n")), "{screen}");
    assert!(screen.contains("ended with 0"), "{screen}");
    let words: Vec<&str> = screen.split([' ', ';', '\n']).collect();
    for mode in ["icanon", "isig", "echo", "opost"] {
        assert!(words.contains(&mode), "{mode}: {screen}");
    }
    let flags =
        terminal.tmux(&["display", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"]);
    assert_eq!(flags, "0 1 0\n");
}
