//! Writes a value as JSON, as `JSON.stringify` does.

use crate::bytes::plain_json;
use crate::value::{MAX_DEPTH, Node, Value};

/// Writes a value as JSON without white space. What JSON cannot hold, which no checked value has, is written as null.
///
/// ```
/// let mut json = String::new();
/// flowdock_integration::encode::write_json(&serde_json::json!({ "a": [1, null, "\n"] }), &mut json);
/// assert_eq!(json, r#"{"a":[1,null,"\n"]}"#);
/// ```
pub fn write_json<'a>(value: impl Value<'a>, out: &mut String) {
    let mut writer = Writer(std::mem::take(out).into_bytes());
    writer.value(value, 0);
    *out = writer.into_text();
}

/// Writes a checked message, with keys that are added at its end where it has none.
pub(crate) fn write_body<'a>(message: impl Value<'a>, added: &[(&str, &str)]) -> String {
    let mut writer = Writer::default();
    writer.value(message, 0);
    let Node::Object(entries) = message.node() else { return writer.into_text() };
    for (key, value) in added {
        if entries.clone().any(|(there, _)| there == *key) {
            continue;
        }
        writer.0.pop();
        writer.comma();
        writer.string(key);
        writer.byte(b':');
        writer.string(value);
        writer.byte(b'}');
    }
    writer.into_text()
}

/// JSON that is being written. Bytes, since each comma that is put into a `String` has to be encoded or copied.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// What was written.
    pub fn into_text(self) -> String {
        // Whole strings were written, and ASCII between them.
        String::from_utf8(self.0).unwrap_or_default()
    }

    fn value<'a, V: Value<'a>>(&mut self, value: V, depth: usize) {
        match value.node() {
            Node::String(text) => self.string(text),
            Node::Number(number) => self.raw(&number),
            Node::Bool(true) => self.raw("true"),
            Node::Bool(false) => self.raw("false"),
            Node::Array(items) if depth <= MAX_DEPTH => {
                self.byte(b'[');
                for item in items {
                    self.comma();
                    self.value(item, depth + 1);
                }
                self.byte(b']');
            }
            Node::Object(entries) if depth <= MAX_DEPTH => {
                self.byte(b'{');
                for (key, value) in entries {
                    self.comma();
                    self.string(key);
                    self.byte(b':');
                    self.value(value, depth + 1);
                }
                self.byte(b'}');
            }
            Node::Null | Node::NotJson(_) | Node::Array(_) | Node::Object(_) => self.raw("null"),
        }
    }

    /// A comma, where something stands before what comes next.
    pub fn comma(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[')) {
            self.byte(b',');
        }
    }

    /// A text that is JSON, or a part of some.
    pub fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn string(&mut self, text: &str) {
        self.byte(b'"');
        let mut rest = text.as_bytes();
        while let Some((plain, other)) = rest.split_at_checked(plain_json(rest)) {
            self.0.extend_from_slice(plain);
            let Some((special, after)) = other.split_first() else { break };
            self.escaped(*special);
            rest = after;
        }
        self.byte(b'"');
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
    fn keys_are_added_where_there_are_none() {
        let written = |value: serde_json::Value| write_body(&value, &[("flow_token", "t"), ("uuid", "u")]);
        assert_eq!(written(json!({})), r#"{"flow_token":"t","uuid":"u"}"#);
        assert_eq!(written(json!({ "a": 1 })), r#"{"a":1,"flow_token":"t","uuid":"u"}"#);
        assert_eq!(written(json!({ "uuid": "mine" })), r#"{"uuid":"mine","flow_token":"t"}"#);
        assert_eq!(written(json!({ "flow_token": "own", "uuid": "mine" })), r#"{"flow_token":"own","uuid":"mine"}"#);
    }
}
