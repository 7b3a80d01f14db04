//! A difference from what cloud-init's schema allows.

use std::ops::Range;

/// A difference, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of difference.
    pub kind: FaultKind,
    /// The key by its path in the table: `users[].name`.
    pub path: String,
    /// Its bytes in the part: of the key where that is wrong, of the value otherwise.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// A text for the range that repairs it and changes nothing else.
    pub replacement: Option<String>,
}

/// What kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// A key that cloud-init does not know there.
    UnknownKey,
    /// A value of another type.
    WrongType,
    /// One text where a list is wanted.
    ScalarForList,
    /// A command that became a map, because of a `: ` in it.
    CommandBecomesMap,
    /// A command that is true, false or a number.
    NonStringCommand,
    /// A file mode that is a number.
    UnquotedMode,
    /// A value that is none of the allowed ones.
    BadValue,
    /// A key without a value, or with an empty one.
    EmptyKey,
    /// A key that has to be there, and is not.
    MissingKey,
    /// A key or a value that newer releases warn of.
    Deprecated,
    /// The whole document is no map.
    NoMap,
    /// A key that came with a later release.
    Since(u16, u16),
}

impl FaultKind {
    /// Does cloud-init's schema reject the document for it?
    pub fn is_rejected(self) -> bool {
        !matches!(self, FaultKind::Deprecated | FaultKind::Since(..))
    }
}
