//! Files that are no roster that can be read, and what to do with each.
//!
//! In: the first bytes of a file, and what is in it. Out: a [`Foreign`].

/// A kind of file that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    OldExcel,
    Locked,
    Binary,
    OpenDocument,
    Numbers,
    Word,
    Zip,
    Pdf,
    Html,
    Xml,
    Hwp,
    Compressed,
    Image,
    Utf32,
}

/// First bytes that tell the kind.
const MAGIC: &[(&[u8], Foreign)] = &[
    (b"%PDF-", Foreign::Pdf),
    (b"HWP Document File", Foreign::Hwp),
    (b"\x1F\x8B", Foreign::Compressed),
    (b"BZh", Foreign::Compressed),
    (b"\xFD7zXZ\0", Foreign::Compressed),
    (b"\x28\xB5\x2F\xFD", Foreign::Compressed),
    (b"7z\xBC\xAF\x27\x1C", Foreign::Compressed),
    (b"Rar!", Foreign::Compressed),
    (b"\x89PNG", Foreign::Image),
    (b"\xFF\xD8\xFF", Foreign::Image),
    (b"GIF8", Foreign::Image),
    (b"\xFF\xFE\0\0", Foreign::Utf32),
    (b"\0\0\xFE\xFF", Foreign::Utf32),
];

impl Foreign {
    /// The kind that the first bytes of a file tell.
    pub(super) fn of(first: &[u8]) -> Option<Foreign> {
        MAGIC.iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, foreign)| *foreign)
    }

    /// What the file is.
    pub(super) fn what(self) -> &'static str {
        match self {
            Foreign::OldExcel => "this is a file of Excel 97-2003 (.xls)",
            Foreign::Locked => "this is a workbook that a password protects",
            Foreign::Binary => "this is a binary workbook of Excel (.xlsb)",
            Foreign::OpenDocument => "this is an OpenDocument file (.ods)",
            Foreign::Numbers => "this is a file of Apple Numbers",
            Foreign::Word => "this is a file of Word or PowerPoint",
            Foreign::Zip => "this is a ZIP archive without a workbook in it",
            Foreign::Pdf => "this is a PDF, not a table",
            Foreign::Html => "this is a web page (HTML), whatever its name says",
            Foreign::Xml => "this is XML, whatever its name says",
            Foreign::Hwp => "this is a file of Hangul (.hwp), not a table",
            Foreign::Compressed => "this is a compressed file or an archive",
            Foreign::Image => "this is a picture, not a table",
            Foreign::Utf32 => "this is UTF-32 text",
        }
    }

    /// What to do about it.
    pub(super) fn help(self) -> &'static str {
        match self {
            Foreign::Locked => "open it in Excel and save it as XLSX without a password",
            Foreign::Zip | Foreign::Compressed => "unpack it, and name the roster that is in it",
            Foreign::Pdf | Foreign::Image | Foreign::Word | Foreign::Hwp => {
                "export the list from where it comes from as XLSX or CSV"
            }
            Foreign::Numbers => "export it from Numbers as Excel (XLSX) or CSV",
            Foreign::Utf32 => "save it as UTF-8",
            Foreign::OldExcel
            | Foreign::Binary
            | Foreign::OpenDocument
            | Foreign::Html
            | Foreign::Xml => {
                "open it in Excel or LibreOffice Calc and save it as XLSX, or as CSV in UTF-8"
            }
        }
    }
}
