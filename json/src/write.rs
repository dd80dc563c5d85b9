//! Writes JSON.

use crate::document::{Node, Value};

/// A JSON text that is being written. A key is that in the object around; the items of an array, and the outermost value,
/// have none.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
}

impl Writer {
    /// What was written.
    pub fn text(self) -> String {
        self.text
    }

    /// Begins an object.
    pub fn object(&mut self, key: Option<&str>) {
        self.raw(key, "{");
    }

    /// Ends an object.
    pub fn end_object(&mut self) {
        self.text.push('}');
    }

    /// Begins an array.
    pub fn array(&mut self, key: Option<&str>) {
        self.raw(key, "[");
    }

    /// Ends an array.
    pub fn end_array(&mut self) {
        self.text.push(']');
    }

    /// Writes a string.
    pub fn string(&mut self, key: Option<&str>, text: &str) {
        self.raw(key, "");
        self.quoted(text);
    }

    /// Writes a number.
    pub fn number(&mut self, key: Option<&str>, number: usize) {
        self.raw(key, &digits(number));
    }

    /// Writes true or false.
    pub fn bool(&mut self, key: Option<&str>, value: bool) {
        self.raw(key, if value { "true" } else { "false" });
    }

    /// Writes an array of strings.
    pub fn strings<T: AsRef<str>>(&mut self, key: Option<&str>, texts: &[T]) {
        self.array(key);
        texts.iter().for_each(|text| self.string(None, text.as_ref()));
        self.end_array();
    }

    /// Writes a value of a document as it stands there.
    pub fn value(&mut self, key: Option<&str>, value: Value<'_>) {
        match value.node() {
            // The text of an object or array that was cut has no end.
            Node::Object(entries) if value.is_cut() => {
                self.object(key);
                entries.for_each(|(key, value)| self.value(Some(key), value));
                self.end_object();
            }
            Node::Array(items) if value.is_cut() => {
                self.array(key);
                items.for_each(|item| self.value(None, item));
                self.end_array();
            }
            _ => self.raw(key, value.json()),
        }
    }

    /// Writes a key, with a comma before it where one belongs, and a text that is JSON or the beginning of some.
    pub fn raw(&mut self, key: Option<&str>, json: &str) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[')) {
            self.text.push(',');
        }
        if let Some(key) = key {
            self.quoted(key);
            self.text.push(':');
        }
        self.text.push_str(json);
    }

    /// Writes a string in quotation marks, as `JSON.stringify` does.
    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        let mut done = 0;
        for (at, byte) in text.bytes().enumerate() {
            let short = match byte {
                b'"' | b'\\' => byte,
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                0x08 => b'b',
                0x0C => b'f',
                0..0x20 => b'u',
                _ => continue,
            };
            self.text.push_str(text.get(done..at).unwrap_or_default());
            self.text.push('\\');
            self.text.push(char::from(short));
            if short == b'u' {
                self.text.push_str("00");
                hex(byte, b'a', &mut self.text);
            }
            done = at + 1;
        }
        self.text.push_str(text.get(done..).unwrap_or_default());
        self.text.push('"');
    }
}

/// Writes a byte as two hexadecimal digits, whose letters begin with this one.
pub fn hex(byte: u8, a: u8, out: &mut String) {
    for digit in [byte >> 4, byte & 15] {
        out.push(char::from(if digit < 10 { b'0' + digit } else { a + digit - 10 }));
    }
}

/// A number, written in digits.
#[must_use]
pub fn digits(number: usize) -> String {
    let mut text = if number > 9 { digits(number / 10) } else { String::new() };
    text.push(char::from(b'0' + (number % 10) as u8));
    text
}
