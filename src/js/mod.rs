//! The way between JavaScript and the core, and the only code that knows JavaScript.
//!
//! Numbers alone cross. A call's arguments are packed into a [`tape`] by `pkg-template/src/wasm/frame.js`, one of the calls turns them
//! into an [`answer`], which is text, and [`exports`] are the skin: where the input is written, where the answer is read.
//! Nothing stays behind between two calls but the last answer, so there is nothing for JavaScript to free, and the [`arena`] is
//! emptied before each.
//!
//! The npm package has two modules of these: the core module exports [`calls`], the service module [`setup`] and [`action`].

#![cfg_attr(
    not(all(target_arch = "wasm32", feature = "npm", feature = "npm-service")),
    allow(dead_code, reason = "each of the two modules exports its part of the calls")
)]

mod action;
#[cfg(test)]
mod agreement;
mod answer;
mod arena;
mod calls;
mod options;
mod setup;
mod tape;

#[cfg(target_arch = "wasm32")]
mod exports;
