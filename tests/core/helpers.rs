//! Tests of the functions that are written twice, in Rust and in JavaScript: they need no rules, and their JavaScript
//! needs no WebAssembly. Both follow `tests/fixtures/helpers.json`, which `tests/node/helpers.test.js` reads as well.

use flowdock_integration::action::challenge;
use flowdock_integration::html::escape;
use flowdock_integration::setup::Visit;
use serde_json::{Map, Value};

use crate::cases::read;

fn table(name: &str) -> Value {
    read("helpers.json")[name].clone()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

#[test]
fn escape_turns_text_into_html() {
    for row in table("escape").as_array().unwrap() {
        assert_eq!(escape(row["text"].as_str().unwrap()), row["html"], "{row}");
    }
}

#[test]
fn a_visit_is_read_from_the_query() {
    for row in table("visits").as_array().unwrap() {
        for (kind, read) in [("setup", Visit::setup as fn(&str) -> _), ("configuration", Visit::configuration)] {
            let expected = &row[kind];
            if expected.is_null() {
                continue;
            }
            let found = match read(row["url"].as_str().unwrap()) {
                Ok(visit) => written(visit),
                Err(error) => Value::from(error.to_string()),
            };
            assert_eq!(found, *expected, "{row}");
        }
    }
}

/// Returns a visit as JSON, with its names in JavaScript.
fn written(visit: Visit) -> Value {
    let Visit { flow, flow_url, integration_id, source, source_url } = visit;
    let parts = [
        ("flow", Some(flow)),
        ("flowUrl", flow_url),
        ("integrationId", integration_id),
        ("source", source),
        ("sourceUrl", source_url),
    ];
    let written = parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
    written.collect::<Map<_, _>>().into()
}

#[test]
fn a_challenge_refuses_a_url_that_would_end_the_header() {
    let table = table("challenges");
    for url in texts(&table["accepted"]) {
        assert_eq!(challenge(url).unwrap(), format!("Flowdock-Token url={url}"));
    }
    for url in texts(&table["refused"]) {
        let sentence = "`url` must be an absolute http or https URL without white space, quotes or commas";
        assert_eq!(challenge(url).expect_err(url).to_string(), sentence);
    }
}
