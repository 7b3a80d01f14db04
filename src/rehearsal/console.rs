//! What the lines of a machine's console mean.

use super::Step;

/// Something that a line says.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A step began, was tried again, is done or failed.
    Step {
        /// The step.
        step: Step,
        /// How many there are.
        total: usize,
    },
    /// The machine is ready; its address.
    Ready(String),
    /// The machine failed; where and why.
    Failed(String),
    /// cloud-init has nothing more to do.
    CloudInitEnded,
    /// The kernel gave up, and what it said.
    Panic(String),
}

/// What stands before everything that the provisioning program says.
const PREFIX: &str = "bootseed: ";

/// cloud-init's last words, by default:
/// <https://docs.cloud-init.io/en/latest/reference/modules.html#final-message>
const FINAL: (&str, &str) = ("Cloud-init v. ", " finished at ");

/// systemd's words when cloud-init has ended, whatever its own last words are.
const TARGET: [&str; 2] = ["Reached target ", "Cloud-init target"];

/// What Linux says when it gives up, before the reason.
const PANIC: &str = "Kernel panic - not syncing";

/// What a line says, if it says anything.
pub fn event(line: &str) -> Option<Event> {
    if let Some(at) = line.find(PANIC).filter(|_| !line.contains("end Kernel panic")) {
        return Some(Event::Panic(line[at..].trim_end().to_string()));
    }
    let Some((_, said)) = line.split_once(PREFIX) else {
        return is_end(line).then_some(Event::CloudInitEnded);
    };
    let (word, rest) = said.trim_end().split_once(' ').unwrap_or((said.trim_end(), ""));
    match word {
        "READY" => Some(Event::Ready(rest.to_string())),
        "FAILED" => Some(Event::Failed(rest.strip_prefix("at ").unwrap_or(rest).to_string())),
        "STEP" => step(rest),
        _ => None,
    }
}

fn is_end(line: &str) -> bool {
    line.split_once(FINAL.0).is_some_and(|(_, rest)| rest.contains(FINAL.1))
        || TARGET.iter().all(|words| line.contains(words))
}

/// `2/4 conda: retrying, try 1, 35 s REASON`
fn step(text: &str) -> Option<Event> {
    let (count, rest) = text.split_once(' ')?;
    let (number, total) = count.split_once('/')?;
    let (name, rest) = rest.split_once(": ")?;
    let (state, rest) = rest.split_once(", try ")?;
    let (tries, rest) = rest.split_once(", ")?;
    let (seconds, reason) = rest.split_once(" s").unwrap_or((rest, ""));
    let step = Step {
        number: number.parse().ok()?,
        step: name.to_string(),
        state: state.to_string(),
        tries: tries.parse().ok()?,
        seconds: seconds.parse().ok()?,
        reason: reason.trim().to_string(),
    };
    Some(Event::Step { step, total: total.parse().ok()? })
}

/// A line as text: without its end, carriage returns and terminal sequences.
pub fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            skip_sequence(&mut chars);
        } else if !c.is_control() || c == '\t' {
            plain.push(c);
        }
    }
    plain
}

/// ECMA-48 control sequences: `[`, parameters, and one letter.
fn skip_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    if chars.next_if_eq(&'[').is_none() {
        chars.next();
        return;
    }
    while chars.next_if(|c| !('@'..='~').contains(c)).is_some() {}
    chars.next();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood() {
        let said =
            event("[  12.3] x[1]: bootseed: STEP 2/4 conda: retrying, try 1, 35 s curl: (22) no");
        let step = Step {
            number: 2,
            step: "conda".into(),
            state: "retrying".into(),
            tries: 1,
            seconds: 35,
            reason: "curl: (22) no".into(),
        };
        assert_eq!(said, Some(Event::Step { step, total: 4 }));
        assert_eq!(event("bootseed: READY http://h/ "), Some(Event::Ready("http://h/".into())));
        let failed = event("bootseed: FAILED at env:web: no such package");
        assert_eq!(failed, Some(Event::Failed("env:web: no such package".into())));
        let end = "[ 5.0] cloud-init[9]: Cloud-init v. 22.4.2 finished at Sun, 22 Nov 2026. Up 5 s";
        assert_eq!(event(end), Some(Event::CloudInitEnded));
        for target in ["Cloud-init target.", "cloud-init.target - Cloud-init target."] {
            let line = format!("[  OK  ] Reached target {target}");
            assert_eq!(event(&line), Some(Event::CloudInitEnded), "{line}");
        }
        let panic = "Kernel panic - not syncing: VFS: Unable to mount root fs";
        assert_eq!(event(&format!("[    1.2] {panic}")), Some(Event::Panic(panic.into())));
        assert_eq!(event(&format!("[    1.2] ---[ end {panic} ]---")), None);
        for line in ["", "bootseed: STEP", "bootseed: STEP x/y z", "bootseed: hello", "login:"] {
            assert_eq!(event(line), None, "{line}");
        }
    }

    #[test]
    fn names_with_colons_are_understood() {
        let Some(Event::Step { step, .. }) = event("bootseed: STEP 3/4 env:a: done, try 1, 2 s ")
        else {
            panic!("it is a step");
        };
        assert_eq!((step.step.as_str(), step.state.as_str(), step.seconds), ("env:a", "done", 2));
    }

    #[test]
    fn terminal_sequences_are_dropped() {
        assert_eq!(plain(b"\x1b[0;32mok\x1b[0m\r\n"), "ok");
        assert_eq!(plain(b"\x1b"), "");
        assert_eq!(plain(b"\x1b["), "");
    }
}
