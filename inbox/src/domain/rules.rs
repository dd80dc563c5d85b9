//! Checks a posted message against the rules of the core crate, which the client uses as well.

use flowdock_integration::{Options, Severity, validate};
use serde_json::Value;

use super::FieldErrors;
use super::field_errors::NUL;

/// The largest number of errors in one answer. A message of 1 MiB can have hundreds of thousands, and nobody reads an
/// answer that is forty times as long as the message.
const MAX_LISTED: usize = 100;

/// The errors in the message, by field. Warnings are left out, since they refuse no message.
pub fn check(message: &Value) -> FieldErrors {
    // A message may leave out `thread` if its thread exists already. Only the database knows that, so it decides later.
    let report = validate(message, Options::default().thread_optional());
    let mut errors = FieldErrors::default();
    let violations = report.violations().iter().filter(|violation| violation.severity == Severity::Error);
    for violation in violations.take(MAX_LISTED) {
        errors.add(&field_name(&violation.path), &violation.message);
    }
    // Elsewhere in a message the character is escaped, as everything is stored as JSON.
    let has_nul = |value: &Value| value.as_str().is_some_and(|text| text.contains('\0'));
    for key in ["external_thread_id", "thread_id", "uuid", "tags"] {
        if has_nul(&message[key]) || message[key].as_array().is_some_and(|items| items.iter().any(has_nul)) {
            errors.add(key, NUL);
        }
    }
    errors
}

/// The errors in a chat message of the owner. It has no flow token, so it may name only a thread that exists.
pub fn check_of_owner(message: &Value) -> FieldErrors {
    let mut errors = check(message);
    if message["event"].as_str().is_some_and(|event| event == "activity" || event == "discussion") {
        errors.add("event", "must be `message`; an activity or a discussion needs a flow token");
    }
    for key in ["external_thread_id", "thread"] {
        if !message[key].is_null() {
            errors.add(key, "needs a flow token");
        }
    }
    errors
}

/// The name of a field in the API's errors, from its JSON Pointer: `/thread/fields/0/label` becomes
/// `thread.fields.0.label`.
fn field_name(pointer: &str) -> String {
    match pointer.strip_prefix('/') {
        None => "base".to_owned(),
        Some(path) => {
            path.split('/').map(|key| key.replace("~1", "/").replace("~0", "~")).collect::<Vec<_>>().join(".")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_a_field_name_are_separated_by_dots() {
        for (pointer, name) in [
            ("", "base"),
            ("/content", "content"),
            ("/thread/fields/0/label", "thread.fields.0.label"),
            ("/thread/actions/1/@type", "thread.actions.1.@type"),
            ("/a~1b~0c", "a/b~c"),
        ] {
            assert_eq!(field_name(pointer), name);
        }
    }
}
