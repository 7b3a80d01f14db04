//! Which encoding a text has, by all of its bytes.
//!
//! In: a file that can be read twice, and the label that `--encoding` gives. Out: an [`Encoding`]
//! in which every byte fits. Without a label that is UTF-8, UTF-16 or CP949, in which Excel writes
//! CSV in Korea; whatever else has bytes above 127 is refused, since guesses about names go wrong
//! unseen.

use std::{
    cmp::Ordering,
    io::{Read, Seek, SeekFrom},
};

use encoding_rs::{
    BIG5, Decoder, DecoderResult, EUC_KR, Encoding as Codec, GBK, REPLACEMENT, SHIFT_JIS, UTF_8,
    UTF_16BE, UTF_16LE,
};

use super::{
    fault::Fault,
    format::{Input, each_chunk},
};
use crate::diagnostic::nearest;

/// Names that Python, Java and Windows have for encodings and the WHATWG standard has not, without
/// their hyphens.
const ALIASES: &[(&str, &Codec)] = &[
    ("cp949", EUC_KR),
    ("ms949", EUC_KR),
    ("xwindows949", EUC_KR),
    ("uhc", EUC_KR),
    ("cp932", SHIFT_JIS),
    ("cp936", GBK),
    ("cp950", BIG5),
    ("utf8sig", UTF_8),
    ("utf8bom", UTF_8),
];

/// Labels that a mistyped one is compared with.
const COMMON: &[&str] = &[
    "utf-8",
    "utf-16",
    "utf-16le",
    "utf-16be",
    "cp949",
    "ms949",
    "euc-kr",
    "windows-949",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "shift_jis",
    "euc-jp",
    "gbk",
    "gb18030",
    "big5",
    "koi8-r",
    "macintosh",
];

/// How the line begins in which Excel is told the delimiter.
const SEPARATOR_LINE: &[u8] = b"sep=";

/// An encoding in which all of a file can be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoding {
    pub(super) codec: &'static Codec,
    /// The length of the byte order mark.
    pub(super) skip: u64,
}

impl Encoding {
    /// Its name, as people know it.
    pub(super) fn name(self) -> &'static str {
        name(self.codec)
    }
}

fn name(codec: &'static Codec) -> &'static str {
    if codec == EUC_KR { "CP949" } else { codec.name() }
}

/// Finds the encoding of a file, or checks the one that was named.
///
/// # Errors
/// An unknown label, bytes that do not fit, or a file that cannot be read.
pub(super) fn find(file: &mut Input, label: Option<&str>) -> Result<Encoding, Fault> {
    let mut first = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(3).read_to_end(&mut first)?;
    let mark = Codec::for_bom(&first).map(|(codec, skip)| Encoding { codec, skip: skip as u64 });
    match (label.map(wanted).transpose()?, mark) {
        (None, None) => guess(file),
        (None, Some(mark)) => checked(file, mark),
        (Some(Wanted::Utf16), None) => utf_16(file),
        (Some(Wanted::One(codec)), None) => checked(file, Encoding { codec, skip: 0 }),
        (Some(wanted), Some(mark)) if wanted.allows(mark.codec) => checked(file, mark),
        (Some(wanted), Some(mark)) => {
            Err(Fault::Contradiction { found: mark.name(), wanted: wanted.name() })
        }
    }
}

/// What a label means.
#[derive(Clone, Copy)]
enum Wanted {
    One(&'static Codec),
    /// Either byte order.
    Utf16,
}

impl Wanted {
    fn allows(self, found: &'static Codec) -> bool {
        match self {
            Wanted::One(codec) => codec == found,
            Wanted::Utf16 => found == UTF_16LE || found == UTF_16BE,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Wanted::One(codec) => name(codec),
            Wanted::Utf16 => "UTF-16",
        }
    }
}

fn wanted(label: &str) -> Result<Wanted, Fault> {
    let plain = label.trim().to_lowercase().replace(['-', '_'], "");
    if plain == "utf16" {
        return Ok(Wanted::Utf16);
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == plain).map(|(_, codec)| *codec);
    let hyphens = label.replace('_', "-");
    let known = || [label, &hyphens].into_iter().find_map(|l| Codec::for_label(l.as_bytes()));
    let codec = alias.or_else(known);
    // The standard maps some labels to an encoding that reads nothing.
    codec.filter(|codec| *codec != REPLACEMENT).map(Wanted::One).ok_or_else(|| {
        let nearest = nearest(label, COMMON.iter().copied());
        Fault::UnknownEncoding { label: label.into(), nearest }
    })
}

/// The encoding, if all of the file fits.
fn checked(file: &mut Input, encoding: Encoding) -> Result<Encoding, Fault> {
    let [probe] = probe(file, encoding.skip, [encoding.codec], |_| {})?;
    let Some(offset) = probe.wrong else { return Ok(encoding) };
    let (offset, byte, row) = place(file, encoding, offset)?;
    Err(Fault::Undecodable { encoding: encoding.name(), offset, byte, row })
}

fn utf_16(file: &mut Input) -> Result<Encoding, Fault> {
    let [little, big] = probe(file, 0, [UTF_16LE, UTF_16BE], |_| {})?;
    let codec = if big.is_evident(&little) { UTF_16BE } else { UTF_16LE };
    checked(file, Encoding { codec, skip: 0 })
}

fn guess(file: &mut Input) -> Result<Encoding, Fault> {
    let (mut at, mut nul, mut pairs) = (0, None, Pairs::default());
    let codecs = [UTF_8, EUC_KR, UTF_16LE, UTF_16BE];
    let [utf8, korean, little, big] = probe(file, 0, codecs, |chunk| {
        let place = chunk.iter().position(|byte| *byte == 0).map(|place| at + place as u64);
        nul = nul.or(place);
        at += chunk.len() as u64;
        pairs.look(chunk);
    })?;
    let whole = |codec| Encoding { codec, skip: 0 };
    match (nul, utf8.wrong, korean.wrong) {
        (Some(_), ..) if little.is_evident(&big) => Ok(whole(UTF_16LE)),
        (Some(_), ..) if big.is_evident(&little) => Ok(whole(UTF_16BE)),
        (Some(nul), ..) => {
            let (offset, _, row) = place(file, whole(UTF_8), nul)?;
            Err(Fault::Binary { offset, row })
        }
        (None, None, _) => Ok(whole(UTF_8)),
        (None, Some(_), None) if pairs.common => Ok(whole(EUC_KR)),
        (None, Some(wrong), None) => Err(Fault::UnlikelyKorean(place(file, whole(UTF_8), wrong)?)),
        (None, Some(wrong), Some(korean)) => {
            let utf8 = place(file, whole(UTF_8), wrong)?;
            Err(Fault::NoEncoding { utf8, cp949: place(file, whole(EUC_KR), korean)? })
        }
    }
}

/// A decoder that is asked whether a file fits.
struct Probe {
    decoder: Decoder,
    /// How many bytes were read.
    at: u64,
    /// The first byte that does not fit.
    wrong: Option<u64>,
    /// Whether there are characters that no text has.
    odd: bool,
    /// Whether there is a line end.
    broken: bool,
    /// How many characters there are, and how many of them are ASCII.
    characters: u64,
    plain: u64,
}

/// Reads the file with every codec, and shows it to `look`.
fn probe<const N: usize>(
    file: &mut Input,
    from: u64,
    codecs: [&'static Codec; N],
    mut look: impl FnMut(&[u8]),
) -> Result<[Probe; N], Fault> {
    let mut room = Vec::new();
    let mut probes = codecs.map(|codec| Probe {
        decoder: codec.new_decoder_without_bom_handling(),
        at: from,
        wrong: None,
        odd: false,
        broken: false,
        characters: 0,
        plain: 0,
    });
    each_chunk(file, from, |chunk| {
        look(chunk);
        probes.iter_mut().for_each(|probe| probe.feed(chunk, &mut room, false));
    })?;
    probes.iter_mut().for_each(|probe| probe.feed(&[], &mut room, true));
    Ok(probes)
}

impl Probe {
    fn feed(&mut self, bytes: &[u8], room: &mut Vec<u8>, last: bool) {
        if self.wrong.is_some() {
            return;
        }
        let most = self.decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        room.resize(most.unwrap_or_default().max(room.len()), 0);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(bytes, room, last);
        self.at += read as u64;
        for byte in room.get(..written).unwrap_or_default() {
            self.characters += u64::from(*byte & 0xC0 != 0x80);
            self.plain += u64::from(byte.is_ascii());
            self.broken |= matches!(byte, b'\n' | b'\r');
            self.odd |= byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
        }
        if let DecoderResult::Malformed(length, after) = result {
            self.wrong = Some(self.at - u64::from(length) - u64::from(after));
        }
    }

    /// Whether this byte order of UTF-16 makes a table of the file, and more so than the other: the
    /// separators and line ends of the one are no characters in the other. In noise hardly any
    /// character is ASCII; in a table it is one in fifty at least.
    fn is_evident(&self, other: &Probe) -> bool {
        let table = self.plain * 50 >= self.characters && self.plain > other.plain;
        self.wrong.is_none() && !self.odd && self.broken && table
    }
}

/// Whether there is a character of KS X 1001 among the pairs of bytes. Every Korean text has some;
/// the odd `Å` before a letter in a text from the West makes one of the others in CP949.
#[derive(Default)]
struct Pairs {
    lead: Option<u8>,
    common: bool,
}

impl Pairs {
    fn look(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.common |= *byte >= 0xA1 && self.lead.is_some_and(|lead| lead >= 0xA1);
            self.lead = (self.lead.is_none() && *byte >= 0x81).then_some(*byte);
        }
    }
}

/// A byte by its offset, what it is, and its row.
fn place(file: &mut Input, encoding: Encoding, offset: u64) -> Result<(u64, u8, usize), Fault> {
    let (mut at, mut found) = (encoding.skip, 0);
    let mut rows = Rows::new(encoding.codec);
    each_chunk(file, encoding.skip, |chunk| {
        for byte in chunk {
            match at.cmp(&offset) {
                Ordering::Less => rows.pass(*byte),
                Ordering::Equal => found = *byte,
                Ordering::Greater => {}
            }
            at += 1;
        }
    })?;
    Ok((offset, found, rows.row()))
}

/// Counts rows as a spreadsheet does: line ends inside quotes begin no row, nor does the line
/// `sep=;` above the header.
struct Rows {
    codec: &'static Codec,
    /// The first byte of a character of two.
    held: Option<u8>,
    breaks: usize,
    quoted: bool,
    last: u8,
    start: Vec<u8>,
}

impl Rows {
    fn new(codec: &'static Codec) -> Rows {
        Rows { codec, held: None, breaks: 0, quoted: false, last: 0, start: Vec::new() }
    }

    fn pass(&mut self, byte: u8) {
        if self.codec != UTF_16LE && self.codec != UTF_16BE {
            return self.sign(byte);
        }
        let Some(first) = self.held.take() else {
            self.held = Some(byte);
            return;
        };
        let pair = [first, byte];
        let big = self.codec == UTF_16BE;
        let unit = if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
        self.sign(u8::try_from(unit).unwrap_or(u8::MAX));
    }

    fn sign(&mut self, byte: u8) {
        if self.start.len() < SEPARATOR_LINE.len() {
            self.start.push(byte);
        }
        self.quoted ^= byte == b'"';
        let ends = byte == b'\r' || byte == b'\n' && self.last != b'\r';
        self.breaks += usize::from(ends && !self.quoted);
        self.last = byte;
    }

    fn row(&self) -> usize {
        let marked = self.start == SEPARATOR_LINE && self.breaks > 0;
        self.breaks + 1 - usize::from(marked)
    }
}
