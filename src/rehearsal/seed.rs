//! The NoCloud seed of a rehearsal.
//! <https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html>

/// An instance of its own, which no image has seen before.
const META_DATA: &str = "instance-id: bootseed-rehearsal\n";

/// The files of the seed: names and contents.
pub(super) fn files(user_data: &[u8]) -> [(&'static str, &[u8]); 2] {
    [("meta-data", META_DATA.as_bytes()), ("user-data", user_data)]
}
