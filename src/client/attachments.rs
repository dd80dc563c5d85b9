//! Files that go together with a message: what they may be called, and that those which its body shows are there.

use crate::html::{missing_cid, shorten};
use crate::http::InvalidOption;
use crate::text::{concat, fill};
use crate::value::Value;

/// The name of a file's field in the form: `attachments[file1]`, or for an empty id `attachments[]`.
///
/// The documents show the first; the second is ours, in the same notation.
#[must_use]
pub fn attachment_field(id: &str) -> String {
    concat(&["attachments[", id, "]"])
}

/// Holds the ids of a checked message's files to the rules; files without ids have the empty one.
pub(crate) fn check_attachments<'a>(message: impl Value<'a>, ids: &[&str]) -> Result<(), InvalidOption> {
    let invalid = |problem: String| Err(InvalidOption::new("attachments", problem));
    // What no name of a field, no URL and no HTML attribute has to escape.
    let stands = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte);
    if !ids.iter().all(|id| id.bytes().all(stands)) {
        return invalid("must have ids of ASCII letters, digits and `.-_@` alone".into());
    }
    if message.part("event").and_then(Value::text) == Some("message") {
        return invalid("are for an activity or a discussion: a chat message has none".into());
    }
    let body = message.part("body").and_then(Value::text).unwrap_or_default();
    match missing_cid(body, ids) {
        Some(id) => invalid(fill("have no `%`, which the body names by `cid:`", &[&shorten(id)])),
        None => Ok(()),
    }
}
