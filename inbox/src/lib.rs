//! The receiving side of Flowdock's message API in one process. It receives the messages of integrations and stores
//! them in one SQLite file or in a PostgreSQL database. Clients read them as lists, as threads and as a live stream.
//!
//! The modules, from the top down. Each uses only those of its own line and of the lines below:
//!
//! - `commands` runs the command line: the service, a backup, a restoration, a copy, a migration or a check.
//! - `start` opens an inbox from its settings (`config`) and serves it until `stop`; `announce` tells where it is, and
//!   `secrets_file` keeps the secrets out of the log.
//! - `housekeeping` deletes in the background what was removed and what is too old.
//! - `http` has the routes (`http::routes`), what a request means (`auth`, `path`, `params`, `body`, `form`), the handlers,
//!   and the limits. `app` is what every handler can reach.
//! - `store` keeps everything; `store::sqlite` and `store::postgres` have the SQL.
//! - `actions` carries an action out; `oauth` has the rules of OAuth 2.0.
//! - `bell` wakes the streams.
//! - `domain` has what the inbox keeps and what happens to it: `domain::posting` decides what a message does.
//! - `logs` and `metrics` tell the operator what happens, `clock` tells the time, `secret` makes
//!   tokens, `tls` trusts certificates, `private_file` creates files, `variables` reads values from files, `web_url` reads URLs.
//!
//! How a message comes in: `http::alias` maps other names of paths. `http::post` finds the sender, which is a source (by its
//! flow token) or the owner. It checks the message (`domain::rules`) and gives it to the store, which asks `domain::posting`
//! what to write. `http::push` does the same for the Push API. How it goes out: `http::messages`, `http::threads`, and
//! `http::stream` with `http::tail`.
#![forbid(unsafe_code)]

mod actions;
mod announce;
mod app;
mod bell;
mod clock;
mod commands;
mod config;
mod domain;
mod housekeeping;
mod http;
mod logs;
mod metrics;
mod oauth;
mod private_file;
mod secret;
mod secrets_file;
mod start;
mod stop;
mod store;
mod tls;
mod variables;
mod web_url;

pub use clock::Clock;
pub use commands::{CommandError, main};
pub use config::Args;
pub use http::connections::Limits;
pub use start::{Inbox, StartError};
