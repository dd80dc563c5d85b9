//! Generates a JSON Schema, draft 2020-12, from the rules. It covers what such a schema can express: types, required
//! keys, choices, lengths and the form of URLs. It cannot express the rules of HTML or warnings.

use flowdock_integration::schema::{Form, MESSAGE, Need, Object, Rule};
use serde_json::{Map, Value, json};

use super::type_name;

/// The pattern of a text with a character that is not white space. The rules use Unicode's definition of white space;
/// `\S` would use ECMAScript's, which differs.
const NOT_BLANK: &str = r"\P{White_Space}";
const HTTP_URL: &str = r"^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]";

pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    define(&MESSAGE, 0, MESSAGE.name, &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Flowdock message",
        "description": "What an integration posts to /messages",
        "$ref": "#/$defs/Message",
        "$defs": definitions,
    })
}

/// Adds the definition of an object and of every object in it, each once. `name` is the name of the object's
/// definition.
fn define(object: &'static Object, outer: usize, name: &str, definitions: &mut Map<String, Value>) {
    if definitions.contains_key(name) {
        return;
    }
    let Some(tag) = &object.tag else {
        definitions.insert(name.to_owned(), keys(object, outer, name));
        return define_inner(object, outer, name, definitions);
    };
    if tag.names != [name] {
        let variants: Vec<Value> = tag.names.iter().map(|name| reference(name)).collect();
        definitions.insert(name.to_owned(), json!({ "oneOf": variants }));
    }
    for (column, (name, value)) in tag.names.iter().zip(tag.values).enumerate() {
        let mut schema = keys(object, column, name);
        schema["properties"][tag.key] = json!({ "const": value });
        definitions.insert((*name).to_owned(), schema);
        define_inner(object, column, name, definitions);
    }
}

fn define_inner(holder: &'static Object, column: usize, name: &str, definitions: &mut Map<String, Value>) {
    for rule in holder.rules.iter().filter(|rule| rule.need(column) != Need::NotUsed) {
        if let Form::Object(inner) | Form::List(inner) = rule.form {
            define(inner, column, &type_name(inner, column, name), definitions);
        }
    }
}

fn keys(object: &'static Object, column: usize, name: &str) -> Value {
    let used = || object.rules.iter().filter(|rule| rule.need(column) != Need::NotUsed);
    let must = |rule: &&Rule| matches!(rule.need(column), Need::Required | Need::RequiredByDefault | Need::Holds);
    let properties = used().map(|rule| (rule.key.to_owned(), property(rule, must(&rule), column, name)));
    let properties: Map<String, Value> = properties.collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    let required: Vec<&str> = used().filter(must).map(|rule| rule.key).collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if let Some(one_of) = object.one_of.as_ref().filter(|one_of| one_of.is_required(column)) {
        schema["anyOf"] = one_of
            .keys
            .iter()
            .map(|key| json!({ "required": [key], "properties": { *key: { "type": "string" } } }))
            .collect();
    }
    schema
}

fn property(rule: &Rule, required: bool, column: usize, holder: &str) -> Value {
    let mut schema = match rule.form {
        Form::Text(text) => {
            let mut schema = json!({ "type": "string" });
            if !text.space {
                schema["pattern"] = json!(if text.blank { r"^\P{White_Space}*$" } else { r"^\P{White_Space}+$" });
            } else if !text.blank {
                schema["pattern"] = json!(NOT_BLANK);
            }
            if let Some(limit) = text.max_chars {
                schema["maxLength"] = json!(limit);
            }
            schema
        }
        Form::Html(_) => json!({ "type": "string", "contentMediaType": "text/html" }),
        Form::Url => json!({ "type": "string", "format": "uri", "pattern": HTTP_URL }),
        Form::UrlTemplate => {
            json!({ "type": "string", "format": "uri-template", "pattern": HTTP_URL })
        }
        Form::Email => json!({ "type": "string", "format": "email" }),
        Form::Choice(words) => json!({ "enum": words }),
        Form::Tags => json!({ "type": ["array", "string"], "items": { "type": "string" } }),
        Form::Attachments => json!({ "type": "array", "items": { "type": "object" } }),
        Form::Object(object) => reference(&type_name(object, column, holder)),
        Form::List(object) => json!({ "type": "array", "items": reference(&type_name(object, column, holder)) }),
    };
    if required && matches!(rule.form, Form::Text(_) | Form::Html(_)) && schema.get("pattern").is_none() {
        schema["pattern"] = json!(NOT_BLANK);
    }
    // A key that is not required may also be null.
    if !required {
        for key in ["type", "enum"] {
            match schema.get_mut(key) {
                Some(Value::Array(several)) => several.push(if key == "type" { json!("null") } else { Value::Null }),
                Some(single) => *single = json!([single.clone(), "null"]),
                None => {}
            }
        }
        if schema.get("$ref").is_some() {
            schema = json!({ "anyOf": [schema, { "type": "null" }] });
        }
    }
    schema["description"] = json!(rule.about);
    schema
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}
