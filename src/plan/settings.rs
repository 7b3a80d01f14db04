//! What the machine is called and set to: its name, time zone, locale and swap.
//!
//! In: the parameters, and keys of cloud-config of the owner's own, each of which may say it. Out:
//! [`Settings`]; that two do not say different things is looked after where the keys are merged.

use serde_json::{Map, Value, json};

use crate::source::Path;
use crate::spec::{self, Spec};

/// Space of the swap that `auto` makes at most, in MB.
const AUTO_MB: u32 = 2048;

/// What the machine is set to.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Its name.
    pub(super) hostname: Option<String>,
    /// Its time zone.
    pub(super) timezone: Option<String>,
    /// Its locale.
    pub(super) locale: Option<String>,
    /// Size of its swap file at most, in MB.
    pub(super) swap_mb: Option<u32>,
}

impl Settings {
    pub(super) fn resolve(spec: &Spec, extras: &[(Path, Map<String, Value>)]) -> Settings {
        let of_the_owner = |key: &str| extras.iter().find_map(|(_, extra)| extra.get(key));
        let text = |said: &Option<String>, key: &str| {
            said.clone().or_else(|| Some(of_the_owner(key)?.as_str()?.to_owned()))
        };
        let swap = spec.swap.as_ref().and_then(megabytes);
        Settings {
            hostname: text(&spec.hostname, "hostname"),
            timezone: text(&spec.timezone, "timezone"),
            locale: text(&spec.locale, "locale"),
            swap_mb: swap.or_else(|| of_the_owner("swap").map(own_megabytes)),
        }
    }
}

/// Those of a swap file that there is, rounded down.
fn megabytes(swap: &spec::Swap) -> Option<u32> {
    match swap.bytes().ok()? {
        None => Some(AUTO_MB),
        Some(0) => None,
        Some(bytes) => Some(whole_megabytes(bytes)),
    }
}

/// Those of the owner's own `swap`; where it has no size in bytes, cloud-init chooses.
fn own_megabytes(swap: &Value) -> u32 {
    swap.get("size").and_then(Value::as_u64).map_or(AUTO_MB, whole_megabytes)
}

fn whole_megabytes(bytes: u64) -> u32 {
    u32::try_from(bytes >> 20).unwrap_or(u32::MAX >> 1)
}

/// A swap file, as cloud-init is told of it.
/// <https://docs.cloud-init.io/en/latest/reference/modules.html#mounts>
pub(super) fn swap(swap: &spec::Swap) -> Option<Value> {
    match swap.bytes() {
        Ok(None) => {
            let most = format!("{}G", AUTO_MB / 1024);
            Some(json!({"filename": "/swap.img", "size": "auto", "maxsize": most}))
        }
        Ok(Some(bytes)) if bytes > 0 => Some(json!({"filename": "/swap.img", "size": bytes})),
        _ => None,
    }
}
