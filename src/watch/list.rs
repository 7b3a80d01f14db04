//! A list of machines in a file, whatever wrote it.
//!
//! In: the bytes. Out: the machines as [`Found`]. JSON is what a tool lists ([`super::listing`]); a
//! text is a host on each line, with or without a name; anything else is a table with a column for
//! the address, which a spreadsheet may have written.

use std::io::Cursor;

use serde_json::Value;

use super::address::{Address, AddressError};
use super::listing::{self, Found};
use crate::roster::table::{Options, Row, Table, TableError};

/// Why a list says nothing.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// JSON of nobody that is known.
    #[error(
        "{name} is JSON, but no list of machines that is known: write what one of these prints: \
         {known}, or a table with a column `address`"
    )]
    Unknown {
        /// The file.
        name: String,
        /// The commands whose output is known.
        known: String,
    },
    /// A table without addresses.
    #[error(
        "{name} has no column for the address, only {columns}; call it `address`, and the \
         student's `student`"
    )]
    NoColumn {
        /// The file.
        name: String,
        /// The columns that are there.
        columns: String,
    },
    /// Some addresses are none.
    #[error("{name}: {}", several(.wrong))]
    Addresses {
        /// The file.
        name: String,
        /// Number of the line, from 1, and what is wrong with it.
        wrong: Vec<(usize, AddressError)>,
    },
    /// No table at all.
    #[error(transparent)]
    Table(TableError),
}

/// So many wrong lines are told.
const TOLD: usize = 10;

/// Columns for the address, folded.
const ADDRESSES: &[&str] = &[
    "address",
    "addresses",
    "ip",
    "ip address",
    "ip_address",
    "public_ip",
    "public ip",
    "public ipv4 address",
    "public ipv4",
    "public_ip_address",
    "host",
    "url",
    "주소",
    "ip 주소",
    "공인 ip",
    "퍼블릭 ip",
    "퍼블릭 ipv4 주소",
];

/// Columns for the student or the machine, folded, the best first.
const NAMES: &[&str] = &[
    "student",
    "id",
    "student_id",
    "학번",
    "username",
    "login",
    "name",
    "hostname",
    "host name",
    "machine",
    "이름",
    "성명",
    "instance id",
];

/// Columns for what the cloud says of the machine, folded.
const STATES: &[&str] = &["state", "status", "power", "instance state", "인스턴스 상태"];

fn several(wrong: &[(usize, AddressError)]) -> String {
    let told = wrong.iter().take(TOLD).map(|(line, error)| format!("line {line}: {error}"));
    let mut told: Vec<String> = told.collect();
    if wrong.len() > TOLD {
        told.push(format!("and {} more", wrong.len() - TOLD));
    }
    told.join("; ")
}

/// Reads a list; `name` is for messages. Web servers are at this port, if not at 80.
///
/// # Errors
/// It is no list of machines.
pub fn read(name: &str, bytes: Vec<u8>, port: Option<u16>) -> Result<Vec<Found>, ListError> {
    let bare = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    if let Ok(json) = serde_json::from_slice::<Value>(bare) {
        if let Some((_, found)) = listing::machines(&json, port) {
            return Ok(found);
        }
        return table(name, bytes, port).map_err(|error| match error {
            ListError::Addresses { .. } => error,
            _ => ListError::Unknown { name: name.into(), known: listing::commands() },
        });
    }
    let text = String::from_utf8_lossy(bare).into_owned();
    match lines(&text).next().map(|(_, line)| hosts(line).next().is_some()) {
        None => Ok(Vec::new()),
        Some(true) => plain(name, &text, port),
        Some(false) if lines(&text).all(|(_, line)| !line.contains([',', ';', '\t'])) => {
            // One column without dots: host names of the local network, or a header above hosts.
            let first = lines(&text).next().map(|(_, line)| line.trim().to_lowercase());
            match first.is_some_and(|first| ADDRESSES.contains(&&*first)) || is_odd(&bytes) {
                true => table(name, bytes, port),
                false => plain(name, &text, port),
            }
        }
        Some(false) => table(name, bytes, port),
    }
}

/// A workbook, or a text in UTF-16.
fn is_odd(bytes: &[u8]) -> bool {
    bytes.contains(&0)
}

/// Lines with something in them, each with its number.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
}

/// Cells of a line that are addresses for sure.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    cells(line).filter(|cell| {
        let known = cell.parse::<Address>();
        known
            .is_ok_and(|one| one.ip().is_some() || one.host().contains('.') || cell.contains("://"))
    })
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', ';', '\t', ' '])
        .map(|cell| cell.trim().trim_matches('"'))
        .filter(|cell| !cell.is_empty())
}

/// A host on each line, with a name before or behind it.
fn plain(name: &str, text: &str, port: Option<u16>) -> Result<Vec<Found>, ListError> {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for (number, line) in lines(text) {
        let host = hosts(line).next().or_else(|| cells(line).last()).unwrap_or_default();
        match Address::parse(host, port) {
            Ok(address) => {
                let own = cells(line).find(|cell| *cell != host).map(str::to_owned);
                let names = vec![own.unwrap_or_else(|| address.to_string())];
                found.push(Found { names, address: Some(address), ..Found::default() });
            }
            Err(error) => wrong.push((number, error)),
        }
    }
    all_or_wrong(name, found, wrong)
}

fn all_or_wrong(
    name: &str,
    found: Vec<Found>,
    wrong: Vec<(usize, AddressError)>,
) -> Result<Vec<Found>, ListError> {
    match wrong.is_empty() {
        true => Ok(found),
        false => Err(ListError::Addresses { name: name.into(), wrong }),
    }
}

fn table(name: &str, bytes: Vec<u8>, port: Option<u16>) -> Result<Vec<Found>, ListError> {
    let table =
        Table::open(name, Cursor::new(bytes), &Options::default()).map_err(ListError::Table)?;
    let header: Vec<String> = table.header().iter().map(|column| column.to_lowercase()).collect();
    let columns = |known: &[&str]| -> Vec<usize> {
        known.iter().filter_map(|name| header.iter().position(|column| column == name)).collect()
    };
    let (names, state) = (columns(NAMES), columns(STATES).first().copied());
    let Some(address) = columns(ADDRESSES).first().copied() else {
        let columns = table.header().join(", ");
        return Err(ListError::NoColumn { name: name.into(), columns });
    };
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for row in table {
        let Row { number, cells } = row.map_err(ListError::Table)?;
        let cell = |column: usize| Some(cells[column].clone()).filter(|cell| is_there(cell));
        let address = cell(address).map(|text| Address::parse(&text, port)).transpose();
        let address = match address {
            Ok(address) => address,
            Err(error) => {
                wrong.push((number, error));
                continue;
            }
        };
        let mut names: Vec<String> = names.iter().filter_map(|column| cell(*column)).collect();
        names.extend(address.as_ref().map(Address::to_string));
        let power = state.and_then(cell).map(|state| state.to_lowercase());
        let power = power.filter(|power| !["running", "active"].contains(&&**power));
        found.push(Found { names, address, power, tag: None });
    }
    all_or_wrong(name, found, wrong)
}

/// Is something in the cell, and not only what stands for nothing?
fn is_there(cell: &str) -> bool {
    !matches!(cell, "" | "-" | "–" | "None" | "null")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let found = read("list", text.as_bytes().to_vec(), None).unwrap();
        let address = |one: &Found| one.address.as_ref().map_or("-".into(), Address::to_string);
        let power = |one: &Found| one.power.clone().unwrap_or_default();
        found
            .iter()
            .map(|one| format!("{} {} {}", one.names.join("/"), address(one), power(one)))
            .collect()
    }

    #[test]
    fn lines_are_read_with_and_without_names() {
        let text = "# my machines\n203.0.113.5\n\nkim 203.0.113.6:8080\nhttps://a.example.org, lee\n2001:db8::1\n";
        let expected = [
            "203.0.113.5 203.0.113.5 ",
            "kim 203.0.113.6:8080 ",
            "lee https://a.example.org ",
            "[2001:db8::1] [2001:db8::1] ",
        ];
        assert_eq!(shown(text), expected);
        assert_eq!(shown("lab-01\nlab-02\n"), ["lab-01 lab-01 ", "lab-02 lab-02 "]);
        assert_eq!(shown(" \n#\n"), [""; 0]);
    }

    #[test]
    fn tables_are_read_by_their_columns() {
        let text = "\u{feff}학번;이름;IP 주소\n1;김철수;203.0.113.5\n2;이영희;\n";
        assert_eq!(shown(text), ["1/김철수/203.0.113.5 203.0.113.5 ", "2/이영희 - "]);
        let status = "student\tid\taddress\tstate\nkim\ti-1\thttp://203.0.113.5/\trunning\nlee\t-\t-\tnot launched\n";
        assert_eq!(shown(status), ["kim/i-1/203.0.113.5 203.0.113.5 ", "lee - not launched"]);
        let json = "[{\"student\": \"kim\", \"address\": \"203.0.113.5\"}]";
        assert_eq!(shown(json), ["kim/203.0.113.5 203.0.113.5 "]);
        assert_eq!(shown("address\nlab-01\n"), ["lab-01 lab-01 "]);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let error =
            |text: &str| read("list", text.as_bytes().to_vec(), None).unwrap_err().to_string();
        let said = error("203.0.113.5\nkim 1.2.3\nx ftp://203.0.113.6\n");
        assert!(said.starts_with("list: line 2: `1.2.3` is no host"), "{said}");
        assert!(said.contains("; line 3: `ftp://203.0.113.6` has another protocol"), "{said}");
        let said = error("student,address\nkim,1.2\n");
        assert!(said.contains("list: line 2: `1.2` is no host"), "{said}");
        let said = error("student,mail\nkim,a@example.org\n");
        assert!(said.contains("no column for the address, only student, mail; call it"), "{said}");
        let said = error("{\"kim\": 1}");
        assert!(said.contains("`terraform output -json`, `aws ec2 describe-instances`"), "{said}");
    }
}
