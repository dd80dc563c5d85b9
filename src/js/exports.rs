//! What the two WebAssembly modules export: numbers in, numbers out.
//!
//! JavaScript asks for room ([`reserve`]), writes text and tape there, and calls one of the functions below with how long
//! they are. What it gets is the length of the [`answer()`]; a negative one is that of a failure as JSON.

#![allow(unsafe_code, reason = "each use says why it is sound")]

use std::cell::Cell;

use wasm_bindgen::prelude::wasm_bindgen;

use super::answer::{self, Answer};
use super::arena::ARENA;
#[cfg(feature = "npm-check")]
use super::calls;
use super::tape;
#[cfg(feature = "npm-service")]
use super::{action, setup};
use crate::value::Frame;

/// What lives between two calls.
struct Held {
    /// The text of the next call, and behind it the tape.
    input: Cell<Vec<u8>>,
    /// What came of the last call.
    answer: Cell<String>,
}

// SAFETY: a WebAssembly module of one thread. A thread-local would be the same with code for threads that end.
unsafe impl Sync for Held {}

static HELD: Held = Held { input: Cell::new(Vec::new()), answer: Cell::new(String::new()) };

/// Room for the input of the next call, as an address. The last answer is gone then.
#[wasm_bindgen]
pub fn reserve(bytes: usize) -> *mut u8 {
    HELD.answer.set(String::new());
    HELD.input.set(Vec::new());
    // SAFETY: what a call makes ends with it, as a test of `calls` holds, but for its answer, and what is held is empty now.
    unsafe { ARENA.empty() };
    let mut input = vec![0; bytes];
    let address = input.as_mut_ptr();
    HELD.input.set(input);
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

/// Reads the input: `text` bytes of text, from `at` on `tape` numbers, and `broken` more.
fn read(text: usize, at: usize, tape: usize, broken: usize) -> Option<Frame> {
    const BYTES: usize = 4;
    let mut input = HELD.input.take();
    let mut numbers: Vec<i32> = {
        let (numbers, _) = input.get(at..)?.as_chunks::<BYTES>();
        numbers.get(..tape.checked_add(broken)?)?.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect()
    };
    input.truncate(text);
    let broken = numbers.get(tape..)?.to_vec();
    numbers.truncate(tape);
    tape::read(String::from_utf8(input).ok()?, numbers, &broken).ok()
}

/// Answers a call.
fn run(call: fn(&Frame) -> Answer, text: usize, at: usize, tape: usize, broken: usize) -> i32 {
    let answered = read(text, at, tape, broken).map_or_else(answer::unreadable, |frame| call(&frame));
    let (text, sign) = match answered {
        Ok(text) => (text, 1),
        Err(failure) => (failure, -1),
    };
    let length = text.len() as i32;
    HELD.answer.set(text);
    sign * length
}

macro_rules! exports {
    ($module:ident: $($(#[$about:meta])+ $name:ident as $js_name:ident,)+) => {
        $(
            $(#[$about])+
            #[wasm_bindgen(js_name = $js_name)]
            pub fn $name(text: usize, at: usize, tape: usize, broken: usize) -> i32 {
                run($module::$name, text, at, tape, broken)
            }
        )+
    };
}

#[cfg(feature = "npm-check")]
exports! {
    calls:
    /// See [`calls::validate`].
    validate as validate,
    /// See [`calls::encode`].
    encode as encode,
}

#[cfg(feature = "npm")]
exports! {
    calls:
    /// See [`calls::build`].
    build as build,
    /// See [`calls::check_title`].
    check_title as checkTitle,
    /// See [`calls::check_body`].
    check_body as checkBody,
    /// See [`calls::sanitize_title`].
    sanitize_title as sanitizeTitle,
    /// See [`calls::sanitize_body`].
    sanitize_body as sanitizeBody,
    /// See [`calls::escape_html`].
    escape_html as escapeHtml,
    /// See [`calls::check_client`].
    check_client as checkClient,
    /// See [`calls::request`].
    request as request,
    /// See [`calls::outcome`].
    outcome as outcome,
}

/// See [`calls::posted`].
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub fn posted(status: u32, has_id: bool) -> u32 {
    calls::posted(status, has_id)
}

#[cfg(feature = "npm-service")]
exports! {
    setup:
    /// See [`setup::check_setup`].
    check_setup as checkSetup,
    /// See [`setup::setup_request`].
    setup_request as setupRequest,
    /// See [`setup::read_callback`].
    read_callback as readCallback,
    /// See [`setup::tokens`].
    tokens as tokens,
    /// See [`setup::api_answer`].
    api_answer as apiAnswer,
    /// See [`setup::read_visit`].
    read_visit as readVisit,
}

#[cfg(feature = "npm-service")]
exports! {
    action:
    /// See [`action::read_token`].
    read_token as readToken,
    /// See [`action::verify_action`].
    verify_action as verifyAction,
    /// See [`action::replayed`].
    replayed as replayed,
    /// See [`action::challenge`].
    challenge as challenge,
}
