//! The forgiving forms that the JavaScript builders take. The table stands in `tests/fixtures/parts.json`, which the tests
//! of the npm package read as well.

use flowdock_integration::encode::write_json;
use flowdock_integration::message::{Event, message_from_parts, thread_from_parts};
use flowdock_integration::{InvalidMessage, Options, Report, normalize_tags};
use serde_json::{Value, json};

use crate::cases::read;

#[test]
fn each_row_of_the_table_is_built_as_it_says() {
    for row in read("parts.json").as_array().unwrap() {
        let parts = &row["parts"];
        let built = match row["builder"].as_str().unwrap() {
            "activity" => message_from_parts(parts, Event::Activity, Options::default()),
            "discussion" => message_from_parts(parts, Event::Discussion, Options::default()),
            "chatMessage" => message_from_parts(parts, Event::Message, Options::default()),
            _ => thread_from_parts(parts),
        };
        let built = built.map(|(value, _)| {
            let mut json = String::new();
            write_json(value.value(0), &mut json);
            with_normal_tags(&json)
        });
        match (&built, row.get("built"), row.get("errors")) {
            // As text, because the order of the keys counts.
            (Ok(built), Some(expected), _) => assert_eq!(*built, expected.to_string(), "{row}"),
            (Err(InvalidMessage { report }), _, Some(expected)) => assert_eq!(lines(report), *expected, "{row}"),
            _ => panic!("{row}: {built:?}"),
        }
    }
}

#[test]
fn a_builder_is_for_one_event() {
    let discussion = read("messages.json")["discussion"].clone();
    assert!(message_from_parts(&discussion, Event::Discussion, Options::default()).is_ok());
    let InvalidMessage { report } = message_from_parts(&discussion, Event::Activity, Options::default()).unwrap_err();
    assert_eq!(lines(&report), json!(["invalid_choice /event"]));
}

/// The package does this in JavaScript.
fn with_normal_tags(json: &str) -> String {
    let mut built: Value = serde_json::from_str(json).unwrap();
    if let Some(tags) = built.get("tags").and_then(Value::as_array) {
        built["tags"] = normalize_tags(tags.iter().filter_map(Value::as_str)).into();
    }
    built.to_string()
}

fn lines(report: &Report) -> Value {
    report.violations().iter().map(|found| format!("{} {}", found.code, found.path)).collect()
}
