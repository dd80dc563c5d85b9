//! What JavaScript can call. Each call takes its arguments as values that stand side by side in a frame and answers with
//! text; a failure is the JSON that a `FlowdockError` is made of. `pkg-template/api.js` makes the public API of them.

use super::options::{self, Invalid};
use crate::client::{Attempt, Delivery, Moment, PostError, PostKind, PostResult, Sent, Step};
use crate::encode::{Json, write_json};
use crate::error::ErrorCode;
use crate::message::{Event, message_from_parts, thread_from_parts};
use crate::schema::KEYS;
use crate::text::{concat, decimal};
use crate::validate::{Actual, InvalidMessage, Report};
use crate::value::{Frame, FrameValue, Node, Value};
use crate::{encode as core_encode, html, validate as core_validate};

/// Text, or a failure as JSON.
pub type Answer = Result<String, String>;

/// `(message, options)`: a report as JSON.
pub fn validate(frame: &Frame) -> Answer {
    let options = options::check(frame.value(1))?;
    let report = core_validate(frame.value(0), options);
    let mut json = Json::default();
    json.object(None, |json| {
        json.bool(Some("valid"), report.is_valid());
        violations(json, Some("violations"), &report);
    });
    Ok(json.text)
}

/// `(message, options)`: the body.
pub fn encode(frame: &Frame) -> Answer {
    let options = options::check(frame.value(1))?;
    Ok(core_encode(frame.value(0), options)?)
}

/// `(what, parts, options)`: the built message or thread as JSON.
pub fn build(frame: &Frame) -> Answer {
    let (parts, options) = (frame.value(1), options::check(frame.value(2))?);
    let (built, _) = match text(frame.value(0)) {
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

/// `(text)`: text as HTML.
pub fn escape_html(frame: &Frame) -> Answer {
    Ok(html::escape(argument(frame, "text")?))
}

/// `()`: the keys that need not come over, as JSON.
pub fn keys(_: &Frame) -> Answer {
    let mut json = Json::default();
    json.strings(None, KEYS);
    Ok(json.text)
}

/// `(clientOptions)`: how the client posts, the numbers of [`options::Settings`] as JSON.
pub fn check_client(frame: &Frame) -> Answer {
    let settings = options::settings(frame.value(0))?;
    let mut json = Json::default();
    json.array(None, |json| settings.iter().for_each(|number| json.number(None, *number as usize)));
    Ok(json.text)
}

/// `(message, postOptions, clientOptions, random)`: the request that posts the message, as JSON; `random` are 16 bytes.
pub fn request(frame: &Frame) -> Answer {
    let client = options::client(frame.value(2))?;
    let (checked, post) = options::post(frame.value(1))?;
    let mut random = [0; 16];
    read_numbers(frame.value(3), &mut random);
    let request = client.post_value(frame.value(0), checked, random.map(|byte| byte as u8), post)?;
    let mut json = Json::default();
    json.object(None, |json| {
        let headers =
            |json: &mut Json| request.headers().iter().for_each(|(name, value)| json.string(Some(name), value));
        json.object(Some("headers"), headers);
        json.string(Some("body"), &request.body);
        json.strings(Some("lanes"), &request.lanes);
        json.string(Some("url"), &request.sent.url);
        json.string(Some("uuid"), &request.sent.uuid);
        json.strings(Some("tokens"), &request.sent.tokens());
    });
    Ok(json.text)
}

/// `({ url, uuid, tokens }, attempt, body, numbers)`: what to do after a request: a `PostResult` as JSON, or `{ waitMs, holdAll,
/// error }`. The attempt has a `status` and perhaps `retryAfter`, or the `code` of a failure. The numbers are those of
/// `check_client`, then how many requests were made, 1 if one of them may have been stored, the milliseconds since the first,
/// the seconds since 1970, and a random one.
pub fn outcome(frame: &Frame) -> Answer {
    let (kept, attempt) = (frame.value(0), frame.value(1));
    let part_text = |of, key| part(of, key).map_or("", text);
    let tokens = part(kept, "tokens").map(Value::node);
    let tokens = if let Some(Node::Array(tokens)) = tokens { Some(tokens) } else { None };
    let sent = Sent::restore(part_text(kept, "url"), part_text(kept, "uuid"), tokens.into_iter().flatten().map(text));
    let detail = part(attempt, "detail");
    let ended = match part(attempt, "status").and_then(number) {
        Some(status) => sent.read_value(status as u16, frame.value(2)),
        None => Err(sent.failed(match part_text(attempt, "code") {
            "aborted" => Attempt::Aborted { in_flight: detail.is_some() },
            "source_removed" => Attempt::SourceRemoved,
            "timeout" => Attempt::Timeout(detail.and_then(number).unwrap_or_default()),
            "redirect_refused" => Attempt::Redirected,
            "bad_response" => Attempt::NoResponse,
            _ => Attempt::Network(detail.map_or("", text)),
        })),
    };
    let mut numbers = [0; 12];
    read_numbers(frame.value(3), &mut numbers);
    let [settings @ .., attempts, maybe_duplicate, elapsed_ms, unix_seconds, random] = numbers;
    let retry = options::retry(settings);
    let mut delivery = Delivery { attempts, maybe_duplicate: maybe_duplicate > 0 };
    let at = Moment { elapsed_ms, unix_seconds, random };
    let mut json = Json::default();
    match delivery.next(ended, part(attempt, "retryAfter").map(text), at, &retry) {
        Step::Delivered(result) => posted(&mut json, &result),
        Step::Failed(error) => {
            not_posted(&mut json, None, &error, &sent);
            return Err(json.text);
        }
        Step::Wait(wait) => json.object(None, |json| {
            json.number(Some("waitMs"), wait.ms as usize);
            json.bool(Some("holdAll"), wait.hold_all);
            not_posted(json, Some("error"), &wait.error, &sent);
        }),
    }
    Ok(json.text)
}

/// What did not come over as it should.
pub fn unreadable() -> Answer {
    Err(Invalid("the arguments could not be read".to_owned()).into())
}

/// An argument that is a string.
fn argument<'a>(frame: &'a Frame, name: &str) -> Result<&'a str, Invalid> {
    match frame.value(0).node() {
        Node::String(text) => Ok(text),
        other => Err(Invalid(concat(&["`", name, "` must be a string, not ", other.name()]))),
    }
}

fn text(value: FrameValue<'_>) -> &str {
    if let Node::String(text) = value.node() { text } else { "" }
}

fn number(value: FrameValue<'_>) -> Option<u32> {
    if let Node::Number(number) = value.node() { decimal(&number) } else { None }
}

/// Reads an array of numbers; those that are missing are left as they are.
fn read_numbers(value: FrameValue<'_>, into: &mut [u32]) {
    let Node::Array(items) = value.node() else { return };
    for (to, from) in into.iter_mut().zip(items) {
        *to = number(from).unwrap_or_default();
    }
}

fn part<'a>(object: FrameValue<'a>, wanted: &str) -> Option<FrameValue<'a>> {
    let Node::Object(mut entries) = object.node() else { return None };
    entries.find(|(key, _)| *key == wanted).map(|(_, value)| value)
}

fn list(report: &Report) -> String {
    let mut json = Json::default();
    violations(&mut json, None, report);
    json.text
}

fn violations(json: &mut Json, key: Option<&str>, report: &Report) {
    json.array(key, |json| {
        for violation in report.violations() {
            json.object(None, |json| {
                json.string(Some("path"), &violation.path);
                json.string(Some("code"), violation.code.as_str());
                json.string(Some("severity"), violation.severity.as_str());
                json.string(Some("message"), &violation.message);
                if let Some(allowed) = violation.allowed {
                    json.strings(Some("allowed"), allowed);
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
            });
        }
    });
}

fn optional(json: &mut Json, key: &str, number: Option<usize>) {
    if let Some(number) = number {
        json.number(Some(key), number);
    }
}

fn posted(json: &mut Json, result: &PostResult) {
    json.object(None, |json| {
        json.string(Some("kind"), if result.kind == PostKind::Created { "created" } else { "accepted" });
        json.string(Some("uuid"), &result.uuid);
        json.number(Some("attempts"), result.attempts as usize);
        json.bool(Some("maybeDuplicate"), result.maybe_duplicate);
    });
}

fn not_posted(json: &mut Json, key: Option<&str>, error: &PostError, sent: &Sent) {
    failure(json, key, error.code, error.sentence(), error.retryable, |json| {
        optional(json, "status", error.status.map(usize::from));
        json.string(Some("uuid"), &sent.uuid);
        json.number(Some("attempts"), error.attempts as usize);
        json.bool(Some("maybeDuplicate"), error.maybe_duplicate);
        optional(json, "retryAfterMs", error.retry_after_ms.map(|ms| ms as usize));
        if !error.field_errors.is_empty() {
            json.object(Some("fieldErrors"), |json| {
                for (field, texts) in &error.field_errors {
                    json.strings(Some(field), texts);
                }
            });
        }
    });
}

/// What a `FlowdockError` is made of.
fn failure(
    json: &mut Json,
    key: Option<&str>,
    code: ErrorCode,
    message: &str,
    retryable: bool,
    more: impl FnOnce(&mut Json),
) {
    json.object(key, |json| {
        json.string(Some("code"), code.as_str());
        json.string(Some("message"), message);
        json.bool(Some("retryable"), retryable);
        more(json);
    });
}

impl From<InvalidMessage> for String {
    fn from(error: InvalidMessage) -> Self {
        let mut json = Json::default();
        failure(&mut json, None, ErrorCode::InvalidMessage, &error.sentence(), false, |json| {
            violations(json, Some("violations"), &error.report);
        });
        json.text
    }
}

impl From<Invalid> for String {
    fn from(Invalid(message): Invalid) -> Self {
        let mut json = Json::default();
        failure(&mut json, None, ErrorCode::InvalidOption, &message, false, |_| {});
        json.text
    }
}
