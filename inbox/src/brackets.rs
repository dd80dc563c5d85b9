//! The names of a form's fields, which say where a value stands: `thread[fields][][label]`.

use serde_json::{Map, Value};

use crate::answer::Refusal;

/// How deep a value may stand. The deepest of a message, the URL of an action's target, needs five.
const MAX_STEPS: usize = 16;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the value of a key.
    Key(String),
    /// To an item of a list.
    Item,
}

/// Reads a name: a key, and then keys or nothing in brackets.
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

/// Puts a text into an object where its name says, as Rails does: another item of a list begins with what the last one has
/// already.
pub fn insert(object: &mut Value, name: &str, text: String) -> Result<(), Refusal> {
    if put(object, &steps(name)?, text) {
        Ok(())
    } else {
        Err(refused(name, "is there more than once, or beside something of another kind"))
    }
}

/// False where something stands in the way. A null is a place that nothing was put into yet.
fn put(place: &mut Value, steps: &[Step], text: String) -> bool {
    match steps.split_first() {
        None if place.is_null() => *place = text.into(),
        None => return false,
        Some((Step::Key(key), rest)) => {
            if place.is_null() {
                *place = Value::Object(Map::new());
            }
            let Value::Object(entries) = place else { return false };
            return put(entries.entry(key).or_insert(Value::Null), rest, text);
        }
        Some((Step::Item, rest)) => {
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let Value::Array(items) = place else { return false };
            if items.last().is_none_or(|last| is_taken(last, rest)) {
                items.push(Value::Null);
            }
            return items.last_mut().is_some_and(|last| put(last, rest, text));
        }
    }
    true
}

/// Whether an item of a list has no place for this any more. A list within it always has.
fn is_taken(item: &Value, steps: &[Step]) -> bool {
    let mut place = item;
    for step in steps {
        match (step, place) {
            (Step::Key(key), Value::Object(entries)) => match entries.get(key) {
                Some(value) => place = value,
                None => return false,
            },
            (Step::Item, Value::Array(_)) => return !item.is_object(),
            _ => return true,
        }
    }
    true
}

fn refused(name: &str, why: &str) -> Refusal {
    let shown: String = name.chars().take(80).collect();
    Refusal::unreadable(format!("`{shown}` {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::insert;
    use crate::answer::Refusal;

    /// Fields with the values 1, 2, 3 and so on.
    fn read(names: &[&str]) -> Result<Value, Refusal> {
        let mut object = json!({});
        for (index, name) in names.iter().enumerate() {
            insert(&mut object, name, (index + 1).to_string())?;
        }
        Ok(object)
    }

    #[test]
    fn a_value_stands_where_its_name_says() {
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
        ] {
            assert_eq!(read(names).expect("it is read"), value, "{names:?}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let deep = format!("a{}", "[b]".repeat(16));
        for (names, part) in [
            (&["a", "a"][..], "`a` is there more than once"),
            (&["a", "a[b]"], "beside something of another kind"),
            (&["a[b]", "a"], "more than once"),
            (&["a[b]", "a[]"], "another kind"),
            (&["a[]", "a[b]"], "another kind"),
            (&["a[b]", "a[b]"], "`a[b]` is there more than once"),
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
