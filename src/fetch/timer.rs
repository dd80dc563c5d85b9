//! The runtime's timers, and a clock that nobody sets.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use js_sys::{Date, Function, Promise, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A timer that ends with what waits for it.
struct Timer(JsValue);

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(clear) = function("clearTimeout") {
            let _ = clear.call1(&JsValue::UNDEFINED, &self.0);
        }
    }
}

/// Waits so many milliseconds.
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

/// What a future gives, if it does so in time.
pub(super) async fn within<T>(ms: u32, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut late) = (pin!(work), pin!(sleep(ms)));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => late.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Milliseconds since some moment, rounded up.
pub(super) fn now_ms() -> u64 {
    let performance = part(&global(), "performance");
    let now = method(&performance, "now").and_then(|now| now.call0(&performance).ok()).and_then(|now| now.as_f64());
    // Every runtime has it; the time of day is better than none.
    now.unwrap_or_else(Date::now).ceil() as u64
}

/// A function of the runtime.
pub(super) fn function(name: &str) -> Option<Function> {
    method(&global(), name)
}

/// A method of an object, to be called with it.
pub(super) fn method(of: &JsValue, name: &str) -> Option<Function> {
    part(of, name).dyn_into().ok()
}

/// A property of whatever there is; `undefined` where there is none.
pub(super) fn part(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}
