//! Lays out an image: descriptors, path tables, the folder in both trees, data.

use super::directory::{Entry, Extent, contents};
use super::field::{pad, sectors};
use super::tree::Tree;
use super::volume::{Volume, descriptor, path_tables, terminator};
use super::{FIRST_DESCRIPTOR, Iso9660Error, SECTOR, limit};

const TREES: [Tree; 2] = [Tree::Primary, Tree::Joliet];

/// Where the path tables begin: after two descriptors and the terminator.
const PATH_TABLES: u32 = FIRST_DESCRIPTOR as u32 + 3;

/// Where the folders begin: after two path tables for each tree.
const FOLDERS: u32 = PATH_TABLES + 4;

/// An image with this volume label and these files. The same input gives the same bytes.
///
/// # Errors
///
/// A label, a name, or an amount of files that such an image is not made for.
pub fn image(label: &str, files: &[(&str, &[u8])]) -> Result<Vec<u8>, Iso9660Error> {
    limit::check(label, files)?;
    // How long the folders are does not depend on where the files lie.
    let mut next = FOLDERS;
    let nowhere: Vec<_> =
        files.iter().map(|(name, _)| Entry { name, extent: Extent::default() }).collect();
    let folders = TREES.map(|tree| {
        let bytes = contents(tree, Extent::default(), &nowhere).len();
        take(&mut next, bytes)
    });
    let entries: Vec<_> = files
        .iter()
        .map(|(name, content)| Entry { name, extent: take(&mut next, content.len()) })
        .collect();

    let mut image = vec![0; FIRST_DESCRIPTOR * SECTOR];
    for (tree, (folder, tables)) in TREES.into_iter().zip(folders.into_iter().zip([0, 2])) {
        let path_tables = PATH_TABLES + tables;
        image.extend(descriptor(tree, &Volume { label, sectors: next, folder, path_tables }));
    }
    image.extend(terminator());
    for folder in folders {
        image.extend(path_tables(folder));
    }
    for (tree, folder) in TREES.into_iter().zip(folders) {
        image.extend(contents(tree, folder, &entries));
    }
    for (_, content) in files {
        image.extend_from_slice(content);
        pad(&mut image);
    }
    Ok(image)
}

/// The next free sectors, for so many bytes. All of them together are far below 4 GiB. What is
/// empty lies nowhere, as it might be beyond the end.
fn take(next: &mut u32, bytes: usize) -> Extent {
    if bytes == 0 {
        return Extent::default();
    }
    let extent = Extent { sector: *next, bytes: bytes as u32 };
    *next += sectors(bytes) as u32;
    extent
}

#[cfg(test)]
mod tests {
    use super::super::{MAX_BYTES, MAX_FILES, label, read};
    use super::*;

    fn round_trip(label_: &str, files: &[(&str, &[u8])]) {
        let image = image(label_, files).unwrap();
        assert_eq!(image.len() % SECTOR, 0);
        assert_eq!(label(&image).unwrap(), label_);
        let mut expected: Vec<_> =
            files.iter().map(|(name, content)| ((*name).to_string(), content.to_vec())).collect();
        expected.sort_by_key(|(name, _)| super::super::tree::identifier(name));
        assert_eq!(read(&image).unwrap(), expected);
    }

    #[test]
    fn what_is_written_is_read() {
        round_trip("cidata", &[("user-data", b"#cloud-config\n"), ("meta-data", b"")]);
        round_trip("A", &[]);
        let exact = [7u8; 2 * SECTOR];
        round_trip("config-2", &[("exact", &exact), ("a.b.c", &exact[..1]), ("z", &exact[1..])]);
    }

    #[test]
    fn many_long_names_fill_several_sectors() {
        let names: Vec<_> = (0..MAX_FILES).map(|i| format!("{i:02}-{}", "n".repeat(61))).collect();
        let files: Vec<_> = names.iter().map(|name| (&name[..], name.as_bytes())).collect();
        round_trip("cidata", &files);
    }

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let files: &[(&str, &[u8])] = &[("user-data", b"u"), ("meta-data", b"m")];
        assert_eq!(image("cidata", files), image("cidata", files));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |label: &str, names: &[&str]| {
            let files: Vec<_> = names.iter().map(|name| (*name, &[][..])).collect();
            image(label, &files).unwrap_err().to_string()
        };
        let long = "n".repeat(65);
        for name in ["", ".", "..", "a/b", "a b", "ü", "a\n", &long] {
            assert!(refused("cidata", &[name]).starts_with("the file name"), "{name}");
        }
        for label in ["", "a b", "ü", "12345678901234567"] {
            assert!(refused(label, &[]).starts_with("the volume label"), "{label}");
        }
        assert!(refused("cidata", &["a", "user-data", "USER_DATA"]).contains("too much alike"));
        assert_eq!(refused("cidata", &["a"; MAX_FILES + 1]), "more than 64 files");
        let large = vec![0; MAX_BYTES / 2 + 1];
        let error = image("cidata", &[("a", &large), ("b", &large)]).unwrap_err();
        assert_eq!(error.to_string(), "more than 64 MiB of files");
    }
}
