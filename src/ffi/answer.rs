//! Writes what several calls answer with.

use crate::client::{PostError, Sent};
use crate::error::ErrorCode;
use crate::json::Writer;
use crate::validate::{Actual, Report};

/// What a `FlowdockError` is made of, but for its end.
pub fn failure(json: &mut Writer, key: Option<&str>, code: ErrorCode, message: &str, retryable: bool) {
    json.object(key);
    json.string(Some("code"), code.as_str());
    json.string(Some("message"), message);
    json.bool(Some("retryable"), retryable);
}

pub fn optional(json: &mut Writer, key: &str, number: Option<usize>) {
    if let Some(number) = number {
        json.number(Some(key), number);
    }
}

pub fn field_errors(json: &mut Writer, errors: &[(String, Vec<String>)]) {
    if !errors.is_empty() {
        json.object(Some("fieldErrors"));
        errors.iter().for_each(|(field, texts)| json.strings(Some(field), texts));
        json.end_object();
    }
}

/// The error of a message that was not posted.
pub fn not_posted(json: &mut Writer, key: &str, error: &PostError, sent: &Sent) {
    failure(json, Some(key), error.code, error.sentence(), error.retryable);
    optional(json, "status", error.status.map(usize::from));
    json.string(Some("uuid"), &sent.uuid);
    json.number(Some("attempts"), error.attempts as usize);
    json.bool(Some("maybeDuplicate"), error.maybe_duplicate);
    optional(json, "retryAfterMs", error.retry_after_ms.map(|ms| ms as usize));
    field_errors(json, &error.field_errors);
    json.end_object();
}

/// The violations of a report.
pub fn violations(json: &mut Writer, key: Option<&str>, report: &Report) {
    // The elements that a body allows are a long list, which a thousand violations may name: it is written once and copied.
    let mut list = (&[] as &[&str], String::new());
    json.array(key);
    for violation in report.violations() {
        json.object(None);
        json.string(Some("path"), &violation.path);
        json.string(Some("code"), violation.code.as_str());
        json.string(Some("severity"), violation.severity.as_str());
        json.string(Some("message"), &violation.message);
        if let Some(allowed) = violation.allowed {
            if !std::ptr::eq(list.0, allowed) {
                let mut words = Writer::default();
                words.strings(None, allowed);
                list = (allowed, words.text());
            }
            json.raw(Some("allowed"), &list.1);
        }
        optional(json, "limit", violation.limit);
        match &violation.actual {
            Some(Actual::Number(number)) => json.number(Some("actual"), *number),
            Some(Actual::Text(text)) => json.string(Some("actual"), text),
            None => {}
        }
        optional(json, "offset", violation.offset);
        optional(json, "length", violation.length);
        if let Some(hint) = &violation.hint {
            json.string(Some("hint"), hint);
        }
        if let Some(at) = violation.at {
            json.object(Some("at"));
            json.number(Some("offset"), at.offset);
            json.number(Some("line"), at.line);
            json.number(Some("column"), at.column);
            json.end_object();
        }
        json.end_object();
    }
    json.end_array();
}
