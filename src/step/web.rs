//! The web server.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

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
        "configure": server.configure,
        "service": server.service,
        "complaint": server.complaint,
        "url": format!("http://127.0.0.1:{}/status.json", web.port),
        "headers": headers,
    });
    vec![Job::new(60, sentence, data)]
}
