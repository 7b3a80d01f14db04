//! A message as a workflow command, which GitHub Actions shows beside the line that it is about.
//!
//! In: a [`Message`]. Out: `::error file=…,line=…::…` on one line, as
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands> has it.

use super::place::file;
use super::{Level, Message, Spot};

/// One line, without its end.
pub fn github(message: &Message) -> String {
    let word = match message.severity {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Hint | Level::Note => "notice",
    };
    let mut properties: Vec<String> = Vec::new();
    let mut property =
        |name: &str, value: &str| properties.push(format!("{name}={}", escaped(value)));
    if let Some(spot) = &message.place {
        located(spot, &mut property);
    }
    if let Some(id) = message.id {
        property("title", &format!("bootseed: {id}"));
    }
    let space = if properties.is_empty() { "" } else { " " };
    format!("::{word}{space}{}::{}", properties.join(","), data(&text(message)))
}

/// The place; lines of what is within an envelope are none of the file.
fn located(spot: &Spot, property: &mut impl FnMut(&str, &str)) {
    let Some((name, whole)) = file(spot) else { return };
    property("file", name);
    let (Some(start), Some(end), true) = (spot.start, spot.end, whole) else { return };
    property("line", &start.line.to_string());
    property("endLine", &end.line.to_string());
    // Columns are refused where the two lines are not the same.
    if start.line == end.line {
        property("col", &start.column.to_string());
        property("endColumn", &end.column.to_string());
    }
}

fn text(message: &Message) -> String {
    let elsewhere =
        message.place.as_ref().filter(|spot| file(spot).is_none_or(|(_, whole)| !whole));
    let place = elsewhere.map(|spot| match spot.start {
        Some(start) => format!("{}:{}:{}: ", spot.source, start.line, start.column),
        None => format!("{}: ", spot.source),
    });
    let help = message.help.as_ref().map(|help| format!("\nhelp: {help}"));
    format!("{}{}{}", place.unwrap_or_default(), message.message, help.unwrap_or_default())
}

/// What would end the line or begin an escape.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same, and what would end a property.
fn escaped(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Point;

    #[test]
    fn what_ends_a_line_or_a_property_is_escaped() {
        let mut message = Message::new(Level::Warning, Some("x"), "50%\r\n::error::b, c");
        message.help = Some("d".into());
        let place = |column| Some(Point { line: 2, column });
        message.place = Some(Spot { source: "a,b:c.yaml".into(), start: place(1), end: place(4) });
        let wanted = "::warning file=a%2Cb%3Ac.yaml,line=2,endLine=2,col=1,endColumn=4,\
                      title=bootseed%3A x::50%25%0D%0A::error::b, c%0Ahelp: d";
        assert_eq!(github(&message), wanted);
        assert_eq!(github(&Message::new(Level::Note, None, "a")), "::notice::a");
    }

    #[test]
    fn lines_of_an_envelope_are_not_lines_of_the_file() {
        let mut message = Message::new(Level::Error, Some("x"), "a");
        let place = Some(Point { line: 2, column: 1 });
        message.place = Some(Spot { source: "u (gzip)".into(), start: place, end: place });
        assert_eq!(github(&message), "::error file=u,title=bootseed%3A x::u (gzip):2:1: a");
        message.place = Some(Spot { source: "--set a".into(), start: None, end: None });
        assert_eq!(github(&message), "::error title=bootseed%3A x::--set a: a");
        message.place = Some(Spot { source: "--set a".into(), start: place, end: place });
        assert_eq!(github(&message), "::error title=bootseed%3A x::--set a:2:1: a");
    }
}
