//! The PostgreSQL server of the tests.

use std::env;
use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

pub use postgres_for_tests::Durability;
use postgres_for_tests::{Programs, Server, Stopper};

use crate::run::Done;
use crate::setup;

/// Names a server that exists, in place of one that is made. The account of the URL must be allowed to make databases.
pub const URL: &str = "FLOWDOCK_TEST_POSTGRES";

/// A server for a run of the tests. Dropping it stops the server.
pub struct Postgres {
    url: OsString,
    programs: Programs,
    /// `None` if somebody else runs the server.
    server: Option<Server>,
}

impl Postgres {
    /// Starts a server with these programs, or takes the one that the environment names. A server that is started stops when it is
    /// dropped, and when the process is interrupted or asked to end.
    pub fn start(programs: Programs, durability: Durability) -> Done<Postgres> {
        if let Some(url) = env::var_os(URL) {
            println!("==> PostgreSQL: the server that {URL} names");
            return Ok(Postgres { url, programs, server: None });
        }
        let server = Server::start(&programs, &setup::postgres_base(), durability)?;
        stop_with_the_process(&server)?;
        println!("==> PostgreSQL: {} of {}", server.url(), programs.folder().display());
        Ok(Postgres { url: server.url().into(), programs, server: Some(server) })
    }

    /// Whether somebody else runs the server.
    pub fn is_of_others(&self) -> bool {
        self.server.is_none()
    }

    /// What tells the tests about the server.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let programs = self.programs.folder().as_os_str().to_owned();
        vec![(URL, self.url.clone()), (setup::POSTGRES_PROGRAMS, programs)]
    }
}

/// Stops a server if this process is interrupted or asked to end, and ends the process then.
fn stop_with_the_process(server: &Server) -> Done {
    static SERVERS: Mutex<Vec<Stopper>> = Mutex::new(Vec::new());
    let lock = || SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    let is_first = lock().is_empty();
    lock().push(server.stopper());
    if is_first {
        ctrlc::set_handler(move || {
            lock().iter().for_each(Stopper::stop);
            std::process::exit(130);
        })?;
    }
    Ok(())
}

/// Starts a server, prints how to use it and keeps it until the process is interrupted.
pub fn postgres() -> Done {
    let programs = setup::postgres()?;
    let postgres = Postgres::start(programs, Durability::Process)?;
    if postgres.is_of_others() {
        return Err(format!("{URL} names a server already").into());
    }
    println!("\nTo run the tests of the inbox on it, copy these lines into another terminal:\n");
    for (name, value) in postgres.variables() {
        println!("  export {name}={}", crate::demo::quoted(&value.to_string_lossy()));
    }
    println!("  cargo test --package flowdock-inbox --test inbox --test postgres\n\nCtrl-C ends it.");
    loop {
        std::thread::park();
    }
}
