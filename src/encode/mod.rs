//! The JSON body of a message.

mod form;
#[cfg_attr(not(any(feature = "js", test)), allow(dead_code, reason = "the exports alone need all of it"))]
mod json;
mod write;

pub(crate) use form::write_fields;
pub(crate) use json::Json;
pub(crate) use write::write_body;
pub use write::write_json;

use crate::validate::{InvalidMessage, Options, validate};
use crate::value::{Value, in_frame};

/// The fields of a form, names and values, in their order: a message in the bracket notation of Rails, as the documents show it
/// (`thread[status][value]`, `tags[]`, `thread[fields][][label]`).
///
/// A form holds less than JSON: null, empty arrays and empty objects are left out, which a server reads as not given; numbers
/// and booleans become text; whoever sends it as `multipart/form-data` may turn line breaks into CRLF. Unknown keys keep their
/// names, brackets included.
pub type Fields = Vec<(String, String)>;

/// The body to post: checks a message and writes it as JSON, its keys in their order, unknown ones included.
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
pub fn encode<'a>(message: impl Value<'a>, options: Options) -> Result<String, InvalidMessage> {
    encode_with(message, options, &[])
}

/// The same, with keys that are added where the message has none; their values are strings.
pub(crate) fn encode_with<'a>(
    message: impl Value<'a>,
    options: Options,
    added: &[(&str, &str)],
) -> Result<String, InvalidMessage> {
    in_frame(message, |message| {
        let report = validate(message, options);
        if report.is_valid() { Ok(write_body(message, added)) } else { Err(InvalidMessage { report }) }
    })
}
