//! Lists that cost much, and what they leave to others.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::host::Inbox;
use crate::place::Place;
use crate::samples::chat;
use crate::server::{place, shared};

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
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while place.number(waiting) < 2 {}
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
