//! Measures how many posts the inbox stores, beside what the machine can do at all. Run by `cargo xtask bench inbox`.
//!
//! Each round times, one after the other and with the same client:
//!
//! - *route*: a bare axum route that reads the body and answers 202. It is the limit of HTTP.
//! - *route + disk*: the same route, which first writes the body to a file. One thread writes what has arrived and calls
//!   `fdatasync` once for all of it. It is the limit of HTTP and of this disk together.
//! - *inbox*: the inbox with a data file.
//! - *inbox in memory*: the inbox with `:memory:`, which never waits for a disk.
//! - *other inbox*: the program that FLOWDOCK_OTHER_INBOX names, for example of an older version.
//!
//! The client is a thread of this process, and each server a process of its own. They share the processors. The last part
//! opens 1,000 streams of one flow and posts to it at a constant rate; a post that is late is counted from the time at which
//! it was due.
//!
//! With a server of PostgreSQL, inboxes on it are measured as well.

mod client;
mod postgres;
mod posts;
mod route;
mod server;
mod streams;

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Done {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => route::serve(None),
        ["serve", file] => route::serve(Some(Path::new(file))),
        ["posts", ..] => posts::measure(),
        ["streams", ..] => streams::measure(),
        ["postgres", ..] => postgres::measure(),
        _ => posts::measure().and_then(|()| streams::measure()).and_then(|()| postgres::measure()),
    }
}

fn progress(what: &str) -> io::Result<()> {
    eprint!("\r{what:<60}\r");
    io::stderr().flush()
}
