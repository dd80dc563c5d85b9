//! Posting: where a client posts to, the request of a message, and what follows from its answer.

use super::answer::not_posted;
use super::read::{argument, ended, is_true, number, part, text, tokens};
use super::{Answer, options};
use crate::client::{Client, Delivery, Moment, PostKind, RetryOptions, Sent, check_files};
use crate::encode::{Body, body, check_valid, write_fields};
use crate::json::{Value, Writer};
use crate::text::{decimal, pieces};

/// `(client options)`: `{ url, flowToken, settings: { timeoutMs, concurrency, retry } }`, where the client posts to, with what, and how.
pub fn check_client(client: &str, _: &str) -> Answer {
    let client = argument(client)?;
    let (client, mut settings) = options::client_and_settings(client.root())?;
    let mut json = Writer::default();
    json.object(None);
    json.string(Some("url"), client.url());
    json.string(Some("flowToken"), client.flow_token());
    json.object(Some("settings"));
    json.number(Some("timeoutMs"), settings.timeout_ms as usize);
    json.number(Some("concurrency"), settings.concurrency as usize);
    json.object(Some("retry"));
    for (name, number) in options::retry_fields(&mut settings.retry) {
        json.number(Some(name), *number as usize);
    }
    json.end_object();
    json.end_object();
    json.end_object();
    Ok(json.text())
}

/// `(message, { options, flowToken, random })`: the request that posts a message: `{ headers, lanes, uuid }`, with the `token` of
/// a message that has one of its own. Then at most one of three: `front`, which stands in place of the brace that the message begins with, the
/// whole `body`, or with attachments the `fields` of a form, names and values in turn. With none of them the message is the body as it is. `random`
/// are four numbers with spaces between them.
pub fn request(message: &str, more: &str) -> Answer {
    let (message, more) = (argument(message)?, argument(more)?);
    let more = more.root();
    let (checked, post, ids) = options::post(part(more, "options"))?;
    let mut random = [0; 16];
    for (bytes, number) in random.as_chunks_mut::<4>().0.iter_mut().zip(pieces(text(more, "random"), b' ')) {
        *bytes = decimal(number).unwrap_or_default().to_le_bytes();
    }
    check_valid(&message, checked)?;
    let client = Client::restore(text(more, "flowToken"));
    let mut json = Writer::default();
    json.object(None);
    let request = client.prepare(message.root(), random, post, |added| {
        match ids {
            None => match body(&message, added) {
                Body::Text => {}
                Body::Front(front) => json.string(Some("front"), &front),
                Body::Whole(body) => json.string(Some("body"), &body),
            },
            Some(ids) => {
                check_files(message.root(), &|id| pieces(ids, b' ').any(|known| known == id))?;
                json.array(Some("fields"));
                write_fields(message.root(), added, &mut |name, value| json.strings(None, &[name, value]));
                json.end_array();
            }
        }
        Ok::<_, super::CallError>(())
    })?;
    json.object(Some("headers"));
    let headers = if ids.is_some() { post.form_headers() } else { post.headers() };
    headers.iter().for_each(|(name, value)| json.string(Some(name), value));
    json.end_object();
    json.strings(Some("lanes"), &request.lanes);
    json.string(Some("uuid"), &request.sent.uuid);
    if let [_, own] = request.sent.tokens().as_slice() {
        json.string(Some("token"), own);
    }
    json.end_object();
    Ok(json.text())
}

/// `({ retry, sent, delivery, moment, answer })`: what follows from how a request ended: the `{ kind }` of a [`PostKind`] when the
/// message was posted, `{ waitMs, holdAll, error }` when it is to be sent again, and the `error` alone when it failed.
///
/// - `retry`: the field of that name in the settings of [`check_client`]
/// - `sent: { url, uuid, tokens }`: the request
/// - `delivery: { attempts, maybeDuplicate }`: how many requests were made, this one included, and whether an earlier one may have been
///   stored
/// - `moment: { elapsedMs, unixSeconds, random }`: as in [`Moment`]
/// - `answer`: its `status`, its `body` and perhaps `retryAfter`, the header. The body is a text where that is no JSON object or array,
///   and null where it did not come whole. Without an answer there is the `code` of a failure, with `inFlight` (of `aborted`),
///   `timeoutMs` (of `timeout`) or `causeName` (of `network`)
pub fn outcome(told: &str, _: &str) -> Answer {
    let told = argument(told)?;
    let part = |key| part(told.root(), key);
    let (sent, delivery, moment, answer) = (part("sent"), part("delivery"), part("moment"), part("answer"));
    let sent = Sent::restore(text(sent, "url"), text(sent, "uuid"), tokens(sent));
    let mut json = Writer::default();
    json.object(None);
    let error = match ended(answer) {
        Ok((status, body)) => match PostKind::read(status, body) {
            Some(kind) => {
                json.string(Some("kind"), kind.as_str());
                json.end_object();
                return Ok(json.text());
            }
            None => sent.refused(status, body),
        },
        Err(attempt) => sent.failed(attempt),
    };
    let mut retry = RetryOptions::default();
    for (name, field) in options::retry_fields(&mut retry) {
        *field = number(part("retry"), name);
    }
    let mut delivery =
        Delivery { attempts: number(delivery, "attempts"), maybe_duplicate: is_true(delivery, "maybeDuplicate") };
    let at = Moment {
        elapsed_ms: number(moment, "elapsedMs"),
        unix_seconds: number(moment, "unixSeconds"),
        random: number(moment, "random"),
    };
    let retry_after = answer.part("retryAfter").and_then(Value::text);
    let error = match delivery.failed(error, retry_after, at, &retry) {
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
