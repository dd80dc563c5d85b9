//! A server that crashes, is not there, or comes back without its last commits. A test that stops a server has one of its own, which
//! writes everything to the disk.

#[cfg(unix)]
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use postgres::NoTls;
use postgres_for_tests::{Server, Stop};
use serde_json::Value;

use crate::host::{Answer, Client, Inbox, WAIT, refused};
use crate::place::{Database, Place};
use crate::samples::chat;
use crate::server::{WAITING, durable, inboxes, place, shared};
use crate::storm::{Reader, Target, judge, post_last, write};

fn stop(server: &Server, how: Stop) {
    server.stop(how).unwrap_or_else(|error| panic!("{error}"));
}

fn start(server: &Server) {
    server.run().unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_post_that_the_database_refuses_takes_no_other_with_it() {
    const POSTS: usize = 24;
    let database = Database::on(&shared());
    let mut client = database.connect();
    let place = Place::Database(database);
    let inbox = Inbox::start(&place, &[]);
    place.sql_of(
        "",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW
             WHEN (NEW.json LIKE '%refused%') EXECUTE FUNCTION refuse();",
    );
    // While somebody else holds the row of the flow, the posts wait, and are stored together afterwards.
    let mut lock = client.transaction().expect("a transaction");
    lock.execute("SELECT 1 FROM flows WHERE key = 1 FOR UPDATE", &[]).expect("SQL runs");
    thread::scope(|scope| {
        let inbox = &inbox.client;
        let posts: Vec<_> = (0..POSTS)
            .map(|index| {
                let content = if index == POSTS / 2 { "refused" } else { "taken" };
                scope.spawn(move || inbox.post(&chat(&index.to_string(), content)).status)
            })
            .collect();
        // Of the posts, the first one waits for the lock and the others behind it.
        while place.number(WAITING) == 0 {}
        lock.commit().expect("it ends");
        let statuses: Vec<u16> = posts.into_iter().map(|post| post.join().expect("an answer")).collect();
        for (index, status) in statuses.iter().enumerate() {
            assert_eq!(*status, if index == POSTS / 2 { 500 } else { 202 }, "{statuses:?}");
        }
    });
    assert_eq!(place.number("SELECT count(*) FROM messages"), POSTS as i64 - 1);
    assert_eq!(place.number("SELECT last_message_id FROM flows"), POSTS as i64 - 1, "no id is lost");
}

#[test]
fn what_was_answered_survives_crashes_of_the_server() {
    const WRITERS: usize = 8;
    let (crashes, posts) = if std::env::var_os("FLOWDOCK_LONG").is_some() { (60, 1000) } else { (3, 60) };
    let server = durable();
    let place = place(&server.url());
    let inboxes = inboxes(&place, 2, &[]);
    let clients: Vec<Client> = inboxes.iter().map(|inbox| inbox.client.clone()).collect();
    let target = Target::first(&clients[0]);
    let readers: Vec<_> = (0..2).map(|_| Reader::start(clients.clone(), &target)).collect();
    let posted = AtomicUsize::new(0);
    thread::scope(|scope| {
        let written: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (clients, target, posted) = (&clients, &target, &posted);
                scope.spawn(move || write(clients, target, writer, posts, posted))
            })
            .collect();
        for crash in 0..crashes {
            while posted.load(Ordering::Relaxed) < (crash + 1) * WRITERS * posts / (crashes + 1) {
                thread::yield_now();
            }
            stop(&server, Stop::Immediate);
            start(&server);
        }
        let written: Vec<_> = written.into_iter().map(|writer| writer.join().expect("it ends")).collect();
        assert!(written.iter().any(|written| written.unavailable > 0), "it crashed amid posts");
        assert_eq!(written.iter().map(|written| written.broken).sum::<usize>(), 0, "the inboxes went on");
    });
    post_last(&clients, &target);
    let read: Vec<_> = readers.into_iter().map(Reader::end).collect();
    judge(&clients[1], &target, WRITERS, posts, &read);
}

/// Posts a message until it is stored, and returns it.
fn stored(inbox: &Client, message: &Value) -> Value {
    loop {
        let answer = inbox.post_with(&[WAIT], message);
        if answer.status != 503 {
            return answer.expect(200);
        }
    }
}

/// Checks that an answer says that the inbox works again soon, and nothing about the database.
fn unavailable(answer: &Answer) {
    let body = answer.expect(503);
    let seconds: u32 = answer.header("retry-after").expect("a time").parse().expect("whole seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    let text = body["message"].as_str().expect("a text");
    assert!(!text.contains("postgres") && !text.contains("socket") && !text.contains("t_"), "{text}");
}

#[test]
fn an_inbox_without_its_server_asks_to_come_back_and_works_when_the_server_does() {
    let server = durable();
    let place = place(&server.url());
    let inbox = Inbox::start(&place, &["--admin", "127.0.0.1:0", "--log-level", "warn"]);
    let admin = inbox.ready["admin_url"].as_str().expect("an admin address").to_owned();
    let admin = Client::new(admin, String::new(), String::new());
    let ready = || admin.send("GET", "/readyz", &[], "").status;
    inbox.stored(&chat("1", "before"));
    assert_eq!(ready(), 200);
    let mut stream = inbox.stream(None);

    stop(&server, Stop::Fast);
    unavailable(&inbox.post(&chat("1", "meanwhile")));
    unavailable(&inbox.get("/flows/example/main/messages"));
    unavailable(&inbox.send("POST", "/messages", &[WAIT], &inbox.with_token(&chat("1", "meanwhile")).to_string()));
    assert_eq!(ready(), 503);
    assert_eq!(admin.send("GET", "/healthz", &[], "").status, 200, "the process itself works");

    start(&server);
    let after = stored(&inbox, &chat("1", "after"));
    assert_eq!(after["id"], 2);
    assert_eq!(stream.next().expect("an event").1, after, "the stream goes on");
    while ready() != 200 {}
}

#[test]
fn an_inbox_does_not_start_without_its_server() {
    let server = durable();
    let place = place(&server.url());
    stop(&server, Stop::Fast);
    let [option, url] = place.option();
    let error = refused(&["--listen", "127.0.0.1:0", &option, &url]);
    assert!(error.contains("the database t_"), "{error}");
    let url = "postgres://me:secretword@127.0.0.1:1/inbox";
    let error = refused(&["--listen", "127.0.0.1:0", "--database-url", url]);
    assert!(error.contains("127.0.0.1") && !error.contains("secretword"), "{error}");
}

#[test]
fn readers_of_a_server_that_lost_its_last_commits_get_what_exists_from_then_on() {
    let server = durable();
    let place = place(&server.url());
    let inboxes = inboxes(&place, 2, &[]);
    let (a, b) = (&inboxes[0], &inboxes[1]);
    for number in 1..=5 {
        a.stored(&chat("1", &number.to_string()));
    }
    // The standby has all that is stored now, and not what comes afterwards.
    stop(&server, Stop::Fast);
    server.save_data().unwrap_or_else(|error| panic!("{error}"));
    start(&server);
    let mut streams = [a, b].map(|inbox| inbox.stream(Some(5)));
    for number in 6..=10 {
        assert_eq!(stored(a, &chat("1", &number.to_string()))["id"], number);
    }
    for stream in &mut streams {
        assert_eq!(stream.by_ref().take(5).map(|(id, _)| id).collect::<Vec<_>>(), [6, 7, 8, 9, 10]);
    }
    stop(&server, Stop::Immediate);
    server.restore_data().unwrap_or_else(|error| panic!("{error}"));
    start(&server);
    // The streams end, so that their readers come back with the last id that they have seen.
    for stream in streams {
        assert_eq!(stream.count(), 0);
    }
    while a.get("/flows").status == 503 || b.get("/flows").status == 503 {}
    let mut streams = [a, b].map(|inbox| inbox.stream(Some(10)));
    let lost: Vec<_> = b.messages_after("/flows/example/main", 5);
    assert_eq!(lost, [Value::Null; 0]);
    // The ids are given again.
    let again = stored(b, &chat("1", "again"));
    assert_eq!(again["id"], 6);
    for stream in &mut streams {
        assert_eq!(stream.next().expect("an event").1, again);
    }
}

/// As behind a pooler, which changes to a standby without breaking a connection.
#[test]
fn streams_of_a_flow_that_lost_messages_end_although_no_connection_breaks() {
    let place = place(&shared());
    let inboxes = inboxes(&place, 2, &[]);
    let (a, b) = (&inboxes[0], &inboxes[1]);
    for number in 1..=10 {
        a.stored(&chat("1", &number.to_string()));
    }
    let mut streams = [a, b].map(|inbox| inbox.stream(Some(5)));
    for stream in &mut streams {
        assert_eq!(stream.by_ref().take(5).map(|(id, _)| id).collect::<Vec<_>>(), [6, 7, 8, 9, 10]);
    }
    place.sql("BEGIN; DELETE FROM messages WHERE id > 5; DELETE FROM message_words WHERE message > 5; UPDATE flows SET last_message_id = 5; COMMIT");
    for stream in streams {
        assert_eq!(stream.count(), 0);
    }
    let mut streams = [a, b].map(|inbox| inbox.stream(Some(10)));
    let again = b.stored(&chat("1", "again"));
    assert_eq!(again["id"], 6);
    for stream in &mut streams {
        assert_eq!(stream.next().expect("an event").1, again);
    }
}

/// A server whose processes stand still, with their connections open, until this is dropped.
#[cfg(unix)]
struct Hang(Vec<String>);

#[cfg(unix)]
impl Hang {
    fn of(server: &Server) -> Hang {
        let mut client = postgres::Client::connect(&server.url(), NoTls).expect("a connection");
        let file = std::fs::read_to_string(server.data().join("postmaster.pid")).expect("the number of the process");
        // The first process makes the others. It stands still first, so that there are no more of them afterwards.
        let mut hang = Hang(vec![file.lines().next().expect("a number").to_owned()]);
        signal("STOP", &hang.0);
        let others =
            client.query("SELECT pid::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()", &[]).expect("rows");
        hang.0.extend(others.iter().map(|row| row.get::<_, String>(0)));
        signal("STOP", &hang.0);
        hang
    }
}

#[cfg(unix)]
impl Drop for Hang {
    fn drop(&mut self) {
        signal("CONT", &self.0);
    }
}

#[cfg(unix)]
fn signal(name: &str, processes: &[String]) {
    let status = Command::new("kill").args(["-s", name]).args(processes).status();
    assert!(status.expect("kill runs").success());
}

/// The time limits are what is tested: whoever asks meanwhile gets an answer soon.
#[cfg(unix)]
#[test]
fn a_server_that_hangs_is_unreachable_and_no_post_is_lost_or_stored_twice() {
    const REQUESTS: usize = 12;
    const LIMIT: Duration = Duration::from_secs(20);
    let server = durable();
    let place = place(&server.url());
    let inbox = Inbox::start(&place, &[]);
    let message = |number: usize| {
        let mut message = chat("1", &number.to_string());
        message["uuid"] = number.to_string().into();
        message
    };
    // So that there are connections.
    let ask = |ask: &(dyn Fn(usize) -> Answer + Sync)| {
        thread::scope(|scope| {
            let asked: Vec<_> = (0..REQUESTS)
                .map(|number| {
                    scope.spawn(move || {
                        let begun = Instant::now();
                        (ask(number), begun.elapsed())
                    })
                })
                .collect();
            asked.into_iter().map(|asked| asked.join().expect("an answer")).collect::<Vec<_>>()
        })
    };
    let get = |_| inbox.get("/flows/example/main/messages");
    let post = |number| inbox.post(&message(number));
    ask(&get);
    let hang = Hang::of(&server);
    for answers in thread::scope(|scope| {
        [scope.spawn(|| ask(&get)), scope.spawn(|| ask(&post))].map(|asked| asked.join().expect("answers"))
    }) {
        for (answer, time) in answers {
            unavailable(&answer);
            assert!(time < LIMIT, "{time:?}");
        }
    }
    drop(hang);
    for number in 0..REQUESTS {
        stored(&inbox, &message(number));
    }
    assert_eq!(place.number("SELECT count(*) FROM messages"), REQUESTS as i64);
    assert_eq!(get(0).expect(200).as_array().map(Vec::len), Some(REQUESTS));
}
