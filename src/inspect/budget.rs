//! How much is done for one payload, whatever is in it.
//!
//! A cloud hands out 64 KiB at most, a seed perhaps a few MiB; a few KiB that were made for it can
//! unpack to gigabytes, or ask for days of reading.

/// What is left for one payload, everything in it together.
pub(super) struct Budget {
    bytes: usize,
    yaml: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { bytes: 64 << 20, yaml: 8 << 20 }
    }
}

impl Budget {
    /// Bytes that may still be unpacked or copied.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes these bytes off what is left; `false` if they are too many.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        take(&mut self.bytes, bytes)
    }

    /// The same for bytes that are read as YAML, which takes longer.
    pub(super) fn take_yaml(&mut self, bytes: usize) -> bool {
        take(&mut self.yaml, bytes)
    }
}

fn take(left: &mut usize, bytes: usize) -> bool {
    let fits = bytes <= *left;
    *left = left.saturating_sub(bytes);
    fits
}
