//! What JavaScript can call to build, check and post. Each call takes its arguments as values that stand side by side in a frame
//! and answers with text; a failure is the JSON that a `FlowdockError` is made of. `pkg-template/api.js` makes the public API of
//! them.

use std::cell::Cell;

use super::answer::{Answer, ended, failure, field_errors, number, optional, part_text, restored};
use super::options::{self, Invalid};
use crate::client::{Attempt, Client, Delivery, Moment, PostError, PostKind, PostOptions, Sent, check_files};
use crate::encode::{Json, encode_with, write_fields, write_json};
use crate::error::ErrorCode;
use crate::html::Part;
use crate::message::{Event, message_from_parts, thread_from_parts};
use crate::text::{fill, pieces};
use crate::validate::{Actual, InvalidMessage, Report};
use crate::value::{Frame, FrameValue, Node, Value};
use crate::{encode as core_encode, html, validate as core_validate};

/// `(message, options)`: a report as JSON, or nothing when nothing was found.
pub fn validate(frame: &Frame) -> Answer {
    let options = options::check(frame.value(1))?;
    let report = core_validate(frame.value(0), options);
    if report.violations().is_empty() {
        return Ok(String::new());
    }
    let mut json = Json::default();
    json.object(None);
    json.bool(Some("valid"), report.is_valid());
    violations(&mut json, Some("violations"), &report);
    json.end_object();
    Ok(json.text())
}

/// `(message, options)`: the body.
pub fn encode(frame: &Frame) -> Answer {
    let options = options::check(frame.value(1))?;
    Ok(core_encode(frame.value(0), options)?)
}

/// `(what, parts, options)`: the built message or thread as JSON.
pub fn build(frame: &Frame) -> Answer {
    let (parts, options) = (frame.value(1), options::check(frame.value(2))?);
    let (built, _) = match frame.value(0).text().unwrap_or_default() {
        "activity" => message_from_parts(parts, Event::Activity, options),
        "discussion" => message_from_parts(parts, Event::Discussion, options),
        "message" => message_from_parts(parts, Event::Message, options),
        _ => thread_from_parts(parts),
    }?;
    let mut json = String::new();
    write_json(built.value(0), &mut json);
    Ok(json)
}

/// `(html)`: the violations of a title as JSON.
pub fn check_title(frame: &Frame) -> Answer {
    Ok(list(&crate::check_title(argument(frame, "html")?)))
}

/// `(html)`: the violations of a body as JSON.
pub fn check_body(frame: &Frame) -> Answer {
    Ok(list(&crate::check_body(argument(frame, "html")?)))
}

/// `(html)`: a title with nothing in it but what is allowed.
pub fn sanitize_title(frame: &Frame) -> Answer {
    Ok(html::sanitize(argument(frame, "html")?, &html::TITLE))
}

/// `(html)`: a body with nothing in it but what is allowed.
pub fn sanitize_body(frame: &Frame) -> Answer {
    Ok(html::sanitize(argument(frame, "html")?, &html::BODY))
}

/// `(literals, values)`: a template filled. Of each value there are its parts, in an array: plain text as a string, HTML of
/// another template as an array with one string.
pub fn fill_template(frame: &Frame) -> Answer {
    // What is no string has an escape that means nothing, or was too large to come over.
    let whole = Cell::new(true);
    let missing = || {
        whole.set(false);
        ""
    };
    let mut values = frame.value(1).items();
    let filled = html::fill_template(
        &mut frame.value(0).items().map(|literal| literal.text().unwrap_or_else(missing)),
        &mut |take| {
            for part in values.next().into_iter().flat_map(FrameValue::items) {
                match part.node() {
                    Node::Array(html) => html.for_each(|html| take(Part::Html(html.text().unwrap_or_else(missing)))),
                    _ => take(Part::Text(part.text().unwrap_or_else(missing))),
                }
            }
        },
    );
    match filled {
        _ if !whole.get() => {
            Err(Invalid("a template has a bad escape such as `\\u`, or is too large".to_owned()).into())
        }
        Ok(html) => Ok(html),
        Err(sentence) => Err(Invalid(sentence).into()),
    }
}

/// `(clientOptions)`: `{ url, flowToken, settings, headers }` as JSON, where the client posts to and how, the numbers of
/// [`options::Settings`], and the headers of each request that it can make; `request` says which by their index.
pub fn check_client(frame: &Frame) -> Answer {
    let (client, settings) = options::client_and_settings(frame.value(0))?;
    let mut json = Json::default();
    json.object(None);
    json.string(Some("url"), client.url());
    json.string(Some("flowToken"), client.flow_token());
    json.array(Some("settings"));
    settings.iter().for_each(|number| json.number(None, *number as usize));
    json.end_array();
    json.array(Some("headers"));
    let choices = [PostOptions::default(), PostOptions::default().wait_for_message()];
    for headers in choices.map(PostOptions::headers).into_iter().chain(choices.map(PostOptions::form_headers)) {
        json.object(None);
        headers.iter().for_each(|(name, value)| json.string(Some(name), value));
        json.end_object();
    }
    json.end_array();
    json.end_object();
    Ok(json.text())
}

/// `(message, postOptions, flowToken, random)`: the request that posts the message. In the first line `{ headers, lanes, uuid,
/// token }` as JSON, the token only where the message has one of its own; behind it the body as it is, or with attachments
/// the names and values of a form as JSON. `random` are four numbers.
pub fn request(frame: &Frame) -> Answer {
    let client = Client::restore(frame.value(2).text().unwrap_or_default());
    let (checked, post, ids) = options::post(frame.value(1))?;
    let mut numbers = [0; 4];
    read_numbers(frame.value(3), &mut numbers);
    let mut random = [0; 16];
    for (bytes, number) in random.as_chunks_mut::<4>().0.iter_mut().zip(numbers) {
        *bytes = number.to_le_bytes();
    }
    let message = frame.value(0);
    let request = client.prepare(message, random, post, |added| {
        let body = encode_with(message, checked, added)?;
        let Some(ids) = ids else { return Ok::<_, String>(body) };
        check_files(message, &|id| pieces(ids, b' ').any(|known| known == id)).map_err(Invalid::from)?;
        let mut json = Json::default();
        json.array(None);
        write_fields(message, added, &mut |name, value| json.strings(None, &[name, value]));
        json.end_array();
        Ok(json.text())
    })?;
    let mut json = Json::default();
    json.object(None);
    json.number(Some("headers"), 2 * usize::from(ids.is_some()) + usize::from(post.waits()));
    json.strings(Some("lanes"), &request.lanes);
    json.string(Some("uuid"), &request.sent.uuid);
    if let [_, own] = request.sent.tokens().as_slice() {
        json.string(Some("token"), own);
    }
    json.end_object();
    let mut text = json.text();
    text.push('\n');
    text.push_str(&request.body);
    Ok(text)
}

/// Whether an answer is a success: 1 for a message that was accepted, 2 for one that was created, else 0, and then `outcome`
/// is asked. `is_foreign` says that the body came whole, is not blank and is no JSON object, `has_id` that it has an `id` that
/// is not null.
pub fn posted(status: u32, is_foreign: bool, has_id: bool) -> u32 {
    match u16::try_from(status).ok().and_then(|status| PostKind::read(status, is_foreign, has_id)) {
        None => 0,
        Some(PostKind::Accepted) => 1,
        Some(PostKind::Created) => 2,
    }
}

/// `({ url, uuid, tokens }, attempt, numbers)`: what to do after a request that failed: `{ waitMs, holdAll, error }` as JSON, and
/// of a message that is over the `error` alone. The attempt has a `status`, a `body`, a text where that is no JSON object or array
/// and null where it did not come whole, and perhaps `retryAfter`; or the `code` of a failure. The numbers are those of `check_client`, then how many requests were made, 1 if one of
/// them may have been stored, the milliseconds since the first, the seconds since 1970, and a random one.
pub fn outcome(frame: &Frame) -> Answer {
    let (kept, attempt) = (frame.value(0), frame.value(1));
    let sent = Sent::restore(part_text(kept, "url"), part_text(kept, "uuid"), restored(kept).collect());
    let error = match (ended(attempt), attempt.part("body")) {
        (Ok(status), Some(body)) => sent.refused(status, body),
        (Ok(_), None) => sent.failed(Attempt::NoResponse),
        (Err(attempt), _) => sent.failed(attempt),
    };
    let mut numbers = [0; 12];
    read_numbers(frame.value(2), &mut numbers);
    let [settings @ .., attempts, maybe_duplicate, elapsed_ms, unix_seconds, random] = numbers;
    let mut delivery = Delivery { attempts, maybe_duplicate: maybe_duplicate > 0 };
    let at = Moment { elapsed_ms, unix_seconds, random };
    let retry_after = attempt.part("retryAfter").and_then(Value::text);
    let mut json = Json::default();
    json.object(None);
    let error = match delivery.failed(error, retry_after, at, &options::retry(settings)) {
        Ok(wait) => {
            json.number(Some("waitMs"), wait.ms as usize);
            json.bool(Some("holdAll"), wait.hold_all);
            wait.error
        }
        Err(error) => error,
    };
    not_posted(&mut json, "error", &error, &sent);
    json.end_object();
    Ok(json.text())
}

/// An argument that is a string.
fn argument<'a>(frame: &'a Frame, name: &str) -> Result<&'a str, Invalid> {
    let argument = frame.value(0);
    argument.text().ok_or_else(|| Invalid(fill("`%` must be a string, not %", &[name, argument.node().name()])))
}

/// Reads an array of numbers; those that are missing are left as they are.
fn read_numbers(value: FrameValue<'_>, into: &mut [u32]) {
    for (to, from) in into.iter_mut().zip(value.items()) {
        *to = number(from).unwrap_or_default();
    }
}

fn list(report: &Report) -> String {
    let mut json = Json::default();
    violations(&mut json, None, report);
    json.text()
}

fn violations(json: &mut Json, key: Option<&str>, report: &Report) {
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
                let mut words = Json::default();
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
        json.end_object();
    }
    json.end_array();
}

fn not_posted(json: &mut Json, key: &str, error: &PostError, sent: &Sent) {
    failure(json, Some(key), error.code, error.sentence(), error.retryable);
    optional(json, "status", error.status.map(usize::from));
    json.string(Some("uuid"), &sent.uuid);
    json.number(Some("attempts"), error.attempts as usize);
    json.bool(Some("maybeDuplicate"), error.maybe_duplicate);
    optional(json, "retryAfterMs", error.retry_after_ms.map(|ms| ms as usize));
    field_errors(json, &error.field_errors);
    json.end_object();
}

impl From<InvalidMessage> for String {
    fn from(error: InvalidMessage) -> Self {
        let mut json = Json::default();
        failure(&mut json, None, ErrorCode::InvalidMessage, &error.sentence(), false);
        violations(&mut json, Some("violations"), &error.report);
        json.end_object();
        json.text()
    }
}

#[cfg(test)]
mod tests {
    #![allow(unsafe_code, reason = "an allocator that counts, and is the system's otherwise")]

    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::Cell;

    use serde_json::{Value, json};

    use super::{Answer, Frame};
    use crate::js::{action, setup};

    thread_local! {
        /// How many blocks this thread has taken and not given back.
        static LIVING: Cell<isize> = const { Cell::new(0) };
    }

    struct Counting;

    // SAFETY: all of it is done by the system's allocator.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            LIVING.set(LIVING.get() + 1);
            // SAFETY: as our caller vouches.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            LIVING.set(LIVING.get() - 1);
            // SAFETY: as our caller vouches.
            unsafe { System.dealloc(block, layout) }
        }
    }

    #[global_allocator]
    static COUNTING: Counting = Counting;

    #[test]
    fn what_was_posted_is_what_the_core_reads() {
        let sent = super::Sent::restore("https://example.com/messages", "1", Vec::new());
        for status in 0..=600 {
            for (is_foreign, has_id, bodies) in [
                (false, false, vec![Value::Null, json!(""), json!(" \n"), json!({}), json!({ "id": null })]),
                (false, true, vec![json!({ "id": 7 }), json!({ "id": {} })]),
                (true, false, vec![json!([]), json!("<html>"), json!("null"), json!(7)]),
            ] {
                for body in bodies {
                    let kind = sent.read_value(status, &body).map(|result| result.kind as u32 + 1);
                    let posted = super::posted(status.into(), is_foreign, has_id);
                    assert_eq!(posted, kind.unwrap_or_default(), "{status} {body}");
                }
            }
        }
        assert_eq!(super::posted(65_536 + 200, false, false), 0);
    }

    /// The [`arena`](crate::js::arena) is emptied between two calls, so a call must leave nothing behind but its answer.
    #[test]
    fn a_call_leaves_nothing_behind() {
        let message =
            json!({ "event": "activity", "titel": "<b>", "thread": { "title": "<a>" }, "author": { "name": "M" } });
        let options = json!({ "baseUrl": "https://example.com", "flowToken": "29991" });
        let sent = json!({ "url": "https://example.com/messages", "uuid": "1", "tokens": ["29991"] });
        let refused = json!({ "message": "29991", "errors": { "title": ["can't be blank"] } });
        let picture = json!({ "event": "activity", "title": "x", "body": "<img src=\"cid:a\">", "author": { "name": "M" },
            "external_thread_id": "1", "thread": { "title": "x", "fields": [{ "value": "1", "label": "x" }] } });
        let chat = json!({ "event": "message", "content": "x", "external_thread_id": "1" });
        let api = json!({ "baseUrl": "https://example.com", "accessToken": "29991" });
        let seen = json!({ "header": { "alg": "HS256" }, "claims": { "exp": 7, "sub": "1", "signature": "00" },
            "signed": { "url": "https://a.example/{b}" }, "called": { "url": "https://a.example/" },
            "macs": ["000000"], "sha256": "00", "now": 5 });
        type Call = fn(&Frame) -> Answer;
        let calls: &[(Call, Vec<Value>)] = &[
            (super::validate, vec![message.clone()]),
            (super::validate, vec![chat.clone(), json!({ "thread": "maybe" })]),
            (super::encode, vec![chat.clone()]),
            (super::encode, vec![message.clone()]),
            (super::build, vec!["activity".into(), message.clone()]),
            (super::build, vec!["message".into(), chat.clone()]),
            (
                super::build,
                vec!["thread".into(), json!({ "title": "x", "fields": { "a": 1 }, "status": ["open", "green"] })],
            ),
            (super::check_title, vec!["<b>x".into()]),
            (super::check_body, vec!["<p><b>x<script>".into()]),
            (super::sanitize_title, vec!["<b>x".into()]),
            (super::sanitize_body, vec!["<table><p><b>x</table>".into()]),
            (super::sanitize_title, vec![7.into()]),
            (super::check_client, vec![options.clone()]),
            (super::check_client, vec![json!({ "baseURL": 1 })]),
            (
                super::check_client,
                vec![
                    json!({ "baseUrl": "https://example.com", "flowToken": "29991", "retry": { "baseMs": 5 }, "hooks": {} }),
                ],
            ),
            (super::request, vec![picture.clone(), json!({ "attachments": "a" }), json!("29991"), json!([1, 2, 3])]),
            (super::request, vec![picture, json!({ "attachments": "b" }), json!("29991"), json!([1, 2, 3])]),
            (super::request, vec![chat, Value::Null, json!("29991"), json!([1, 2, 3])]),
            (super::outcome, vec![sent.clone(), json!({ "status": 400, "body": refused })]),
            (
                setup::setup_request,
                vec![json!("createSource"), api.clone(), json!({ "organization": "a", "flow": "b", "name": "c" })],
            ),
            (setup::setup_request, vec![json!("source"), api, json!({})]),
            (
                setup::tokens,
                vec![sent.clone(), json!({ "status": 200, "body": "access_token=a&scope=b,c" }), json!("d")],
            ),
            (setup::api_answer, vec![sent.clone(), json!({ "status": 404, "body": {} }), json!("source")]),
            (setup::read_callback, vec![json!("https://a.example/?code=b&state=c"), json!("c")]),
            (action::read_token, vec![json!("e30.e30.AAAA")]),
            (action::verify_action, vec![json!("eyJhbGciOiJIUzI1NiJ9.e30.AAAA"), seen]),
            (super::outcome, vec![sent.clone(), json!({ "code": "timeout", "detail": 5 })]),
            (
                super::outcome,
                vec![
                    sent,
                    json!({ "status": 429, "retryAfter": "Fri, 20 Nov 2026 12:00:30 GMT", "body": null }),
                    json!([1, 1, 6, 120_000, 500, 30_000, 120_000, 1, 0, 5, 1_795_176_000, 7]),
                ],
            ),
        ];
        for (call, arguments) in calls {
            let mut frame = Frame::default();
            arguments.iter().for_each(|argument| frame.copy("", argument));
            let before = LIVING.get();
            drop(call(&frame));
            assert_eq!(LIVING.get(), before, "{arguments:?}");
        }
        // The count counts.
        let before = LIVING.get();
        let kept = vec![1];
        assert_eq!(LIVING.get(), before + 1);
        drop(kept);
    }
}
