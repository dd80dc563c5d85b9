//! How an inbox hears of the posts at other inboxes: notifications, and where they do not come, polls.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::host::Client;
use crate::place::{Database, Place};
use crate::samples::chat;
use crate::server::{inboxes, place, shared};
use crate::storm::{Reader, Target, judge, post_last, write};

const WRITERS: usize = 8;

/// Writers post to two inboxes, and each inbox has a reader. `amid` runs meanwhile, with the number of posts so far.
pub fn storm(place: &Place, arguments: &[&str], posts: usize, amid: impl FnOnce(&AtomicUsize)) {
    let inboxes = inboxes(place, 2, arguments);
    let clients: Vec<Client> = inboxes.iter().map(|inbox| inbox.client.clone()).collect();
    let target = Target::first(&clients[0]);
    let readers: Vec<_> = clients.iter().map(|client| Reader::start(vec![client.clone()], &target)).collect();
    let posted = AtomicUsize::new(0);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (clients, target, posted) = (&clients, &target, &posted);
            scope.spawn(move || {
                let written = write(clients, target, writer, posts, posted);
                assert_eq!((written.unavailable, written.broken), (0, 0));
            });
        }
        amid(&posted);
    });
    post_last(&clients, &target);
    let read: Vec<_> = readers.into_iter().map(Reader::end).collect();
    assert!(read.iter().all(|read| read.streams == 1), "no stream ended");
    judge(&clients[1], &target, WRITERS, posts, &read);
}

#[test]
fn streams_stay_complete_when_the_server_ends_the_connections_that_listen() {
    let place = place(&shared());
    let Place::Database(database) = &place else { panic!("a database") };
    let mut client = database.connect();
    let mut ended = 0;
    storm(&place, &[], 60, |posted| {
        for round in 1..=3 {
            while posted.load(Ordering::Relaxed) < round * 100 {
                thread::yield_now();
            }
            let query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                         WHERE datname = current_database() AND query LIKE 'LISTEN%'";
            ended += client.query(query, &[]).expect("rows").len();
        }
    });
    assert!(ended >= 2, "the inboxes listened");
}

#[test]
fn streams_are_complete_without_notifications() {
    storm(&place(&shared()), &["--listen-url", "none"], 20, |_| ());
}

#[test]
fn streams_are_complete_when_the_url_for_listening_leads_elsewhere() {
    let elsewhere = Database::on(&shared());
    storm(&place(&shared()), &["--listen-url", &elsewhere.url], 20, |_| ());
}

#[test]
fn streams_are_complete_when_nobody_answers_at_the_url_for_listening() {
    storm(&place(&shared()), &["--listen-url", "postgres://nobody@127.0.0.1:1/nowhere"], 20, |_| ());
}

/// The time limit is what is tested.
#[test]
fn an_inbox_gives_up_on_a_url_for_listening_that_stays_silent_and_tries_it_again() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("postgres://nobody@{}/nowhere", silent.local_addr().expect("an address"));
    let (accepted, connections) = mpsc::channel();
    thread::spawn(move || while silent.accept().is_ok_and(|connection| accepted.send(connection).is_ok()) {});
    let place = place(&shared());
    let _inbox = inboxes(&place, 1, &["--listen-url", &url]);
    let connect = || connections.recv_timeout(Duration::from_secs(30)).expect("it connects");
    let (_first, _second) = (connect(), connect());
}

/// While the questions wait for a lock, only a notification wakes a stream. A question that waits gives up after five seconds; until
/// then the notification waits too, so there are few messages.
#[test]
fn a_post_at_one_inbox_wakes_the_stream_at_another_by_a_notification() {
    let place = place(&shared());
    let Place::Database(database) = &place else { panic!("a database") };
    let inboxes = inboxes(&place, 2, &[]);
    let (a, b) = (&inboxes[0], &inboxes[1]);
    let mut stream = b.stream(None);
    let mut client = database.connect();
    let listening = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    while client.query_one(listening, &[]).expect("a row").get::<_, i64>(0) < 2 {}
    let mut lock = client.transaction().expect("a transaction");
    lock.batch_execute("LOCK TABLE inbox_state IN ACCESS EXCLUSIVE MODE").expect("a lock");
    for number in 0..3 {
        let stored = a.stored(&chat("1", &number.to_string()));
        assert_eq!(stream.next().expect("an event").1, stored);
    }
}
