//! Rosters for `bootseed::roster`: tables as spreadsheets, universities and programs write them.

use std::io::{Cursor, Write};

use bootseed::roster::table::{Options, Table};
use bootseed::roster::{Family, People, Text, name_column};
use bootseed::source::{Source, parse};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::Target;
use crate::mutation::{Mutation, Random};

pub(crate) const TARGET: Target = Target {
    name: "roster",
    corpus,
    mutation: Mutation { longest: 16 << 10, words: WORDS, wrap: Some(wrapped) },
    look,
};

/// So many rows of a roster are read.
const ROWS: usize = 10_000;

const CLASS: &str = "hostname: '{{ 학번 | default(id) }}'\nusers: [{name: '{{ id }}'}]\n";

const OTHERS: &[&[u8]] = &[
    include_bytes!("../roster/students.csv"),
    b"id,name\r\n1,kim\r\n2,\"lee, \"\"a\"\"\"\r\n",
    b"id\tname\n1\tkim\n",
    b"id;name\n1;kim\n",
    b"sep=;\nid;name\n1;kim\n",
    b"\xef\xbb\xbfid,name\n1,kim\n",
    b"\xff\xfei\0d\0\n\0\x31\0\n\0",
    b"\xc7\xd0\xb9\xf8,\xc0\xcc\xb8\xa7\n20260001,\xb1\xe8\n",
    b"[{\"id\": 1, \"name\": \"kim\"}, {\"id\": 1e3}]",
    b"{\"id\": 1}\n{\"id\": 2}\n",
    b"- {id: 1, name: kim}\n- {id: 0x10, name: ~}\n",
    SHEET.as_bytes(),
    STRINGS.as_bytes(),
    STYLES.as_bytes(),
];

const SHEET: &str = "<worksheet><dimension ref='A1:B2'/><sheetData><row r='1'><c r='A1' t='s'><v>0</v>\
                     </c><c r='B1' t='inlineStr'><is><t>id</t></is></c></row><row r='2'><c r='A2' s='1'>\
                     <f>A1</f><v>4.5E3</v></c><c r='B2'><v>1</v></c></row></sheetData></worksheet>";
const STRINGS: &str = "<sst count='1' uniqueCount='1'><si><r><t>name</t></r></si></sst>";
const STYLES: &str = "<styleSheet><numFmts count='1'><numFmt numFmtId='164' formatCode='yyyy&quot;a&quot;'/>\
                      </numFmts><cellXfs><xf numFmtId='0'/><xf numFmtId='164'/></cellXfs></styleSheet>";
const BOOK: &str = "<workbook><sheets><sheet name='a' sheetId='1' r:id='r1'/></sheets></workbook>";
const RELATIONS: &str = "<Relationships><Relationship Id='r1' Target='worksheets/s.xml' \
                         Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/\
                         worksheet'/></Relationships>";
const ROOT: &str = "<Relationships><Relationship Id='r' Target='xl/workbook.xml' \
                    Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/\
                    officeDocument'/></Relationships>";

const WORDS: &[&[u8]] = &[
    b",",
    b";",
    b"\t",
    b"\"",
    b"\"\"",
    b"\n",
    b"\r\n",
    b"\r",
    b"id",
    b"name",
    b"=1+1",
    b"'",
    b"\0",
    b"\xff",
    b"\xfe",
    b"\xb1\xe8",
    b"1e308",
    b"- ",
    b": ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\xff\xff\xff\xff",
    b"\xd0\xcf\x11\xe0",
    "학번".as_bytes(),
    "이름".as_bytes(),
    b"{{ id }}",
    b"{% if id %}",
];

fn corpus() -> Vec<Vec<u8>> {
    OTHERS.iter().map(|bytes| bytes.to_vec()).collect()
}

/// A workbook in which one of its files is the input.
fn wrapped(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut files = [
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/worksheets/s.xml", SHEET.as_bytes()),
        ("xl/sharedStrings.xml", STRINGS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
    ];
    let own = [(&b"<work"[..], 3), (b"<sst", 4), (b"<style", 5)];
    let own = own.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, file)| *file);
    files[own.unwrap_or(random.below(6))].1 = bytes;
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(name, SimpleFileOptions::default()).expect("it is a name");
        archive.write_all(text).expect("it can be written");
    }
    archive.finish().expect("it can be written").into_inner()
}

fn look(input: &[u8]) -> Result<String, String> {
    let table = match Table::open("students", Cursor::new(input.to_vec()), &Options::default()) {
        Ok(table) => table,
        // Without places and counts.
        Err(error) => {
            return Ok(error.message().chars().filter(|c| c.is_alphabetic()).take(24).collect());
        }
    };
    let found: String = table.found().chars().take(30).collect();
    let tree = parse(&Source::new("class", CLASS)).expect("it is YAML");
    let Ok(family) = Family::new((table.name(), table.unit()), table.header(), tree, None) else {
        return Ok(format!("{found} without its columns"));
    };
    let name = Text::column(name_column(table.header()));
    let people = People::new(table, &family, name, None, None);
    let (mut good, mut said) = (0_usize, Vec::new());
    for person in people.take(ROWS) {
        match person {
            Ok(person) => {
                good += usize::from(!family.variant(&person.student()).report.has_errors())
            }
            Err(report) => said.extend(report.iter().map(|one| one.id)),
        }
    }
    said.sort_unstable();
    said.dedup();
    Ok(format!("{found} {} {}", good.min(3), said.join(" ")))
}
