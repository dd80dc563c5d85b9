//! Posting through the fetch of the runtime, or one that the caller brings.
//!
//! No foreign code runs under WebAssembly: an exception that passes through its frames leaves the stack pointer where it
//! was. So a caller's fetch, its Response and its signal are touched by `exchange.js`, which gives plain values; what is
//! called here is the runtime's own.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use gloo_net::http::Headers;
use js_sys::{Function, Int32Array, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Crypto, RequestInit, RequestRedirect};

use super::error::{invalid_message, invalid_option, to_js};
use super::exports::frame;
use super::interruption::Interruption;
use super::options;
use crate::client::{PostError, PostKind, REDIRECTED, Request};
use crate::error::ErrorCode;

/// Posts a message: resolves to a `PostResult`, rejects with what a `FlowdockError` is made of.
///
/// `send` takes a URL and a `RequestInit` and answers as `exchange.js` says; `pack` is that of `frame.js`, for the way of the
/// answer's body.
#[wasm_bindgen]
pub async fn post(
    client: JsValue,
    post: JsValue,
    text: String,
    tape: Vec<i32>,
    send: Function,
    pack: Function,
    signal: Option<AbortSignal>,
) -> Result<JsValue, JsValue> {
    let (client, timeout_ms) = options::client(client)?;
    let (checked, post) = options::post_options(post)?;
    let request = client
        .post_value(frame(text, &tape)?.root(), checked, random_bytes()?, post)
        .map_err(|error| invalid_message(&error))?;
    let failed = |code, message: &str| Err(to_js(&request.failed(code, message)));
    if signal.as_ref().is_some_and(AbortSignal::aborted) {
        return failed(ErrorCode::Aborted, "the caller gave up");
    }
    let interruption = Interruption::new(timeout_ms, signal)?;
    let answer = match first(attempt(&request, &send, &interruption), interruption.wait()).await {
        Race::Attempt(answer) => answer.map_err(|error| to_js(&error))?,
        Race::Interrupted(ErrorCode::Aborted) => return failed(ErrorCode::Aborted, "the caller gave up"),
        Race::Interrupted(code) => return failed(code, &format!("no answer within {timeout_ms} ms")),
    };
    let body = JSON::parse(&answer.body).unwrap_or(JsValue::NULL);
    let packed = pack.call1(&JsValue::UNDEFINED, &body)?;
    let text = Reflect::get(&packed, &"text".into())?.as_string().unwrap_or_default();
    let tape = Int32Array::from(Reflect::get(&packed, &"tape".into())?).to_vec();
    let result = request.read_value(answer.status, frame(text, &tape)?.root()).map_err(|error| to_js(&error))?;
    let value = to_js(&result);
    if result.kind == PostKind::Created {
        // The message as the server has it, with whatever it put there but a token.
        Reflect::delete_property(body.unchecked_ref::<Object>(), &"flow_token".into())?;
        Reflect::set(&value, &"message".into(), &body)?;
    }
    Ok(value)
}

/// What a server answered.
struct Answer {
    status: u16,
    body: String,
}

/// One request and its answer.
async fn attempt(request: &Request, send: &Function, interruption: &Interruption) -> Result<Answer, PostError> {
    let headers = Headers::new();
    for (name, value) in request.headers() {
        headers.set(name, value);
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers.into_raw());
    init.set_body(&request.body.as_str().into());
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&interruption.signal()));
    // `exchange` answers and never throws or rejects; were it to, nothing came through.
    let promise = send.call2(&JsValue::UNDEFINED, &request.url.as_str().into(), &init);
    let answer = match promise {
        Ok(promise) => JsFuture::from(Promise::from(promise)).await.unwrap_or_default(),
        Err(_) => JsValue::UNDEFINED,
    };
    let get = |key: &str| Reflect::get(&answer, &key.into()).unwrap_or_default();
    if let Some(status) = get("status").as_f64() {
        return Ok(Answer { status: status as u16, body: get("body").as_string().unwrap_or_default() });
    }
    Err(match get("code").as_string().as_deref() {
        Some("redirect_refused") => request.failed(ErrorCode::RedirectRefused, REDIRECTED),
        Some("bad_response") => {
            request.failed(ErrorCode::BadResponse, "fetch answered with something that is no Response")
        }
        _ => {
            let detail = get("detail").as_string().map(|detail| format!(" ({detail})")).unwrap_or_default();
            let url = &request.url;
            request
                .failed(ErrorCode::Network, &format!("the request to {url} or its answer did not get through{detail}"))
        }
    })
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
    let mut random = [0; 16];
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    // Judged by what it has, as workers and pages have it at different globals.
    if crypto.is_undefined() || crypto.unchecked_ref::<Crypto>().get_random_values_with_u8_array(&mut random).is_err() {
        return Err(invalid_option("this runtime has no `crypto.getRandomValues`"));
    }
    Ok(random)
}
