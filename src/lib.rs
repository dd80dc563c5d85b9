//! Build, check and post [Flowdock](https://www.flowdock.com/api) integration messages.
//!
//! An integration tells a team's chat what happens in another tool. It posts *activities* (something happened to an
//! item), *discussions* (somebody commented on it) and chat messages, each in a *thread* that mirrors the item's latest
//! state.
//!
//! ```
//! use flowdock_integration::{Activity, Color, Thread};
//!
//! let activity = Activity::builder()
//!     .author("Marty")
//!     .title("updated ticket")
//!     .external_thread_id("1234567")
//!     .thread(Thread::new("Polish the flux capacitor").status("open", Color::Green).field("Dustiness", "5 - severe"))
//!     .build()?;
//! # Ok::<(), flowdock_integration::InvalidMessage>(())
//! ```
//!
//! - [`Activity`], [`Discussion`] and [`ChatMessage`] are built and checked in one go: a [`Valid`] one breaks no rule.
//! - [`validate`](fn@validate) checks any value and reports every violation at once; [`encode`](fn@encode) writes the
//!   body to post.
//! - [`Client`] makes the request and reads the answer; your HTTP client carries them.
//! - [`outbox`] keeps messages on the disk until the server has taken them, in your order.
//! - [`html`] checks, sanitises and escapes the HTML of titles and bodies.
//!
//! All of this does no I/O and knows nothing of JavaScript. The npm package of the same name is this crate, compiled to
//! WebAssembly: `ffi` holds its calls, each from JSON text to JSON text, and the crate in `wasm/` exports them.

#![cfg_attr(
    not(test),
    // A panic makes a WebAssembly instance unusable, so no code that an export reaches may panic.
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

pub mod action;
pub mod client;
pub mod encode;
pub mod error;
#[cfg(all(feature = "fetch", target_arch = "wasm32"))]
pub mod fetch;
#[doc(hidden)]
pub mod ffi;
pub mod html;
mod http;
pub mod message;
pub mod outbox;
pub mod schema;
pub mod setup;
mod text;
pub mod validate;

pub use client::{
    Client, ClientOptions, InvalidOption, PostError, PostKind, PostOptions, PostResult, Request, RetryOptions,
};
pub use encode::encode;
pub use error::{Code, ErrorCode, Severity};
pub use flowdock_integration_json::Position;
#[cfg(fuzzing)]
pub use flowdock_integration_json::steps;
#[cfg(not(fuzzing))]
pub(crate) use flowdock_integration_json::steps;
pub(crate) use flowdock_integration_json::{self as json, bytes};
pub use message::{
    Action, Activity, Attachment, Author, ChatMessage, Color, Discussion, Field, HttpMethod, Message, Status, Thread,
    normalize_tags,
};
pub use validate::{
    InvalidMessage, Options, Report, Valid, Violation, check_body, check_title, validate, validate_json,
};

// The Rust code in the documents runs as tests. A test of `xtask` fails if a document with Rust code is missing here.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
#[cfg(doctest)]
#[doc = include_str!("../docs/rust.md")]
mod rust_guide {}
