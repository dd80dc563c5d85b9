//! The receiving side of Flowdock's message API in one process: it takes the messages of integrations, keeps them in
//! one SQLite file, and hands them out again as lists, as threads and as a live stream.
//!
//! A message's way in: `server` routes it to `post`, which finds the source by its flow token (`auth`), holds the
//! message to the rules (`rules`) and stores it (`store`); one may come as a form (`form`, `brackets`), with files that
//! `files` hands out. The way out: `read` for lists and single items, `stream`
//! for server-sent events. `answer` knows the shape of every refusal, `shape` the JSON of messages, threads and flows.
//!
//! How a source comes to be: `applications` registers who may ask, `oauth` asks the owner and gives out tokens, `auth` knows
//! what a token opens, `flows` and `sources` are what an application then needs. `actions` calls a service back.
#![forbid(unsafe_code)]

mod actions;
mod announce;
mod answer;
mod applications;
mod args;
mod auth;
mod bell;
mod body;
mod brackets;
mod clock;
mod cors;
mod files;
mod flows;
mod form;
mod oauth;
mod owner;
mod params;
mod post;
mod read;
mod rules;
mod server;
mod shape;
mod sources;
mod start;
mod stop;
mod store;
mod stream;
mod web_url;
mod www;

pub use args::Args;
pub use clock::Clock;
pub use start::{Inbox, StartError, run};
