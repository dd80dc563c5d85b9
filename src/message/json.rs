//! A JSON value that is being put together.

use crate::validate::{MAX_DEPTH, Node, NotJson, Value};

/// A JSON value that is being put together: objects keep the order of their keys, numbers their text, and what is no JSON
/// its name, so that the check after it can report it.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the shapes of JSON")]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
    NotJson(NotJson),
}

impl Json {
    /// A copy of any value.
    #[must_use]
    pub fn copy<'a>(value: impl Value<'a>) -> Self {
        Self::copy_within(value, 0)
    }

    fn copy_within<'a>(value: impl Value<'a>, depth: usize) -> Self {
        match value.node() {
            Node::Null => Json::Null,
            Node::Bool(value) => Json::Bool(value),
            Node::Number(number) => Json::Number(number.into_owned()),
            Node::String(text) => Json::String(text.to_owned()),
            Node::NotJson(what) => Json::NotJson(what),
            Node::Array(_) | Node::Object(_) if depth > MAX_DEPTH => Json::NotJson(NotJson::TooDeep),
            Node::Array(items) => Json::Array(items.map(|item| Self::copy_within(item, depth + 1)).collect()),
            Node::Object(entries) => Json::Object(
                entries.map(|(key, value)| (key.to_owned(), Self::copy_within(value, depth + 1))).collect(),
            ),
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::String(text.to_owned())
    }
}

impl<'a> Value<'a> for &'a Json {
    type Items = std::slice::Iter<'a, Json>;
    type Entries = std::iter::Map<std::slice::Iter<'a, (String, Json)>, fn(&'a (String, Json)) -> (&'a str, &'a Json)>;

    fn node(self) -> Node<'a, Self> {
        match self {
            Json::Null => Node::Null,
            Json::Bool(value) => Node::Bool(*value),
            Json::Number(number) => Node::Number(number.as_str().into()),
            Json::String(text) => Node::String(text),
            Json::Array(items) => Node::Array(items.iter()),
            Json::Object(entries) => {
                let entry: fn(&'a (String, Json)) -> (&'a str, &'a Json) = |(key, value)| (key, value);
                Node::Object(entries.iter().map(entry))
            }
            Json::NotJson(what) => Node::NotJson(*what),
        }
    }
}
