//! Damaged inputs: of one that is kept, pieces are taken out, doubled, replaced by a word that steers
//! what is read, by a byte, or by a piece of another.

use std::ops::Range;

/// Puts an input into an envelope.
pub(crate) type Wrap = fn(&[u8], &mut Random) -> Vec<u8>;

/// How the inputs of a target are changed.
pub(crate) struct Mutation {
    /// Longer inputs are cut, in bytes.
    pub(crate) longest: usize,
    /// Words that steer what is read.
    pub(crate) words: &'static [&'static [u8]],
    /// The envelope of the target, if it has one.
    pub(crate) wrap: Option<Wrap>,
}

/// xorshift64*: <https://doi.org/10.18637/jss.v008.i14>
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_add(0x9E37_79B9_7F4A_7C15).max(1))
    }

    /// A number below an end; 0 if there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or_default() % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or_default()
    }

    fn range(&mut self, length: usize) -> Range<usize> {
        let start = self.below(length + 1);
        let most = (length - start).min(if self.below(4) == 0 { length } else { 64 });
        start..start + self.below(most + 1)
    }
}

impl Mutation {
    /// A damaged form of one of the corpus.
    pub(crate) fn of(&self, corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
        let mut bytes = corpus[random.below(corpus.len())].clone();
        for _ in 0..=random.below(4) {
            bytes = self.changed(bytes, corpus, random);
            bytes.truncate(self.longest);
        }
        bytes
    }

    fn changed(&self, mut bytes: Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
        let range = random.range(bytes.len());
        match random.below(10) {
            0 => drop(bytes.drain(range)),
            1 => bytes.truncate(range.start),
            2 | 3 => {
                let word = self.words[random.below(self.words.len())];
                bytes.splice(range, word.iter().copied());
            }
            4 => {
                let piece = bytes[range].to_vec();
                let at = random.below(bytes.len() + 1);
                bytes.splice(at..at, piece);
            }
            5 => {
                let other = &corpus[random.below(corpus.len())];
                let piece = other[random.range(other.len())].to_vec();
                bytes.splice(range, piece);
            }
            6 => bytes = self.repeated(&bytes, range, random),
            7 if let Some(wrap) = self.wrap => bytes = wrap(&bytes, random),
            _ => {
                if let Some(byte) = bytes.get_mut(range.start) {
                    *byte = random.byte();
                }
            }
        }
        bytes
    }

    /// A piece of the input many times.
    fn repeated(&self, bytes: &[u8], range: Range<usize>, random: &mut Random) -> Vec<u8> {
        let piece = &bytes[range.clone()];
        let most = self.longest.saturating_sub(bytes.len()) / piece.len().max(1);
        let most = if random.below(8) == 0 { most } else { most.min(20) };
        let times = random.below(most + 1);
        [&bytes[..range.end], &piece.repeat(times), &bytes[range.end..]].concat()
    }
}
