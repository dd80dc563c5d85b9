//! How a JavaScript value comes over: the *frame* that `pkg-template/frame.js` packs.
//!
//! A frame is all strings of the value joined into one, and a *tape* of numbers in the order of a walk through the value:
//!
//! | on the tape | means |
//! |---|---|
//! | `0`, `1`, `2` | null, true, false |
//! | `3 length` | a number; its JSON text is the next `length` of the string |
//! | `4 length` | a string: the next `length` of the string |
//! | `5 count` | an array; its items follow |
//! | `6 count` | an object; for each entry `length` of the key, then the value |
//! | `7` to `12` | what JSON cannot hold, see [`NOT_JSON`] |
//!
//! Lengths count UTF-16 code units, as JavaScript does. Nothing here knows Flowdock.

use crate::validate::{MAX_DEPTH, Node, NotJson, Value};

/// What the tape's `7` and the numbers after it mean.
const NOT_JSON: [NotJson; 6] =
    [NotJson::BigInt, NotJson::Cycle, NotJson::Thrown, NotJson::TooDeep, NotJson::LoneSurrogate, NotJson::TooLarge];

/// A value that came over, laid out flat: each part knows where the next one on its own level begins.
pub struct Frame {
    text: String,
    parts: Vec<Part>,
}

struct Part {
    kind: Kind,
    /// The key in the object around it: bytes from and to.
    key: (usize, usize),
    /// The index behind all that this part holds.
    next: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Null,
    Bool(bool),
    /// Bytes from and to.
    Number(usize, usize),
    /// Bytes from and to.
    String(usize, usize),
    Array,
    Object,
    NotJson(NotJson),
}

/// The tape is not one that `frame.js` writes.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidFrame;

impl Frame {
    /// Lays a value out.
    pub fn new(text: String, tape: &[i32]) -> Result<Self, InvalidFrame> {
        let mut reader = Reader { text: &text, tape: tape.iter(), at: 0, ascii: text.is_ascii(), parts: Vec::new() };
        reader.value((0, 0), 0)?;
        if reader.tape.next().is_some() {
            return Err(InvalidFrame);
        }
        let parts = reader.parts;
        Ok(Self { text, parts })
    }

    /// The value itself.
    pub fn root(&self) -> FrameValue<'_> {
        FrameValue { frame: self, index: 0 }
    }

    fn slice(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }
}

struct Reader<'a> {
    text: &'a str,
    tape: std::slice::Iter<'a, i32>,
    /// Bytes of the string that were given out.
    at: usize,
    /// Then a UTF-16 code unit is a byte.
    ascii: bool,
    parts: Vec<Part>,
}

impl Reader<'_> {
    fn value(&mut self, key: (usize, usize), depth: usize) -> Result<(), InvalidFrame> {
        if depth > MAX_DEPTH + 1 {
            return Err(InvalidFrame);
        }
        let index = self.parts.len();
        self.parts.push(Part { kind: Kind::Null, key, next: 0 });
        let kind = match self.number()? {
            0 => Kind::Null,
            1 => Kind::Bool(true),
            2 => Kind::Bool(false),
            3 => {
                let (from, to) = self.string()?;
                Kind::Number(from, to)
            }
            4 => {
                let (from, to) = self.string()?;
                Kind::String(from, to)
            }
            5 => {
                for _ in 0..self.number()? {
                    self.value((0, 0), depth + 1)?;
                }
                Kind::Array
            }
            6 => {
                for _ in 0..self.number()? {
                    let key = self.string()?;
                    self.value(key, depth + 1)?;
                }
                Kind::Object
            }
            other => Kind::NotJson(*NOT_JSON.get(other.wrapping_sub(7)).ok_or(InvalidFrame)?),
        };
        let next = self.parts.len();
        let part = self.parts.get_mut(index).ok_or(InvalidFrame)?;
        *part = Part { kind, key, next };
        Ok(())
    }

    fn number(&mut self) -> Result<usize, InvalidFrame> {
        self.tape.next().and_then(|number| usize::try_from(*number).ok()).ok_or(InvalidFrame)
    }

    /// The next piece of the string, by its length on the tape.
    fn string(&mut self) -> Result<(usize, usize), InvalidFrame> {
        let units = self.number()?;
        let from = self.at;
        let rest = self.text.get(from..).ok_or(InvalidFrame)?;
        let length = if self.ascii {
            units
        } else {
            let mut left = units;
            let mut chars = rest.chars();
            while left > 0 {
                left = left.checked_sub(chars.next().ok_or(InvalidFrame)?.len_utf16()).ok_or(InvalidFrame)?;
            }
            rest.len() - chars.as_str().len()
        };
        self.at = from.checked_add(length).filter(|to| self.text.is_char_boundary(*to)).ok_or(InvalidFrame)?;
        Ok((from, self.at))
    }
}

/// A part of a frame.
#[derive(Clone, Copy)]
pub struct FrameValue<'a> {
    frame: &'a Frame,
    index: usize,
}

/// The parts of an array.
#[derive(Clone)]
pub struct Items<'a> {
    frame: &'a Frame,
    index: usize,
    end: usize,
}

/// The keys and values of an object.
#[derive(Clone)]
pub struct Entries<'a>(Items<'a>);

impl<'a> Value<'a> for FrameValue<'a> {
    type Items = Items<'a>;
    type Entries = Entries<'a>;

    fn node(self) -> Node<'a, Self> {
        let Some(part) = self.frame.parts.get(self.index) else { return Node::Null };
        let items = Items { frame: self.frame, index: self.index + 1, end: part.next };
        match part.kind {
            Kind::Null => Node::Null,
            Kind::Bool(value) => Node::Bool(value),
            Kind::Number(from, to) => Node::Number(self.frame.slice(from, to).into()),
            Kind::String(from, to) => Node::String(self.frame.slice(from, to)),
            Kind::Array => Node::Array(items),
            Kind::Object => Node::Object(Entries(items)),
            Kind::NotJson(what) => Node::NotJson(what),
        }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = FrameValue<'a>;

    fn next(&mut self) -> Option<FrameValue<'a>> {
        if self.index >= self.end {
            return None;
        }
        let value = FrameValue { frame: self.frame, index: self.index };
        self.index = self.frame.parts.get(self.index)?.next;
        Some(value)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, FrameValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.0.next()?;
        let (from, to) = value.frame.parts.get(value.index)?.key;
        Some((value.frame.slice(from, to), value))
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, InvalidFrame};
    use crate::encode::write_json;

    fn json(text: &str, tape: &[i32]) -> Result<String, InvalidFrame> {
        let frame = Frame::new(text.to_owned(), tape)?;
        let mut json = String::new();
        write_json(frame.root(), &mut json);
        Ok(json)
    }

    #[test]
    fn a_frame_reads_as_the_value_that_was_packed() {
        let table: &[(&str, &[i32], &str)] = &[
            ("", &[0], "null"),
            ("", &[1], "true"),
            ("", &[2], "false"),
            ("-1.5", &[3, 4], "-1.5"),
            ("aé😀b", &[4, 5], r#""aé😀b""#),
            ("", &[5, 0], "[]"),
            ("", &[6, 0], "{}"),
            ("", &[5, 2, 5, 1, 0, 1], "[[null],true]"),
            ("aébx1", &[6, 2, 1, 4, 2, 1, 5, 1, 3, 1], r#"{"a":"éb","x":[1]}"#),
            ("abc", &[6, 3, 1, 6, 1, 1, 0, 1, 1, 0, 2], r#"{"a":{"b":null},"c":true,"":false}"#),
        ];
        for (text, tape, expected) in table {
            assert_eq!(json(text, tape).as_deref(), Ok(*expected), "{tape:?}");
        }
    }

    #[test]
    fn a_tape_that_nobody_wrote_is_refused() {
        let deep: Vec<i32> = [5, 1].repeat(10_000);
        let table: &[(&str, &[i32])] = &[
            ("", &[]),
            ("", &[13]),
            ("", &[-1]),
            ("", &[0, 0]),
            ("a", &[4, 2]),
            ("é", &[4, -1]),
            ("😀", &[4, 1]),
            ("", &[5, 1]),
            ("", &[6, 1, 1, 0]),
            ("", &[5, i32::MAX]),
            ("", &deep),
        ];
        for (text, tape) in table {
            assert_eq!(json(text, tape), Err(InvalidFrame), "{text} {tape:?}");
        }
    }
}
