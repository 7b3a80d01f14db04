//! What a result of an earlier run holds: the files that bootseed made, and for which machines.
//!
//! In: a `manifest.json`, as `listing` reads it. Out: an [`Inventory`], some 60 bytes for
//! each file, in which the present run marks what it makes again. Names that lead out of the folder
//! are refused: files are removed by this list.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};

use serde::de::Error;

/// What the present run does with a file of the earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Mark {
    /// Nothing yet.
    Unseen,
    /// It was made again and is the same.
    Same,
    /// It was made anew.
    Written,
    /// It stays as it is.
    Kept,
    /// It goes.
    Dropped,
}

const MARKS: [Mark; 5] = [Mark::Unseen, Mark::Same, Mark::Written, Mark::Kept, Mark::Dropped];

/// The files of a result, sorted by name.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    text: String,
    files: Vec<File>,
    machines: Vec<Machine>,
    /// The machines, sorted by student.
    by_student: Vec<u32>,
}

#[derive(Debug)]
struct File {
    name: Stretch,
    /// `NONE` for what belongs to no machine alone.
    machine: u32,
    /// Beginning of the SHA-256.
    sum: u64,
    mark: AtomicU8,
}

#[derive(Debug)]
struct Machine {
    student: Stretch,
    seen: AtomicBool,
}

/// A stretch of the text of all names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    start: u32,
    length: u16,
}

/// No machine alone.
pub(super) const NONE: u32 = u32::MAX;

/// Why a name is none for a file of a result.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    let mut pieces = name.split('/');
    match name {
        _ if name.len() > 4096 => Err("it is too long"),
        _ if name.contains('\0') => Err("it holds a zero byte"),
        _ if name.starts_with(super::place::INSIDE) => Err("bootseed needs it for itself"),
        _ if pieces.any(|piece| matches!(piece, "" | "." | "..")) => {
            Err("it leads to another folder")
        }
        _ => Ok(()),
    }
}

impl Inventory {
    /// Makes the files and machines known by name, once all are there.
    pub(super) fn sort(&mut self) {
        let (text, machines) = (&self.text, &self.machines);
        self.files.sort_unstable_by(|a, b| {
            (a.name.of(text), a.machine).cmp(&(b.name.of(text), b.machine))
        });
        let students = 0..u32::try_from(machines.len()).unwrap_or(NONE);
        self.by_student = students.collect();
        self.by_student.sort_unstable_by_key(|one| machines[*one as usize].student.of(text));
    }

    /// The machine of a student that comes behind those that are known.
    pub(super) fn machine<E: Error>(&mut self, student: &str) -> Result<u32, E> {
        if self.machines.last().is_none_or(|last| last.student.of(&self.text) != student) {
            let student = self.push(student)?;
            self.machines.push(Machine { student, seen: AtomicBool::new(false) });
        }
        u32::try_from(self.machines.len() - 1).map_err(E::custom)
    }

    /// A file, and the machine that it is for, or `NONE`.
    pub(super) fn file<E: Error>(&mut self, name: &str, machine: u32, sum: u64) -> Result<(), E> {
        if let Err(why) = check_name(name) {
            return Err(E::custom(format!("{name:?} is no name of a file of it: {why}")));
        }
        let name = match self.files.last() {
            Some(last) if last.name.of(&self.text) == name => last.name,
            _ => self.push(name)?,
        };
        self.files.push(File { name, machine, sum, mark: AtomicU8::new(0) });
        Ok(())
    }

    fn push<E: Error>(&mut self, text: &str) -> Result<Stretch, E> {
        let start = u32::try_from(self.text.len()).map_err(E::custom)?;
        let length = u16::try_from(text.len()).map_err(E::custom)?;
        self.text.push_str(text);
        Ok(Stretch { start, length })
    }

    /// Is there nothing?
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Is this a file of bootseed?
    pub(super) fn contains(&self, name: &str) -> bool {
        !self.range(name).is_empty()
    }

    /// Is there a file below this folder?
    pub(super) fn has_below(&self, folder: &str) -> bool {
        let first = self.files.partition_point(|file| self.below(file, folder).is_lt());
        self.files.get(first).is_some_and(|file| self.below(file, folder).is_eq())
    }

    /// Where a file stands to those below a folder.
    fn below(&self, file: &File, folder: &str) -> std::cmp::Ordering {
        let name = file.name.of(&self.text).as_bytes();
        let start = name.get(..folder.len()).unwrap_or(name);
        let next = name.get(folder.len()).copied();
        start.cmp(folder.as_bytes()).then_with(|| next.cmp(&Some(b'/')))
    }

    /// The entries of a file: one for each machine that it is for.
    fn range(&self, name: &str) -> Range<usize> {
        let first = self.files.partition_point(|file| file.name.of(&self.text) < name);
        let same = |file: &File| file.name.of(&self.text) == name;
        first..first + self.files[first..].partition_point(same)
    }

    /// Marks a file and says how it was marked before; `None` if there was no such file.
    pub(super) fn mark(&self, name: &str, mark: Mark) -> Option<Mark> {
        let range = self.range(name);
        let before = self.files[range].first()?.mark.swap(mark as u8, Relaxed);
        Some(MARKS[usize::from(before)])
    }

    /// Bytes that are reserved for it.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.text.capacity()
            + self.files.capacity() * size_of::<File>()
            + self.machines.capacity() * size_of::<Machine>()
            + self.by_student.capacity() * size_of::<u32>()
    }

    /// Every file once, with its mark.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, Mark)> {
        let groups = self.files.chunk_by(|a, b| a.name.of(&self.text) == b.name.of(&self.text));
        groups
            .filter_map(|group| group.first())
            .map(|file| (file.name.of(&self.text), MARKS[usize::from(file.mark.load(Relaxed))]))
    }

    /// A student is on the roster.
    pub(super) fn see(&self, student: &str) {
        for one in self.machines_of(student) {
            self.machines[*one as usize].seen.store(true, Relaxed);
        }
    }

    /// The machines of a student: one, if bootseed wrote the list.
    fn machines_of(&self, student: &str) -> &[u32] {
        let name = |one: &u32| self.machines[*one as usize].student.of(&self.text);
        let first = self.by_student.partition_point(|one| name(one) < student);
        let rest = &self.by_student[first..];
        &rest[..rest.partition_point(|one| name(one) == student)]
    }

    /// The students that were not seen, sorted.
    pub(super) fn unseen(&self) -> impl Iterator<Item = &str> {
        let student = |one: &u32| self.machines[*one as usize].student.of(&self.text);
        let groups = self.by_student.chunk_by(move |a, b| student(a) == student(b));
        let firsts = groups.filter_map(|group| group.first());
        let unseen = firsts.filter(|one| !self.machines[**one as usize].seen.load(Relaxed));
        unseen.map(student)
    }

    /// Decides on every file that the present run did not make: those of students that are gone
    /// stay unless `prune`, all others go.
    pub(super) fn settle(&self, prune: bool) {
        for group in self.files.chunk_by(|a, b| a.name.of(&self.text) == b.name.of(&self.text)) {
            let Some(first) = group.first() else { continue };
            let gone = |file: &File| {
                self.machines.get(file.machine as usize).is_some_and(|one| !one.seen.load(Relaxed))
            };
            let keep = !prune && group.iter().all(gone);
            let mark = if keep { Mark::Kept } else { Mark::Dropped };
            let unseen = Mark::Unseen as u8;
            let _ = first.mark.compare_exchange(unseen, mark as u8, Relaxed, Relaxed);
        }
    }

    /// The files of students that are gone, which stay: student and file.
    pub(super) fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        let kept = self.files.iter().filter(|file| file.mark.load(Relaxed) == Mark::Kept as u8);
        kept.filter_map(|file| {
            let machine = self.machines.get(file.machine as usize)?;
            Some((machine.student.of(&self.text), file.name.of(&self.text)))
        })
    }

    /// Beginning of the SHA-256 that a file had for a student.
    pub(super) fn sum(&self, name: &str, student: &str) -> Option<u64> {
        let files = &self.files[self.range(name)];
        self.machines_of(student).iter().find_map(|machine| {
            let place = files.binary_search_by_key(machine, |file| file.machine).ok()?;
            files.get(place).map(|file| file.sum)
        })
    }
}

impl Stretch {
    fn of(self, text: &str) -> &str {
        let start = self.start as usize;
        text.get(start..start + usize::from(self.length)).unwrap_or_default()
    }
}

/// Beginning of a SHA-256 in hexadecimal digits; 0 for anything else.
pub(super) fn sum(hexadecimal: &str) -> u64 {
    hexadecimal.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde::de::value::Error;

    use super::*;

    /// Machines with their files; those of nobody come last.
    fn inventory(files: &[(&str, &str)]) -> Inventory {
        let mut inventory = Inventory::default();
        for (student, file) in files {
            let machine = match *student {
                "" => NONE,
                student => inventory.machine::<Error>(student).unwrap(),
            };
            inventory.file::<Error>(file, machine, 1).unwrap();
        }
        inventory.sort();
        inventory
    }

    proptest! {
        #[test]
        fn it_knows_its_files_and_their_folders(
            names in prop::collection::vec("[a-c.-]{1,2}(/[a-c.-]{1,2}){0,2}", 0..30),
            asked in "[a-c.-]{1,2}(/[a-c.-]{1,2}){0,2}",
        ) {
            let names: BTreeSet<String> =
                names.into_iter().filter(|name| check_name(name).is_ok()).collect();
            let pairs: Vec<_> = names.iter().rev().map(|name| ("kim", &name[..])).collect();
            let inventory = inventory(&pairs);
            prop_assert!(inventory.files().map(|(name, _)| name).eq(&names));
            prop_assert_eq!(inventory.is_empty(), names.is_empty());
            for name in names.iter().chain([&asked]) {
                let below = format!("{name}/");
                prop_assert_eq!(inventory.contains(name), names.contains(name));
                prop_assert_eq!(
                    inventory.has_below(name),
                    names.iter().any(|name| name.starts_with(&below))
                );
            }
        }
    }

    #[test]
    fn what_becomes_of_files_that_are_not_made_again() {
        let files = [
            ("lee", "machines/lee"),
            ("kim", "machines/kim"),
            ("kim", "machines/kim.gz"),
            ("lee", "for-all"),
            ("kim", "for-all"),
            ("lee", "for-the-gone"),
            ("park", "for-the-gone"),
            ("", "page"),
            ("", "passwords"),
        ];
        for (prune, gone) in [(false, Mark::Kept), (true, Mark::Dropped)] {
            let inventory = inventory(&files);
            inventory.see("kim");
            inventory.see("choi");
            assert_eq!(inventory.mark("machines/kim", Mark::Written), Some(Mark::Unseen));
            assert_eq!(inventory.mark("machines/kim", Mark::Same), Some(Mark::Written));
            assert_eq!(inventory.mark("passwords", Mark::Same), Some(Mark::Unseen));
            assert_eq!(inventory.mark("other", Mark::Same), None);
            inventory.settle(prune);
            let marks: Vec<_> = inventory.files().collect();
            let expected = [
                ("for-all", Mark::Dropped),
                ("for-the-gone", gone),
                ("machines/kim", Mark::Same),
                ("machines/kim.gz", Mark::Dropped),
                ("machines/lee", gone),
                ("page", Mark::Dropped),
                ("passwords", Mark::Same),
            ];
            assert_eq!(marks, expected);
            assert_eq!(inventory.unseen().collect::<Vec<_>>(), ["lee", "park"]);
            let kept = [("lee", "for-the-gone"), ("lee", "machines/lee")];
            assert_eq!(inventory.kept().collect::<Vec<_>>(), if prune { &[][..] } else { &kept });
        }
    }

    #[test]
    fn a_file_for_all_has_a_sum_for_each() {
        let mut inventory = Inventory::default();
        for (number, student) in ["c", "a", "b"].iter().enumerate() {
            let machine = inventory.machine::<Error>(student).unwrap();
            inventory.file::<Error>("all", machine, number as u64).unwrap();
        }
        inventory.sort();
        let sums = ["a", "b", "c", "d"].map(|student| inventory.sum("all", student));
        assert_eq!(sums, [Some(1), Some(2), Some(0), None]);
        assert_eq!(inventory.sum("other", "a"), None);
        assert_eq!(sum("00000000000000ff0123"), 255);
        assert_eq!((sum(""), sum("no hexadecimal digits")), (0, 0));
    }
}
