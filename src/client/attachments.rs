//! Files that are sent with a message: checks their ids, and that the files which the body shows are among them.

use crate::html::missing_cid;
use crate::http::InvalidOption;
use crate::json::Value;
use crate::text::{concat, fill, shorten};

/// Returns the name of a file's field in the form: `attachments[file1]`, or `attachments[]` for a file without an id.
///
/// The documents show the first name. The second is ours, in the same notation.
#[must_use]
pub fn attachment_field(id: Option<&str>) -> String {
    concat(&["attachments[", id.unwrap_or_default(), "]"])
}

/// Checks that an id needs no escaping in a field's name, a URL or an HTML attribute.
/// `pkg-template/src/delivery/attachments.js` does the same check.
pub(super) fn check_ids(ids: &[&str]) -> Result<(), InvalidOption> {
    let stands = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
    if ids.iter().all(|id| !id.is_empty() && id.bytes().all(stands)) {
        Ok(())
    } else {
        Err(invalid("must have ids of ASCII letters, digits and `._@-`".into()))
    }
}

/// Checks that every file which a checked message shows has an id that is `there`.
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
