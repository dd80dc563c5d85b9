//! Reads query parameters.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderMap, Uri};
use flowdock_integration::Color;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};
use serde_json::Value;

use super::answer::Refusal;
use super::body;
use crate::domain::message::{bare_tag, split_tags};
use crate::domain::{FieldErrors, MessageFilter, Order, ThreadFilter};

const DEFAULT_LIMIT: u32 = 30;
const MAX_LIMIT: u32 = 100;

/// How many messages a list may skip.
const MAX_SKIP: u32 = 100_000;

/// The longest search. A word with marks in it is a phrase, each of whose parts costs a search of its own.
const MAX_SEARCH_BYTES: usize = 300;

/// The largest number of events, tags or words in a filter.
const MAX_ITEMS: usize = 20;

/// The query parameters of a request. Unknown parameters are ignored.
#[derive(Debug)]
pub struct Params(HashMap<String, String>);

impl Params {
    /// Reads the parameters from the URI of a request.
    pub fn of(uri: &Uri) -> Result<Params, Refusal> {
        let query = Query::try_from_uri(uri).map_err(|_| Refusal::unreadable("The query cannot be read"))?;
        Ok(Params(query.0))
    }

    /// Adds the parameters of a JSON body, where an existing client sends the filters of a list. If the query has the
    /// parameter too, the query's value counts.
    pub async fn with_body(mut self, headers: &HeaderMap, body: Body) -> Result<Params, Refusal> {
        for (name, value) in body::json_if_any(headers, body).await?.unwrap_or_default() {
            if let Some(text) = text_of(&value) {
                self.0.entry(name).or_insert(text);
            }
        }
        Ok(self)
    }

    /// The parameter's text. An empty parameter counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The filter for a list of messages.
    pub fn message_filter(&self) -> Result<MessageFilter, Refusal> {
        let events = self.get("event").map(|text| text.split(',').map(|item| item.trim().to_owned()).collect());
        let tags = self.get("tags").map(|text| split_tags(text).iter().map(|tag| tag.to_lowercase()).collect());
        Ok(MessageFilter {
            events: few("event", events)?,
            tags: few("tags", tags)?.unwrap_or_default(),
            any_tag: self
                .read("tag_mode", "must be `and` or `or`", |text| match text {
                    "and" => Some(false),
                    "or" => Some(true),
                    _ => None,
                })?
                .unwrap_or(false),
            words: self.words()?,
            since_id: self.number("since_id")?,
            until_id: self.number("until_id")?,
            order: self
                .read("sort", "must be `asc` or `desc`", |text| match text {
                    "asc" => Some(Order::OldestFirst),
                    "desc" => Some(Order::NewestFirst),
                    _ => None,
                })?
                .unwrap_or(Order::NewestFirst),
            skip: self
                .read("skip", &format!("must be a whole number up to {MAX_SKIP}"), |text| {
                    text.parse().ok().filter(|skip| *skip <= MAX_SKIP)
                })?
                .unwrap_or(0),
            limit: self.limit()?,
            thread_id: None,
        })
    }

    /// The filter for a list of threads.
    pub fn thread_filter(&self) -> Result<ThreadFilter, Refusal> {
        let instant = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond);
        Ok(ThreadFilter {
            since_ms: self.read("since", "must be an ISO 8601 date and time", instant)?,
            until_ms: self.read("until", "must be an ISO 8601 date and time", instant)?,
            since_id: self.number("since_id")?,
            until_id: self.number("until_id")?,
            source: self.number("source")?,
            status_color: self.read("status", "must be a colour of a status, or `none`", |text| match text {
                "none" => Some(None),
                color => Color::deserialize(StrDeserializer::<Error>::new(color)).ok().map(|_| Some(color.to_owned())),
            })?,
            tag: self.read("tag", "must be a tag", bare_tag)?,
            words: self.words()?,
            limit: self.limit()?,
        })
    }

    /// Whether a thread shall come with its newest message.
    pub fn includes_last_message(&self) -> Result<bool, Refusal> {
        let known = self.read("include", "must be `last_message`", |text| (text == "last_message").then_some(()))?;
        Ok(known.is_some())
    }

    /// The words of a search.
    fn words(&self) -> Result<Vec<String>, Refusal> {
        let in_words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let short = |text: &str| (text.len() <= MAX_SEARCH_BYTES).then(|| in_words(text));
        let words = self.read("search", &format!("must not be longer than {MAX_SEARCH_BYTES} bytes"), short)?;
        Ok(few("search", words)?.unwrap_or_default())
    }

    fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.read(name, "must be a whole number", |text| text.parse().ok())
    }

    fn limit(&self) -> Result<u32, Refusal> {
        let within = |text: &str| text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
        Ok(self
            .read("limit", &format!("must be a whole number from 1 to {MAX_LIMIT}"), within)?
            .unwrap_or(DEFAULT_LIMIT))
    }

    /// Reads a parameter with `value`. An invalid parameter is refused, not ignored: otherwise the client would get
    /// another list than it asked for.
    fn read<T>(&self, name: &str, problem: &str, value: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
        self.get(name)
            .map(|text| value(text).ok_or_else(|| Refusal::invalid(FieldErrors::of(name, problem))))
            .transpose()
    }
}

/// Refuses more than `MAX_ITEMS` items, and leaves out those that come again. Each costs a search of its own.
fn few(name: &str, items: Option<Vec<String>>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(mut items) = items else { return Ok(None) };
    if items.len() > MAX_ITEMS {
        return Err(Refusal::invalid(FieldErrors::of(name, &format!("must not be more than {MAX_ITEMS}"))));
    }
    items.sort_unstable();
    items.dedup();
    Ok(Some(items))
}

/// A JSON value as the text of a query parameter. The items of an array are joined by commas.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(list) => list.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(|texts| texts.join(",")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_filter_names_several_times_counts_once() {
        let uri = "/?event=message,activity,message&tags=Big,%23big,small&search=door+the+door".parse().expect("a URI");
        let filter = Params::of(&uri).expect("parameters").message_filter().expect("a filter");
        assert_eq!(filter.events.expect("events"), ["activity", "message"]);
        assert_eq!(filter.tags, ["big", "small"]);
        assert_eq!(filter.words, ["door", "the"]);
    }
}
