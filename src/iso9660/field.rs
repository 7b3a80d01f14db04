//! How numbers, texts and dates are laid down.

/// Both byte orders, 16 bits (7.2.3).
pub(super) fn both16(number: u16) -> [u8; 4] {
    let ([a, b], [c, d]) = (number.to_le_bytes(), number.to_be_bytes());
    [a, b, c, d]
}

/// Both byte orders, 32 bits (7.3.3).
pub(super) fn both32(number: u32) -> [u8; 8] {
    let ([a, b, c, d], [e, f, g, h]) = (number.to_le_bytes(), number.to_be_bytes());
    [a, b, c, d, e, f, g, h]
}

/// No date, in a volume descriptor (8.4.26.1).
pub(super) const NO_DATE: [u8; 17] = *b"0000000000000000\0";

/// No date, in a directory record (9.1.5).
pub(super) const NO_RECORD_DATE: [u8; 7] = [0; 7];

/// The sectors that `bytes` fill.
pub(super) fn sectors(bytes: usize) -> usize {
    bytes.div_ceil(super::SECTOR)
}

/// Zeros up to the next sector.
pub(super) fn pad(image: &mut Vec<u8>) {
    image.resize(sectors(image.len()) * super::SECTOR, 0);
}
