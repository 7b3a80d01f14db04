//! Seed images: a drive that a machine looks for.

use super::budget::Budget;
use super::envelope::{Opened, Sort};
use crate::iso9660;

/// A kind of seed.
struct Seed {
    /// Labels that a machine looks for.
    labels: &'static [&'static str],
    user_data: &'static str,
    /// Files without which a machine does not take it.
    needed: &'static [&'static str],
}

/// The first one is what an image without a known label is compared with.
/// `DataSourceNoCloud.py` and `DataSourceConfigDrive.py` of cloud-init
const SEEDS: &[Seed] = &[
    Seed { labels: &["cidata", "CIDATA"], user_data: "user-data", needed: &["meta-data"] },
    Seed {
        labels: &["config-2", "CONFIG-2"],
        user_data: "openstack/latest/user_data",
        needed: &["openstack/latest/meta_data.json"],
    },
];

pub(super) fn open(bytes: &[u8], budget: &mut Budget) -> Option<Opened> {
    let (label, files) = (iso9660::label(bytes).ok()?, iso9660::read(bytes).ok()?);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let envelope = format!("seed image ({})", names.join(", "));
    let known = SEEDS.iter().find(|seed| seed.labels.contains(&label.as_str()));
    let seed = known.unwrap_or(&SEEDS[0]);
    let lacking = seed.needed.iter().chain([&seed.user_data]).find(|name| !names.contains(name));
    let lost = match (known, lacking) {
        (_, Some(name)) => Some(format!("the image has no file {name}: no machine takes it")),
        (None, _) => Some(format!("the image is labelled {label:?}: machines look for cidata")),
        _ => None,
    };
    let user_data = files.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(seed.user_data));
    let content = user_data.map(|(_, bytes)| bytes).unwrap_or_default();
    budget.take(content.len());
    Some(Opened { lost, ..Opened::one(envelope, Sort::PlainCarrier, content) })
}
