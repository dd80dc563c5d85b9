//! Lists that cost much, and what they leave to others.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::host::Inbox;
use crate::place::Place;
use crate::samples::chat;
use crate::server::{WAITING, place, shared};

/// The time limit of a list is part of what is tested.
#[test]
fn lists_that_take_too_long_end_and_leave_connections_to_posts() {
    // More than an inbox has connections.
    const LISTS: usize = 40;
    let place = place(&shared());
    let Place::Database(database) = &place else { panic!("a database") };
    let inbox = Inbox::start(&place, &[]);
    let list = || inbox.get("/flows/example/main/messages?tags=slow");
    let mut client = database.connect();
    // A post without tags does not use the table.
    let mut lock = client.transaction().expect("a transaction");
    lock.batch_execute("LOCK TABLE message_tags IN ACCESS EXCLUSIVE MODE").expect("a lock");
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        let ask = || {
            let answer = list();
            answered.fetch_add(1, Ordering::SeqCst);
            answer
        };
        let lists: Vec<_> = (0..LISTS).map(|_| scope.spawn(ask)).collect();
        while place.number(WAITING) < 2 {}
        for number in 0..5 {
            inbox.stored(&chat("1", &number.to_string()));
        }
        assert_eq!(answered.load(Ordering::SeqCst), 0, "no post waited for a list");
        for list in lists {
            let answer = list.join().expect("an answer");
            assert_eq!(answer.expect(503)["message"], "The query took too long; ask for less");
            assert!(answer.header("retry-after").is_some());
        }
    });
    lock.rollback().expect("it ends");
    list().expect(200);
}

#[test]
fn a_connection_keeps_no_statement_of_a_filter() {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &[]);
    // Each post notes what its connection keeps.
    place.sql(
        "CREATE TABLE kept (filters bigint);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO kept SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%ORDER BY % LIMIT $%'
                 AND (statement LIKE 'SELECT m.%' OR statement LIKE 'SELECT t.%');
             RETURN NEW;
         END $$;
         CREATE TRIGGER note BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION note()",
    );
    for filter in ["", "since_id=1", "until_id=9", "event=message,activity&tags=a", "tags=a,b", "tags=a&search=word"] {
        inbox.get(&format!("/flows/example/main/messages?{filter}")).expect(200);
    }
    for filter in ["", "since_id=1", "status=none", "tag=a", "search=word"] {
        inbox.get(&format!("/flows/example/main/threads?{filter}")).expect(200);
    }
    // The connections of an inbox take turns, and are not so many.
    for number in 0..32 {
        inbox.stored(&chat("1", &number.to_string()));
    }
    assert_eq!(place.number("SELECT count(*) FROM kept"), 32);
    assert_eq!(place.number("SELECT max(filters) FROM kept"), 0);
}
