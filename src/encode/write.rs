//! Writes a value as JSON, as `JSON.stringify` does.

#![allow(clippy::single_char_add_str, reason = "a char has to be encoded first, which costs a twentieth of a body")]

use crate::text::find_json_special;
use crate::value::{MAX_DEPTH, Node, Value};

/// Writes a value as JSON without white space. What JSON cannot hold, which no checked value has, is written as null.
///
/// ```
/// let mut json = String::new();
/// flowdock_integration::encode::write_json(&serde_json::json!({ "a": [1, null, "\n"] }), &mut json);
/// assert_eq!(json, r#"{"a":[1,null,"\n"]}"#);
/// ```
pub fn write_json<'a>(value: impl Value<'a>, out: &mut String) {
    write(value, out, 0);
}

/// Writes a checked message, with keys that are added at its end where it has none.
pub(crate) fn write_body<'a>(message: impl Value<'a>, added: &[(&str, &str)]) -> String {
    let mut out = String::new();
    write(message, &mut out, 0);
    let Node::Object(entries) = message.node() else { return out };
    for (key, value) in added {
        if entries.clone().any(|(there, _)| there == *key) {
            continue;
        }
        out.pop();
        if !out.ends_with('{') {
            out.push_str(",");
        }
        write_string(key, &mut out);
        out.push_str(":");
        write_string(value, &mut out);
        out.push_str("}");
    }
    out
}

fn write<'a, V: Value<'a>>(value: V, out: &mut String, depth: usize) {
    match value.node() {
        Node::Bool(true) => out.push_str("true"),
        Node::Bool(false) => out.push_str("false"),
        Node::Number(number) => out.push_str(&number),
        Node::String(text) => write_string(text, out),
        Node::Array(items) if depth <= MAX_DEPTH => {
            out.push_str("[");
            for (index, item) in items.enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                write(item, out, depth + 1);
            }
            out.push_str("]");
        }
        Node::Object(entries) if depth <= MAX_DEPTH => {
            out.push_str("{");
            for (index, (key, value)) in entries.enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                write_string(key, out);
                out.push_str(":");
                write(value, out, depth + 1);
            }
            out.push_str("}");
        }
        Node::Null | Node::NotJson(_) | Node::Array(_) | Node::Object(_) => out.push_str("null"),
    }
}

pub(super) fn write_string(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push_str("\"");
    let mut done = 0;
    while let Some(at) = find_json_special(text, done) {
        out.push_str(text.get(done..at).unwrap_or_default());
        // Each of these is one byte long.
        done = at + 1;
        match text.as_bytes().get(at).copied().unwrap_or_default() {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0C => out.push_str("\\f"),
            control @ 0..0x20 => {
                out.push_str("\\u00");
                let digit = |nibble: u8| HEX.get(usize::from(nibble)).map_or('0', |byte| char::from(*byte));
                out.push(digit(control >> 4));
                out.push(digit(control & 0xF));
            }
            other => {
                out.push('\\');
                out.push(char::from(other));
            }
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out.push_str("\"");
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
