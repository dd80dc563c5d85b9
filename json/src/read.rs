//! Reads JSON text (RFC 8259) into a [`Document`], without recursion.

use std::fmt;

use crate::bytes::special_in_json;
use crate::document::{Document, Kind, NotJson, Token};
use crate::{MAX_BYTES, MAX_DEPTH};

/// A text that is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidJson {
    /// The byte at which it stops being JSON.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for InvalidJson {}

/// Reads a text that holds one value.
pub fn read(text: &str) -> Result<Document<'_>, InvalidJson> {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Reader::new(text.get(..end).unwrap_or_default(), false).read(end < text.len())
}

/// Reads a text that `pkg-template/src/wasm/json-text.js` wrote. There `!` and a letter stand for a value that JSON cannot hold, and a
/// NUL at the end says that the text was too long and ends there.
pub fn read_from_javascript(text: &str) -> Result<Document<'_>, InvalidJson> {
    let cut =
        text.as_bytes().split_last().and_then(|(last, rest)| (*last == 0).then(|| text.get(..rest.len())).flatten());
    Reader::new(cut.unwrap_or(text), true).read(cut.is_some())
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// The byte that is read next.
    at: usize,
    /// Whether marks stand for what JSON cannot hold.
    has_marks: bool,
    document: Document<'t>,
    /// The tokens of the objects and arrays around what is read next.
    open: Vec<u32>,
    /// Whether a key was read, and not yet its value.
    has_key: bool,
}

type Read = Result<(), InvalidJson>;

impl<'t> Reader<'t> {
    fn new(text: &'t str, has_marks: bool) -> Self {
        let mut document = Document { text, ..Document::default() };
        // A message has about a token for each eight bytes; a long one has more text in each.
        document.tokens.reserve((text.len() / 8 + 8).min(4096));
        Self { text, bytes: text.as_bytes(), at: 0, has_marks, document, open: Vec::new(), has_key: false }
    }

    /// `is_cut` says that the text went on; what was being read at its end is then too large.
    fn read(mut self, is_cut: bool) -> Result<Document<'t>, InvalidJson> {
        match self.values() {
            Err(_) if is_cut => self.cut_off(),
            // The text goes on where a whole value ends.
            Ok(()) if is_cut => return self.fail("the end of the text"),
            result => result?,
        }
        Ok(self.document)
    }

    /// Reads value after value, to the end of the text.
    fn values(&mut self) -> Read {
        loop {
            self.space();
            match self.peek() {
                b'"' => self.string()?,
                b'{' => {
                    self.open(Kind::Object);
                    self.space();
                    if self.peek() != b'}' {
                        self.key("a key in quotation marks or `}`")?;
                        continue;
                    }
                }
                b'[' => {
                    self.open(Kind::Array);
                    self.space();
                    if self.peek() != b']' {
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.word("true", Kind::True)?,
                b'f' => self.word("false", Kind::False)?,
                b'n' => self.word("null", Kind::Null)?,
                b'!' if self.has_marks => self.mark()?,
                _ => return self.fail("a value"),
            }
            if self.after_value()? {
                return Ok(());
            }
        }
    }

    /// Goes on to the next value, and closes the objects and arrays that end before it. True at the end of the text.
    fn after_value(&mut self) -> Result<bool, InvalidJson> {
        loop {
            self.space();
            self.has_key = false;
            let Some(group) = self.open.last() else { break };
            let is_object = self.document.tokens.get(*group as usize).is_some_and(|token| token.kind == Kind::Object);
            match (self.peek(), is_object) {
                (b',', true) => {
                    self.at += 1;
                    self.space();
                    self.key("a key in quotation marks")?;
                    return Ok(false);
                }
                (b',', false) => {
                    self.at += 1;
                    return Ok(false);
                }
                (b'}', true) | (b']', false) => {
                    self.at += 1;
                    self.close(NotJson::TooDeep);
                }
                (_, true) => return self.fail("`,` or `}`"),
                (_, false) => return self.fail("`,` or `]`"),
            }
        }
        if self.at < self.bytes.len() { self.fail("the end of the text") } else { Ok(true) }
    }

    /// The next byte; NUL, which stands nowhere outside a string, at the end.
    #[inline(always)]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    #[inline(always)]
    fn space(&mut self) {
        while let b' ' | b'\n' | b'\r' | b'\t' = self.peek() {
            self.at += 1;
        }
    }

    fn fail<T>(&self, expected: &'static str) -> Result<T, InvalidJson> {
        Err(InvalidJson { at: self.at, expected })
    }

    #[inline(always)]
    fn push(&mut self, kind: Kind, start: usize, link: usize) {
        let token = Token { kind, has_half: false, start: start as u32, end: self.at as u32, link: link as u32 };
        self.document.tokens.push(token);
    }

    fn open(&mut self, kind: Kind) {
        self.open.push(self.document.tokens.len() as u32);
        self.has_key = false;
        self.at += 1;
        self.push(kind, self.at - 1, 0);
    }

    /// Ends the object or array that was opened last. One that is deeper than allowed becomes `instead`, without what it holds.
    fn close(&mut self, instead: NotJson) {
        let Some(group) = self.open.pop() else { return };
        let group = group as usize;
        let is_too_deep = self.open.len() >= MAX_DEPTH;
        if is_too_deep {
            self.document.tokens.truncate(group + 1);
        }
        let (end, link) = (self.at as u32, self.document.tokens.len() as u32);
        if let Some(token) = self.document.tokens.get_mut(group) {
            (token.end, token.link) = (end, link);
            if is_too_deep {
                token.kind = Kind::NotJson(instead);
            }
        }
    }

    fn key(&mut self, expected: &'static str) -> Read {
        if self.peek() != b'"' {
            return self.fail(expected);
        }
        self.string()?;
        self.has_key = true;
        self.space();
        if self.peek() != b':' {
            return self.fail("`:`");
        }
        self.at += 1;
        Ok(())
    }

    #[inline(always)]
    fn string(&mut self) -> Read {
        let start = self.at;
        self.at = find_special(self.bytes, start + 1);
        if self.peek() != b'"' {
            return self.string_with_escapes(start);
        }
        self.at += 1;
        self.push(Kind::String, start, 0);
        Ok(())
    }

    /// Reads on in a string at its first byte that is no plain character.
    fn string_with_escapes(&mut self, start: usize) -> Read {
        let mut decoded = String::new();
        let (mut from, mut has_half) = (start + 1, false);
        loop {
            decoded.push_str(self.text.get(from..self.at).unwrap_or_default());
            match self.peek() {
                b'"' => break,
                b'\\' => has_half |= self.escape(&mut decoded)?,
                _ if self.at < self.bytes.len() => return self.fail("an escape in place of a control character"),
                _ => return self.fail("`\"` at the end of the string"),
            }
            from = self.at;
            self.at = find_special(self.bytes, from);
        }
        self.at += 1;
        self.push(Kind::Escaped, start, self.document.decoded.len());
        self.document.decoded.push(decoded);
        if let Some(token) = self.document.tokens.last_mut() {
            token.has_half = has_half;
        }
        self.document.has_halves |= has_half;
        Ok(())
    }

    /// Reads an escape; whether it was half of a surrogate pair.
    fn escape(&mut self, out: &mut String) -> Result<bool, InvalidJson> {
        let character = match self.bytes.get(self.at + 1) {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let (character, end) =
                    unicode_escape(self.bytes, self.at).map_or_else(|| self.fail("four hexadecimal digits"), Ok)?;
                self.at = end;
                out.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(character.is_none());
            }
            _ => return self.fail("an escape such as `\\n`"),
        };
        self.at += 2;
        out.push(character);
        Ok(false)
    }

    fn number(&mut self) -> Read {
        let start = self.at;
        self.at += usize::from(self.peek() == b'-');
        if self.peek() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if let b'e' | b'E' = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        self.push(Kind::Number, start, 0);
        Ok(())
    }

    /// Reads at least one digit.
    fn digits(&mut self) -> Read {
        if !self.peek().is_ascii_digit() {
            return self.fail("a digit");
        }
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    fn word(&mut self, word: &str, kind: Kind) -> Read {
        let start = self.at;
        if !self.bytes.get(start..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            return self.fail("a value");
        }
        self.at += word.len();
        self.push(kind, start, 0);
        Ok(())
    }

    fn mark(&mut self) -> Read {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(what) = NotJson::marked(rest) else { return self.fail("a value") };
        self.at += 2;
        self.push(Kind::NotJson(what), self.at - 2, 0);
        Ok(())
    }

    /// Ends a document in the middle: what is not there is a value that is too large.
    fn cut_off(&mut self) {
        let group = self.open.last().and_then(|group| self.document.tokens.get(*group as usize));
        let needs_key = group.is_some_and(|group| group.kind == Kind::Object) && !self.has_key;
        self.at = self.bytes.len();
        if needs_key {
            // The key is missing: no index is that high, so it reads as an empty string.
            self.push(Kind::Escaped, self.at, usize::MAX);
        }
        self.push(Kind::NotJson(NotJson::TooLarge), self.at, 0);
        while !self.open.is_empty() {
            self.close(NotJson::TooLarge);
        }
    }
}

/// Reads the `\u` escape at a byte, or two escapes that are a surrogate pair. Returns the character and the byte behind the escape. The
/// character of half of a pair is `None`. The result is `None` if no such escape is there.
pub fn unicode_escape(bytes: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    let first = unit(bytes, at)?;
    if let (0xD800..0xDC00, Some(second @ 0xDC00..0xE000)) = (first, unit(bytes, at + 6)) {
        return Some((char::from_u32(0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF)), at + 12));
    }
    Some((char::from_u32(first), at + 6))
}

/// The UTF-16 code unit of a `\u` escape.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes.get(at..at + 6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| Some(16 * unit + char::from(*digit).to_digit(16)?))
}

/// Finds the first byte at or after `from` that a JSON string must escape, or that ends the string: its index, or the length of `bytes`.
#[inline(always)]
fn find_special(bytes: &[u8], from: usize) -> usize {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        // The index is computed once, behind the loop. Added up in the loop, each word would wait for the one before.
        let special = special_in_json(*word);
        if special != 0 {
            return bytes.len() - rest.len() + special.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let last = rest.iter().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\')).unwrap_or(rest.len());
    bytes.len() - rest.len() + last
}
