//! The tests of the crate, a module for each of its own; those of the npm package stand in `tests/node` and
//! `tests/browser`.

mod action;
mod cases;
mod client;
mod delivery;
mod guide;
mod helpers;
mod html;
mod json_text;
mod model;
mod parts;
mod rules;
mod setup;
