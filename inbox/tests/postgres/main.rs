//! Tests what only an inbox on PostgreSQL does: several inboxes on one database, and a server that stops, restarts and loses its last
//! commits.
//!
//! `cargo xtask test` runs them, and `cargo xtask postgres` prints how to run them alone. They need FLOWDOCK_TEST_POSTGRES, the URL of a
//! server, and FLOWDOCK_TEST_POSTGRES_BIN, the folder of PostgreSQL's programs: a test that stops a server makes one for itself.
//! With FLOWDOCK_LONG they take minutes more, and need FLOWDOCK_TEST_PGBOUNCER, the path of PgBouncer.

#[allow(dead_code, reason = "the other tests use all of it")]
#[path = "../inbox/host.rs"]
mod host;
#[allow(dead_code, reason = "the other tests use all of it")]
#[path = "../inbox/integration.rs"]
mod integration;
#[allow(dead_code, reason = "the other tests use all of it")]
#[path = "../inbox/place.rs"]
mod place;
#[allow(dead_code, reason = "the other tests use all of it")]
#[path = "../inbox/samples.rs"]
mod samples;
#[allow(dead_code, reason = "the other tests use all of it")]
#[path = "../inbox/service.rs"]
mod service;

mod access;
mod bells;
mod catalogues;
mod copy;
mod instances;
mod lists;
mod missed;
mod outage;
#[cfg(unix)]
mod pooler;
mod readers;
mod server;
mod settings;
mod states;
mod storm;
mod sweeps;
mod upgrades;
