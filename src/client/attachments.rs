//! Files that go together with a message: what they may be called, and that those which its body shows are there.

use crate::html::missing_cid;
use crate::http::InvalidOption;
use crate::json::Value;
use crate::text::{concat, fill, shorten};

/// The name of a file's field in the form: `attachments[file1]`, or for a file without an id `attachments[]`.
///
/// The documents show the first; the second is ours, in the same notation.
#[must_use]
pub fn attachment_field(id: Option<&str>) -> String {
    concat(&["attachments[", id.unwrap_or_default(), "]"])
}

/// Holds ids to what no field's name, no URL and no HTML attribute has to escape. `pkg-template/src/delivery/attachments.js` does the same.
pub(super) fn check_ids(ids: &[&str]) -> Result<(), InvalidOption> {
    let stands = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
    if ids.iter().all(|id| !id.is_empty() && id.bytes().all(stands)) {
        Ok(())
    } else {
        Err(invalid("must have ids of ASCII letters, digits and `._@-`".into()))
    }
}

/// Holds a checked message against the ids that are `there`.
pub(crate) fn check_files(message: Value<'_>, there: &dyn Fn(&str) -> bool) -> Result<(), InvalidOption> {
    if message.part("event").and_then(Value::text) == Some("message") {
        return Err(invalid("are not for a chat message".into()));
    }
    match message.part("body").and_then(Value::text).and_then(|body| missing_cid(body, there)) {
        Some(id) => Err(invalid(fill("have no `%`, which the body names", &[&shorten(id)]))),
        None => Ok(()),
    }
}

fn invalid(problem: String) -> InvalidOption {
    InvalidOption::new("attachments", problem)
}
