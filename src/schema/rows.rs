//! The table as a flat list, one row a key, each with its path.

use super::{Form, MESSAGE, Object, Rule};

/// One rule of the table, at its place.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where the key stands, as a JSON Pointer in which `N` stands for any index: `/thread/fields/N/label`.
    pub path: String,
    /// The object that the key belongs to.
    pub object: &'static Object,
    /// What holds for it.
    pub rule: &'static Rule,
}

/// Every rule of a message, an object's own keys before those of the objects inside it.
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
