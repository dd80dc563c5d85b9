//! The body of a request: the JSON text of a message, with keys added in front.

mod form;

pub(crate) use form::write_fields;

use serde::Serialize;

use crate::bytes::find;
use crate::json::{Document, Value, Writer, read, unicode_escape};
use crate::validate::{InvalidMessage, Options, check, not_read, to_json};

/// The fields of a form in their order, as names and values. They hold a message in the bracket notation of Rails, as
/// in the documents (`thread[status][value]`, `tags[]`, `thread[fields][][label]`).
///
/// A form holds less than JSON. Null, empty arrays and empty objects are left out, and a server reads them as missing.
/// Numbers and booleans become text. A program that sends the form as `multipart/form-data` may turn line breaks into
/// CRLF. Unknown keys keep their names, brackets included.
pub type Fields = Vec<(String, String)>;

/// Returns the body to post: checks a message and writes it as JSON. The keys keep their order, and unknown keys are
/// included.
///
/// ```
/// use flowdock_integration::{Options, encode};
/// let message = serde_json::json!({ "event": "message", "content": "é \u{2028}", "external_thread_id": "42" });
/// let body = encode(&message, Options::default())?;
/// assert_eq!(body, "{\"event\":\"message\",\"content\":\"é \u{2028}\",\"external_thread_id\":\"42\"}");
/// # Ok::<(), flowdock_integration::InvalidMessage>(())
/// ```
///
/// # Errors
/// When the message breaks a rule whose severity is an error.
pub fn encode<T: Serialize + ?Sized>(message: &T, options: Options) -> Result<String, InvalidMessage> {
    let text = to_json(message)?;
    let document = read(&text).map_err(not_read)?;
    check_valid(&document, options)?;
    Ok(body(&document, &[]).into_text(&document))
}

/// Checks a message whose JSON text was read.
pub(crate) fn check_valid(message: &Document<'_>, options: Options) -> Result<(), InvalidMessage> {
    let report = check(message.root(), options);
    if report.is_valid() { Ok(()) } else { Err(InvalidMessage { report }) }
}

/// How the body is made from the JSON text of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// The text itself is the body.
    Text,
    /// This text replaces the `{` at the beginning of the JSON text.
    Front(String),
    /// This text is the whole body: a part of the JSON text had to be replaced.
    Whole(String),
}

impl Body {
    pub fn into_text(self, message: &Document<'_>) -> String {
        match self {
            Self::Text => message.text().to_owned(),
            Self::Front(mut front) => {
                front.push_str(message.text().get(1..).unwrap_or_default());
                front
            }
            Self::Whole(text) => text,
        }
    }
}

/// Returns the body of a checked message. Each key of `added` that the message lacks, or has as null, is put in
/// front. The JSON text of the message must not have white space around it.
pub(crate) fn body(message: &Document<'_>, added: &[(&str, &str)]) -> Body {
    let root = message.root();
    let mut writer = Writer::default();
    writer.object(None);
    let (mut adds, mut replaces) = (false, false);
    for (key, value) in added {
        let present = root.part(key);
        if present.is_none_or(Value::is_null) {
            writer.string(Some(key), value);
            adds = true;
            replaces |= present.is_some();
        }
    }
    if replaces {
        for (key, value) in root.entries() {
            if !(value.is_null() && added.iter().any(|(name, _)| *name == key)) {
                writer.value(Some(key), value);
            }
        }
        writer.end_object();
        return Body::Whole(well_formed(&writer.text()));
    }
    match (adds, message.has_halves()) {
        (false, false) => Body::Text,
        (false, true) => Body::Whole(well_formed(message.text())),
        (true, has_halves) => {
            let mut front = writer.text();
            front.push(',');
            if !has_halves {
                return Body::Front(front);
            }
            front.push_str(&well_formed(message.text().get(1..).unwrap_or_default()));
            Body::Whole(front)
        }
    }
}

/// Replaces each escape that is half of a surrogate pair with U+FFFD.
fn well_formed(json: &str) -> String {
    let (mut text, mut done, mut at) = (String::new(), 0, 0);
    while let Some(escape) = find(json, at, b'\\') {
        at = match unicode_escape(json.as_bytes(), escape) {
            Some((character, end)) => {
                if character.is_none() {
                    text.push_str(json.get(done..escape).unwrap_or_default());
                    text.push(char::REPLACEMENT_CHARACTER);
                    done = end;
                }
                end
            }
            None => escape + 2,
        };
    }
    text.push_str(json.get(done..).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::{Body, body};
    use crate::json::read;

    const ADDED: &[(&str, &str)] = &[("flow_token", "t"), ("uuid", "u")];

    #[test]
    fn missing_keys_are_added_in_front() {
        for (text, expected) in [
            (r#"{"a":1}"#, r#"{"flow_token":"t","uuid":"u","a":1}"#),
            (r#"{"a":1,"uuid":"mine"}"#, r#"{"flow_token":"t","a":1,"uuid":"mine"}"#),
            (r#"{"uuid":"mine","flow_token":"own"}"#, r#"{"uuid":"mine","flow_token":"own"}"#),
            (r#"{"uuid":null,"a":null}"#, r#"{"flow_token":"t","uuid":"u","a":null}"#),
            (
                r#"{"a":"\ud83d","b":"\ud83d\ude00\\ud83d"}"#,
                "{\"flow_token\":\"t\",\"uuid\":\"u\",\"a\":\"\u{fffd}\",\"b\":\"\\ud83d\\ude00\\\\ud83d\"}",
            ),
            (r#"{"\udc00":1,"uuid":null}"#, "{\"flow_token\":\"t\",\"uuid\":\"u\",\"\u{fffd}\":1}"),
        ] {
            let message = read(text).unwrap();
            assert_eq!(body(&message, ADDED).into_text(&message), expected);
        }
    }

    #[test]
    fn a_text_to_which_nothing_is_added_is_the_body() {
        let message = read(r#"{"uuid":null,"a":"\ude00"}"#).unwrap();
        assert_eq!(body(&message, &[]), Body::Whole("{\"uuid\":null,\"a\":\"\u{fffd}\"}".to_owned()));
        assert_eq!(body(&read("{}").unwrap(), &[]), Body::Text);
    }
}
