//! The tests of the crate, one file for each of its modules. The tests of the npm package are in `tests/node` and
//! `tests/browser`.

mod action;
mod cases;
mod client;
mod delivery;
mod ffi;
mod guide;
mod helpers;
mod html;
mod json_text;
mod model;
mod outbox;
mod parts;
mod rules;
mod setup;
