//! What can end a request before its answer: the time allowed is over, or the caller gives up.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use crate::error::ErrorCode;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, ms: i32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Waits for the end of the time allowed and for the caller's signal; dropping it ends the waiting.
pub struct Interruption {
    /// Cancels the request.
    controller: AbortController,
    promise: Promise,
    /// Settles the promise.
    resolve: Function,
    timer: JsValue,
    caller: Option<AbortSignal>,
    /// Called by the timer and by the signal.
    closures: [Closure<dyn FnMut()>; 2],
}

const TIMED_OUT: f64 = 0.0;
const ABORTED: f64 = 1.0;

impl Interruption {
    /// `caller` is a signal of our own, which `exchange.js` makes of the caller's.
    pub fn new(timeout_ms: i32, caller: Option<AbortSignal>) -> Result<Self, JsValue> {
        let controller = AbortController::new()?;
        let mut resolve_with = None;
        let promise = Promise::new(&mut |resolve, _| resolve_with = Some(resolve));
        let resolve = resolve_with.ok_or(JsValue::UNDEFINED)?;
        let interrupt = |why: f64| {
            let (resolve, controller) = (resolve.clone(), controller.clone());
            Closure::<dyn FnMut()>::new(move || {
                // A resolver does not throw.
                let _ = resolve.call1(&JsValue::UNDEFINED, &why.into());
                controller.abort();
            })
        };
        let closures = [interrupt(TIMED_OUT), interrupt(ABORTED)];
        let [timed_out, aborted] = closures.each_ref().map(|closure| closure.as_ref().unchecked_ref::<Function>());
        if let Some(signal) = &caller {
            signal.add_event_listener_with_callback("abort", aborted)?;
        }
        let timer = set_timeout(timed_out, timeout_ms);
        Ok(Self { controller, promise, resolve, timer, caller, closures })
    }

    /// The signal for the request itself.
    pub fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }

    /// Waits; the code of what came.
    pub async fn wait(&self) -> ErrorCode {
        match JsFuture::from(self.promise.clone()).await {
            Ok(what) if what.as_f64() == Some(ABORTED) => ErrorCode::Aborted,
            _ => ErrorCode::Timeout,
        }
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
        let [_, aborted] = &self.closures;
        if let Some(signal) = &self.caller {
            let _ = signal.remove_event_listener_with_callback("abort", aborted.as_ref().unchecked_ref());
        }
        // A future that waits for a promise is freed when the promise is settled, and not before.
        let _ = self.resolve.call0(&JsValue::UNDEFINED);
    }
}
