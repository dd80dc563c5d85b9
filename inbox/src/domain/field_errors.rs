//! The problems of a request, by field.

use serde_json::{Map, Value, json};

/// The problem of a text that PostgreSQL could not store. No engine stores it, so that a team can change its engine.
pub const NUL: &str = "must not contain U+0000";

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

    /// Adds all problems of another list.
    pub fn append(&mut self, others: FieldErrors) {
        for (field, problems) in others.0 {
            for problem in problems.as_array().into_iter().flatten().filter_map(Value::as_str) {
                self.add(&field, problem);
            }
        }
    }

    /// Gives fields other names. A pair is the present name of a field and its new name.
    pub fn renamed(self, names: &[(&str, &str)]) -> FieldErrors {
        let new = |field: String| {
            names.iter().find(|(old, _)| *old == field).map_or(field.clone(), |(_, new)| (*new).to_owned())
        };
        FieldErrors(self.0.into_iter().map(|(field, problems)| (new(field), problems)).collect())
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
