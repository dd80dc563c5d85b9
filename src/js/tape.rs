//! How a JavaScript value comes over: text and tape, as `pkg-template/src/wasm/frame.js` packs them, made into a [`Frame`].
//!
//! JavaScript counts UTF-16 code units, a frame counts bytes. Where all text is ASCII the two are the same, and the tape is
//! taken as it is; elsewhere its counts are rewritten here. UTF-8 cannot hold half of a surrogate pair: another character comes
//! over in its place, and the place with it.

use crate::bytes::utf16_units;
use crate::value::frame::{ARRAY, BROKEN_KEY, COUNT_SHIFT, GROUP, LONE_SURROGATE, NUMBER, OBJECT, STRING};
use crate::value::{Frame, MAX_DEPTH};

/// The input is not what `frame.js` writes.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidTape;

/// Reads text and tape; `broken` are the places, in UTF-16 code units, where half of a surrogate pair stood, rising.
pub fn read(text: String, mut tape: Vec<i32>, broken: &[i32]) -> Result<Frame, InvalidTape> {
    let mut rewriter = Rewriter { text: text.as_bytes(), tape: &mut tape, broken, byte: 0, unit: 0, half: false };
    let mut at = 0;
    while at < rewriter.tape.len() {
        at = rewriter.value(at, 0)?;
    }
    Ok(Frame::new(text, tape))
}

struct Rewriter<'a> {
    text: &'a [u8],
    tape: &'a mut [i32],
    broken: &'a [i32],
    /// Where the text of the next string begins, in bytes and in UTF-16 code units.
    byte: usize,
    unit: i32,
    /// Whether that is in the middle of a character: the last string ended with the first half of a pair.
    half: bool,
}

impl Rewriter<'_> {
    /// Rewrites the value that begins at a place of the tape; where it ends.
    fn value(&mut self, at: usize, depth: usize) -> Result<usize, InvalidTape> {
        if depth > MAX_DEPTH + 1 {
            return Err(InvalidTape);
        }
        let number = self.number(at)?;
        let count = number >> COUNT_SHIFT;
        match number & 0xF {
            kind @ (NUMBER | STRING) => {
                let (bytes, whole) = self.string(count)?;
                self.set(at, if whole { kind } else { LONE_SURROGATE } + (bytes << COUNT_SHIFT))?;
                Ok(at + 1)
            }
            kind @ (ARRAY | OBJECT) => {
                let mut next = at + GROUP;
                for _ in 0..count {
                    if kind == OBJECT {
                        let key = self.number(next)?;
                        // A negative one brings no text.
                        if key >= 0 {
                            let (bytes, whole) = self.string(key)?;
                            self.set(next, if whole { bytes } else { bytes | BROKEN_KEY })?;
                        }
                        next += 1;
                    }
                    next = self.value(next, depth + 1)?;
                }
                self.set(at + 2, self.byte as i32)?;
                Ok(next)
            }
            _ => Ok(at + 1),
        }
    }

    fn number(&self, at: usize) -> Result<i32, InvalidTape> {
        self.tape.get(at).copied().ok_or(InvalidTape)
    }

    fn set(&mut self, at: usize, number: i32) -> Result<(), InvalidTape> {
        *self.tape.get_mut(at).ok_or(InvalidTape)? = number;
        Ok(())
    }

    /// Goes over the next string, of so many UTF-16 code units: how many bytes it has, and whether it came over whole.
    fn string(&mut self, units: i32) -> Result<(i32, bool), InvalidTape> {
        let from = self.byte;
        let mut whole = !(self.half && units > 0);
        let mut left = units - i32::from(!whole);
        if !whole {
            self.half = false;
        }
        let mut rest = self.text.get(from..).ok_or(InvalidTape)?;
        // So many bytes have at most as many units, and the last unit is left over.
        while left > 1 && !rest.is_empty() {
            let (some, after) = rest.split_at_checked(left as usize - 1).unwrap_or((rest, &[]));
            left -= utf16_units(some) as i32;
            rest = after;
        }
        // To the end of its character.
        while let Some((byte, after)) = rest.split_first()
            && (left > 0 || utf16_units(&[*byte]) == 0)
        {
            left -= utf16_units(&[*byte]) as i32;
            rest = after;
        }
        if left > 0 {
            return Err(InvalidTape);
        }
        self.byte = self.text.len() - rest.len();
        if left < 0 {
            // It took a character of which the second half belongs to the next string.
            self.half = true;
            whole = false;
        }
        self.unit = self.unit.saturating_add(units);
        while let [first, rest @ ..] = self.broken
            && *first < self.unit
        {
            self.broken = rest;
            whole = false;
        }
        Ok(((self.byte - from) as i32, whole))
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidTape, read};
    use crate::encode::write_json;
    use crate::schema::KEYS;
    use crate::value::Frame;

    fn json(frame: &Frame, index: usize) -> String {
        let mut json = String::new();
        write_json(frame.value(index), &mut json);
        json
    }

    /// A number of the tape.
    const fn n(kind: i32, count: i32) -> i32 {
        count * 16 + kind
    }

    #[test]
    fn a_tape_reads_as_the_value_that_was_packed() {
        let title = -1 - KEYS.iter().position(|key| *key == "title").unwrap() as i32;
        let table: &[(&str, &[i32], &str)] = &[
            ("", &[0], "null"),
            ("", &[1], "true"),
            ("", &[2], "false"),
            ("", &[n(4, 0)], r#""""#),
            ("-1.5", &[n(3, 4)], "-1.5"),
            ("aé😀b", &[n(4, 5)], r#""aé😀b""#),
            ("", &[5, 3, 0], "[]"),
            ("", &[6, 3, 0], "{}"),
            ("", &[n(5, 2), 8, 0, n(5, 1), 7, 0, 0, 1], "[[null],true]"),
            ("aéb", &[n(6, 2), 8, 3, 1, n(4, 1), title, n(4, 1)], r#"{"a":"é","title":"b"}"#),
            ("abc", &[n(6, 3), 12, 3, 1, n(6, 1), 9, 2, 1, 0, 1, 1, 0, 2], r#"{"a":{"b":null},"c":true,"":false}"#),
            ("é😀x", &[n(5, 3), 9, 4, n(5, 1), 7, 1, n(4, 1), n(4, 2), n(4, 1)], r#"[["é"],"😀","x"]"#),
        ];
        for (text, tape, expected) in table {
            let frame = read((*text).to_owned(), tape.to_vec(), &[]).unwrap();
            assert_eq!(json(&frame, 0), *expected, "{tape:?}");
        }
    }

    #[test]
    fn several_values_stand_side_by_side() {
        for text in ["ab", "éb"] {
            let frame = read(text.to_owned(), vec![n(5, 1), 4, 1, n(4, 1), 0, n(4, 1)], &[]).unwrap();
            let first = text.chars().next().unwrap();
            assert_eq!(json(&frame, 0), format!("[\"{first}\"]"));
            assert_eq!([1, 2, 3].map(|index| json(&frame, index)), ["null", "\"b\"", "null"]);
        }
    }

    #[test]
    fn a_string_that_did_not_come_over_whole_is_known() {
        let lone = |text: &str, tape: &[i32], broken: &[i32]| -> Vec<String> {
            let frame = read(text.to_owned(), tape.to_vec(), broken).unwrap();
            let report = crate::validate(frame.value(0), crate::Options::default());
            let lone = report.violations().iter().filter(|found| found.code == crate::Code::NotWellFormed);
            lone.map(|found| found.path.clone()).collect()
        };
        let tape = [n(6, 2), 11, 6, 1, n(4, 1), 1, n(5, 2), 11, 6, n(4, 1), n(4, 1)];
        assert_eq!(lone("a\u{FFFD}bx\u{FFFD}", &tape, &[1, 4]), ["/a", "/b/1"]);
        // In a key, its value is known by it.
        assert_eq!(lone("\u{FFFD}", &[n(6, 1), 8, 1, 1, n(5, 1), 8, 1, 0], &[0]), ["/\u{FFFD}"]);
        // Two halves that met between two strings.
        assert_eq!(lone("a😀b", &[n(6, 2), 7, 4, 1, n(4, 1), 1, n(4, 1)], &[]), ["/a", "/"]);
        assert_eq!(lone("a😀", &[n(6, 2), 8, 3, 1, n(4, 1), 0, n(4, 1)], &[]), ["/a", "/"]);
    }

    #[test]
    fn a_tape_that_nobody_wrote_is_refused_or_read_as_some_value() {
        let deep: Vec<i32> = [n(5, 1), 0, 0].repeat(10_000);
        for tape in [vec![n(4, 3)], vec![n(5, 1), 0], vec![n(6, 1), 9, 9, 5], deep.clone()] {
            assert_eq!(read("é".to_owned(), tape.clone(), &[]).err(), Some(InvalidTape), "{tape:?}");
        }
        // Of ASCII the tape is taken as it is: what reads it is safe by itself.
        for tape in
            [vec![12], vec![-1], vec![n(4, 9)], vec![n(5, 9), 0, -1, 5, -9, -9], vec![n(6, 1), 0, 0, i32::MIN], deep]
        {
            let frame = Frame::new("a".to_owned(), tape);
            let _ = (json(&frame, 0), crate::validate(frame.value(0), crate::Options::default()));
        }
    }
}
