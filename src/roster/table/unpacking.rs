//! What a workbook takes when it is unpacked.
//!
//! In: an XLSX file, which is a ZIP archive. Out: nothing, or why it is not to be read. A small file
//! can hold gigabytes; and the number of its shared strings, which it states itself, is the number that
//! calamine takes memory for before it reads the first.

use std::io::{self, BufReader, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::fault::Fault;

/// What all files of a workbook may have together, in MiB: a hundred times what a class of 10,000
/// students takes.
const MOST: u64 = 256;

/// The shortest shared string, in bytes: `<si/>`.
const SHORTEST: u64 = 5;

/// Unpacks every file of a workbook and keeps none. One that cannot be unpacked is left to the reader
/// of the workbook, which may not want it.
///
/// # Errors
/// It holds too much, or states more than it holds.
pub(super) fn check(file: &mut (impl Read + Seek)) -> Result<(), Fault> {
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Ok(()) };
    let mut left = MOST << 20;
    for index in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(index) else { continue };
        let strings = entry.name().is_ok_and(|name| is_strings(&name));
        let mut text = (&mut entry).take(left + 1);
        let stated = if strings { stated(&mut text) } else { None };
        // What is read to the end, or to the fault that the reader of the workbook meets as well.
        let _ = io::copy(&mut text, &mut io::sink());
        let held = left + 1 - text.limit();
        if held > left {
            return Err(Fault::Unpacks(MOST));
        }
        if stated.is_some_and(|stated| stated > held / SHORTEST) {
            return Err(Fault::TooManyStrings);
        }
        left -= held;
    }
    Ok(())
}

/// Is it the file that calamine takes for the shared strings?
fn is_strings(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("sharedstrings.xml")
}

/// How many shared strings a file says that it has.
fn stated(text: impl Read) -> Option<u64> {
    let mut xml = Reader::from_reader(BufReader::new(text));
    xml.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) if tag.local_name().as_ref() == "sst" => {
                let count = tag.try_get_attribute("uniqueCount").ok()??;
                return count.value.trim().parse().ok();
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}
