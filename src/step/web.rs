//! The web server.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::{Plan, Web};

pub(super) const WEB: Kind =
    Kind { name: "web", lane: Lane::System, guest: &[super::PACKAGES, "steps/web.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some(web) = &plan.web else { return Vec::new() };
    let server = web.server.0;
    let asks = if web.auth.is_some() { ", where it asks for a password" } else { "" };
    let sentence = format!(
        "{} is installed, configured, enabled and started, and answers on port {}{asks}",
        server.name, web.port
    );
    let headers = match &web.server_name {
        Some(name) => json!({ "Host": name }),
        None => json!({}),
    };
    let data = json!({
        "packages": [server.package],
        "default_site": server.default_site,
        "configure": configure(web),
        "service": server.service,
        "complaint": server.complaint,
        "url": format!("http://127.0.0.1:{}/status.json", web.port),
        "headers": headers,
    });
    vec![Job::new(60, sentence, data)]
}

/// What a web server cannot do without: it would not start with a certificate that is gone.
const WITHOUT_CERTIFICATE: &[&str] = &[
    "sh",
    "-c",
    "test -e /etc/letsencrypt/live/bootseed/fullchain.pem || rm -f /etc/bootseed/https.conf",
];

/// Commands that prepare the server and test its configuration.
fn configure(web: &Web) -> Vec<&'static [&'static str]> {
    let server = web.server.0;
    let secure = web.https.as_ref().map(|_| [Some(WITHOUT_CERTIFICATE), server.secure.prepare]);
    let prepare = [server.prepare].into_iter().chain(secure.into_iter().flatten()).flatten();
    prepare.chain([server.test]).collect()
}
