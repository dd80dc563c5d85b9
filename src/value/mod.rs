//! What is known of a value: the shapes of JSON, and what a JavaScript object can hold beside them.
//!
//! Whatever reads a message reads it through [`Value`], so that one walk serves `serde_json`, and JavaScript objects by way
//! of a [`Frame`].

pub(crate) mod frame;

pub(crate) use frame::in_frame;
pub use frame::{Frame, FrameValue};

use std::borrow::Cow;

/// How deep objects and arrays may stand in each other (ours): far beyond any message, and short of any stack.
pub const MAX_DEPTH: usize = 128;

/// A value that can be read as JSON, such as `&serde_json::Value`.
///
/// It is passed by value and read more than once, so it has to be a reference or an index.
pub trait Value<'a>: Copy {
    /// The items of an array, in their order.
    type Items: Iterator<Item = Self>;
    /// The keys and values of an object, in their order.
    type Entries: Iterator<Item = (&'a str, Self)> + Clone;

    /// What this value is.
    fn node(self) -> Node<'a, Self>;

    /// The same value as a part of a [`Frame`], where it is one, for those who read frames by a shorter way.
    fn framed(self) -> Option<FrameValue<'a>> {
        None
    }

    /// Whether half of a surrogate pair stood in this string, or in its key, for which there is no UTF-8: U+FFFD stands there
    /// instead.
    fn was_half_a_pair(self) -> bool {
        false
    }

    /// The value of a key of an object; none where there is no such key, or no object.
    fn part(self, wanted: &str) -> Option<Self> {
        let Node::Object(mut entries) = self.node() else { return None };
        entries.find(|(key, _)| *key == wanted).map(|(_, value)| value)
    }

    /// The text of a string; none of anything else.
    fn text(self) -> Option<&'a str> {
        if let Node::String(text) = self.node() { Some(text) } else { None }
    }
}

/// The shape of a [`Value`].
#[derive(Debug)]
pub enum Node<'a, V: Value<'a>> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written in JSON.
    Number(Cow<'a, str>),
    /// A string.
    String(&'a str),
    /// An array.
    Array(V::Items),
    /// An object.
    Object(V::Entries),
    /// What no JSON text can hold.
    NotJson(NotJson),
}

/// Something in a JavaScript object for which there is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotJson {
    /// A BigInt, which `JSON.stringify` refuses.
    BigInt,
    /// An object that holds itself.
    Cycle,
    /// A getter or a `toJSON` that threw.
    Thrown,
    /// Deeper than [`MAX_DEPTH`].
    TooDeep,
    /// What no longer fits into the size that a message may have in memory: 2^24 UTF-16 code units in JavaScript, 2^26 bytes of
    /// text in Rust (ours).
    TooLarge,
}

impl NotJson {
    /// What a person calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BigInt => "a BigInt",
            Self::Cycle => "an object that holds itself",
            Self::Thrown => "a value that throws when it is read",
            Self::TooDeep => "a value nested deeper than 128 levels",
            Self::TooLarge => "a value of more than 16 million characters",
        }
    }
}

impl<'a, V: Value<'a>> Node<'a, V> {
    /// What a person calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::String(_) => "a string",
            Node::Array(_) => "an array",
            Node::Object(_) => "an object",
            Node::NotJson(what) => what.name(),
        }
    }
}

impl<'a> Value<'a> for &'a serde_json::Value {
    type Items = std::slice::Iter<'a, serde_json::Value>;
    type Entries = std::iter::Map<serde_json::map::Iter<'a>, fn((&'a String, Self)) -> (&'a str, Self)>;

    fn node(self) -> Node<'a, Self> {
        match self {
            serde_json::Value::Null => Node::Null,
            serde_json::Value::Bool(value) => Node::Bool(*value),
            serde_json::Value::Number(number) => Node::Number(number.to_string().into()),
            serde_json::Value::String(text) => Node::String(text),
            serde_json::Value::Array(items) => Node::Array(items.iter()),
            serde_json::Value::Object(entries) => {
                let entry: fn((&'a String, Self)) -> (&'a str, Self) = |(key, value)| (key.as_str(), value);
                Node::Object(entries.iter().map(entry))
            }
        }
    }
}
