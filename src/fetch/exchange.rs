//! One request and its answer.
//!
//! gloo-net builds the request and its answer is read through gloo-net; the call of fetch is ours, since gloo-net's `send`
//! panics or never settles when fetch rejects with something that is no Error.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestRedirect, ResponseType};

use super::timer::{function, sleep};
use crate::client::{Attempt, PostError, Request};

/// What came of a request.
pub(super) enum Answer {
    /// A body that did not come whole is empty.
    Status {
        status: u16,
        retry_after: Option<String>,
        body: String,
    },
    None(PostError),
}

/// Cancels what is on its way when nobody waits any more.
struct Cancel(AbortController);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a request and reads its answer, within so many milliseconds.
pub(super) async fn exchange(request: &Request, timeout_ms: u32) -> Answer {
    let failed = |attempt| Answer::None(request.sent.failed(attempt));
    let Ok(controller) = AbortController::new() else { return failed(Attempt::Network("")) };
    let cancel = Cancel(controller);
    let Some(response) = within(timeout_ms, send(request, &cancel)).await else {
        return failed(Attempt::Timeout(timeout_ms));
    };
    let raw = match response {
        Ok(response) => response,
        Err(Unanswered::NoResponse) => return failed(Attempt::NoResponse),
        Err(Unanswered::Network(cause)) => return failed(Attempt::Network(&cause)),
    };
    let response = Response::from(Clone::clone(&raw));
    // A browser shows nothing else of a redirect that it was told not to follow.
    if response.type_() == ResponseType::Opaqueredirect {
        return failed(Attempt::Redirected);
    }
    // Not by gloo-net, which panics at a body that breaks with something that is no Error.
    let text = async { JsFuture::from(raw.text().ok()?).await.ok()?.as_string() };
    // The status counts, whatever becomes of the body.
    let body = within(timeout_ms, text).await.flatten().unwrap_or_default();
    Answer::Status { status: response.status(), retry_after: response.headers().get("retry-after"), body }
}

/// How fetch can end without a Response.
enum Unanswered {
    NoResponse,
    /// With the name of the cause, or none.
    Network(String),
}

async fn send(request: &Request, cancel: &Cancel) -> Result<web_sys::Response, Unanswered> {
    let unsent = || Unanswered::Network(String::new());
    let mut builder = RequestBuilder::new(&request.sent.url).method(Method::POST).redirect(RequestRedirect::Manual);
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let built = builder.abort_signal(Some(&cancel.0.signal())).body(request.body.as_str()).map_err(|_| unsent())?;
    let built: web_sys::Request = built.into();
    let fetch = function("fetch").ok_or_else(unsent)?;
    let promise = fetch.call1(&JsValue::UNDEFINED, &built).map_err(|error| Unanswered::Network(name_of(&error)))?;
    let answered =
        JsFuture::from(Promise::resolve(&promise)).await.map_err(|error| Unanswered::Network(name_of(&error)))?;
    answered.dyn_into::<web_sys::Response>().map_err(|_| Unanswered::NoResponse)
}

/// What a cause is called: its code, such as `ECONNREFUSED`, or its name, such as Deno's `NotCapable`, where that is no mere
/// `TypeError`. Nothing else is told of it: its text may hold the URL or the body.
fn name_of(error: &JsValue) -> String {
    let get = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).unwrap_or_default();
    let names = [get(&get(error, "cause"), "code"), get(error, "code"), get(error, "name")];
    let name = names.iter().find_map(JsValue::as_string).unwrap_or_default();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = (3..=40).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(is_word)
        && !name.ends_with("Error");
    if is_name { name } else { String::new() }
}

/// What a future gives, if it does so in time.
async fn within<T>(ms: u32, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut late) = (pin!(work), pin!(sleep(ms)));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => late.as_mut().poll(context).map(|()| None),
    })
    .await
}
