//! Looks through the text of a JSON document without building it.
//!
//! A value in memory takes up to 150 times the space of its text: a list in a list in a list. So the inbox counts the
//! values first, and finds the flow token, before it parses the JSON of a client that it does not know.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::answer::Refusal;

/// What a document holds.
#[derive(Debug, Default, PartialEq)]
pub struct Scan {
    /// Whether it is an object.
    pub is_object: bool,
    /// The text of the key that holds the flow token.
    pub flow_token: Option<String>,
    /// The number of its values, with those inside others.
    pub values: usize,
}

/// Looks through a document, whose flow token is in this key. Refuses one that is not JSON, and one that has more than `most`
/// values.
pub fn scan(body: &[u8], most: usize, token_key: &'static str) -> Result<Scan, Refusal> {
    let mut scan = Scan::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = Values { scan: &mut scan, most, token_key, position: Position::Document }.deserialize(&mut reader);
    match read.and_then(|()| reader.end()) {
        Ok(()) => Ok(scan),
        Err(_) if scan.values > most => Err(Refusal::unreadable(format!("The body has more than {most} values"))),
        Err(error) => Err(Refusal::unreadable(format!("The body is not JSON: {error}"))),
    }
}

/// The position of a value.
#[derive(Clone, Copy, PartialEq)]
enum Position {
    /// It is the document.
    Document,
    /// It is the flow token.
    FlowToken,
    /// It is inside of another value.
    Nested,
}

/// Counts a value and those in it.
struct Values<'a> {
    scan: &'a mut Scan,
    most: usize,
    token_key: &'static str,
    position: Position,
}

impl Values<'_> {
    fn inside(&mut self, position: Position) -> Values<'_> {
        Values { scan: self.scan, most: self.most, token_key: self.token_key, position }
    }
}

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.scan.values += 1;
        if self.scan.values > self.most {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.position == Position::FlowToken {
            self.scan.flow_token = Some(text.to_owned());
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.inside(Position::Nested))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let is_top = self.position == Position::Document;
        self.scan.is_object |= is_top;
        while let Some(is_flow_token) = entries.next_key_seed(IsKey(self.token_key))? {
            let position = if is_top && is_flow_token { Position::FlowToken } else { Position::Nested };
            if position == Position::FlowToken {
                // The last of several equal keys counts.
                self.scan.flow_token = None;
            }
            entries.next_value_seed(self.inside(position))?;
        }
        Ok(())
    }
}

/// Whether a key is this one.
struct IsKey(&'static str);

impl<'de> DeserializeSeed<'de> for IsKey {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_the_flow_token_is_found() {
        for (text, is_object, flow_token, values) in [
            (r#"{"flow_token":"t","a":[1,-1,1.5,null,true,"x"]}"#, true, Some("t"), 9),
            (r#" {"a":{"flow_token":"inner"}} "#, true, None, 3),
            (r#"{"flow_token":"first","flow_token":"last"}"#, true, Some("last"), 3),
            (r#"{"flow_token":"first","flow_token":7}"#, true, None, 3),
            (r#"{"\u0066low_token":"\u0074"}"#, true, Some("t"), 2),
            (r#"[{"flow_token":"t"}]"#, false, None, 3),
            (r#""flow_token""#, false, None, 1),
        ] {
            let expected = Scan { is_object, flow_token: flow_token.map(str::to_owned), values };
            assert_eq!(scan(text.as_bytes(), 9, "flow_token").expect(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_json_and_what_is_too_much_is_refused() {
        for (text, message) in [
            ("{", "The body is not JSON: EOF while parsing an object at line 1 column 1"),
            ("{} x", "The body is not JSON: trailing characters at line 1 column 4"),
            ("[0,0,0]", "The body has more than 3 values"),
            ("[[[[]]]]", "The body has more than 3 values"),
            ("\"\u{0}\"", "The body is not JSON: control character (\\u0000-\\u001F) found while parsing a string"),
        ] {
            let refusal = scan(text.as_bytes(), 3, "flow_token").expect_err(text);
            assert!(refusal.message().starts_with(message), "{text}: {}", refusal.message());
        }
        let deep = "[".repeat(1000);
        assert!(
            scan(deep.as_bytes(), usize::MAX, "flow_token")
                .expect_err("too deep")
                .message()
                .contains("recursion limit")
        );
    }
}
