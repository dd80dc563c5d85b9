//! The calls that JavaScript makes: each is a function from text to text, tested on the host. `wasm/` exports them, the code in
//! `pkg-template/src/` makes the public API of them.
//!
//! A call takes two texts. The first is what the call is about: a value as JSON, or for HTML and JSON text the text itself. The
//! second is JSON of whatever else it needs, empty where that is nothing. Nothing stays behind after a call but its answer.

mod action;
mod answer;
mod error;
mod html;
mod messages;
mod options;
mod post;
mod read;
mod setup;

pub use action::{read_token, replayed, verify_action};
pub use error::CallError;
pub use html::{check_body, check_title, fill_template, sanitize_body, sanitize_title};
pub use messages::{build, encode, validate, validate_json};
pub use post::{check_client, outcome, request};
pub use setup::{api_answer, check_setup, read_callback, setup_request, tokens};

/// What a call gives: a text, which is JSON where the call does not say otherwise.
pub type Answer = Result<String, CallError>;
