//! What gives access and what takes it away, at the same time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use postgres::Client as Connection;
use serde_json::{Value, json};

use crate::host::{Client, Inbox, refused};
use crate::integration::{FORM, Integration, hidden, query};
use crate::place::{Database, Place};
use crate::samples::chat;
use crate::server::{WAITING, inboxes, place, shared};

const SOURCES: &str = "/flows/example/main/sources";

fn connect(place: &Place) -> Connection {
    let Place::Database(database) = place else { panic!("a database") };
    database.connect()
}

/// How many statements of this database wait for a lock.
fn waiting(connection: &mut Connection) -> i64 {
    connection.query_one(WAITING, &[]).expect("a row").get(0)
}

#[test]
fn no_source_is_made_in_a_flow_while_it_is_removed() {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &[]);
    let (mut removing, mut watching) = (connect(&place), connect(&place));
    removing.batch_execute("BEGIN; UPDATE flows SET removed_at = 1").expect("SQL runs");
    thread::scope(|scope| {
        let made =
            scope.spawn(|| inbox.owner("POST", SOURCES, &json!({ "name": "DeLorean", "application": 1 })).status);
        while waiting(&mut watching) == 0 && !made.is_finished() {}
        removing.batch_execute("COMMIT").expect("SQL runs");
        assert_eq!(made.join().expect("an answer"), 404);
    });
}

#[test]
fn nothing_is_stored_in_a_removed_flow() {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &[]);
    inbox.stored(&chat("1", "in time"));
    place.sql("UPDATE flows SET removed_at = 1");
    inbox.post(&chat("1", "too late")).expect(410);
}

#[test]
fn new_tokens_end_what_the_old_ones_are_making() {
    for (path, body, secret, table) in [
        ("/session", Value::Null, "token", "sessions WHERE token_hash = sha256"),
        ("/oauth/applications", json!({ "name": "Garage" }), "client_secret", "applications WHERE client_secret = "),
        (SOURCES, json!({ "name": "DeLorean", "application": 1 }), "flow_token", "sources WHERE token_hash = sha256"),
    ] {
        let place = place(&shared());
        let old = Inbox::start(&place, &[]);
        let (mut holding, mut watching) = (connect(&place), connect(&place));
        // The old token has been looked up when its request comes to this lock. The new tokens queue behind it.
        holding.batch_execute("BEGIN; LOCK TABLE sessions, applications, sources IN SHARE MODE").expect("SQL runs");
        thread::scope(|scope| {
            let made = scope.spawn(|| old.owner("POST", path, &body));
            while waiting(&mut watching) < 1 && !made.is_finished() {}
            let new = scope.spawn(|| Inbox::start(&place, &["--new-tokens"]));
            while waiting(&mut watching) < 2 && !new.is_finished() {}
            holding.batch_execute("COMMIT").expect("SQL runs");
            let new = new.join().expect("it starts");
            let made = made.join().expect("an answer");
            if made.status != 401 {
                let secret = made.expect(201)[secret].as_str().expect("a secret").to_owned();
                assert_eq!(place.number(&format!("SELECT count(*) FROM {table}('{secret}')")), 0, "{path}");
            }
            new.get("/flows").expect(200);
        });
    }
}

#[test]
fn after_new_tokens_a_page_of_one_inbox_may_send_its_form_to_another() {
    let place = place(&shared());
    let inboxes = inboxes(&place, 2, &[]);
    let renewed = Inbox::start(&place, &["--new-tokens"]);
    let [a, b] = [0, 1]
        .map(|index| Client::new(inboxes[index].url.clone(), renewed.flow_token.clone(), renewed.api_token.clone()));
    let app = Integration::register(&a);
    let shown = hidden(&app.ask(&[]).text, "form_token").expect("a token of the form");
    let decided = [("decision", "authorise"), ("token", b.api_token.as_str()), ("form_token", &shown)];
    let answer = b.send("POST", "/oauth/authorize", &[FORM], &app.parameters(&decided));
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(query(answer.header("location").expect("a location"), "code").is_some());
}

#[test]
fn new_tokens_are_made_amid_changes_of_sources() {
    let place = place(&shared());
    let mut inbox = Inbox::start(&place, &[]);
    for _ in 0..3 {
        let is_over = AtomicBool::new(false);
        inbox = thread::scope(|scope| {
            for number in 0..6 {
                let (inbox, is_over) = (&inbox, &is_over);
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        let change = json!({ "error_message": format!("{number}") });
                        let status = inbox.owner("PUT", &format!("{SOURCES}/1"), &change).status;
                        assert!(status < 500, "{status}");
                    }
                });
            }
            let renewed = scope.spawn(|| Inbox::start(&place, &["--new-tokens"])).join();
            is_over.store(true, Ordering::Relaxed);
            renewed.expect("it starts")
        });
        inbox.get("/flows").expect(200);
    }
}

#[test]
fn a_token_that_is_unknown_ends_nothing() {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &[]);
    let app = Integration::register(&inbox);
    let ends = || place.number("SELECT ends_of_access FROM inbox_state");
    let before = ends();
    let revoke = |token: &str| {
        let fields = format!("client_id={}&client_secret={}&token={token}", app.client_id, app.client_secret);
        assert_eq!(inbox.send("POST", "/oauth/revoke", &[FORM], &fields).status, 200);
    };
    revoke("unknown");
    inbox.owner("DELETE", "/sessions/99", &Value::Null).expect(404);
    assert_eq!(ends(), before);
    let code = app.code(&[]);
    let tokens = app.exchange(&code, &[]).expect(200);
    revoke(tokens["access_token"].as_str().expect("a token"));
    assert_eq!(ends(), before + 1);
}

#[test]
fn a_database_that_cannot_store_every_text_is_refused() {
    let database = Database::encoded(&shared(), "LATIN1");
    let error = refused(&["--database-url", &database.url]);
    assert!(error.contains("has the encoding LATIN1"), "{error}");
}

#[test]
fn a_schema_beside_another_program_s_is_the_inbox_s_own() {
    let place = place(&shared());
    place.sql("CREATE TABLE messages (id int); CREATE SCHEMA flowdock");
    let [option, url] = place.option();
    let error = refused(&["--listen", "127.0.0.1:0", &option, &url]);
    assert!(error.contains("has tables of another program"), "{error}");
    let Place::Database(database) = &place else { panic!("a database") };
    place.sql(&format!("ALTER DATABASE {} SET search_path = flowdock, public", database.name));
    let inbox = Inbox::start(&place, &[]);
    inbox.stored(&chat("1", "hello"));
}

#[test]
fn an_inbox_on_a_database_that_is_read_only_is_not_ready() {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &["--admin", "127.0.0.1:0"]);
    let admin = inbox.ready["admin_url"].as_str().expect("an admin address").to_owned();
    let admin = Client::new(admin, String::new(), String::new());
    assert_eq!(admin.send("GET", "/readyz", &[], "").status, 200);
    let Place::Database(database) = &place else { panic!("a database") };
    place.sql(&format!(
        "ALTER DATABASE {} SET default_transaction_read_only = on;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
        database.name
    ));
    while admin.send("GET", "/readyz", &[], "").status == 200 {}
    inbox.post(&chat("1", "hello")).expect(503);
}
