//! The top folder of a FAT file system, for seeds that `cloud-localds -f vfat` and others write.
//!
//! Sections are those of Microsoft's "FAT: General Overview of On-Disk Format", version 1.03.
//! Any bytes may come in; no more comes out than the image has.

/// A volume.
pub(super) struct Volume {
    pub(super) label: String,
    /// Names in small letters, since Linux does not tell capitals from them here.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

/// Entries of the top folder that are looked at.
const ENTRIES: usize = 1_024;

const ENTRY: usize = 32;

/// Flags of an entry: a label, a folder, a piece of a long name.
const LABEL: u8 = 0x08;
const FOLDER: u8 = 0x10;
const LONG_NAME: u8 = 0x0F;

/// What the boot sector says.
struct Layout<'a> {
    image: &'a [u8],
    cluster: usize,
    fat: usize,
    root: usize,
    root_bytes: usize,
    data: usize,
    clusters: usize,
    root_cluster: Option<u32>,
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

impl<'a> Layout<'a> {
    /// "Boot Sector and BPB"
    fn read(image: &'a [u8]) -> Option<Layout<'a>> {
        let at = |at, length| number(image, at, length);
        let sector = at(11, 2).filter(|bytes| [512, 1024, 2048, 4096].contains(bytes))?;
        let per_cluster = at(13, 1).filter(|sectors| sectors.is_power_of_two())?;
        let good = matches!(image.first()?, 0xEB | 0xE9) && image.get(510..512)? == b"\x55\xAA";
        let or = |small: usize, large| if small == 0 { at(large, 4) } else { Some(small) };
        let (reserved, fats, entries) = (at(14, 2)?, at(16, 1)?, at(17, 2)?);
        let (total, fat_sectors) = (or(at(19, 2)?, 32)?, or(at(22, 2)?, 36)?);
        if !good || !(1..=4).contains(&fats) || reserved == 0 {
            return None;
        }
        let root = (reserved + fats * fat_sectors) * sector;
        let root_bytes = (entries * ENTRY).next_multiple_of(sector);
        let data = root + root_bytes;
        let (cluster, fat) = (per_cluster * sector, reserved * sector);
        let clusters = (total * sector).min(image.len()).checked_sub(data)? / cluster;
        let root_cluster = if entries == 0 { u32::try_from(at(44, 4)?).ok() } else { None };
        Some(Layout { image, cluster, fat, root, root_bytes, data, clusters, root_cluster })
    }

    /// "FAT Type Determination", and the entry of a cluster.
    fn next(&self, cluster: usize) -> Option<usize> {
        if self.root_cluster.is_some() {
            return Some(number(self.image, self.fat + cluster * 4, 4)? & 0x0FFF_FFFF);
        }
        if self.clusters >= 4_085 {
            return number(self.image, self.fat + cluster * 2, 2);
        }
        let pair = number(self.image, self.fat + cluster + cluster / 2, 2)?;
        Some(if cluster.is_multiple_of(2) { pair & 0xFFF } else { pair >> 4 })
    }

    /// The bytes of a chain of clusters, `most` of them.
    fn chain(&self, first: usize, most: usize) -> Option<Vec<u8>> {
        let (mut bytes, mut cluster) = (Vec::new(), first);
        for _ in 0..self.clusters {
            if bytes.len() >= most || !(2..self.clusters + 2).contains(&cluster) {
                break;
            }
            let start = self.data + (cluster - 2) * self.cluster;
            bytes.extend(self.image.get(start..start + self.cluster)?);
            cluster = self.next(cluster)?;
        }
        bytes.truncate(most);
        Some(bytes)
    }

    fn root(&self) -> Option<Vec<u8>> {
        match self.root_cluster {
            Some(cluster) => self.chain(usize::try_from(cluster).ok()?, ENTRIES * ENTRY),
            None => Some(self.image.get(self.root..self.root + self.root_bytes)?.to_vec()),
        }
    }
}

/// The volume, if the bytes are one.
pub(super) fn read(image: &[u8]) -> Option<Volume> {
    let layout = Layout::read(image)?;
    let mut volume = Volume { label: String::new(), files: Vec::new() };
    let (mut long, mut left) = (String::new(), image.len());
    for entry in layout.root()?.chunks_exact(ENTRY).take(ENTRIES) {
        match (entry[0], entry[11]) {
            (0, _) => break,
            (0xE5, _) => long.clear(),
            (_, LONG_NAME) => long = long_name(entry) + &long,
            (_, flags) if flags & LABEL != 0 => volume.label = short(&entry[..11]),
            (_, flags) => {
                let name = std::mem::take(&mut long);
                let name = if name.is_empty() { short_name(entry) } else { name.to_lowercase() };
                let first = number(entry, 20, 2)? << 16 | number(entry, 26, 2)?;
                let size = number(entry, 28, 4)?;
                if flags & FOLDER == 0 && size <= left {
                    left -= size;
                    volume.files.push((name, layout.chain(first, size)?));
                }
            }
        }
    }
    Some(volume)
}

fn short(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches([' ', '\0']).to_string()
}

fn short_name(entry: &[u8]) -> String {
    let (base, extension) = (short(&entry[..8]), short(&entry[8..11]));
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{base}{dot}{extension}").to_lowercase()
}

/// "Long Directory Entries": 13 characters of UTF-16.
fn long_name(entry: &[u8]) -> String {
    let pairs = [&entry[1..11], &entry[14..26], &entry[28..32]].concat();
    let units = pairs.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0 && *unit != 0xFFFF).collect();
    String::from_utf16_lossy(&units)
}
