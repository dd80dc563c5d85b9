//! HTML of titles and bodies. It comes as it is; what is no string comes as JSON in the second text, with nothing in the first.

use std::borrow::Cow;
use std::cell::Cell;

use super::answer::violations;
use super::read::argument;
use super::{Answer, CallError};
use crate::html::{self, Part};
use crate::json::{Node, Value, Writer};
use crate::text::fill;
use crate::validate::Report;

/// `(html, JSON of a value that is no string)`: the violations of a title.
pub fn check_title(html: &str, other: &str) -> Answer {
    Ok(list(&crate::check_title(&string(html, other)?)))
}

/// `(html, JSON of a value that is no string)`: the violations of a body.
pub fn check_body(html: &str, other: &str) -> Answer {
    Ok(list(&crate::check_body(&string(html, other)?)))
}

/// `(html, JSON of a value that is no string)`: a title with nothing in it but what is allowed, as HTML.
pub fn sanitize_title(html: &str, other: &str) -> Answer {
    Ok(html::sanitize(&string(html, other)?, &html::TITLE))
}

/// `(html, JSON of a value that is no string)`: a body with nothing in it but what is allowed, as HTML.
pub fn sanitize_body(html: &str, other: &str) -> Answer {
    Ok(html::sanitize(&string(html, other)?, &html::BODY))
}

/// `({ literals, values })`: a template filled, as HTML. Of each value there are its parts, in an array: plain text as a string, HTML
/// of another template as an array with one string.
pub fn fill_template(template: &str, _: &str) -> Answer {
    let template = argument(template)?;
    let part = |name| super::read::part(template.root(), name);
    // What is no string has an escape that means nothing, or was too large to come over. A page may have given arrays a `toJSON`.
    let is_list = |name| matches!(part(name).node(), Node::Array(_));
    let is_whole = Cell::new(is_list("literals") && is_list("values"));
    let missing = || {
        is_whole.set(false);
        ""
    };
    let mut values = part("values").items();
    let filled = html::fill_template(
        &mut part("literals").items().map(|literal| literal.text().unwrap_or_else(missing)),
        &mut |take| {
            for part in values.next().into_iter().flat_map(Value::items) {
                match part.node() {
                    Node::Array(html) => html.for_each(|html| take(Part::Html(html.text().unwrap_or_else(missing)))),
                    _ => take(Part::Text(part.text().unwrap_or_else(missing))),
                }
            }
        },
    );
    if !is_whole.get() {
        let message = "a template has a bad escape such as `\\u`, or is too large";
        return Err(CallError::InvalidOption(message.to_owned()));
    }
    filled.map_err(CallError::InvalidOption)
}

/// The HTML: the first text, or the string that the JSON of another value is, such as of `new String("x")`.
fn string<'t>(html: &'t str, other: &str) -> Result<Cow<'t, str>, CallError> {
    if other.is_empty() {
        return Ok(html.into());
    }
    match argument(other)?.root().node() {
        Node::String(text) => Ok(text.to_owned().into()),
        node => Err(CallError::InvalidOption(fill("`html` must be a string, not %", &[node.name()]))),
    }
}

fn list(report: &Report) -> String {
    let mut json = Writer::default();
    violations(&mut json, None, report);
    json.text()
}
