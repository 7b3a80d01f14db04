//! Absolute paths of the machine, compared by what they name.

/// A path without what makes no difference, and without `..`.
pub fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.into_iter().flat_map(|part| ["/", part]).collect()
}

/// An absolute path as it is kept: without `//`, `/./` and a `/` at its end; one of a file keeps
/// that, since it names a directory. What has `..` in it is refused later, and stays as it is.
pub(super) fn normal(path: &str, file: bool) -> String {
    if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return path.to_owned();
    }
    let directory = file && (path.ends_with('/') || path.ends_with("/."));
    let plain = plain(path);
    if directory || plain.is_empty() { plain + "/" } else { plain }
}

/// Is `path` this directory, or in it?
pub fn under(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
