//! Tests of the shorthand that the JavaScript builders take. The cases are in `tests/fixtures/parts.json`, which the
//! tests of the npm package read as well.

use flowdock_integration::ffi;
use serde_json::{Value, json};

use crate::cases::read;

/// Returns what a builder makes from its argument.
fn build(what: &str, parts: &Value) -> Result<String, Value> {
    let built = ffi::build(&parts.to_string(), &json!({ "what": what }).to_string());
    built.map_err(|error| serde_json::from_str(&error.to_json()).unwrap())
}

#[test]
fn each_row_of_the_table_is_built_as_it_says() {
    for row in read("parts.json").as_array().unwrap() {
        let what = match row["builder"].as_str().unwrap() {
            "chatMessage" => "message",
            other => other,
        };
        let built = build(what, &row["parts"]);
        match (&built, row.get("built"), row.get("errors")) {
            // Compared as text, because the order of the keys matters.
            (Ok(built), Some(expected), _) => assert_eq!(*built, expected.to_string(), "{row}"),
            (Err(error), _, Some(expected)) => assert_eq!(lines(error), *expected, "{row}"),
            _ => panic!("{row}: {built:?}"),
        }
    }
}

#[test]
fn a_builder_refuses_another_event() {
    let discussion = read("messages.json")["discussion"].clone();
    assert!(build("discussion", &discussion).is_ok());
    assert_eq!(lines(&build("activity", &discussion).unwrap_err()), json!(["invalid_choice /event"]));
}

fn lines(error: &Value) -> Value {
    let line = |found: &Value| format!("{} {}", found["code"].as_str().unwrap(), found["path"].as_str().unwrap());
    error["violations"].as_array().unwrap().iter().map(line).collect()
}
