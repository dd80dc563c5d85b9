//! What the two WebAssembly modules export: numbers in, numbers out.
//!
//! JavaScript asks for room ([`reserve_tape`], [`reserve_text`]), writes tape and text there, and calls one of the functions
//! below. What it gets is the length of the [`answer()`]; a negative one is that of a failure as JSON.

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
    /// The tape of the next call, and behind it the places of broken characters.
    tape: Cell<Vec<i32>>,
    /// Its text.
    text: Cell<Vec<u8>>,
    /// What came of the last call.
    answer: Cell<String>,
}

// SAFETY: a WebAssembly module of one thread. A thread-local would be the same with code for threads that end.
unsafe impl Sync for Held {}

static HELD: Held = Held { tape: Cell::new(Vec::new()), text: Cell::new(Vec::new()), answer: Cell::new(String::new()) };

/// Room for the tape of the next call, so many numbers, as an address. The last answer is gone then.
#[wasm_bindgen(js_name = reserveTape)]
pub fn reserve_tape(numbers: usize) -> *mut i32 {
    HELD.answer.set(String::new());
    HELD.text.set(Vec::new());
    HELD.tape.set(Vec::new());
    // SAFETY: what a call makes ends with it, as a test of `calls` holds, but for its answer, and what is held is empty now.
    unsafe { ARENA.empty() };
    room(&HELD.tape, numbers)
}

/// Room for its text, so many bytes, the same way; after the tape, whose call takes all earlier room back.
#[wasm_bindgen(js_name = reserveText)]
pub fn reserve_text(bytes: usize) -> *mut u8 {
    room(&HELD.text, bytes)
}

fn room<T: Clone + Default>(held: &Cell<Vec<T>>, length: usize) -> *mut T {
    let mut room = vec![T::default(); length];
    let address = room.as_mut_ptr();
    held.set(room);
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

/// Reads the input: so many bytes of text, which are so many UTF-16 code units, and a tape with so many places behind it.
fn read(bytes: usize, units: usize, broken: usize) -> Option<Frame> {
    let (mut text, mut tape) = (HELD.text.take(), HELD.tape.take());
    text.truncate(bytes);
    let text = String::from_utf8(text).ok()?;
    if bytes == units {
        // All of it is ASCII.
        return Some(Frame::new(text, tape));
    }
    let broken = tape.split_off(tape.len().checked_sub(broken)?);
    tape::read(text, tape, &broken).ok()
}

/// Answers a call.
fn run(call: fn(&Frame) -> Answer, bytes: usize, units: usize, broken: usize) -> i32 {
    let answered = read(bytes, units, broken).map_or_else(answer::unreadable, |frame| call(&frame));
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
            pub fn $name(bytes: usize, units: usize, broken: usize) -> i32 {
                run($module::$name, bytes, units, broken)
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
    /// See [`calls::fill_template`].
    fill_template as fillTemplate,
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
pub fn posted(status: u32, is_foreign: bool, has_id: bool) -> u32 {
    calls::posted(status, is_foreign, has_id)
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
}
