//! Writes a value as JSON, as `JSON.stringify` does.

#![allow(clippy::indexing_slicing, reason = "the compiler alone does it, for which a mistake is an error")]

use crate::bytes::special_in_json;
use crate::schema::KEYS;
use crate::value::frame::{ARRAY, BOOLS, LONE_SURROGATE, NUMBER, OBJECT, STRING, Walk, kind};
use crate::value::{FrameValue, MAX_DEPTH, Node, Value, in_frame};

/// Writes a value as JSON without white space. What JSON cannot hold, which no checked value has, is written as null; so is
/// what there is no room for, text beyond 64 MiB.
///
/// ```
/// let mut json = String::new();
/// flowdock_integration::encode::write_json(&serde_json::json!({ "a": [1, null, "\n"] }), &mut json);
/// assert_eq!(json, r#"{"a":[1,null,"\n"]}"#);
/// ```
pub fn write_json<'a>(value: impl Value<'a>, out: &mut String) {
    out.push_str(&write_body(value, &[]));
}

/// Writes a checked message, with keys that are added at its end where it has none; null counts as none.
pub(crate) fn write_body<'a>(message: impl Value<'a>, added: &[(&str, &str)]) -> String {
    in_frame(message, |message| write(message, added))
}

fn write(message: FrameValue<'_>, added: &[(&str, &str)]) -> String {
    let mut writer = Writer { adds: !added.is_empty(), ..Writer::default() };
    let mut walk = message.walk();
    writer.grow(walk.size());
    // A tape that ends too early was not written by us; it is JSON up to there.
    let whole = writer.value(&mut walk, 0).is_some();
    for (key, value) in added {
        if whole && is_missing(message, key) {
            writer.length -= 1;
            writer.comma();
            writer.string(key);
            writer.byte(b':');
            writer.string(value);
            writer.byte(b'}');
        }
    }
    writer.into_text()
}

/// Whether a message has no value for a key.
pub(super) fn is_missing<'a>(message: impl Value<'a>, key: &str) -> bool {
    message.part(key).is_none_or(|value| matches!(value.node(), Node::Null))
}

/// JSON that is being written: so many bytes, with room behind them, so that eight can be written where fewer are needed.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    length: usize,
    /// Whether keys are added to the outermost object, which is then written without those that are null.
    adds: bool,
}

/// What is copied at once.
type Word = [u8; 8];

impl Writer {
    /// What was written.
    pub fn into_text(mut self) -> String {
        self.bytes.truncate(self.length);
        // Whole strings were written, and ASCII between them.
        String::from_utf8(self.bytes).unwrap_or_default()
    }

    /// The value that comes next; none where the tape ends in it.
    fn value(&mut self, walk: &mut Walk<'_>, depth: usize) -> Option<()> {
        let Some(number) = walk.number() else {
            self.raw("null");
            return None;
        };
        let kind = kind(number);
        match kind {
            STRING | LONE_SURROGATE => {
                let (text, length) = walk.text_and_more(number)?;
                self.string_of(text, length);
            }
            ARRAY | OBJECT if depth <= MAX_DEPTH => {
                let begun = self.length;
                for _ in 0..walk.group(number) {
                    let before = self.length;
                    // Where the first one stands, the group begins.
                    if kind == OBJECT {
                        self.key(walk)?;
                    } else {
                        self.byte(b',');
                    }
                    self.value(walk, depth + 1)?;
                    if self.adds && depth == 0 && self.is_null_of_added(before) {
                        self.length = before;
                    }
                }
                let [open, close] = if kind == OBJECT { *b"{}" } else { *b"[]" };
                if self.length == begun {
                    self.byte(b',');
                }
                if let Some(first) = self.bytes.get_mut(begun) {
                    *first = open;
                }
                self.byte(close);
            }
            ARRAY | OBJECT => {
                walk.pass();
                self.raw("null");
            }
            NUMBER => self.raw(walk.text(number)?),
            other => self.raw(BOOLS.get(other as usize).unwrap_or(&"null")),
        }
        Some(())
    }

    /// Whether what stands from there on is the null of a key that is added.
    fn is_null_of_added(&self, from: usize) -> bool {
        let written = self.bytes.get(from..self.length).unwrap_or_default();
        [r#","uuid":null"#, r#","flow_token":null"#].iter().any(|null| null.as_bytes() == written)
    }

    /// A key with a comma before it and a colon behind it.
    fn key(&mut self, walk: &mut Walk<'_>) -> Option<()> {
        let number = walk.number()?;
        if number < 0 {
            let [from, to] = *QUOTED_ENDS.get((-1 - number) as usize..)?.first_chunk()?;
            self.copy(QUOTED.get(from.into()..)?, usize::from(to - from));
        } else {
            self.byte(b',');
            self.string(walk.key(number)?);
            self.byte(b':');
        }
        Some(())
    }

    /// A comma, where something stands before what comes next.
    pub fn comma(&mut self) {
        let last = self.length.checked_sub(1).and_then(|last| self.bytes.get(last));
        if !matches!(last, None | Some(b'{' | b'[')) {
            self.byte(b',');
        }
    }

    /// A text that is JSON, or a part of some.
    pub fn raw(&mut self, json: &str) {
        self.copy(json.as_bytes(), json.len());
    }

    pub fn byte(&mut self, byte: u8) {
        self.room(1);
        self.put([byte, 0, 0, 0, 0, 0, 0, 0], 1);
    }

    pub fn string(&mut self, text: &str) {
        self.string_of(text.as_bytes(), text.len());
    }

    /// The string that is so much of a text. What stands behind it is looked at and not written.
    fn string_of(&mut self, text: &[u8], length: usize) {
        self.byte(b'"');
        self.room(length);
        let mut at = 0;
        while at < length {
            let word = word_at(text, at);
            let plain = special_in_json(word).min(length - at);
            self.put(word, plain);
            at += plain;
            if plain < size_of::<Word>() && at < length {
                self.escaped(text.get(at).copied().unwrap_or_default());
                at += 1;
                self.room(length - at);
            }
        }
        self.byte(b'"');
    }

    /// So much of a text as it stands there.
    fn copy(&mut self, text: &[u8], length: usize) {
        self.room(length);
        let end = self.length + length;
        let mut at = 0;
        while at < length {
            self.put(word_at(text, at), size_of::<Word>());
            at += size_of::<Word>();
        }
        self.length = end;
    }

    /// The first bytes of a word. There must be room for all of it.
    #[inline(always)]
    fn put(&mut self, word: Word, length: usize) {
        if let Some(to) = self.bytes.get_mut(self.length..).and_then(<[u8]>::first_chunk_mut) {
            *to = word;
            self.length += length;
        }
    }

    /// Makes room for so many bytes, and for the rest of the last word.
    #[inline(always)]
    fn room(&mut self, more: usize) {
        if self.bytes.len() < self.length + more + size_of::<Word>() {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        const LEAST: usize = 4096;
        let mut bytes = vec![0; (2 * self.bytes.len() + more + size_of::<Word>()).max(LEAST)];
        bytes.iter_mut().zip(&self.bytes).for_each(|(to, from)| *to = *from);
        self.bytes = bytes;
    }

    /// One of the bytes that a JSON string cannot have as it is.
    fn escaped(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0C => b'f',
            control => {
                self.raw("\\u00");
                let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
                self.byte(digit(control >> 4));
                return self.byte(digit(control & 0xF));
            }
        };
        self.byte(b'\\');
        self.byte(short);
    }
}

/// What stands at a place of a text, filled up where that ends.
#[inline(always)]
fn word_at(text: &[u8], at: usize) -> Word {
    match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some(word) => *word,
        None => last_word(text, at),
    }
}

#[cold]
fn last_word(text: &[u8], at: usize) -> Word {
    let mut word = Word::default();
    word.iter_mut().zip(text.get(at..).unwrap_or_default()).for_each(|(to, from)| *to = *from);
    word
}

/// The keys of the table as they are written, `,"event":,"flow_token":…`, with room for a word behind them.
static QUOTED: [u8; quoted_end(KEYS.len()) + 8] = {
    let mut quoted = [0; quoted_end(KEYS.len()) + 8];
    let mut key = 0;
    while key < KEYS.len() {
        let (text, begun) = (KEYS[key].as_bytes(), quoted_end(key));
        let mut at = 0;
        while at < text.len() {
            quoted[begun + 2 + at] = text[at];
            at += 1;
        }
        (quoted[begun], quoted[begun + 1]) = (b',', b'"');
        (quoted[begun + 2 + at], quoted[begun + 3 + at]) = (b'"', b':');
        key += 1;
    }
    quoted
};

/// Where each of them begins, and the last one ends.
static QUOTED_ENDS: [u16; KEYS.len() + 1] = {
    let mut ends = [0; KEYS.len() + 1];
    let mut keys = 0;
    while keys < ends.len() {
        ends[keys] = quoted_end(keys) as u16;
        keys += 1;
    }
    ends
};

/// How long so many of them are.
const fn quoted_end(keys: usize) -> usize {
    let (mut key, mut end) = (0, 0);
    while key < keys {
        end += KEYS[key].len() + ",\"\":".len();
        key += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{write_body, write_json};

    #[test]
    fn every_value_is_written_as_serde_json_writes_it() {
        let every_ascii: String = (0..=0x7F_u8).map(char::from).collect();
        for value in [
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(-1),
            json!(1.5e300),
            json!(u64::MAX),
            json!(""),
            json!(every_ascii),
            json!("é😀\u{2028}\u{7f}"),
            // Longer than the room that there is to begin with.
            json!("\u{1}".repeat(9_999)),
            json!([["\"".repeat(5_000)], "x".repeat(5_000), "\n"]),
            json!("\"".repeat(150) + &"x".repeat(3_850)),
            json!((0..3_000).collect::<Vec<_>>()),
            json!([]),
            json!({}),
            json!([[], {}, [1, "a"]]),
            json!({ "z": 1, "a": { "": null }, "\"\\": [true] }),
        ] {
            let mut json = String::new();
            write_json(&value, &mut json);
            assert_eq!(json, value.to_string());
        }
    }

    #[test]
    fn a_long_tape_reserves_little() {
        let body = write_body(&serde_json::Value::from(vec![json!([]); 200_000]), &[]);
        assert!(body.len() == 600_001 && body.capacity() < 2_000_000, "{} {}", body.len(), body.capacity());
    }

    #[test]
    fn keys_are_added_where_there_are_none() {
        let written = |value: serde_json::Value| write_body(&value, &[("flow_token", "t"), ("uuid", "u")]);
        assert_eq!(written(json!({})), r#"{"flow_token":"t","uuid":"u"}"#);
        assert_eq!(written(json!({ "a": 1 })), r#"{"a":1,"flow_token":"t","uuid":"u"}"#);
        assert_eq!(written(json!({ "uuid": "mine" })), r#"{"uuid":"mine","flow_token":"t"}"#);
        assert_eq!(written(json!({ "flow_token": "own", "uuid": "mine" })), r#"{"flow_token":"own","uuid":"mine"}"#);
        // A null of the message gives way to the added value. Inside other objects a null stays.
        let added = r#""flow_token":"t","uuid":"u"}"#;
        assert_eq!(written(json!({ "uuid": null, "flow_token": null })), format!("{{{added}"));
        assert_eq!(written(json!({ "flow_token": null, "z": null })), format!("{{\"z\":null,{added}"));
        assert_eq!(written(json!({ "a": 1, "uuid": null, "z": 2 })), format!("{{\"a\":1,\"z\":2,{added}"));
        assert_eq!(written(json!({ "a": { "uuid": null } })), format!("{{\"a\":{{\"uuid\":null}},{added}"));
        assert_eq!(write_body(&json!({ "uuid": null }), &[]), r#"{"uuid":null}"#);
    }
}
