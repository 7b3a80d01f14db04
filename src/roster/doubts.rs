//! What is probably not meant, and shows only when all machines are looked at together.
//!
//! In: one machine after the other. Out: warnings, each of them once: machines that are the same,
//! host names that several have, and numbers whose zeros a spreadsheet has taken.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Machine;
use crate::diagnostic::{Diagnostic, Report};

/// Rows that are named in a warning.
const NAMED: usize = 5;

/// What was seen of the machines so far.
#[derive(Default)]
pub struct Doubts {
    hostnames: Twins,
    documents: Twins,
    numbers: Numbers,
    machines: usize,
    /// Names of certificates, and how many.
    certificates: Twins,
    certified: usize,
}

/// Certificates that Let's Encrypt gives for names of one domain in a week.
/// <https://letsencrypt.org/docs/rate-limits/>
const CERTIFICATES: usize = 50;

/// Things that should be different from row to row.
#[derive(Default)]
struct Twins {
    /// The row that has it first, by a hash.
    first: HashMap<u64, usize>,
    /// How many have what an earlier row has.
    count: usize,
    /// An example.
    rows: Option<(usize, usize)>,
}

/// Student numbers by their length.
#[derive(Default)]
struct Numbers {
    /// Digits of those that begin with a zero; and whether all of them have as many.
    zeros: Option<(usize, bool)>,
    /// How many others have so many digits, and the first rows of them.
    others: HashMap<usize, (usize, Vec<usize>)>,
}

impl Doubts {
    /// Looks at the machine of a student; `sum` is the SHA-256 of its user-data.
    pub fn see(&mut self, (name, row): (&str, usize), machine: &Machine, sum: &str) {
        self.machines += 1;
        if let Some(hostname) = &machine.hostname {
            self.hostnames.see(hostname, row);
        }
        self.documents.see(sum, row);
        if let Some(name) = &machine.certificate {
            self.certificates.see(name, row);
            self.certified += 1;
        }
        self.numbers.see(name, row);
    }

    /// The warnings; rows are called `unit`.
    pub fn report(&self, unit: &str) -> Report {
        let (machines, names) = (&self.documents, &self.hostnames);
        let mut report = Report::default();
        if let Some((first, second)) = machines.rows {
            let count = machines.count + 1;
            let message = match count == self.machines {
                true => format!("all {count} machines are the same"),
                false => format!(
                    "{} of the machines are the same as an earlier one, as in {unit} {first} and \
                     {second}",
                    machines.count
                ),
            };
            let help = "let the parameter file say what is a student's own: hostname: \
                        lab-{{ student.COLUMN | slug }}";
            report.push(Diagnostic::warning("same-machine", message).help(help));
        }
        if let Some((first, second)) = names.rows.filter(|_| names.count > machines.count) {
            let count = names.count;
            let message = format!(
                "{count} of the host names are that of an earlier machine, as in {unit} {first} \
                 and {second}"
            );
            let help = "machines in one network need host names of their own: \
                        lab-{{ student.COLUMN | slug }}";
            report.push(Diagnostic::warning("same-hostname", message).help(help));
        }
        report.extend(self.numbers.warning(unit));
        report.extend(self.of_certificates(unit));
        report
    }

    /// Names that point to one machine alone, and more certificates than there are.
    fn of_certificates(&self, unit: &str) -> Option<Diagnostic> {
        if let Some((first, second)) = self.certificates.rows {
            let message = format!(
                "{} of the machines ask for a certificate of the same name as an earlier one, as in \
                 {unit} {first} and {second}: the name can point to one of them",
                self.certificates.count
            );
            let help = "let the name be the student's own: name: \
                        {{ student.COLUMN | slug }}.example.org; or write `address: true`";
            return Some(Diagnostic::warning("same-certificate", message).help(help));
        }
        let launches = CERTIFICATES.checked_div(self.certified)?;
        let message = match launches {
            0 => format!("{} certificates are more than the {CERTIFICATES} that", self.certified),
            1 => format!(
                "{} certificates: another launch has too few of the {CERTIFICATES} that",
                self.certified
            ),
            _ => return None,
        };
        let message = format!("{message} Let's Encrypt gives in a week for names of one domain");
        let help = "certificates of addresses have no limit in common: https: {address: true}; for \
                    rehearsals there is `staging: true`";
        Some(Diagnostic::warning("many-certificates", message).help(help))
    }
}

impl Twins {
    fn see(&mut self, what: &str, row: usize) {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let first = *self.first.entry(hasher.finish()).or_insert(row);
        if first != row {
            self.count += 1;
            self.rows.get_or_insert((first, row));
        }
    }
}

impl Numbers {
    fn see(&mut self, id: &str, row: usize) {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        if id.starts_with('0') {
            let (length, same) = self.zeros.unwrap_or((id.len(), true));
            self.zeros = Some((length, same && length == id.len()));
            return;
        }
        let (count, rows) = self.others.entry(id.len()).or_default();
        *count += 1;
        if rows.len() < NAMED {
            rows.push(row);
        }
    }

    /// Where all numbers with a zero in front have as many digits, a shorter one has lost its own.
    fn warning(&self, unit: &str) -> Option<Diagnostic> {
        let (length, _) = self.zeros.filter(|(_, same)| *same)?;
        let short = self.others.iter().filter(|(digits, _)| **digits < length);
        let (counts, mut rows): (Vec<usize>, Vec<usize>) = short
            .map(|(_, (count, rows))| (*count, rows.clone()))
            .fold((Vec::new(), Vec::new()), |(mut counts, mut all), (count, rows)| {
                counts.push(count);
                all.extend(rows);
                (counts, all)
            });
        rows.sort_unstable();
        rows.truncate(NAMED);
        let rows: Vec<String> = rows.iter().map(usize::to_string).collect();
        let count: usize = counts.iter().sum();
        let message = match count {
            0 => return None,
            1 => format!("{unit} {}: the number has fewer digits than those", rows.join(", ")),
            _ => format!(
                "{count} numbers, as in {unit} {}, have fewer digits than those",
                rows.join(", ")
            ),
        };
        let message = format!("{message} that begin with 0, which have {length}");
        let help = "has a spreadsheet taken the zeros away? Format the column as text, and write them \
                    again";
        Some(Diagnostic::warning("lost-zero", message).help(help))
    }
}
