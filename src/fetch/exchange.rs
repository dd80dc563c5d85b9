//! Makes one request and reads its answer, whatever the runtime's fetch does.
//!
//! gloo-net builds the request. This module calls fetch and reads the answer itself. The `send` of gloo-net panics or
//! never ends if fetch rejects with a value that is no Error. Its reader accepts only a Response of this realm, and
//! panics if a body breaks with a value that is no Error.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_net::http::{Method, RequestBuilder};
use js_sys::{Array, Function, Promise, Reflect, global};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestRedirect};

use super::timer::{function, method, part, within};
use crate::client::{Attempt, PostError, Request};

/// The answer to a request, or the error of a request without one.
pub(super) enum Answer {
    Status(Seen),
    None(PostError),
}

/// A received answer. A body that did not arrive completely is empty.
#[derive(Default)]
pub(super) struct Seen {
    pub status: u16,
    pub retry_after: Option<String>,
    /// Whether the server stores a message once, however often it comes with the same uuid.
    pub deduplicates: bool,
    pub body: String,
}

/// Cancels the request when it is dropped while the request is in flight.
struct Cancel {
    controller: AbortController,
    is_in_flight: bool,
}

impl Drop for Cancel {
    fn drop(&mut self) {
        if self.is_in_flight {
            self.controller.abort();
        }
    }
}

/// Why a request ended without a status.
enum Unanswered {
    NoResponse,
    Redirected,
    /// The name of the cause, or an empty text.
    Network(String),
}

/// Sends a request and reads its answer. Both together must end within `timeout_ms`.
pub(super) async fn exchange(request: &Request, timeout_ms: u32) -> Answer {
    let failed = |attempt| Answer::None(request.sent.failed(attempt));
    let Ok(controller) = AbortController::new() else { return failed(Attempt::Network("")) };
    let mut cancel = Cancel { controller, is_in_flight: true };
    let seen = RefCell::new(None);
    let ended = within(timeout_ms, read(request, &cancel, &seen)).await;
    cancel.is_in_flight = ended.is_none();
    match (ended, seen.take()) {
        // The status counts, even if the body did not arrive.
        (Some(Ok(())) | None, Some(seen)) => Answer::Status(seen),
        (None, None) => failed(Attempt::Timeout(timeout_ms)),
        (Some(Err(Unanswered::Redirected)), _) => failed(Attempt::Redirected),
        (Some(Err(Unanswered::Network(cause))), _) => failed(Attempt::Network(&cause)),
        (Some(_), _) => failed(Attempt::NoResponse),
    }
}

/// Reads an answer into `seen`: the status at once, the body when it has arrived.
async fn read(request: &Request, cancel: &Cancel, seen: &RefCell<Option<Seen>>) -> Result<(), Unanswered> {
    let response = match send(request, cancel).await {
        Ok(response) => response,
        Err(error) => {
            let name = name_of(&error);
            let is_barred = name.is_empty() && is_barred(&request.sent.url).await;
            return Err(Unanswered::Network(if is_barred { "ContentSecurityPolicy".to_owned() } else { name }));
        }
    };
    // A browser shows nothing else of a redirect that it must not follow.
    if part(&response, "type").as_string().as_deref() == Some("opaqueredirect") {
        return Err(Unanswered::Redirected);
    }
    // A Response of another realm is not an instance of this realm's class, so its properties decide.
    let status = part(&response, "status").as_f64().filter(|status| *status >= 0.0 && status.fract() == 0.0);
    let (Some(status), Some(text)) = (status, method(&response, "text")) else { return Err(Unanswered::NoResponse) };
    let headers = part(&response, "headers");
    let header = |name: &str| method(&headers, "get")?.call1(&headers, &name.into()).ok()?.as_string();
    let retry_after = header("retry-after");
    let deduplicates = header("flowdock-deduplicates").as_deref() == Some("uuid");
    // A number that is too large for a status becomes 0, which is no status.
    let status = if status <= f64::from(u16::MAX) { status as u16 } else { 0 };
    *seen.borrow_mut() = Some(Seen { status, retry_after, deduplicates, body: String::new() });
    if let Ok(promise) = text.call0(&response)
        && let Ok(text) = JsFuture::from(Promise::resolve(&promise)).await
        && let Some(seen) = seen.borrow_mut().as_mut()
    {
        seen.body = text.as_string().unwrap_or_default();
    }
    Ok(())
}

async fn send(request: &Request, cancel: &Cancel) -> Result<JsValue, JsValue> {
    let mut builder = RequestBuilder::new(&request.sent.url).method(Method::POST).redirect(RequestRedirect::Manual);
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let built = builder.abort_signal(Some(&cancel.controller.signal())).body(request.body.as_str());
    let built: web_sys::Request = built.map_err(|_| JsValue::UNDEFINED)?.into();
    let fetch = function("fetch").ok_or(JsValue::UNDEFINED)?;
    let promise = fetch.call1(&JsValue::UNDEFINED, &built)?;
    JsFuture::from(Promise::resolve(&promise)).await
}

/// Whether the page's own Content-Security-Policy blocked a request. A browser only fires an event for it, in the turn
/// after fetch has rejected.
async fn is_barred(url: &str) -> bool {
    const EVENT: &str = "securitypolicyviolation";
    let document = part(&global(), "document");
    let parts = (method(&document, "addEventListener"), method(&document, "removeEventListener"));
    let ((Some(add), Some(remove)), Some(channel)) = (parts, function("MessageChannel")) else { return false };
    let construct = |what: &Function, with: &Array| Reflect::construct(what, with).unwrap_or_default();
    let origin = function("URL").map(|class| part(&construct(&class, &Array::of1(&url.into())), "origin"));
    let origin = origin.and_then(|origin| origin.as_string()).unwrap_or_else(|| url.to_owned());
    let barred = Rc::new(Cell::new(false));
    let told = Rc::clone(&barred);
    let look = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        if part(&event, "blockedURI").as_string().is_some_and(|blocked| blocked.starts_with(&origin)) {
            told.set(true);
        }
    });
    let _ = add.call2(&document, &EVENT.into(), look.as_ref());
    // A message channel waits for that turn. A test may stop the timers.
    let channel = construct(&channel, &Array::new());
    let (port, other) = (part(&channel, "port1"), part(&channel, "port2"));
    let turn = Promise::new(&mut |resolve, _| {
        let _ = Reflect::set(&port, &"onmessage".into(), &resolve);
        if let Some(post) = method(&other, "postMessage") {
            let _ = post.call1(&other, &0.into());
        }
    });
    let _ = JsFuture::from(turn).await;
    if let Some(close) = method(&port, "close") {
        let _ = close.call0(&port);
    }
    let _ = remove.call2(&document, &EVENT.into(), look.as_ref());
    barred.get()
}

/// Returns the name of a cause: its code, such as `ECONNREFUSED`, or its own name, such as Deno's `NotCapable`. A
/// general name such as `TypeError` is left out. The text of the error is never used, because it may contain the URL or
/// the body.
fn name_of(error: &JsValue) -> String {
    let names = [part(&part(error, "cause"), "code"), part(error, "code"), part(error, "name")];
    let name = names.iter().find_map(JsValue::as_string).unwrap_or_default();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = (3..=40).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(is_word)
        && !name.ends_with("Error");
    if is_name { name } else { String::new() }
}
