//! In the place of [`super::folder`] where there are no folders: in a browser.

use std::path::Path as FilePath;

use super::code::Code;

impl Code {
    /// There is nothing that could be read.
    pub(super) fn walk(self, folder: &FilePath, _: &[String]) -> Result<Code, String> {
        Err(format!("cannot read `{}`: there are no folders here", folder.display()))
    }
}
