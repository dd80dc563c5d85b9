//! Checking, encoding and building messages.

use super::answer::violations;
use super::read::{argument, text};
use super::{Answer, options};
use crate::encode::{Body, body, check_valid};
use crate::json::Writer;
use crate::message::{Event, message_from_parts, thread_from_parts};
use crate::validate::{self, Report};

/// `(message, options)`: a report, or nothing when nothing was found.
pub fn validate(message: &str, options: &str) -> Answer {
    let options = options::check(argument(options)?.root())?;
    Ok(report(&validate::check(argument(message)?.root(), options)))
}

/// `(JSON text, options)`: a report with positions, or nothing when nothing was found.
pub fn validate_json(json: &str, options: &str) -> Answer {
    let options = options::check(argument(options)?.root())?;
    Ok(report(&validate::validate_json(json, options)))
}

/// `(message, options)`: the body, or nothing when it is the message as it came.
pub fn encode(message: &str, options: &str) -> Answer {
    let options = options::check(argument(options)?.root())?;
    let message = argument(message)?;
    check_valid(&message, options)?;
    Ok(match body(&message, &[]) {
        Body::Whole(body) => body,
        _ => String::new(),
    })
}

/// `(parts, { what, options })`: the built message or thread. What it is: `activity`, `discussion`, `message` or `thread`.
pub fn build(parts: &str, more: &str) -> Answer {
    let (parts, more) = (argument(parts)?, argument(more)?);
    let (parts, more) = (parts.root(), more.root());
    let options = options::check(super::read::part(more, "options"))?;
    let event = match text(more, "what") {
        "activity" => Event::Activity,
        "discussion" => Event::Discussion,
        "message" => Event::Message,
        _ => return Ok(thread_from_parts(parts)?),
    };
    Ok(message_from_parts(parts, event, options)?)
}

fn report(report: &Report) -> String {
    if report.violations().is_empty() {
        return String::new();
    }
    let mut json = Writer::default();
    json.object(None);
    json.bool(Some("valid"), report.is_valid());
    violations(&mut json, Some("violations"), report);
    json.end_object();
    json.text()
}
