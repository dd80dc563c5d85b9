//! Servers that a test stops, and the inboxes on them.

use std::path::Path;

use postgres_for_tests::{Durability, Programs, Server, Stop};

use crate::host::Inbox;
use crate::place::{Database, Place};

/// Counts the statements of the database that wait for a lock.
pub const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// The URL of the server that the tests share.
pub fn shared() -> String {
    std::env::var("FLOWDOCK_TEST_POSTGRES").expect("`cargo xtask postgres` prints how to set FLOWDOCK_TEST_POSTGRES")
}

/// A server for one test, which survives what PostgreSQL protects from.
pub fn durable() -> Server {
    let folder = std::env::var("FLOWDOCK_TEST_POSTGRES_BIN")
        .expect("`cargo xtask postgres` prints how to set FLOWDOCK_TEST_POSTGRES_BIN");
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
    let programs = Programs::in_folder(Path::new(&folder), &base).unwrap_or_else(|error| panic!("{error}"));
    Server::start(&programs, &base, Durability::Machine).unwrap_or_else(|error| panic!("{error}"))
}

/// An empty database on the server with this URL.
pub fn place(url: &str) -> Place {
    Place::Database(Database::on(url))
}

/// Starts several inboxes on one database. All accept the tokens of the first.
pub fn inboxes(place: &Place, count: usize, arguments: &[&str]) -> Vec<Inbox> {
    let mut inboxes: Vec<Inbox> = vec![Inbox::start(place, arguments)];
    while inboxes.len() < count {
        let next = Inbox::start(place, arguments).with_tokens_of(&inboxes[0]);
        inboxes.push(next);
    }
    inboxes
}

#[test]
fn a_server_keeps_what_was_committed_until_older_data_is_restored() {
    let server = durable();
    let database = Database::on(&server.url());
    let count = || database.connect().query_one("SELECT count(*) FROM t", &[]).expect("a row").get::<_, i64>(0);
    let insert = || database.connect().batch_execute("INSERT INTO t DEFAULT VALUES").expect("SQL runs");
    database.connect().batch_execute("CREATE TABLE t (a int)").expect("SQL runs");
    insert();
    server.stop(Stop::Fast).and_then(|()| server.save_data()).and_then(|()| server.run()).expect("it starts");
    insert();
    server.stop(Stop::Immediate).and_then(|()| server.run()).expect("it starts");
    assert_eq!(count(), 2);
    server.stop(Stop::Immediate).and_then(|()| server.restore_data()).and_then(|()| server.run()).expect("it starts");
    assert_eq!(count(), 1);
}
