//! HTTPS, with every choice made.

use serde::Serialize;

use crate::spec;

/// HTTPS of the web server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Https {
    /// The names that it is for; none if it is for the address of the machine.
    pub names: Vec<String>,
    /// Where the authority writes to.
    pub email: Option<String>,
    /// Is it asked of Let's Encrypt's test authority?
    pub staging: bool,
    /// Another authority.
    pub directory: Option<String>,
}

/// What asks for the certificate, and when: where the files go, and their templates.
pub(super) const FILES: &[(&str, &str)] = &[
    ("/etc/systemd/system/bootseed-https.service", "web/https.service.j2"),
    ("/etc/systemd/system/bootseed-https.timer", "web/https.timer.j2"),
];

impl Https {
    pub(super) fn of(https: &spec::Https) -> Https {
        Https {
            names: https.names().cloned().collect(),
            email: https.email.clone(),
            staging: https.staging == Some(true),
            directory: https.directory.clone(),
        }
    }

    /// Who gives the certificate, and what limits it has.
    pub fn authority(&self) -> String {
        match &self.directory {
            Some(url) => format!("the authority at {url}"),
            None if self.staging => "Let's Encrypt's test authority".into(),
            None => "Let's Encrypt".into(),
        }
    }

    /// Is the certificate one of those that names of one domain share?
    pub fn shares(&self) -> bool {
        self.limits().is_some() && !self.names.is_empty()
    }

    /// How many certificates there may be in a week, where that is known.
    /// <https://letsencrypt.org/docs/rate-limits/>
    pub fn limits(&self) -> Option<&'static str> {
        let public = self.directory.is_none() && !self.staging;
        let by_name = "Let's Encrypt gives 50 a week for all names of one domain, and 5 for the \
                       same name: machines that replace one another use them up";
        let by_address = "Let's Encrypt gives 5 a week for the same address";
        public.then_some(if self.names.is_empty() { by_address } else { by_name })
    }
}
