//! certbot by pip, for certificates of addresses.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

/// Where it is installed.
const HOME: &str = "/opt/certbot";

/// The program.
pub(super) const PROGRAM: &str = "/opt/certbot/bin/certbot";

/// The first that asks for addresses by webroot:
/// <https://letsencrypt.org/2026/03/11/shorter-certs-certbot>
const PACKAGE: &str = "certbot>=5.4";

pub(super) const CERTBOT: Kind = Kind {
    name: "certbot",
    lane: Lane::System,
    guest: &["download.py", super::PACKAGES, "pip_faults.py", "steps/certbot.py"],
    jobs,
};

fn jobs(plan: &Plan) -> Vec<Job> {
    let https = plan.web.as_ref().and_then(|web| web.https.as_ref());
    let Some(_) = https.filter(|https| https.names.is_empty()) else { return Vec::new() };
    let system = [plan.distro.0.packages.venv];
    let data = json!({ "system": system, "home": HOME, "package": PACKAGE });
    vec![Job::new(60, format!("{PACKAGE} is installed in {HOME}"), data)]
}
