//! Reads the names of a form's fields. A name is a path into the message: `thread[fields][][label]`,
//! `thread[fields][0][label]`.

use serde_json::{Map, Value};

use super::answer::Refusal;

/// The largest number of steps in a name. The deepest value of a message, the URL of an action's target, needs five.
const MAX_STEPS: usize = 16;

/// One step of a path into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the value of a key.
    Key(String),
    /// Into an item of a list, without an index: `[]`.
    Item,
}

/// The object that is built from the fields of a form, one after another.
#[derive(Debug, Default)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Stores a text at the path that its name describes, as Rails does: if the last item of a list has a value at this
    /// path already, a new item begins.
    pub fn insert(&mut self, name: &str, text: String) -> Result<(), Refusal> {
        let steps = steps(name)?;
        let is_put = match steps.split_first() {
            Some((Step::Key(key), rest)) => put(self.0.entry(key).or_insert(Value::Null), rest, text),
            _ => false,
        };
        if is_put {
            Ok(())
        } else {
            Err(refused(name, "occurs more than once, or beside something of another kind, as `[]` beside `[0]`"))
        }
    }

    /// Returns the object. Each object in it whose keys are all indexes becomes a list.
    pub fn into_value(self) -> Value {
        Value::Object(self.0.into_iter().map(|(key, value)| (key, with_lists(value))).collect())
    }
}

/// Splits a name into steps: a key, then brackets with a key or with nothing in them.
pub fn steps(name: &str) -> Result<Vec<Step>, Refusal> {
    let wrong = || refused(name, "is not the name of a field");
    let (first, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    if first.is_empty() || first.contains(']') {
        return Err(wrong());
    }
    let mut steps = vec![Step::Key(first.to_owned())];
    while !rest.is_empty() {
        let (inner, after) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(wrong)?;
        if inner.contains('[') {
            return Err(wrong());
        }
        steps.push(if inner.is_empty() { Step::Item } else { Step::Key(inner.to_owned()) });
        if steps.len() > MAX_STEPS {
            return Err(refused(name, "is nested too deep"));
        }
        rest = after;
    }
    Ok(steps)
}

/// Stores a text at the path `steps` below `value`. Returns `false` if another value is in the way. Null marks a value
/// that is not set yet.
fn put(value: &mut Value, steps: &[Step], text: String) -> bool {
    match steps.split_first() {
        None if value.is_null() => *value = text.into(),
        None => return false,
        Some((Step::Key(key), rest)) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            let Value::Object(entries) = value else { return false };
            return put(entries.entry(key).or_insert(Value::Null), rest, text);
        }
        Some((Step::Item, rest)) => {
            if value.is_null() {
                *value = Value::Array(Vec::new());
            }
            let Value::Array(items) = value else { return false };
            if items.last().is_none_or(|last| is_taken(last, rest)) {
                items.push(Value::Null);
            }
            return items.last_mut().is_some_and(|last| put(last, rest, text));
        }
    }
    true
}

/// Whether the last item of a list has a value at the path `steps` already, so that a new item must begin. A list
/// inside the item can always take one more.
fn is_taken(item: &Value, steps: &[Step]) -> bool {
    let mut value = item;
    for step in steps {
        match (step, value) {
            (Step::Key(key), Value::Object(entries)) => match entries.get(key) {
                Some(inner) => value = inner,
                None => return false,
            },
            (Step::Item, Value::Array(_)) => return !item.is_object(),
            _ => return true,
        }
    }
    true
}

/// Turns each object whose keys are all indexes into a list. The indexes only give the order: a list may begin with any
/// index and may have gaps, and it takes no more memory than its items.
fn with_lists(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(with_lists).collect(),
        Value::Object(entries) if entries.keys().all(|key| is_index(key)) => {
            let mut items: Vec<_> = entries.into_iter().collect();
            // The number with fewer digits is the smaller one, however large the numbers are.
            items.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
            items.into_iter().map(|(_, item)| with_lists(item)).collect()
        }
        Value::Object(entries) => {
            Value::Object(entries.into_iter().map(|(key, item)| (key, with_lists(item))).collect())
        }
        other => other,
    }
}

/// Whether a key is a whole number without leading zeros. So no two keys are the same index.
fn is_index(key: &str) -> bool {
    key == "0" || !key.starts_with('0') && !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

fn refused(name: &str, why: &str) -> Refusal {
    let shown: String = name.chars().take(80).collect();
    Refusal::unreadable(format!("`{shown}` {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Fields;
    use crate::http::answer::Refusal;

    /// The object of fields with these names and the values 1, 2, 3 and so on.
    fn read(names: &[&str]) -> Result<Value, Refusal> {
        let mut fields = Fields::default();
        for (index, name) in names.iter().enumerate() {
            fields.insert(name, (index + 1).to_string())?;
        }
        Ok(fields.into_value())
    }

    #[test]
    fn a_field_is_stored_at_the_path_that_its_name_describes() {
        for (names, value) in [
            (&["a", "é b"][..], json!({ "a": "1", "é b": "2" })),
            (&["a[b][c]", "a[d]"], json!({ "a": { "b": { "c": "1" }, "d": "2" } })),
            (&["a[]", "a[]"], json!({ "a": ["1", "2"] })),
            (&["a[][b]", "a[][c]", "a[][b]"], json!({ "a": [{ "b": "1", "c": "2" }, { "b": "3" }] })),
            (
                &["a[][b][c]", "a[][b][d]", "a[][e]", "a[][b][c]"],
                json!({ "a": [{ "b": { "c": "1", "d": "2" }, "e": "3" }, { "b": { "c": "4" } }] }),
            ),
            (&["a[][b][]", "a[][b][]", "a[][c]"], json!({ "a": [{ "b": ["1", "2"], "c": "3" }] })),
            (&["a[][]", "a[][]"], json!({ "a": [["1"], ["2"]] })),
            (&["a[]", "a[][b]"], json!({ "a": ["1", { "b": "2" }] })),
            (&["a[@type]", "a[0]"], json!({ "a": { "@type": "1", "0": "2" } })),
            (&["a[0]", "a[1]"], json!({ "a": ["1", "2"] })),
            (&["a[0][b]", "a[0][c]", "a[1][b]"], json!({ "a": [{ "b": "1", "c": "2" }, { "b": "3" }] })),
            // Indexes may come in any order and with gaps. They are sorted as numbers, not as text.
            (&["a[1][b]", "a[0][b]", "a[1][c]"], json!({ "a": [{ "b": "2" }, { "b": "1", "c": "3" }] })),
            (&["a[10]", "a[9]", "a[2]"], json!({ "a": ["3", "2", "1"] })),
            (&["a[18446744073709551616]", "a[4294967296]", "a[7]"], json!({ "a": ["3", "2", "1"] })),
            (&["a[0][0]", "a[0][1]", "a[1][0]"], json!({ "a": [["1", "2"], ["3"]] })),
            (&["a[0][b][]", "a[0][b][]", "a[1][b][]"], json!({ "a": [{ "b": ["1", "2"] }, { "b": ["3"] }] })),
            (&["a[][b][0]", "a[][b][1]", "a[][b][0]"], json!({ "a": [{ "b": ["1", "2"] }, { "b": ["3"] }] })),
            // These keys are not indexes.
            (&["a[00]", "a[01]"], json!({ "a": { "00": "1", "01": "2" } })),
            (&["a[-1]"], json!({ "a": { "-1": "1" } })),
            (&["0", "1"], json!({ "0": "1", "1": "2" })),
        ] {
            assert_eq!(read(names).expect("it is read"), value, "{names:?}");
        }
    }

    #[test]
    fn fields_that_contradict_each_other_and_malformed_names_are_refused() {
        let deep = format!("a{}", "[b]".repeat(16));
        for (names, part) in [
            (&["a", "a"][..], "`a` occurs more than once"),
            (&["a", "a[b]"], "beside something of another kind"),
            (&["a[b]", "a"], "more than once"),
            (&["a[b]", "a[]"], "another kind"),
            (&["a[]", "a[b]"], "another kind"),
            (&["a[b]", "a[b]"], "`a[b]` occurs more than once"),
            (&["a[0]", "a[0]"], "`a[0]` occurs more than once"),
            (&["a[0][b]", "a[0][b]"], "`a[0][b]` occurs more than once"),
            (&["a[0]", "a[0][b]"], "another kind"),
            (&["a[0]", "a[]"], "another kind"),
            (&["a[][b]", "a[0][b]"], "another kind"),
            (&[""], "is not the name"),
            (&["[a]"], "is not the name"),
            (&["a]"], "is not the name"),
            (&["a["], "is not the name"),
            (&["a[b"], "is not the name"),
            (&["a[b]c"], "is not the name"),
            (&["a[b[c]]"], "is not the name"),
            (&[deep.as_str()], "nested too deep"),
        ] {
            let refusal = read(names).expect_err("it is refused");
            assert!(refusal.message().contains(part), "{names:?}: {}", refusal.message());
        }
        assert!(read(&[&deep[..deep.len() - 3]]).is_ok());
    }
}
