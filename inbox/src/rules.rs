//! Holds a posted message to the rules of the core crate, the same that the client obeys.

use flowdock_integration::{Options, Severity, validate};
use serde_json::Value;

use crate::answer::FieldErrors;

/// How many errors are listed. A message of 1 MiB can hold hundreds of thousands, and nobody reads an answer that is
/// forty times as long as the message.
const MAX_LISTED: usize = 100;

/// The errors in the message, by field; empty if it breaks no rule. Warnings refuse nothing.
pub fn check(message: &Value) -> FieldErrors {
    // Whether the thread may be missing is a question of whether it exists, which only the database knows.
    let report = validate(message, Options::default().thread_optional());
    let mut errors = FieldErrors::default();
    let violations = report.violations().iter().filter(|violation| violation.severity == Severity::Error);
    for violation in violations.take(MAX_LISTED) {
        errors.add(&field_name(&violation.path), &violation.message);
    }
    errors
}

/// A JSON Pointer as the API's errors name it: `/thread/fields/0/label` is `thread.fields.0.label`.
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
    fn fields_are_named_by_dots() {
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
