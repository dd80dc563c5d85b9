//! What is done with text: looking for bytes, eight at a time, cutting, putting together, numbers.
//!
//! The standard library has it all, for every pattern and every format, and in the WebAssembly module that would take more
//! room than the rules.

use std::hint::black_box;

use crate::steps::count;

/// Puts pieces together.
pub(crate) fn concat(pieces: &[&str]) -> String {
    let mut text = String::new();
    pieces.iter().for_each(|piece| text.push_str(piece));
    text
}

/// A sentence with pieces put in the place of each `%`.
pub(crate) fn fill(sentence: &str, with: &[&str]) -> String {
    let mut text = String::new();
    let mut with = with.iter();
    for (index, piece) in pieces(sentence, b'%').enumerate() {
        if index > 0 {
            text.push_str(with.next().copied().unwrap_or_default());
        }
        text.push_str(piece);
    }
    text
}

/// Puts pieces together with something between two.
pub(crate) fn join(pieces: &[&str], between: &str) -> String {
    let mut text = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        text.push_str(if index > 0 { between } else { "" });
        text.push_str(piece);
    }
    text
}

/// Writes a text with something else in the place of certain bytes, all of them ASCII.
pub(crate) fn replace(out: &mut String, text: &str, with: &dyn Fn(u8) -> Option<&'static str>) {
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(other) = with(byte) {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push_str(other);
            done = at + 1;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
}

/// What stands before the first such byte, and behind it.
pub(crate) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    cut_at(text, find(text, 0, at)?)
}

/// The same for the last one.
pub(crate) fn cut_last(text: &str, at: u8) -> Option<(&str, &str)> {
    cut_at(text, text.bytes().rposition(|byte| byte == at)?)
}

fn cut_at(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The pieces between such bytes, at least one.
pub(crate) fn pieces(text: &str, between: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (piece, after) = match cut(rest?, between) {
            Some((piece, after)) => (piece, Some(after)),
            None => (rest?, None),
        };
        rest = after;
        Some(piece)
    })
}

/// Writes a byte as itself, where it may stand, or in percent-encoding.
pub(crate) fn percent(byte: u8, stands: bool, out: &mut String) {
    if stands {
        out.push(char::from(byte));
    } else {
        out.push('%');
        hex(byte, b'A', out);
    }
}

/// Writes a byte as two hexadecimal digits, whose letters begin with this one.
pub(crate) fn hex(byte: u8, a: u8, out: &mut String) {
    for digit in [byte >> 4, byte & 15] {
        out.push(char::from(if digit < 10 { b'0' + digit } else { a + digit - 10 }));
    }
}

/// Whether texts are the same, in a time that does not tell where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let difference = a.bytes().zip(b.bytes()).fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    a.len() == b.len() && difference == 0
}

/// A number, written in digits.
pub(crate) fn digits(number: usize) -> String {
    let mut text = if number > 9 { digits(number / 10) } else { String::new() };
    text.push(char::from(b'0' + (number % 10) as u8));
    text
}

/// A whole number, written in digits alone.
pub(crate) fn decimal(text: &str) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_u32, |number, byte| {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        number.checked_mul(10)?.checked_add(digit).filter(|_| digit < 10)
    })
}

/// Where the first such byte stands, from a place on.
pub(crate) fn find(text: &str, from: usize, wanted: u8) -> Option<usize> {
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

/// Some of the 256 bytes, a bit each.
#[derive(Clone, Copy)]
pub(crate) struct ByteSet([u8; 32]);

#[allow(clippy::indexing_slicing, reason = "an eighth of a byte is less than 32, as the compiler sees")]
impl ByteSet {
    pub const fn of(bytes: &[u8]) -> Self {
        Self([0; 32]).add(bytes)
    }

    /// With these as well.
    pub const fn add(mut self, bytes: &[u8]) -> Self {
        let mut rest = bytes;
        while let [byte, after @ ..] = rest {
            self.0[*byte as usize / 8] |= 1 << (*byte % 8);
            rest = after;
        }
        self
    }

    /// With all bytes from one to another.
    pub const fn and(mut self, first: u8, last: u8) -> Self {
        let mut byte = first as usize;
        while byte <= last as usize {
            self.0[byte / 8] |= 1 << (byte % 8);
            byte += 1;
        }
        self
    }

    /// All bytes but these.
    pub const fn others(mut self) -> Self {
        let mut at = 0;
        while at < self.0.len() {
            self.0[at] = !self.0[at];
            at += 1;
        }
        self
    }

    /// Where the first of them stands.
    pub fn find(&self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|byte| (self.0[usize::from(byte / 8)] >> (byte % 8)) & 1 == 1)
    }

    pub fn is_in(&self, text: &str) -> bool {
        self.find(text.as_bytes()).is_some()
    }
}

/// How many bytes stand before the first that a JSON string cannot have as it is.
pub(crate) fn plain_json(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let below_space = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        if below_space | zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64)) != 0 {
            break;
        }
        rest = after;
    }
    static SPECIAL: ByteSet = ByteSet::of(b"\"\\").and(0, 0x1F);
    text.len() - rest.len() + SPECIAL.find(rest).unwrap_or(rest.len())
}

/// How many UTF-16 code units a part of a UTF-8 text has, those of a character counted at its first byte.
pub(crate) fn utf16_units(text: &[u8]) -> usize {
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
    use super::{ByteSet, cut, cut_last, decimal, digits, fill, find, join, pieces, plain_json, replace, utf16_units};

    #[test]
    fn pieces_are_cut_and_put_together() {
        assert_eq!((cut("a:b:c", b':'), cut_last("a:b:c", b':')), (Some(("a", "b:c")), Some(("a:b", "c"))));
        assert_eq!((cut("abc", b':'), cut_last("", b':'), cut("é:", b':')), (None, None, Some(("é", ""))));
        for text in ["", ",", "a", "a,b", ",a,,é,"] {
            let all: Vec<&str> = pieces(text, b',').collect();
            assert_eq!(all, text.split(',').collect::<Vec<_>>());
            assert_eq!(join(&all, ","), text);
        }
        assert_eq!(fill("`%` is not %%.", &["50 %", "a", "b"]), "`50 %` is not ab.");
        let mut out = String::new();
        replace(&mut out, "<é<b", &|byte| (byte == b'<').then_some("&lt;"));
        assert_eq!(out, "&lt;é&lt;b");
    }

    #[test]
    fn numbers_are_written_and_read_in_digits() {
        for number in [0, 9, 10, 405, usize::from(u16::MAX), u32::MAX as usize] {
            assert_eq!(digits(number), number.to_string());
            assert_eq!(decimal(&number.to_string()).map(|number| number as usize), Some(number));
        }
        for text in ["", "-1", "+1", "1.5", "4294967296", "99999999999", "1e3", " 1", "٣"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_set_of_bytes_has_these_and_no_others() {
        const SET: ByteSet = ByteSet::of(b"<\0\xFF").and(b'a', b'f').and(0x80, 0x80);
        for byte in 0..=0xFF_u8 {
            let expected = matches!(byte, b'<' | 0 | 0xFF | b'a'..=b'f' | 0x80);
            assert_eq!(SET.find(&[b'x', byte]), expected.then_some(1), "{byte}");
            assert_eq!(SET.others().find(&[b'a', byte]), (!expected).then_some(1), "{byte}");
        }
        assert_eq!(SET.find(b""), None);
        assert!(SET.is_in("x<") && !SET.is_in("x>"));
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
                        let special = byte < b' ' || byte == b'"' || byte == b'\\';
                        assert_eq!(plain_json(text.as_bytes()), if special { at } else { length }, "{text:?}");
                        for wanted in [b'<', 0] {
                            assert_eq!(find(&text, 0, wanted), (byte == wanted).then_some(at), "{text:?}");
                        }
                    }
                }
            }
        }
        assert_eq!(find("a<b<c", 2, b'<'), Some(3));
        assert_eq!(find("a<b", 9, b'<'), None);
        assert_eq!(plain_json("éÿ\u{80}😀\u{2028}é".as_bytes()), 15);
    }
}
