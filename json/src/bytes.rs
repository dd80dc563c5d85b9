//! Finds bytes in UTF-8, one byte eight at a time and several by a set, and counts UTF-16 code units.

use crate::steps::count;

/// Finds the first `wanted` byte at or after `from`: its index.
pub fn find(text: &str, from: usize, wanted: u8) -> Option<usize> {
    let mut rest = text.as_bytes().get(from..)?;
    let mut at = from;
    count(1);
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let found = zeros(u64::from_le_bytes(*word) ^ (u64::from(wanted) * ONES));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        count(1);
        at += 8;
        rest = after;
    }
    count(rest.len());
    rest.iter().position(|byte| *byte == wanted).map(|more| at + more)
}

/// Finds the first `wanted` byte or NUL at or after `from`: its index, or the length of `bytes`.
///
/// Not inlined, so that it stays as fast as the profile of this crate makes it.
#[inline(never)]
pub fn find_or_nul(bytes: &[u8], from: usize, wanted: u8) -> usize {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word) | zeros(word ^ (u64::from(wanted) * ONES));
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let last = rest.iter().position(|byte| *byte == wanted || *byte == 0).unwrap_or(rest.len());
    bytes.len() - rest.len() + last
}

/// Whether two texts are the same. For short texts this is faster in WebAssembly than `==`, which calls a loop over bytes.
#[inline(never)]
pub fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let ((words, rest), (other_words, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let is_same = |(one, other): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*one) == u64::from_le_bytes(*other);
    words.iter().zip(other_words).all(is_same) && rest.iter().zip(other_rest).all(|(one, other)| one == other)
}

/// Some of the 256 bytes, a bit each.
#[derive(Clone, Copy)]
pub struct ByteSet([u8; 32]);

#[allow(clippy::indexing_slicing, reason = "an eighth of a byte is less than 32, as the compiler sees")]
impl ByteSet {
    /// A set of these bytes.
    pub const fn of(bytes: &[u8]) -> Self {
        Self([0; 32]).and(bytes)
    }

    /// The set with these bytes as well.
    pub const fn and(mut self, bytes: &[u8]) -> Self {
        let mut rest = bytes;
        while let [byte, after @ ..] = rest {
            self.0[*byte as usize / 8] |= 1 << (*byte % 8);
            rest = after;
        }
        self
    }

    /// The set with all bytes from the first to the last.
    pub const fn and_range(mut self, first: u8, last: u8) -> Self {
        let mut byte = first as usize;
        while byte <= last as usize {
            self.0[byte / 8] |= 1 << (byte % 8);
            byte += 1;
        }
        self
    }

    /// The set of all other bytes.
    pub const fn others(mut self) -> Self {
        let mut at = 0;
        while at < self.0.len() {
            self.0[at] = !self.0[at];
            at += 1;
        }
        self
    }

    /// The index of the first byte that is in the set.
    pub fn find(&self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if (self.0[usize::from(byte / 8)] >> (byte % 8)) & 1 == 1 {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Whether a text has one of these bytes.
    pub fn is_in(&self, text: &str) -> bool {
        self.find(text.as_bytes()).is_some()
    }
}

/// Which of eight bytes a JSON string cannot have as they are: the highest bit of the first of them, and perhaps of some after it.
#[inline(always)]
pub fn special_in_json(word: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(word);
    let below_space = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
    below_space | zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64))
}

/// How many UTF-16 code units a part of a UTF-8 text has, those of a character counted at its first byte.
pub fn utf16_units(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    // A character has a first byte, perhaps others, `10…`; one that begins with `1111…` is a surrogate pair.
    let of_words = words.iter().map(|word| {
        let word = u64::from_le_bytes(*word);
        let others = (word >> 7) & !(word >> 6) & ONES;
        let pairs = (word >> 7) & (word >> 6) & (word >> 5) & (word >> 4) & ONES;
        8 - others.count_ones() as usize + pairs.count_ones() as usize
    });
    let of_rest = rest.iter().map(|byte| match byte {
        0x80..0xC0 => 0,
        0xF0.. => 2,
        _ => 1,
    });
    of_words.sum::<usize>() + of_rest.sum::<usize>()
}

/// 1 in each byte.
const ONES: u64 = u64::MAX / 255;
/// The highest bit of each byte.
const HIGHS: u64 = ONES << 7;

/// The highest bit of the first byte that is zero, and perhaps of some after it.
#[inline(always)]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use super::{ByteSet, find, find_or_nul, same, special_in_json, utf16_units};

    #[test]
    fn a_set_of_bytes_has_these_and_no_others() {
        const SET: ByteSet = ByteSet::of(b"<\0\xFF").and_range(b'a', b'f').and_range(0x80, 0x80);
        for byte in 0..=0xFF_u8 {
            let expected = matches!(byte, b'<' | 0 | 0xFF | b'a'..=b'f' | 0x80);
            assert_eq!(SET.find(&[b'x', byte]), expected.then_some(1), "{byte}");
            assert_eq!(SET.others().find(&[b'a', byte]), (!expected).then_some(1), "{byte}");
        }
        assert_eq!(SET.find(b""), None);
        assert!(SET.is_in("x<") && !SET.is_in("x>"));
    }

    #[test]
    fn texts_are_the_same_byte_by_byte() {
        let text = "external_thread_id é😀";
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let part = &text[..end];
            assert!(same(part, part));
            assert!(!same(part, &format!("{part}x")));
            for at in (0..end).filter(|at| part.as_bytes()[*at].is_ascii()) {
                let other = format!("{}X{}", &part[..at], &part[at + 1..]);
                assert!(!same(part, &other), "{other}");
            }
        }
    }

    #[test]
    fn units_are_counted_as_utf_16_has_them() {
        let text = "a\u{7f}\u{80}é\u{7ff}\u{800}中\u{ffff}\u{10000}😀\u{10ffff}z".repeat(3);
        for (at, _) in text.char_indices() {
            let (before, after) = text.split_at(at);
            assert_eq!(utf16_units(before.as_bytes()), before.encode_utf16().count());
            assert_eq!(utf16_units(after.as_bytes()), after.encode_utf16().count());
        }
    }

    #[test]
    fn each_byte_is_found_at_each_place_and_no_other() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=0x7F_u8 {
                    for around in ["a", "\u{7f}", " ", "!", "#", "[", "]"] {
                        let text = around.repeat(at) + &char::from(byte).to_string() + &around.repeat(length - at - 1);
                        for wanted in [b'<', 0] {
                            assert_eq!(find(&text, 0, wanted), (byte == wanted).then_some(at), "{text:?}");
                        }
                        let expected = if matches!(byte, b'<' | 0) { at } else { length };
                        assert_eq!(find_or_nul(text.as_bytes(), 0, b'<'), expected, "{text:?}");
                        let special = byte < b' ' || byte == b'"' || byte == b'\\';
                        if let Some(word) = text.as_bytes().first_chunk() {
                            let expected = if special { at.min(8) } else { 8 };
                            assert_eq!(special_in_json(*word).trailing_zeros() as usize / 8, expected, "{text:?}");
                        }
                    }
                }
            }
        }
        assert_eq!(find("a<b<c", 2, b'<'), Some(3));
        assert_eq!(find("a<b", 9, b'<'), None);
        assert_eq!(find_or_nul(b"a<b<c", 2, b'<'), 3);
        assert_eq!(find_or_nul(b"a<b", 9, b'<'), 3);
        assert_eq!(special_in_json(*"é😀ÿ".as_bytes().first_chunk().unwrap()), 0);
        assert_eq!(special_in_json(*"\u{2028}\u{80}é\u{7f}".as_bytes().first_chunk().unwrap()), 0);
    }
}
