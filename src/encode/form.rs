//! Writes a message as the fields of a form, for a request with files.

use crate::json::{Node, Value};
use crate::text::concat;

/// The keys that come first in an item of a list of objects. A server begins another item when a name comes that the
/// current item has already. So the first key must be one that every item has. The lists of objects in a message are
/// fields and actions.
const FIRST: [&str; 2] = ["label", "@type"];

/// Passes the fields of a checked message to a function, as names and values. Each of `added` is passed before them if
/// the message does not have it: a server may refuse a form by its flow token before it reads the rest.
///
/// The message's own `attachments` are left out: the files of the form replace them.
pub(crate) fn write_fields(message: Value<'_>, added: &[(&str, &str)], field: &mut dyn FnMut(&str, &str)) {
    for (key, value) in added {
        if message.part(key).is_none_or(Value::is_null) {
            field(key, value);
        }
    }
    if let Node::Object(entries) = message.node() {
        for (key, value) in entries.filter(|(key, _)| *key != "attachments") {
            write(key, value, field);
        }
    }
}

fn write(name: &str, value: Value<'_>, field: &mut dyn FnMut(&str, &str)) {
    match value.node() {
        Node::Bool(value) => field(name, if value { "true" } else { "false" }),
        Node::Number(number) => field(name, number),
        Node::String(text) => field(name, text),
        Node::Array(items) => {
            let name = concat(&[name, "[]"]);
            items.for_each(|item| write(&name, item, field));
        }
        Node::Object(entries) => {
            for first in [true, false] {
                for (key, value) in entries.clone().filter(|(key, _)| FIRST.contains(key) == first) {
                    write(&concat(&[name, "[", key, "]"]), value, field);
                }
            }
        }
        Node::Null | Node::NotJson(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::write_fields;
    use crate::json::read;

    fn fields(value: &Value, added: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        let text = value.to_string();
        let document = read(&text).unwrap();
        write_fields(document.root(), added, &mut |name, value| fields.push((name.to_owned(), value.to_owned())));
        fields
    }

    #[track_caller]
    fn is(value: Value, expected: &[(&str, &str)]) {
        let fields = fields(&value, &[]);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(fields, expected, "{value}");
    }

    #[test]
    fn field_names_are_in_bracket_notation() {
        is(
            json!({
                "event": "activity",
                "author": { "name": "Marty" },
                "tags": ["todo", "@all"],
                "thread": {
                    "title": "é\n\"&\"",
                    "fields": [{ "label": "a", "value": "" }, { "value": "b", "label": "c" }, { "label": "d" }],
                    "actions": [{ "name": "Vote", "target": { "urlTemplate": "u", "@type": "EntryPoint" }, "@type": "UpdateAction" }],
                },
            }),
            &[
                ("event", "activity"),
                ("author[name]", "Marty"),
                ("tags[]", "todo"),
                ("tags[]", "@all"),
                ("thread[title]", "é\n\"&\""),
                ("thread[fields][][label]", "a"),
                ("thread[fields][][value]", ""),
                ("thread[fields][][label]", "c"),
                ("thread[fields][][value]", "b"),
                ("thread[fields][][label]", "d"),
                ("thread[actions][][@type]", "UpdateAction"),
                ("thread[actions][][name]", "Vote"),
                ("thread[actions][][target][@type]", "EntryPoint"),
                ("thread[actions][][target][urlTemplate]", "u"),
            ],
        );
    }

    #[test]
    fn values_that_a_form_cannot_hold_are_left_out_or_become_text() {
        is(
            json!({ "null": null, "none": [], "nothing": {}, "in": { "it": [null] }, "true": true, "false": false, "1": -1.5 }),
            &[("true", "true"), ("false", "false"), ("1", "-1.5")],
        );
        is(json!({ "list": [[1], [2, 3]] }), &[("list[][]", "1"), ("list[][]", "2"), ("list[][]", "3")]);
        is(json!({ "attachments": [{ "id": "a" }], "x": "y" }), &[("x", "y")]);
        is(json!("text"), &[]);
    }

    #[test]
    fn fields_that_the_message_lacks_are_added_in_front() {
        let added = [("flow_token", "t"), ("uuid", "u")];
        for (message, expected) in [
            (json!({ "a": "1" }), vec![("flow_token", "t"), ("uuid", "u"), ("a", "1")]),
            (json!({ "a": "1", "uuid": "mine" }), vec![("flow_token", "t"), ("a", "1"), ("uuid", "mine")]),
            (json!({ "flow_token": "own" }), vec![("uuid", "u"), ("flow_token", "own")]),
            (json!({ "flow_token": null }), vec![("flow_token", "t"), ("uuid", "u")]),
        ] {
            let expected: Vec<_> =
                expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(fields(&message, &added), expected, "{message}");
        }
    }
}
