//! Several inboxes on one database.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::host::{Client, Inbox, WAIT};
use crate::integration::{FORM, Integration, hidden, query};
use crate::samples::{chat, flux_capacitor};
use crate::server::{inboxes, place, shared};
use crate::service::{Service, verified};
use crate::storm::{Reader, Target, judge, post_last, write};

const SOURCES: &str = "/flows/example/main/sources";

fn clients(inboxes: &[Inbox]) -> Vec<Client> {
    inboxes.iter().map(|inbox| inbox.client.clone()).collect()
}

#[test]
fn two_inboxes_lose_nothing_and_their_streams_are_complete() {
    storm_over_flows(2, 3, 8, 60);
}

#[test]
fn three_inboxes_lose_nothing_and_their_streams_are_complete() {
    storm_over_flows(3, 2, 12, 60);
}

/// Writers post to all inboxes. Each flow has a reader at each inbox.
fn storm_over_flows(count: usize, flows: usize, writers: usize, posts: usize) {
    let posts = if std::env::var_os("FLOWDOCK_LONG").is_some() { posts * 20 } else { posts };
    let place = place(&shared());
    let inboxes = inboxes(&place, count, &[]);
    let clients = clients(&inboxes);
    let targets: Vec<_> = (0..flows).map(|flow| Target::new(&clients[0], &format!("storm-{flow}"))).collect();
    let readers = |target| clients.iter().map(|client| Reader::start(vec![client.clone()], target)).collect::<Vec<_>>();
    let readers: Vec<_> = targets.iter().map(readers).collect();
    thread::scope(|scope| {
        for target in &targets {
            for writer in 0..writers {
                let clients = &clients;
                scope.spawn(move || {
                    let written = write(clients, target, writer, posts, &AtomicUsize::new(0));
                    assert_eq!((written.unavailable, written.broken), (0, 0));
                });
            }
        }
    });
    for (target, readers) in targets.iter().zip(readers) {
        post_last(&clients, target);
        let read: Vec<_> = readers.into_iter().map(Reader::end).collect();
        assert!(read.iter().all(|read| read.streams == 1), "no stream ended");
        judge(&clients[count - 1], target, writers, posts, &read);
    }
}

#[test]
fn what_a_killed_inbox_has_answered_is_kept_and_the_others_go_on() {
    const WRITERS: usize = 12;
    const POSTS: usize = 60;
    let rounds = if std::env::var_os("FLOWDOCK_LONG").is_some() { 20 } else { 2 };
    for round in 0..rounds {
        let place = place(&shared());
        let mut inboxes = inboxes(&place, 3, &[]);
        let clients = clients(&inboxes);
        let target = Target::first(&clients[0]);
        let readers: Vec<_> = (0..3)
            .map(|first| {
                let mut order = clients.clone();
                order.rotate_left(first);
                Reader::start(order, &target)
            })
            .collect();
        let posted = AtomicUsize::new(0);
        thread::scope(|scope| {
            let written: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let (clients, target, posted) = (&clients, &target, &posted);
                    scope.spawn(move || write(clients, target, writer, POSTS, posted))
                })
                .collect();
            // Each round kills it in another part of the work.
            while posted.load(Ordering::Relaxed) < 100 + 13 * round {
                thread::yield_now();
            }
            inboxes[1].kill();
            let broken: usize = written.into_iter().map(|writer| writer.join().expect("it ends").broken).sum();
            assert!(broken > 0, "it was killed amid posts");
        });
        post_last(&clients, &target);
        let read: Vec<_> = readers.into_iter().map(Reader::end).collect();
        assert_eq!(read.iter().map(|read| read.streams).collect::<Vec<_>>(), [1, 2, 1]);
        judge(&clients[2], &target, WRITERS, POSTS, &read);
    }
}

#[test]
fn a_source_that_is_removed_at_one_inbox_is_gone_at_the_others_at_once() {
    let place = place(&shared());
    let inboxes = inboxes(&place, 2, &[]);
    let (a, b) = (&inboxes[0], &inboxes[1]);
    for round in 0..20 {
        let source = a.owner("POST", SOURCES, &json!({ "name": "DeLorean", "application": 1 })).expect(201);
        let mut message = chat("1", &round.to_string());
        message["flow_token"] = source["flow_token"].clone();
        let post = |inbox: &Client| inbox.send("POST", "/messages", &[], &message.to_string());
        // Both know the source now.
        post(a).expect(202);
        post(b).expect(202);
        assert_eq!(b.owner("DELETE", &format!("{SOURCES}/{}", source["id"]), &Value::Null).status, 204);
        post(a).expect(410);
        post(b).expect(410);
    }
}

#[test]
fn new_tokens_of_one_inbox_end_the_old_ones_at_the_others_at_once() {
    let place = place(&shared());
    let a = Inbox::start(&place, &[]);
    a.stored(&chat("1", "with the old token"));
    let b = Inbox::start(&place, &["--new-tokens"]);
    a.get("/flows").expect(401);
    a.post(&chat("1", "too late")).expect(404);
    let a = a.with_tokens_of(&b);
    a.stored(&chat("1", "with the new token"));
    a.get("/flows").expect(200);
}

#[test]
fn a_replaced_flow_token_posts_nothing_at_an_inbox_that_has_not_heard_of_it() {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &[]);
    inbox.stored(&chat("1", "with the old token"));
    place.sql("UPDATE sources SET token_hash = sha256('another token')");
    inbox.post(&chat("1", "too late")).expect(404);
}

#[test]
fn a_page_of_one_inbox_may_send_its_form_to_another() {
    let place = place(&shared());
    let inboxes = inboxes(&place, 2, &[]);
    let app = Integration::register(&inboxes[0]);
    let shown = hidden(&app.ask(&[]).text, "form_token").expect("a token of the form");
    let decided = [("decision", "authorise"), ("token", inboxes[1].api_token.as_str()), ("form_token", &shown)];
    let answer = inboxes[1].send("POST", "/oauth/authorize", &[FORM], &app.parameters(&decided));
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(query(answer.header("location").expect("a location"), "code").is_some());
}

#[test]
fn an_oauth_code_is_good_once_over_all_inboxes() {
    let place = place(&shared());
    let inboxes = inboxes(&place, 2, &[]);
    let app = Integration::register(&inboxes[0]);
    for _ in 0..10 {
        let code = app.code(&[("scope", "flow")]);
        let both = Barrier::new(2);
        let exchange = |inbox: &Client| {
            let (client_id, client_secret) = (app.client_id.clone(), app.client_secret.clone());
            let app =
                Integration { inbox, id: app.id, client_id, client_secret, redirect_uri: app.redirect_uri.clone() };
            both.wait();
            app.exchange(&code, &[]).status
        };
        let mut statuses = thread::scope(|scope| {
            let other = scope.spawn(|| exchange(&inboxes[1]));
            [exchange(&inboxes[0]), other.join().expect("an answer")]
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
}

#[test]
fn an_action_is_signed_by_the_inbox_that_gets_the_click() {
    let place = place(&shared());
    let inboxes = inboxes(&place, 2, &[]);
    let (a, b) = (&inboxes[0], &inboxes[1]);
    let service = Service::with_status(200, "");
    let action = json!({
        "@type": "UpdateAction", "name": "Close",
        "target": { "@type": "EntryPoint", "urlTemplate": service.url, "httpMethod": "POST" },
    });
    let mut message = flux_capacitor();
    message["thread"]["actions"] = json!([action]);
    let stored = a.post_with(&[WAIT], &message).expect(200);
    let path = format!("/flows/example/main/threads/{}/actions", stored["thread_id"].as_str().expect("an id"));
    for inbox in [b, a] {
        inbox.owner("POST", &path, &action).expect(200);
        let received = service.next();
        verified(&received, a.ready["client_secret"].as_str().expect("a secret"));
        let body: Value = serde_json::from_slice(&received.body).expect("JSON");
        assert_eq!(body["agent"]["image"], format!("{}/avatars/1", inbox.url), "the picture is at this inbox");
    }
}

#[test]
fn a_session_that_ends_at_one_inbox_ends_at_the_others_with_its_streams() {
    let place = place(&shared());
    let inboxes = inboxes(&place, 2, &[]);
    let (a, b) = (&inboxes[0], &inboxes[1]);
    let session = a.owner("POST", "/session", &Value::Null).expect(201);
    let token = session["token"].as_str().expect("a token");
    b.send_as(token, "GET", "/flows", &Value::Null).expect(200);
    let headers = [("Authorization", &*format!("Bearer {token}")), ("Accept", "text/event-stream")];
    let stream = a.events("/flows/example/main", &headers);
    assert_eq!(b.owner("DELETE", &format!("/sessions/{}", session["id"]), &Value::Null).status, 204);
    a.send_as(token, "GET", "/flows", &Value::Null).expect(401);
    assert_eq!(stream.count(), 0, "the stream ends");
}
