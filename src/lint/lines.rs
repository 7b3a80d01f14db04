//! Where the lines of an inner text stand in an outer one.
//!
//! In: a text that was taken out of another: a part out of a message, a script out of a block of
//! YAML. Out: for each of its lines the place where the outer text has it as it is, if it has.

use std::collections::HashMap;
use std::ops::Range;

/// Places of the first line that are tried.
const TRIES: usize = 4;

/// Lines of an inner text in an outer one.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// For each inner line its first byte, and the byte of the outer text where that is.
    lines: Vec<(usize, Option<usize>)>,
    /// The bytes of the inner text.
    length: usize,
    /// The outer bytes that hold all of it.
    whole: Range<usize>,
}

impl Lines {
    /// Looks for `inner` within the bytes `whole` of `outer`; `None` if its first lines are not there.
    pub(super) fn find(inner: &str, outer: &str, whole: Range<usize>) -> Option<Lines> {
        let rows = rows(outer.get(whole.clone())?);
        let first = first(inner)?.trim_end();
        let starts = rows.iter().enumerate().filter(|(_, (_, row))| place_in(row, first).is_some());
        Lines::best(inner, &rows, starts.map(|(at, _)| at), &whole)
    }

    /// The one of a few places that has most of the lines.
    fn best(
        inner: &str,
        rows: &[(usize, &str)],
        starts: impl Iterator<Item = usize>,
        whole: &Range<usize>,
    ) -> Option<Lines> {
        let tried = starts.take(TRIES).map(|at| Lines::from(inner, &rows[at..], whole));
        let mut best = None::<(usize, Lines)>;
        for lines in tried {
            let found = lines.found();
            if found > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((found, lines));
            }
            if best.as_ref().is_some_and(|(_, lines)| lines.is_complete(inner)) {
                break;
            }
        }
        best.map(|(_, lines)| lines)
    }

    fn found(&self) -> usize {
        self.lines.iter().filter(|(_, place)| place.is_some()).count()
    }

    /// How many of the lines with something on them have no place?
    pub(super) fn is_complete(&self, inner: &str) -> bool {
        let mut lines = inner.split('\n').zip(&self.lines);
        lines.all(|(line, (_, place))| place.is_some() || line.trim().is_empty())
    }

    fn from(inner: &str, rows: &[(usize, &str)], whole: &Range<usize>) -> Lines {
        let mut rows = rows.iter();
        let (mut lines, mut at, mut lost) = (Vec::new(), 0, false);
        for line in inner.split('\n') {
            let bare = line.trim_end();
            let mut place = None;
            while !bare.is_empty() && !lost {
                let Some((start, row)) = rows.next() else {
                    lost = true;
                    break;
                };
                if let Some(found) = place_in(row, bare) {
                    place = Some(whole.start + start + found);
                    break;
                }
                // Blank lines may be more in one of them; any other has to be the same.
                lost = !row.trim().is_empty();
            }
            lines.push((at, place));
            at += line.len() + 1;
        }
        Lines { lines, length: inner.len(), whole: whole.clone() }
    }

    /// The outer bytes of a stretch, if the outer text has it as it is, within a line.
    pub(super) fn exact(&self, range: Range<usize>) -> Option<Range<usize>> {
        let number =
            self.lines.partition_point(|(start, _)| *start <= range.start).checked_sub(1)?;
        let (start, place) = self.lines[number];
        let next = self.lines.get(number + 1).map_or(self.length + 1, |(next, _)| *next);
        let place = place.filter(|_| range.end < next)?;
        Some(place + range.start - start..place + range.end - start)
    }

    /// The outer bytes nearest to a stretch: its first line, or all of the inner text.
    pub(super) fn near(&self, range: Range<usize>) -> Range<usize> {
        if let Some(exact) = self.exact(range.clone()) {
            return exact;
        }
        match self.exact(range.start..range.start) {
            Some(start) => {
                let end = self.exact(range.end..range.end).map_or(start.end, |end| end.start);
                start.start..end.max(start.start)
            }
            None => self.whole.clone(),
        }
    }
}

/// Where a row has this text: at its end mostly.
fn place_in(row: &str, text: &str) -> Option<usize> {
    let end = row.trim_end();
    match end.ends_with(text) {
        true => Some(end.len() - text.len()),
        false => row.find(text),
    }
}

/// The first line that says something.
fn first(inner: &str) -> Option<&str> {
    inner.split('\n').find(|line| !line.trim().is_empty())
}

/// A text in which one part after the other is looked for.
pub(super) struct Rows<'a> {
    rows: Vec<(usize, &'a str)>,
    /// The rows of a text without the white space around it.
    places: HashMap<&'a str, Vec<usize>>,
    whole: Range<usize>,
    /// The row where the next part is looked for first.
    next: usize,
    /// Parts that may still be looked for within rows.
    within: usize,
}

/// Parts whose first line is no line of the outer text, and that are looked for within lines all the
/// same: each of them costs a walk through all of it.
const WITHIN: usize = 20;

impl<'a> Rows<'a> {
    pub(super) fn of(outer: &'a str) -> Rows<'a> {
        let rows = rows(outer);
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, (_, row)) in rows.iter().enumerate() {
            places.entry(row.trim()).or_default().push(number);
        }
        Rows { rows, places, whole: 0..outer.len(), next: 0, within: WITHIN }
    }

    /// Looks for a part behind the ones before it, then everywhere; `None` if not all of it is there.
    pub(super) fn find(&mut self, inner: &str) -> Option<Lines> {
        let first = first(inner)?;
        let lines = match self.places.get(first.trim()) {
            Some(known) => {
                let (before, behind) = known.split_at(known.partition_point(|at| *at < self.next));
                let starts = behind.iter().chain(before).copied();
                Lines::best(inner, &self.rows, starts, &self.whole)
            }
            None => {
                self.within = self.within.checked_sub(1)?;
                let has = |(_, row): &(usize, &str)| place_in(row, first.trim_end()).is_some();
                let starts = (0..self.rows.len()).filter(|at| has(&self.rows[*at]));
                Lines::best(inner, &self.rows, starts, &self.whole)
            }
        };
        let lines = lines.filter(|lines| lines.is_complete(inner))?;
        let last = lines.lines.iter().rev().find_map(|(_, place)| *place)?;
        self.next = self.rows.partition_point(|(start, _)| *start <= last);
        Some(lines)
    }
}

fn rows(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let rows = text.split('\n').map(|row| {
        let start = at;
        at += row.len() + 1;
        (start, row)
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_one_behind_the_other() {
        let part = "#!/bin/sh\necho a\n";
        let outer = format!("--b\n{}", format!("\n{part}--b\n").repeat(9));
        let mut rows = Rows::of(&outer);
        let places = (0..9).map(|_| rows.find(part).unwrap().exact(0..2).unwrap().start);
        let expected: Vec<usize> = outer.match_indices("#!").map(|(at, _)| at).collect();
        assert_eq!(places.collect::<Vec<_>>(), expected);
        assert!(rows.find("ls\n").is_none());
    }

    #[test]
    fn an_inner_text_is_found_in_an_outer_one() {
        let outer = "a: |\n  one\n\n  two x\nb: 1\n";
        let lines = Lines::find("one\n\ntwo x\n", outer, 0..outer.len()).unwrap();
        assert_eq!(&outer[lines.exact(0..3).unwrap()], "one");
        assert_eq!(&outer[lines.exact(5..8).unwrap()], "two");
        assert!(lines.is_complete("one\n\ntwo x\n"));
        assert_eq!(lines.exact(0..6), None, "more than a line");
        assert_eq!(&outer[lines.near(0..6)], "one\n\n  t");
        assert!(Lines::find("three", outer, 0..outer.len()).is_none());
    }
}
