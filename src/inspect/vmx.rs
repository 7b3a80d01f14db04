//! Lines of a `.vmx` file: `guestinfo` variables.
//!
//! <https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html>

use super::budget::Budget;
use super::envelope::{Opened, Sort};

const KEY: &str = "guestinfo.userdata";

/// Values of the variable that says how the user-data is encoded: `decode` in
/// `DataSourceVMware.py` of cloud-init.
const ENCODINGS: &[(&str, Sort)] = &[
    ("gzip+base64", Sort::Base64Carrier),
    ("gz+b64", Sort::Base64Carrier),
    ("base64", Sort::TextCarrier),
    ("b64", Sort::TextCarrier),
];

/// Opens text that is lines of a `.vmx` file and nothing else.
pub(super) fn open(bytes: &[u8], _: &mut Budget) -> Option<Opened> {
    let text = std::str::from_utf8(bytes).ok()?;
    if !text.contains(KEY) {
        return None;
    }
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<(&str, &str)> = lines.map(variable).collect::<Option<_>>()?;
    let value = |wanted: &str| {
        let found = lines.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| *value)
    };
    let content = value(KEY)?.as_bytes().to_vec();
    let encoding = value("guestinfo.userdata.encoding").unwrap_or_default();
    let known = ENCODINGS.iter().find(|(name, _)| *name == encoding);
    let sort = known.map_or(Sort::PlainCarrier, |(_, sort)| *sort);
    Some(Opened::one(format!("vmx ({KEY})"), sort, content))
}

/// `name = "value"`
fn variable(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let good = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
    (!name.is_empty() && name.chars().all(good)).then(|| (name, value.trim_matches('"')))
}
