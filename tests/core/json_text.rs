//! Tests of the reports on JSON text: the violations and their positions. JavaScript passes JSON text as well.

use flowdock_integration::{Options, Report, ffi, validate, validate_json};
use serde_json::Value;

use crate::cases::Case;

/// Returns each violation with its line and column.
fn lines(text: &str) -> Vec<String> {
    let report = validate_json(text, Options::default());
    let line = |found: &flowdock_integration::Violation| {
        let at = found.at.unwrap();
        format!("{}:{} {} {}", at.line, at.column, found.code, found.path)
    };
    report.violations().iter().map(line).collect()
}

#[test]
fn a_violation_has_the_position_of_its_value_or_key() {
    let text = r#"{
  "event": "activity",
  "titel": "x",
  "title": "é😀 <b>\"x\"</b>",
  "author": { "nam": "Marty" },
  "thread": {
    "title": "\u003cb>x</b>",
    "status": { "value": 7 }, "fields": [{ "label": "a" }, [], { "value": "b" }]
  },
  "title": "again"
}"#;
    assert_eq!(
        lines(text),
        [
            "3:3 unknown_field /titel",
            "4:17 html_tag_not_allowed /title",
            "5:15 unknown_field /author/nam",
            "5:13 required /author/name",
            "7:15 html_tag_not_allowed /thread/title",
            "8:26 invalid_type /thread/status/value",
            "8:60 invalid_type /thread/fields/1",
            "8:64 required /thread/fields/2/label",
            "10:3 duplicate_key /title",
            "1:1 required_one_of ",
        ]
    );
}

#[test]
fn a_syntax_error_is_a_violation_with_its_position() {
    let report = validate_json("{\n  \"event\": \"activity\"\n  \"title\": \"x\"\n}", Options::default());
    let [violation] = report.violations() else { panic!("{report:?}") };
    let at = violation.at.unwrap();
    assert_eq!((violation.code.as_str(), at.line, at.column, at.offset), ("invalid_json", 3, 3, 26));
    assert_eq!(violation.message, "is no JSON: expected `,` or `}`");
    assert_eq!(lines(""), ["1:1 invalid_json "]);
    assert_eq!(lines("é\u{feff}{}"), ["1:1 invalid_json "]);
}

/// Returns a report without the positions.
fn without_positions(report: &Report) -> Value {
    let mut report = serde_json::to_value(report).unwrap();
    for violation in report["violations"].as_array_mut().unwrap() {
        violation.as_object_mut().unwrap().remove("at");
    }
    report
}

#[test]
fn json_text_typed_value_and_ffi_call_get_the_same_report() {
    for case in Case::all() {
        let message = case.message();
        let options = case.options();
        let of_value = serde_json::to_value(validate(&message, options)).unwrap();
        for text in [message.to_string(), format!("{message:#}")] {
            let of_text = validate_json(&text, options);
            assert!(of_text.violations().iter().all(|violation| violation.at.is_some()));
            assert_eq!(without_positions(&of_text), of_value, "{}", case.name);
        }
        let options = Value::Object(case.options.clone()).to_string();
        let called = ffi::validate(&message.to_string(), &options).unwrap();
        let expected = if case.report.is_empty() { String::new() } else { of_value.to_string() };
        assert_eq!(called, expected, "{}", case.name);
    }
}

#[test]
fn a_value_that_does_not_serialise_breaks_a_rule() {
    let message = std::collections::HashMap::from([(vec![1], "a key that is no string")]);
    let report = validate(&message, Options::default());
    let [violation] = report.violations() else { panic!("{report:?}") };
    assert_eq!((violation.code.as_str(), violation.path.as_str()), ("invalid_type", ""));
    assert!(violation.message.starts_with("does not serialise as JSON: "), "{violation}");
    assert_eq!(flowdock_integration::encode(&message, Options::default()).unwrap_err().report, report);
}
