//! What an inbox deletes in the background, and starts that do not wait for it.

use std::time::Duration;

use crate::host::{Inbox, TimedInbox};
use crate::place::Place;
use crate::samples::chat;
use crate::server::{WAITING, place, shared};

#[test]
fn abandoned_files_are_found_among_many() {
    let place = place(&shared());
    drop(Inbox::start(&place, &[]));
    // Some slices of chunks. Of each thousand files, two are abandoned, of which one is younger than a day.
    place.sql(
        "INSERT INTO files SELECT 'f' || i, 1, i, 'name', 'type' FROM generate_series(10000, 14999) AS i WHERE i % 1000 > 1;
         INSERT INTO file_chunks SELECT 'f' || i, n, '', CASE WHEN i % 1000 = 1 THEN 4000000000000 ELSE 0 END
             FROM generate_series(10000, 14999) AS i, generate_series(0, 1) AS n",
    );
    let _inbox = Inbox::start(&place, &[]);
    while place.number("SELECT count(*) FROM file_chunks") > 9990 {}
    assert_eq!(place.number("SELECT count(*) FROM file_chunks WHERE right(file, 3) = '000'"), 0);
    assert_eq!(place.number("SELECT count(*) FROM file_chunks"), 9990, "the others stay");
}

#[test]
fn files_that_cannot_be_deleted_stop_neither_a_start_nor_what_else_is_deleted() {
    let place = place(&shared());
    drop(Inbox::start(&place, &[]));
    place.sql(
        "INSERT INTO file_chunks VALUES ('abandoned', 0, '', 0);
         INSERT INTO posted VALUES (1, 1, 'old', 1, '', 0);
         INSERT INTO messages (flow, id, event, json, sent_at) VALUES (1, 1, 'message', '{}', 0);
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
         CREATE TRIGGER refuse BEFORE DELETE ON file_chunks FOR EACH ROW EXECUTE FUNCTION refuse()",
    );
    let inbox = Inbox::start(&place, &["--keep-days", "1"]);
    while place.number("SELECT (SELECT count(*) FROM posted) + (SELECT count(*) FROM messages)") > 0 {}
    drop(inbox);
    assert_eq!(place.number("SELECT count(*) FROM file_chunks"), 1);
}

#[test]
fn a_start_may_take_longer_than_a_statement_of_a_request() {
    let place = place(&shared());
    let before = Inbox::start(&place, &[]);
    place.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF current_setting('statement_timeout') <> '0' THEN RAISE EXCEPTION 'limited'; END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER refuse BEFORE UPDATE ON inbox_state FOR EACH ROW EXECUTE FUNCTION refuse()",
    );
    let renewed = Inbox::start(&place, &["--new-tokens"]);
    // The limit is that of the transaction, so the connection has its own again.
    place.sql("DROP TRIGGER refuse ON inbox_state");
    assert_ne!(renewed.api_token, before.api_token);
    renewed.stored(&chat("1", "with the new token"));
}

#[test]
fn a_sweep_that_takes_longer_than_an_hour_is_followed_by_another_one() {
    const HOUR: u64 = 60 * 60;
    let place = place(&shared());
    let Place::Database(database) = &place else { panic!("a database") };
    let inbox = TimedInbox::start(&place, |args| args.keep_days = Some(Duration::from_secs(24 * HOUR)));
    inbox.stored(&chat("1", "removed by the first sweep"));
    inbox.later(2 * HOUR);
    inbox.stored(&chat("1", "removed by the second sweep"));
    let mut holding = database.connect();
    holding.batch_execute("BEGIN; SELECT FROM flows FOR UPDATE").expect("SQL runs");
    inbox.later(23 * HOUR);
    while place.number(WAITING) == 0 {}
    inbox.later(2 * HOUR);
    holding.batch_execute("COMMIT").expect("SQL runs");
    let left = || place.number("SELECT count(*) FROM messages");
    assert!((0..1000).any(|_| left() == 0), "{} left", left());
}
