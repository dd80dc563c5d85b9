//! HTML of titles and bodies. It comes as it is; what is no string comes as JSON in the second text, with nothing in the first.

use std::cell::Cell;

use super::answer::violations;
use super::read::argument;
use super::{Answer, CallError};
use crate::html::{self, Part};
use crate::json::{Node, Value, Writer};
use crate::text::fill;
use crate::validate::Report;

/// `(html, no string)`: the violations of a title.
pub fn check_title(html: &str, other: &str) -> Answer {
    is_string(other)?;
    Ok(list(&crate::check_title(html)))
}

/// `(html, no string)`: the violations of a body.
pub fn check_body(html: &str, other: &str) -> Answer {
    is_string(other)?;
    Ok(list(&crate::check_body(html)))
}

/// `(html, no string)`: a title with nothing in it but what is allowed, as HTML.
pub fn sanitize_title(html: &str, other: &str) -> Answer {
    is_string(other)?;
    Ok(html::sanitize(html, &html::TITLE))
}

/// `(html, no string)`: a body with nothing in it but what is allowed, as HTML.
pub fn sanitize_body(html: &str, other: &str) -> Answer {
    is_string(other)?;
    Ok(html::sanitize(html, &html::BODY))
}

/// `({ literals, values })`: a template filled, as HTML. Of each value there are its parts, in an array: plain text as a string, HTML
/// of another template as an array with one string.
pub fn fill_template(template: &str, _: &str) -> Answer {
    let template = argument(template)?;
    let part = |name| super::read::part(template.root(), name).items();
    // What is no string has an escape that means nothing, or was too large to come over.
    let is_whole = Cell::new(true);
    let missing = || {
        is_whole.set(false);
        ""
    };
    let mut values = part("values");
    let filled =
        html::fill_template(&mut part("literals").map(|literal| literal.text().unwrap_or_else(missing)), &mut |take| {
            for part in values.next().into_iter().flat_map(Value::items) {
                match part.node() {
                    Node::Array(html) => html.for_each(|html| take(Part::Html(html.text().unwrap_or_else(missing)))),
                    _ => take(Part::Text(part.text().unwrap_or_else(missing))),
                }
            }
        });
    if !is_whole.get() {
        let message = "a template has a bad escape such as `\\u`, or is too large";
        return Err(CallError::InvalidOption(message.to_owned()));
    }
    filled.map_err(CallError::InvalidOption)
}

/// Refuses what came instead of a string.
fn is_string(other: &str) -> Result<(), CallError> {
    if other.is_empty() {
        return Ok(());
    }
    let name = argument(other)?.root().node().name();
    Err(CallError::InvalidOption(fill("`html` must be a string, not %", &[name])))
}

fn list(report: &Report) -> String {
    let mut json = Writer::default();
    violations(&mut json, None, report);
    json.text()
}
