//! Cuts texts and puts them together, and writes numbers.
//!
//! The standard library does all of this, for every pattern and every format. In the WebAssembly module that would take more room than
//! the rules.

use std::hint::black_box;

use crate::bytes::find;
pub(crate) use crate::json::{digits, hex};

/// Puts pieces together.
pub(crate) fn concat(pieces: &[&str]) -> String {
    let mut text = String::new();
    pieces.iter().for_each(|piece| text.push_str(piece));
    text
}

/// A sentence in which pieces stand for each `%`.
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

/// Puts pieces together with a separator between two.
pub(crate) fn join(pieces: &[&str], between: &str) -> String {
    let mut text = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        text.push_str(if index > 0 { between } else { "" });
        text.push_str(piece);
    }
    text
}

/// Enough of a text to know it by, for a message about it.
pub(crate) fn shorten(text: &str) -> String {
    first_chars(text, 40)
}

/// The beginning of a text, and a mark where there is more.
pub(crate) fn first_chars(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => concat(&[text.get(..at).unwrap_or_default(), "…"]),
        None => text.to_owned(),
    }
}

/// Writes a text in which certain ASCII bytes are replaced.
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

/// What stands before the last such byte, and behind it.
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

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(crate) fn same_secret(a: &str, b: &str) -> bool {
    let difference = a.bytes().zip(b.bytes()).fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    a.len() == b.len() && difference == 0
}

/// Whether two texts are the same, for constants, in which `==` cannot stand.
#[allow(clippy::indexing_slicing, reason = "below both lengths")]
pub(crate) const fn equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
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

#[cfg(test)]
mod tests {
    use super::{cut, cut_last, decimal, digits, fill, join, pieces, replace};

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
}
