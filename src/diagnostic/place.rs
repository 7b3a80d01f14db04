//! Which file on the disk a place is in.

use super::Spot;

/// The file that has the place, and whether the place's lines are those of the file; none of a value
/// by itself, and none of an option of the call, such as `--set hostname`.
pub(super) fn file(spot: &Spot) -> Option<(&str, bool)> {
    spot.start.filter(|_| !spot.source.starts_with("--"))?;
    let inner = spot.source.strip_suffix(')').and_then(|rest| rest.split_once(" ("));
    Some(match inner {
        // A copy, as browsers name them.
        Some((_, within)) if within.bytes().all(|byte| byte.is_ascii_digit()) => {
            (&spot.source, true)
        }
        Some((outer, _)) => (outer, false),
        None => (&spot.source, true),
    })
}
