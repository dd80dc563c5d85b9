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
use crate::client::{Attempt, Request};

/// What came of a request.
pub(super) enum Answer {
    Status { status: u16, retry_after: Option<String>, body: String },
    None(Attempt<'static>),
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
    let Ok(controller) = AbortController::new() else { return Answer::None(Attempt::Network("")) };
    let cancel = Cancel(controller);
    let Some(response) = within(timeout_ms, send(request, &cancel)).await else {
        return Answer::None(Attempt::Timeout(timeout_ms));
    };
    let raw = match response {
        Ok(response) => response,
        Err(attempt) => return Answer::None(attempt),
    };
    let response = Response::from(Clone::clone(&raw));
    // A browser shows nothing else of a redirect that it was told not to follow.
    if response.type_() == ResponseType::Opaqueredirect {
        return Answer::None(Attempt::Redirected);
    }
    // Not by gloo-net, which panics at a body that breaks with something that is no Error.
    let text = async { JsFuture::from(raw.text().ok()?).await.ok()?.as_string() };
    // The status counts, whatever becomes of the body.
    let body = within(timeout_ms, text).await.flatten().unwrap_or_default();
    Answer::Status { status: response.status(), retry_after: response.headers().get("retry-after"), body }
}

async fn send(request: &Request, cancel: &Cancel) -> Result<web_sys::Response, Attempt<'static>> {
    let unsent = |_| Attempt::Network("");
    let mut builder = RequestBuilder::new(&request.sent.url).method(Method::POST).redirect(RequestRedirect::Manual);
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let built =
        builder.abort_signal(Some(&cancel.0.signal())).body(request.body.as_str()).map_err(|_| Attempt::Network(""))?;
    let built: web_sys::Request = built.into();
    let fetch = function("fetch").ok_or(Attempt::Network(""))?;
    let promise = fetch.call1(&JsValue::UNDEFINED, &built).map_err(unsent)?;
    let answered =
        JsFuture::from(Promise::resolve(&promise)).await.map_err(|error| Attempt::Network(code_of(&error)))?;
    answered.dyn_into::<web_sys::Response>().map_err(|_| Attempt::NoResponse)
}

/// The codes that say that there was nobody to send to; nothing else is told of a cause.
fn code_of(error: &JsValue) -> &'static str {
    let get = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).unwrap_or_default();
    let code = get(&get(error, "cause"), "code").as_string().unwrap_or_default();
    ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ECONNRESET"]
        .into_iter()
        .find(|known| *known == code)
        .unwrap_or_default()
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
