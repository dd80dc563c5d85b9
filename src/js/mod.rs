//! The only code that knows JavaScript: exports, value transfer, fetch, timers and randomness.
//!
//! The exports are thin: each reads what came over, calls the core, and hands the result back as a plain value, so that
//! there is nothing for JavaScript to free. `pkg-template/api.js` makes the public API of them.

mod frame;

#[cfg(target_arch = "wasm32")]
mod error;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod interruption;
#[cfg(target_arch = "wasm32")]
mod options;
#[cfg(target_arch = "wasm32")]
mod post;
