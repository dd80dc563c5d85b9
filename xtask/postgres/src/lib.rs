//! Starts PostgreSQL servers for tests, and removes them with everything that they wrote.
//!
//! A server listens on a Unix socket in a folder that only the server's account and root can enter. There it trusts everybody. On Windows,
//! for which the clients know no Unix sockets, it listens on 127.0.0.1 and asks for a password.
//!
//! ```no_run
//! use std::path::Path;
//! use postgres_for_tests::{Durability, Programs, Server};
//!
//! let base = Path::new("target/postgres");
//! let programs = Programs::in_folder(Path::new("/usr/lib/postgresql/15/bin"), base)?;
//! let server = Server::start(&programs, base, Durability::Process)?;
//! println!("{}", server.url());
//! # Ok::<(), String>(())
//! ```

mod account;
mod files;
mod programs;
mod server;

pub use programs::Programs;
pub use server::{Durability, Server, Stop, Stopper};
