//! The problems of a request, by field.

use serde_json::{Map, Value, json};

/// The problems of a request, by field. A field's name is its path joined by dots; `base` stands for the message as a
/// whole.
#[derive(Debug, Default)]
pub struct FieldErrors(Map<String, Value>);

impl FieldErrors {
    /// A list with one problem of one field.
    pub fn of(field: &str, problem: &str) -> FieldErrors {
        let mut errors = FieldErrors::default();
        errors.add(field, problem);
        errors
    }

    /// Adds a problem to the list of its field.
    pub fn add(&mut self, field: &str, problem: &str) {
        let problems = self.0.entry(field).or_insert_with(|| json!([]));
        if let Value::Array(problems) = problems {
            problems.push(problem.into());
        }
    }

    /// Whether there are no problems.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The JSON of the problems: an object of lists of texts.
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}
