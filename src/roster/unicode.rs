//! The forms of Unicode.
//!
//! In: a text. Out: the same in another form. The tables for it are large, and a browser has them
//! already: there they are its own, which the page gives with `provide`.
//! <https://www.unicode.org/reports/tr15/>

#[cfg(target_family = "wasm")]
pub use forms::{Unicode, provide};
pub(super) use forms::{is_mark, nfc, nfd, nfkc};

/// By tables.
#[cfg(not(target_family = "wasm"))]
mod forms {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;

    /// Letters and their marks in one.
    pub(in crate::roster) fn nfc(text: &str) -> String {
        text.nfc().collect()
    }

    /// Letters, and their marks behind them.
    pub(in crate::roster) fn nfd(text: &str) -> String {
        text.nfd().collect()
    }

    /// Composed, and compatible forms as plain ones.
    pub(in crate::roster) fn nfkc(text: &str) -> String {
        text.nfkc().collect()
    }

    /// Is it a mark on the letter before it?
    pub(in crate::roster) fn is_mark(letter: char) -> bool {
        is_combining_mark(letter)
    }
}

/// By the browser.
#[cfg(target_family = "wasm")]
mod forms {
    use std::sync::OnceLock;

    /// What a browser knows of Unicode.
    pub struct Unicode {
        /// A text in the form of this name, such as `NFC`.
        pub form: fn(&str, &'static str) -> String,
        /// Is it a mark on the letter before it?
        pub is_mark: fn(char) -> bool,
    }

    static KNOWN: OnceLock<Unicode> = OnceLock::new();

    /// Gives what the browser knows; once is enough.
    pub fn provide(unicode: Unicode) {
        let _ = KNOWN.set(unicode);
    }

    fn form(text: &str, name: &'static str) -> String {
        match KNOWN.get() {
            Some(unicode) if !text.is_ascii() => (unicode.form)(text, name),
            _ => text.to_owned(),
        }
    }

    pub(in crate::roster) fn nfc(text: &str) -> String {
        form(text, "NFC")
    }

    pub(in crate::roster) fn nfd(text: &str) -> String {
        form(text, "NFD")
    }

    pub(in crate::roster) fn nfkc(text: &str) -> String {
        form(text, "NFKC")
    }

    pub(in crate::roster) fn is_mark(letter: char) -> bool {
        KNOWN.get().is_some_and(|unicode| (unicode.is_mark)(letter))
    }
}
