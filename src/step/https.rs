//! HTTPS: what asks for the certificate, beside the steps.

use serde_json::json;

use super::{Job, Kind, Lane, certbot};
use crate::plan::{Https, Plan};

pub(super) const HTTPS: Kind =
    Kind { name: "https", lane: Lane::System, guest: &[super::PACKAGES, "steps/https.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some((web, https)) = plan.web.as_ref().and_then(|web| Some((web, web.https.as_ref()?)))
    else {
        return Vec::new();
    };
    let server = web.server.0;
    let by_address = https.names.is_empty();
    let (whose, when) = match by_address {
        true => ("its own address".to_string(), "beside the other steps"),
        false => (https.names.join(", "), "once that points here"),
    };
    let sentence = format!("{} is asked for a certificate of {whose}, {when}", https.authority());
    let data = json!({
        "packages": if by_address { vec![] } else { vec!["certbot"] },
        "names": https.names,
        "command": command(https, server.service),
        "service": server.service,
        "test": server.test,
        "switch": server.secure.switch,
        "redirect": server.secure.redirect,
    });
    let before = by_address.then(|| certbot::CERTBOT.name.to_string());
    vec![Job::new(60, sentence, data).needs(["web".to_string()].into_iter().chain(before))]
}

/// As it is typed, but for the names.
fn command(https: &Https, service: &str) -> Vec<String> {
    let reload = format!("systemctl reload {service}");
    let program = if https.names.is_empty() { certbot::PROGRAM } else { "certbot" };
    let mut words: Vec<&str> = [program, "certonly", "-n", "--agree-tos"].to_vec();
    match &https.email {
        Some(email) => words.extend(["-m", email]),
        None => words.push("--register-unsafely-without-email"),
    }
    match &https.directory {
        Some(url) => words.extend(["--server", url]),
        None if https.staging => words.push("--staging"),
        None => {}
    }
    if https.names.is_empty() {
        words.extend(["--preferred-profile", "shortlived"]);
    }
    words.extend(["--cert-name", "bootseed", "--renew-with-new-domains"]);
    words.extend(["--webroot", "-w", "/var/lib/bootseed/acme", "--deploy-hook", &reload]);
    words.into_iter().map(String::from).collect()
}
