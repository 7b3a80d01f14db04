//! Which encoding a text has, by all of its bytes.
//!
//! In: a file that can be read twice, and the label that `--encoding` gives. Out: an [`Encoding`]
//! in which every byte fits. Without a label that is UTF-8, UTF-16 with its byte order mark or
//! CP949, in which Excel writes CSV in Korea; any other has to be named, since guesses about names
//! go wrong unseen.

use std::io::{Read, Seek, SeekFrom};

use encoding_rs::{
    BIG5, DecoderResult, EUC_KR, Encoding as Codec, GBK, REPLACEMENT, SHIFT_JIS, UTF_8, UTF_16BE,
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
    let encoding = match (label.map(wanted).transpose()?, mark) {
        (None, None) => guess(file)?,
        (Some(codec), None) => Encoding { codec, skip: 0 },
        (Some(codec), Some(mark)) if !may_be(codec, mark.codec, label) => {
            return Err(Fault::Contradiction { found: mark.name(), wanted: name(codec) });
        }
        (_, Some(mark)) => mark,
    };
    let Some(byte) = undecodable(file, encoding)? else { return Ok(encoding) };
    let (value, line) = place(file, byte)?;
    Err(Fault::Undecodable { encoding: encoding.name(), byte, value, line })
}

/// May a file with the mark of `found` have the label of `codec`? `utf-16` is either byte order.
fn may_be(codec: &'static Codec, found: &'static Codec, label: Option<&str>) -> bool {
    let either = label.is_some_and(|label| plain(label) == "utf16");
    codec == found || either && found == UTF_16BE
}

fn plain(label: &str) -> String {
    label.trim().to_lowercase().replace(['-', '_'], "")
}

/// What a label means.
fn wanted(label: &str) -> Result<&'static Codec, Fault> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == plain(label)).map(|(_, codec)| *codec);
    let hyphens = label.replace('_', "-");
    let known = || [label, &hyphens].into_iter().find_map(|l| Codec::for_label(l.as_bytes()));
    // The standard maps some labels to an encoding that reads nothing.
    alias.or_else(known).filter(|codec| *codec != REPLACEMENT).ok_or_else(|| {
        let nearest = nearest(label, COMMON.iter().copied());
        Fault::UnknownEncoding { label: label.into(), nearest }
    })
}

/// The encoding of a file that says nothing of it. A detector of languages is no help: a class of
/// ten is too little text for one, and told that it is Korean, it takes `Åsa` for that.
fn guess(file: &mut Input) -> Result<Encoding, Fault> {
    let (mut at, mut nul, mut pairs) = (0, None, Pairs::default());
    each_chunk(file, 0, |chunk| {
        let found = chunk.iter().position(|byte| *byte == 0);
        nul = nul.or(found.map(|found| at + found as u64));
        at += chunk.len() as u64;
        pairs.look(chunk);
    })?;
    if let Some(byte) = nul {
        let (_, line) = place(file, byte)?;
        return Err(Fault::Binary { byte, line });
    }
    let [utf8, korean] = [UTF_8, EUC_KR].map(|codec| Encoding { codec, skip: 0 });
    match undecodable(file, utf8)? {
        None => Ok(utf8),
        Some(_) if pairs.common => Ok(korean),
        Some(byte) => {
            let (value, line) = place(file, byte)?;
            Err(Fault::OtherEncoding { byte, value, line })
        }
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

/// The first byte that does not fit.
fn undecodable(file: &mut Input, encoding: Encoding) -> Result<Option<u64>, Fault> {
    let mut decoder = encoding.codec.new_decoder_without_bom_handling();
    let (mut at, mut found, mut room) = (encoding.skip, None, String::new());
    let mut feed = |chunk: &[u8], last| {
        if found.is_some() {
            return;
        }
        room.clear();
        let most = decoder.max_utf8_buffer_length_without_replacement(chunk.len());
        room.reserve(most.unwrap_or_default());
        let (result, read) = decoder.decode_to_string_without_replacement(chunk, &mut room, last);
        at += read as u64;
        if let DecoderResult::Malformed(length, after) = result {
            found = Some(at - u64::from(length) - u64::from(after));
        }
    };
    each_chunk(file, encoding.skip, |chunk| feed(chunk, false))?;
    feed(&[], true);
    Ok(found)
}

/// What a byte is, and its line.
fn place(file: &mut Input, byte: u64) -> Result<(u8, usize), Fault> {
    file.seek(SeekFrom::Start(0))?;
    let mut before = Vec::new();
    file.take(byte + 1).read_to_end(&mut before)?;
    let value = before.pop().unwrap_or_default();
    Ok((value, before.iter().filter(|byte| **byte == b'\n').count() + 1))
}
