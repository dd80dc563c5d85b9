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

/// Waits for the end of the time allowed and for the caller's signal; dropping it ends the waiting and cancels the request.
pub struct Interruption {
    controller: AbortController,
    promise: Promise,
    timer: JsValue,
    caller: Option<AbortSignal>,
    on_abort: Function,
    /// Held for as long as the timer and the signal may call them.
    _closures: [Closure<dyn FnMut()>; 2],
}

impl Interruption {
    pub fn new(timeout_ms: i32, caller: Option<AbortSignal>) -> Result<Self, JsValue> {
        let controller = AbortController::new()?;
        let mut resolve_with = None;
        let promise = Promise::new(&mut |resolve, _| resolve_with = Some(resolve));
        let resolve = resolve_with.ok_or(JsValue::UNDEFINED)?;
        let settle = |with: JsValue| {
            let resolve = resolve.clone();
            Closure::<dyn FnMut()>::new(move || {
                // A resolver does not throw.
                let _ = resolve.call1(&JsValue::UNDEFINED, &with);
            })
        };
        let (timed_out, aborted) = (settle(TIMED_OUT.into()), settle(ABORTED.into()));
        let on_abort: Function = aborted.as_ref().unchecked_ref::<Function>().clone();
        if let Some(signal) = &caller {
            signal.add_event_listener_with_callback("abort", &on_abort)?;
        }
        let timer = set_timeout(timed_out.as_ref().unchecked_ref(), timeout_ms);
        Ok(Self { controller, promise, timer, caller, on_abort, _closures: [timed_out, aborted] })
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

const TIMED_OUT: f64 = 0.0;
const ABORTED: f64 = 1.0;

impl Drop for Interruption {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
        if let Some(signal) = &self.caller {
            let _ = signal.remove_event_listener_with_callback("abort", &self.on_abort);
        }
        // What is still under way is of no use to anybody.
        self.controller.abort();
    }
}
