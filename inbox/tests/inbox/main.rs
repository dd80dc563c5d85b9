//! The inbox from outside: the real binary, over real HTTP on loopback; or, where time has to pass, the same server in this
//! process with a clock that the test moves.
//!
//! Nothing here waits for a time to pass. A test waits for an answer, for a line of a stream or for the end of the
//! process; the client's time limit only keeps a broken inbox from holding the tests up for ever.

mod actions;
mod applications;
mod consent;
mod cors;
mod durability;
mod files;
mod flows;
mod forms;
mod host;
mod integration;
mod migration;
mod oauth;
mod outside_threads;
mod post;
mod public_url;
mod read;
mod samples;
mod secure;
mod service;
mod sources;
mod start;
mod stop;
mod stream;
mod threads;
mod www;
