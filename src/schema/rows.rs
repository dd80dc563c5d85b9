//! The table as a flat list: one row for each key, with the path of the key.

use super::{Form, MESSAGE, Object, Rule};

/// One rule of the table, and the path of its key.
#[derive(Clone, Debug)]
pub struct Row {
    /// The path of the key, as a JSON Pointer in which `N` stands for any index: `/thread/fields/N/label`.
    pub path: String,
    /// The object that the key belongs to.
    pub object: &'static Object,
    /// The rule for the key.
    pub rule: &'static Rule,
}

/// Returns every rule of a message. The rules for the keys of an object come before those of the objects inside it.
///
/// ```
/// let rows = flowdock_integration::schema::rows();
/// assert!(rows.iter().any(|row| row.path == "/thread/status/color"));
/// ```
#[must_use]
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    collect("", &MESSAGE, &mut rows);
    rows
}

fn collect(prefix: &str, object: &'static Object, rows: &mut Vec<Row>) {
    for rule in object.rules.iter() {
        rows.push(Row { path: format!("{prefix}/{}", rule.key), object, rule });
    }
    for rule in object.rules.iter() {
        match rule.form {
            Form::Object(inner) => collect(&format!("{prefix}/{}", rule.key), inner, rows),
            Form::List(inner) => collect(&format!("{prefix}/{}/N", rule.key), inner, rows),
            _ => {}
        }
    }
}
