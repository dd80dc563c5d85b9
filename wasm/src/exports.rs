//! What the modules export: numbers in, numbers out.

#![allow(unsafe_code, reason = "each use says why it is sound")]

use std::cell::Cell;

use flowdock_integration::ffi::{self, Answer};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::arena::ARENA;

/// What lives between two calls.
struct Held {
    /// The texts of the next call.
    input: Cell<Vec<u8>>,
    /// What came of the last call.
    answer: Cell<String>,
}

// SAFETY: a WebAssembly module of one thread. A thread-local would be the same with code for threads that end.
unsafe impl Sync for Held {}

static HELD: Held = Held { input: Cell::new(Vec::new()), answer: Cell::new(String::new()) };

/// Room for the texts of the next call, so many bytes, as an address. The last answer is gone then.
#[wasm_bindgen]
pub fn reserve(bytes: usize) -> *mut u8 {
    HELD.answer.set(String::new());
    HELD.input.set(Vec::new());
    // SAFETY: what a call makes ends with it, as a test holds, but for its answer, and what is held is empty now.
    unsafe { ARENA.empty() };
    let mut room = vec![0; bytes];
    let address = room.as_mut_ptr();
    HELD.input.set(room);
    address
}

/// Where the last answer stands, as UTF-8.
#[wasm_bindgen]
pub fn answer() -> *const u8 {
    let answer = HELD.answer.take();
    let address = answer.as_ptr();
    HELD.answer.set(answer);
    address
}

/// Answers a call with texts of so many bytes.
fn run(call: fn(&str, &str) -> Answer, first: usize, second: usize) -> i32 {
    let input = HELD.input.take();
    // `TextEncoder` writes nothing but UTF-8.
    let texts = input.get(..first.saturating_add(second)).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let (first, second) = texts.and_then(|texts| texts.split_at_checked(first)).unwrap_or_default();
    let (text, sign) = match call(first, second) {
        Ok(text) => (text, 1),
        Err(error) => (error.to_json(), -1),
    };
    let length = text.len() as i32;
    HELD.answer.set(text);
    sign * length
}

macro_rules! exports {
    ($($call:ident as $js_name:ident,)+) => {
        $(
            #[doc = concat!("See [`ffi::", stringify!($call), "`].")]
            #[wasm_bindgen(js_name = $js_name)]
            pub fn $call(first: usize, second: usize) -> i32 {
                run(ffi::$call, first, second)
            }
        )+
    };
}

#[cfg(feature = "check")]
exports! {
    validate as validate,
    encode as encode,
}

#[cfg(feature = "core")]
exports! {
    validate_json as validateJson,
    build as build,
    check_title as checkTitle,
    check_body as checkBody,
    sanitize_title as sanitizeTitle,
    sanitize_body as sanitizeBody,
    fill_template as fillTemplate,
    check_client as checkClient,
    request as request,
    outcome as outcome,
}

#[cfg(feature = "service")]
exports! {
    check_setup as checkSetup,
    setup_request as setupRequest,
    read_callback as readCallback,
    tokens as tokens,
    api_answer as apiAnswer,
    read_token as readToken,
    verify_action as verifyAction,
    replayed as replayed,
}
