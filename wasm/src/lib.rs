//! The WebAssembly modules of the npm package: the calls of [`flowdock_integration::ffi`] as exports, and the allocator.
//!
//! JavaScript asks for room (`reserve`), writes the two texts of a call there, one behind the other, and calls one of the functions
//! below with their lengths in bytes. What it gets is the length of the `answer`; a negative one is that of an error as JSON.
//! Nothing stays behind between two calls but the last answer, so there is nothing for JavaScript to free, and the `arena` is
//! emptied before each.
#![cfg_attr(
    not(test),
    // A panic leaves a WebAssembly instance unusable.
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only a WebAssembly build has exports"))]

mod arena;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(test)]
mod tests;
