//! The runtime's timers and its monotonic clock.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use js_sys::{Date, Function, Promise, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A timer of the runtime. It is cleared when it is dropped.
struct Timer(JsValue);

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(clear) = function("clearTimeout") {
            let _ = clear.call1(&JsValue::UNDEFINED, &self.0);
        }
    }
}

/// Waits for a number of milliseconds.
pub(super) async fn sleep(ms: u32) {
    let mut id = JsValue::UNDEFINED;
    let rung = Promise::new(&mut |resolve, _| {
        if let Some(set) = function("setTimeout") {
            id = set.call2(&JsValue::UNDEFINED, &resolve, &ms.into()).unwrap_or_default();
        }
    });
    let _timer = Timer(id);
    let _ = JsFuture::from(rung).await;
}

/// Returns the result of a future, or `None` if the time is over first.
pub(super) async fn within<T>(ms: u32, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut late) = (pin!(work), pin!(sleep(ms)));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => late.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Returns the milliseconds since a fixed moment, rounded up.
pub(super) fn now_ms() -> u64 {
    let performance = part(&global(), "performance");
    let now = method(&performance, "now").and_then(|now| now.call0(&performance).ok()).and_then(|now| now.as_f64());
    // Every runtime has `performance`. Without it, the time of day has to do.
    now.unwrap_or_else(Date::now).ceil() as u64
}

/// Returns a global function of the runtime.
pub(super) fn function(name: &str) -> Option<Function> {
    method(&global(), name)
}

/// Returns a method of an object. It must be called with the object.
pub(super) fn method(of: &JsValue, name: &str) -> Option<Function> {
    part(of, name).dyn_into().ok()
}

/// Returns a property of a value, or `undefined` if the value does not have this property.
pub(super) fn part(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}
