//! Whom the machine tells how it is, with every choice made.

use serde::Serialize;

use super::{Plan, PlannedFile};
use crate::secret::Secret;
use crate::spec;

/// Whom the machine tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Telling {
    /// Where its status goes.
    pub url: String,
    /// Is there a token to send along?
    pub token: bool,
}

/// Where the token is on the machine: root alone can read it.
pub const TOKEN: &str = "/etc/bootseed/report-token";

pub(super) fn resolve(status: &spec::Status) -> Option<(Telling, Option<PlannedFile>)> {
    let url = status.report.clone()?;
    let token = status.token.as_ref();
    Some((Telling { url, token: token.is_some() }, token.map(file)))
}

fn file(token: &Secret<String>) -> PlannedFile {
    let (text, origin) = (token.expose().clone(), "status.token".into());
    PlannedFile { mode: "0600".into(), ..PlannedFile::text(TOKEN.into(), text, origin) }
}

impl Plan {
    /// Gives the machine a token, if it tells somebody and has none of its owner's.
    pub fn give_token(&mut self, token: &Secret<String>) {
        if let Some(telling) = self.telling.as_mut().filter(|telling| !telling.token) {
            telling.token = true;
            self.files.push(file(token));
        }
    }
}
