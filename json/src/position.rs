//! Positions in a text, as people and editors count them.

use serde::Serialize;

use crate::bytes::utf16_units;
use crate::document::Value;
use crate::read::unicode_escape;

/// A position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The UTF-16 code units before it.
    pub offset: usize,
    /// Its line, the first is 1.
    pub line: usize,
    /// Its column in the line, in UTF-16 code units; the first is 1.
    pub column: usize,
}

/// Finds positions in a text, each from the one before. The violations of a report stand nearly in the order of the text, so all of
/// their positions together take linear time.
#[derive(Debug)]
pub struct Positions<'t> {
    text: &'t [u8],
    /// The byte that was asked for last.
    at: usize,
    /// The code units before it.
    units: usize,
    /// Its line.
    line: usize,
    /// The code units before its line.
    line_units: usize,
}

impl<'t> Positions<'t> {
    /// Starts at the beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0, units: 0, line: 1, line_units: 0 }
    }

    /// The position of a byte that begins a character.
    pub fn find(&mut self, at: usize) -> Position {
        if at < self.at {
            self.go_back(at);
        } else {
            self.go_on(at);
        }
        Position { offset: self.units, line: self.line, column: 1 + self.units - self.line_units }
    }

    fn go_on(&mut self, at: usize) {
        let mut rest = self.text.get(self.at..at).unwrap_or_default();
        self.at = at;
        while let Some(end) = rest.iter().position(is_line_feed) {
            let (line, after) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
            self.units += utf16_units(line);
            self.line += 1;
            self.line_units = self.units;
            rest = after;
        }
        self.units += utf16_units(rest);
    }

    fn go_back(&mut self, at: usize) {
        let between = self.text.get(at..self.at).unwrap_or_default();
        self.at = at;
        self.units -= utf16_units(between);
        let lines = between.iter().filter(|byte| is_line_feed(byte)).count();
        if lines > 0 {
            self.line -= lines;
            let before = self.text.get(..at).unwrap_or_default();
            let begin = before.iter().rposition(is_line_feed).map_or(0, |end| end + 1);
            self.line_units = self.units - utf16_units(before.get(begin..).unwrap_or_default());
        }
    }
}

fn is_line_feed(byte: &u8) -> bool {
    *byte == b'\n'
}

/// Finds the characters of a string in the text of its document, each from the one before.
pub struct StringPositions<'d> {
    json: &'d [u8],
    /// The byte of the document at which the string begins.
    start: usize,
    /// The next character, in bytes from there.
    at: usize,
    /// The next character, in UTF-16 code units of the string without its escapes.
    unit: usize,
}

impl<'d> StringPositions<'d> {
    /// Starts at the first character of a string.
    pub fn new(string: Value<'d>) -> Self {
        Self { json: string.json().as_bytes(), start: string.start(), at: 1, unit: 0 }
    }

    /// The byte of the document at which the character with this UTF-16 code unit begins.
    pub fn find(&mut self, unit: usize) -> usize {
        if unit < self.unit {
            (self.at, self.unit) = (1, 0);
        }
        while self.unit < unit {
            let (units, bytes) = match self.json.get(self.at) {
                None => break,
                Some(b'\\') => match unicode_escape(self.json, self.at) {
                    Some((character, end)) => (character.map_or(1, char::len_utf16), end - self.at),
                    None => (1, 2),
                },
                Some(0..0x80) => (1, 1),
                Some(0xC0..0xE0) => (1, 2),
                Some(0xE0..0xF0) => (1, 3),
                Some(_) => (2, 4),
            };
            self.unit += units;
            self.at += bytes;
        }
        self.start + self.at
    }
}
