//! Timers of the runtime.

use js_sys::{Function, Promise, Reflect, global};
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

/// A function of the runtime.
pub(super) fn function(name: &str) -> Option<Function> {
    Reflect::get(&global(), &name.into()).ok()?.dyn_into().ok()
}
