//! Tests the inbox from outside, over HTTP on loopback. Most tests run the binary. Tests in which time must pass run
//! the server in their own process, with a clock that they move.
//!
//! Without FLOWDOCK_TEST_POSTGRES the inboxes keep everything in SQLite; with it, in databases on that server. place.rs says
//! more.
//!
//! No test sleeps. A test waits for an answer, for a line of a stream or for the end of the process. The client's time
//! limit only keeps a broken inbox from blocking the tests forever.

mod actions;
mod applications;
mod backup;
mod comments;
mod compatibility;
mod compression;
mod consent;
mod cors;
mod deletion;
mod deploy;
mod durability;
mod files;
mod flows;
mod forms;
mod host;
mod idempotency;
mod integration;
mod limits;
mod managed_flows;
mod migration;
mod nul;
mod oauth;
mod operations;
mod outside_threads;
mod owner_posts;
mod ownership;
mod password;
mod place;
mod post;
mod public_url;
mod push;
mod read;
mod retention;
mod revocation;
mod samples;
mod search;
mod secure;
mod service;
mod settings;
mod sources;
mod start;
mod stop;
mod stream;
mod thread_lists;
mod threads;
mod www;
