//! A text as the YAML reader gets it: with one character where a writer of JSON has put two escapes
//! (`\ud83d\ude42`), which YAML does not know.
//!
//! In: a [`Source`]. Out: the text, and for each of its characters the byte where it was written.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::Source;

/// Two escapes have this many bytes.
const PAIR: usize = 12;

pub(super) struct Written<'a> {
    pub(super) text: Cow<'a, str>,
    /// The byte in the source of each character; empty when all are one byte long.
    pub(super) bytes: Vec<u32>,
}

impl Written<'_> {
    pub(super) fn new(source: &Source) -> Written<'_> {
        let text = source.text();
        let places = || text.char_indices().map(|(at, _)| number(at)).collect();
        let bytes = if text.is_ascii() { Vec::new() } else { places() };
        Written { text: Cow::Borrowed(text), bytes }
    }

    /// Joins the pairs of the text in double quotes that begins with a character; in JSON, all of
    /// them. Says whether there are any.
    pub(super) fn join(&mut self, character: usize) -> bool {
        let json = || serde_json::from_str::<IgnoredAny>(&self.text).is_ok();
        let start = self.text.char_indices().nth(character).map_or(self.text.len(), |(at, _)| at);
        let range =
            if json() { 0..self.text.len() } else { start..end_of_quoted(&self.text, start) };
        let places = std::mem::take(&mut self.bytes);
        let place =
            |number_of: usize, at: usize| places.get(number_of).copied().unwrap_or(number(at));
        let (mut joined, mut bytes, mut skip) = (String::new(), Vec::new(), 0);
        let mut escaped = false;
        for (number_of, (at, c)) in self.text.char_indices().enumerate() {
            if at < skip {
                continue;
            }
            bytes.push(place(number_of, at));
            let one = pair(&self.text[at..]).filter(|_| !escaped && range.contains(&at));
            joined.push(one.unwrap_or(c));
            skip = if one.is_some() { at + PAIR } else { at };
            escaped = c == '\\' && !escaped && one.is_none();
        }
        let found = joined.len() < self.text.len();
        self.text = Cow::Owned(joined);
        self.bytes = bytes;
        found
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The character of two escapes at the beginning of a text.
fn pair(text: &str) -> Option<char> {
    let half = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))
    };
    let halves = [half(text)?, half(text.get(PAIR / 2..)?)?];
    let is_high = (0xD800..0xDC00).contains(&halves[0]);
    char::decode_utf16(halves).next()?.ok().filter(|_| is_high)
}

/// Where the text in double quotes ends that begins at `start`.
fn end_of_quoted(text: &str, start: usize) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at <= start) {
        match c {
            '"' if !escaped => return at,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}
