//! A part as it was found, before it is judged.

/// What is known of a part's type before its content is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Label {
    /// Nothing: the content decides.
    Content,
    /// The type of a MIME part. For some types the content decides after all.
    Mime(String),
    /// The type of an archive's item, which counts as it is.
    Item(String),
}

/// A part, decoded.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: Option<String>,
    pub(super) label: Label,
    pub(super) content: Vec<u8>,
    /// What cloud-init makes of the content, where it damages it.
    pub(super) damaged: Option<Vec<u8>>,
    /// The only machine that the part is for.
    pub(super) launch_index: Option<String>,
    /// What is to be said of it.
    pub(super) said: Vec<String>,
}

impl Found {
    pub(super) fn new(label: Label, content: impl Into<Vec<u8>>) -> Found {
        let content = content.into();
        Found { name: None, label, content, damaged: None, launch_index: None, said: Vec::new() }
    }

    /// What is too much to be looked at.
    pub(super) fn beyond() -> Found {
        let mut found = Found::new(Label::Item("multipart/mixed".into()), "");
        found.said.push("there is more in it than is looked at here".into());
        found
    }

    /// Notes that cloud-init damages the content, and why.
    pub(super) fn is_damaged(&mut self, why: String) {
        self.damaged = Some(super::transfer::damage(&String::from_utf8_lossy(&self.content)));
        self.said.push(why);
    }

    /// The bytes that cloud-init sees.
    pub(super) fn seen(&self) -> &[u8] {
        self.damaged.as_deref().unwrap_or(&self.content)
    }
}
