//! What the browser has and the module need not bring: random numbers and the forms of Unicode.
//!
//! In: places in memory. Out: the browser has written there. The module imports nothing else; what
//! the functions do is in `web/src/browser.ts`.

use bootseed::roster::credentials::Random;

/// Outside of a browser, as in a test, all of it is the system's.
#[cfg(not(target_family = "wasm"))]
pub(crate) const RANDOM: Random = bootseed::roster::credentials::SYSTEM;

/// There is nothing to be given.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn provide() {}

/// Where random numbers come from.
#[cfg(target_family = "wasm")]
pub(crate) const RANDOM: Random = |bytes| {
    unsafe { imported::random(bytes.as_mut_ptr(), bytes.len()) };
    Ok(())
};

/// Gives the library what the browser knows of Unicode.
#[cfg(target_family = "wasm")]
pub(crate) fn provide() {
    use bootseed::roster::unicode::{self, Unicode};

    let is_mark = |letter| unsafe { imported::is_mark(u32::from(letter)) } != 0;
    unicode::provide(Unicode { form, is_mark });
}

#[cfg(target_family = "wasm")]
fn form(text: &str, name: &'static str) -> String {
    let length =
        unsafe { imported::normalize(name.as_ptr(), name.len(), text.as_ptr(), text.len()) };
    let mut bytes = vec![0; length];
    unsafe { imported::normalized(bytes.as_mut_ptr()) };
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(target_family = "wasm")]
mod imported {
    #[link(wasm_import_module = "browser")]
    unsafe extern "C" {
        /// Fills so many bytes.
        pub(super) fn random(place: *mut u8, length: usize);
        /// Is it a mark on the letter before it?
        pub(super) fn is_mark(letter: u32) -> u32;
        /// Puts a text into the form of a name, and gives the length of that in bytes.
        pub(super) fn normalize(
            name: *const u8,
            name_length: usize,
            text: *const u8,
            text_length: usize,
        ) -> usize;
        /// Writes the text that was last put into a form.
        pub(super) fn normalized(place: *mut u8);
    }
}
