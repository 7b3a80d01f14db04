//! The two trees of an image: how each writes texts and names.

use super::susp;

/// One of the two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// Capitals, with Rock Ridge beside them.
    Primary,
    /// UCS-2, big-endian.
    /// <https://www.pjrc.com/docs/specs/cdrom/joliet/pg5.html>
    Joliet,
}

/// Characters of a file's identifier in the primary tree, without the dot (7.5.1, 10.2).
const LONGEST: usize = 30;

/// A name in the characters that ISO 9660 allows (7.4.1): `user-data` is `USER_DATA`.
pub(super) fn identifier(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().take(LONGEST).map(allowed).collect()
}

impl Tree {
    /// ASCII text in the tree's characters.
    pub(super) fn text(self, text: &str) -> Vec<u8> {
        match self {
            Tree::Primary => text.as_bytes().to_vec(),
            Tree::Joliet => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }

    /// Text of a volume descriptor, filled up with blanks (7.4.3.2). Where half a character of
    /// Joliet's is left at the end, it stays zero.
    pub(super) fn field(self, text: &str, length: usize) -> Vec<u8> {
        let mut field = self.text(text);
        let blank = self.text(" ");
        while field.len() + blank.len() <= length {
            field.extend(&blank);
        }
        field.resize(length, 0);
        field
    }

    /// The identifier of a file: name, dot, version 1 (7.5.1). In the Joliet tree genisoimage leaves
    /// the version out, and some readers would show it.
    pub(super) fn file(self, name: &str) -> Vec<u8> {
        match self {
            Tree::Primary => self.text(&format!("{}.;1", identifier(name))),
            Tree::Joliet => self.text(name),
        }
    }

    /// What stands beside the identifier of a file.
    pub(super) fn beside_file(self, name: &str) -> Vec<u8> {
        match self {
            Tree::Primary => [susp::posix(susp::FILE_MODE, 1), susp::name(name)].concat(),
            Tree::Joliet => Vec::new(),
        }
    }

    /// What stands beside the folder's record of itself, and of its parent, which is itself.
    pub(super) fn beside_folder(self, itself: bool) -> Vec<u8> {
        match (self, itself) {
            (Tree::Primary, true) => {
                [susp::start(), susp::posix(susp::FOLDER_MODE, 2), susp::rock_ridge()].concat()
            }
            (Tree::Primary, false) => susp::posix(susp::FOLDER_MODE, 2),
            (Tree::Joliet, _) => Vec::new(),
        }
    }
}
