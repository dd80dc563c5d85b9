//! The receiving side of Flowdock's message API in one process. It receives the messages of integrations and stores
//! them in one SQLite file. Clients read them as lists, as threads and as a live stream.
//!
//! How a message comes in: `server` routes the request to `post`. `post` finds the source by its flow token (`auth`),
//! checks the message against the rules (`rules`) and stores it (`store`). A message may also come as a form (`form`,
//! `brackets`), with files; `files` serves those files. How a message goes out: `read` answers with lists and single
//! items, `stream` sends server-sent events. `answer` builds every refusal, `shape` the JSON of messages, threads and
//! flows.
//!
//! How a source is created: `applications` registers an application, `oauth` asks the owner for consent and issues
//! tokens, and `auth` decides what a token gives access to. The application then finds a flow (`flows`) and creates its
//! source (`sources`). `actions` sends an action to the service that offered it.
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
