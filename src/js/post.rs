//! Posting through the fetch of the runtime, or one that the caller brings.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::{Function, Int32Array, JSON, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestRedirect};

use super::error::{invalid_message, invalid_option, to_js};
use super::exports::frame;
use super::interruption::Interruption;
use super::options;
use crate::client::{PostError, PostKind, Request};
use crate::error::ErrorCode;

/// Posts a message: resolves to a `PostResult`, rejects with what a `FlowdockError` is made of. `pack` is that of
/// `frame.js`, for the way of the answer's body.
#[wasm_bindgen]
pub async fn post(
    client: JsValue,
    post: JsValue,
    text: String,
    tape: Vec<i32>,
    fetch: Function,
    pack: Function,
    signal: Option<AbortSignal>,
) -> Result<JsValue, JsValue> {
    let (client, timeout_ms) = options::client(client)?;
    let (checked, post) = options::post_options(post)?;
    let request = client
        .post_value(frame(text, &tape)?.root(), checked, random_bytes()?, post)
        .map_err(|error| invalid_message(&error))?;
    let aborted = || to_js(&request.failed(ErrorCode::Aborted, "the caller gave up"));
    if signal.as_ref().is_some_and(AbortSignal::aborted) {
        return Err(aborted());
    }
    let interruption = Interruption::new(timeout_ms, signal)?;
    let answer = first(attempt(&request, &fetch, &interruption), interruption.wait()).await;
    let (status, body) = match answer {
        Race::Attempt(answer) => answer.map_err(|error| to_js(&error))?,
        Race::Interrupted(ErrorCode::Aborted) => return Err(aborted()),
        Race::Interrupted(code) => {
            return Err(to_js(&request.failed(code, &format!("no answer within {timeout_ms} ms"))));
        }
    };
    let parsed = JSON::parse(&body).unwrap_or(JsValue::NULL);
    let packed = pack.call1(&JsValue::UNDEFINED, &parsed)?;
    let text = Reflect::get(&packed, &"text".into())?.as_string().unwrap_or_default();
    let tape = Int32Array::from(Reflect::get(&packed, &"tape".into())?).to_vec();
    let result = request.read_value(status, frame(text, &tape)?.root()).map_err(|error| to_js(&error))?;
    let value = to_js(&result);
    if result.kind == PostKind::Created {
        // The message as the server has it, with whatever it put there.
        Reflect::set(&value, &"message".into(), &parsed)?;
    }
    Ok(value)
}

/// One request and its answer: status and body.
async fn attempt(request: &Request, fetch: &Function, interruption: &Interruption) -> Result<(u16, String), PostError> {
    // gloo-net takes everything that is thrown at it for an Error of this realm and panics otherwise, so it is only given
    // a URL that the runtime can read.
    if web_sys::Url::new(&request.url).is_err() {
        return Err(request.failed(ErrorCode::InvalidOption, "`baseUrl` is no URL to this runtime"));
    }
    let mut builder = RequestBuilder::new(&request.url)
        .method(Method::POST)
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&interruption.signal()));
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let prepared: web_sys::Request = match builder.body(request.body.as_str()) {
        Ok(prepared) => prepared.into(),
        Err(_) => return Err(request.failed(ErrorCode::Network, "the request could not be made")),
    };
    // As a plain function: the runtime's own fetch refuses any other `this`.
    let promise = fetch.call1(&JsValue::UNDEFINED, &prepared).map_err(|error| network(request, &error))?;
    let response = JsFuture::from(Promise::resolve(&promise)).await.map_err(|error| network(request, &error))?;
    // Judged by what it has, since a Response of another realm is no `instanceof` of this one's.
    let is_response = response.is_object()
        && Reflect::get(&response, &"status".into()).is_ok_and(|status| status.as_f64().is_some())
        && Reflect::get(&response, &"text".into()).is_ok_and(|text| text.is_function());
    if !is_response {
        return Err(request.failed(ErrorCode::BadResponse, "fetch answered with something that is no Response"));
    }
    let raw: web_sys::Response = response.unchecked_into();
    // A browser shows nothing of a redirect that it was told not to follow.
    if raw.type_() == web_sys::ResponseType::Opaqueredirect {
        return Ok((302, String::new()));
    }
    let answer = Response::from(raw);
    let status = answer.status();
    // Not by gloo-net's `text`, which panics where the runtime throws.
    let body = match web_sys::Response::from(answer).text() {
        Ok(text) => JsFuture::from(text).await,
        Err(error) => Err(error),
    };
    let body = body.map_err(|error| network(request, &error))?;
    Ok((status, body.as_string().unwrap_or_default()))
}

/// That the request did not get through. Of the cause only its code is told, such as `ECONNREFUSED`: its text may hold the
/// URL or the body.
fn network(request: &Request, error: &JsValue) -> PostError {
    let get = |value: &JsValue, key: &str| Reflect::get(value, &key.into()).unwrap_or(JsValue::UNDEFINED);
    let code_of = |value: &JsValue| {
        get(value, "code").as_string().filter(|code| {
            code.len() <= 40 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
    };
    let code = if error.is_object() { code_of(&get(error, "cause")).or_else(|| code_of(error)) } else { None };
    let detail = code.map(|code| format!(" ({code})")).unwrap_or_default();
    request.failed(ErrorCode::Network, &format!("the request or its answer did not get through{detail}"))
}

enum Race<A, B> {
    Attempt(A),
    Interrupted(B),
}

/// Whichever is done first.
async fn first<A, B>(attempt: impl Future<Output = A>, interruption: impl Future<Output = B>) -> Race<A, B> {
    let (mut attempt, mut interruption) = (pin!(attempt), pin!(interruption));
    poll_fn(|context| {
        if let Poll::Ready(why) = interruption.as_mut().poll(context) {
            return Poll::Ready(Race::Interrupted(why));
        }
        attempt.as_mut().poll(context).map(Race::Attempt)
    })
    .await
}

/// Sixteen bytes from the runtime's generator.
fn random_bytes() -> Result<[u8; 16], JsValue> {
    let bytes = Uint8Array::new_with_length(16);
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    let fill = Reflect::get(&crypto, &"getRandomValues".into()).unwrap_or(JsValue::UNDEFINED);
    let Some(fill) = fill.dyn_ref::<Function>() else {
        return Err(invalid_option("this runtime has no `crypto.getRandomValues`"));
    };
    fill.call1(&crypto, &bytes)?;
    let mut random = [0; 16];
    bytes.copy_to(&mut random);
    Ok(random)
}
