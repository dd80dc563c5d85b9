//! Who may change a thread, and with whose secret its actions are signed: applications share a flow without having to
//! trust each other.

use serde_json::{Value, json};

use crate::host::{Client, Inbox, TimedInbox, WAIT};
use crate::integration::Integration;
use crate::place::Place;
use crate::samples::{chat, discussion, flux_capacitor};
use crate::service::{Service, verified};

/// An application with a source of its own, made by the owner.
struct Party<'a> {
    app: Integration<'a>,
    flow_token: String,
}

impl<'a> Party<'a> {
    fn new(inbox: &'a Client) -> Party<'a> {
        let app = Integration::register(inbox);
        let flow_token = source_of(inbox, app.id);
        Party { app, flow_token }
    }

    fn post(&self, message: &Value) -> crate::host::Answer {
        let mut message = message.clone();
        message["flow_token"] = self.flow_token.as_str().into();
        self.app.inbox.send("POST", "/messages", &[WAIT], &message.to_string())
    }
}

fn source_of(inbox: &Client, application: i64) -> String {
    let source = json!({ "name": "Source", "application": application });
    let made = inbox.owner("POST", "/flows/example/main/sources", &source).expect(201);
    made["flow_token"].as_str().expect("a token").to_owned()
}

fn action(url: &str) -> Value {
    json!({
        "@type": "UpdateAction",
        "name": "Approve",
        "target": { "@type": "EntryPoint", "urlTemplate": url, "httpMethod": "POST" },
    })
}

#[test]
fn only_the_application_that_began_a_thread_sets_its_state() {
    let inbox = Inbox::new();
    let (bank, mallory) = (Party::new(&inbox), Party::new(&inbox));
    let begun = bank.post(&flux_capacitor()).expect(200);
    let thread_id = begun["thread_id"].as_str().expect("an id");
    let path = format!("/flows/example/main/threads/{thread_id}");
    let before = inbox.get(&path).expect(200);

    let mut forged = flux_capacitor();
    forged["thread_id"] = thread_id.into();
    forged["thread"]["actions"] = json!([action("https://bank.example/transfer?to=mallory")]);
    let of_another = json!({ "thread": ["belongs to another application; leave out `thread` to add a message to it"] });
    let mut in_chat = chat("1", "hi");
    in_chat["thread_id"] = thread_id.into();
    in_chat["thread"] = json!({ "title": "Mine now" });
    for message in [&forged, &in_chat] {
        assert_eq!(mallory.post(message).expect(400)["errors"], of_another);
        assert_eq!(inbox.get(&path).expect(200), before);
    }

    // Others may add messages, which count.
    let mut comment = discussion("anything");
    comment["thread_id"] = thread_id.into();
    comment.as_object_mut().expect("an object").remove("thread");
    let stored = mallory.post(&comment).expect(200);
    assert_eq!((&stored["thread_id"], &stored["thread"]["title"]), (&begun["thread_id"], &before["title"]));
    let after = inbox.get(&path).expect(200);
    assert_eq!((&after["external_comments"], &after["actions"]), (&json!(1), &before["actions"]));

    // Another source of the same application may set the state.
    let second = Party { flow_token: source_of(&inbox, bank.app.id), app: bank.app };
    let mut update = flux_capacitor();
    update["thread_id"] = thread_id.into();
    update["thread"]["title"] = "Polished".into();
    second.post(&update).expect(200);
    assert_eq!(inbox.get(&path).expect(200)["title"], "Polished");
}

#[test]
fn the_external_thread_ids_of_applications_are_their_own() {
    let inbox = Inbox::new();
    let (one, two) = (Party::new(&inbox), Party::new(&inbox));
    let (first, second) = (one.post(&flux_capacitor()).expect(200), two.post(&flux_capacitor()).expect(200));
    assert_ne!(first["thread_id"], second["thread_id"]);
}

#[test]
fn a_new_client_secret_signs_after_a_day_and_the_old_one_authenticates_until_then() {
    let inbox = TimedInbox::new();
    let service = Service::with_status(200, "");
    let party = Party::new(&inbox);
    let mut message = flux_capacitor();
    message["thread"]["actions"] = json!([action(&service.url)]);
    let thread_id = party.post(&message).expect(200)["thread_id"].as_str().expect("an id").to_owned();
    let click = || {
        let path = format!("/flows/example/main/threads/{thread_id}/actions");
        inbox.owner("POST", &path, &action(&service.url)).expect(200);
        service.next()
    };
    let old = party.app.client_secret.clone();
    let path = format!("/oauth/applications/{}", party.app.id);
    let renewed = inbox.owner("POST", &format!("{path}/secret"), &Value::Null).expect(201);
    let new = renewed["client_secret"].as_str().expect("a secret").to_owned();
    assert_ne!(old, new);
    assert_eq!(inbox.get(&path).expect(200)["client_secret"], new.as_str());

    verified(&click(), &old);
    let authenticates = |secret: &str| {
        let answer = party.app.token(&[("client_secret", secret), ("grant_type", "x")]);
        answer.json()["error"] == "unsupported_grant_type"
    };
    assert!(authenticates(&old) && authenticates(&new));
    inbox.later(24 * 60 * 60);
    verified(&click(), &new);
    assert!(!authenticates(&old) && authenticates(&new));
}

/// In older inboxes every application of a flow could set the state of every thread, and the inbox did not keep who did.
#[test]
fn an_action_of_an_older_inbox_is_refused_until_its_application_offers_it_again() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let mut message = flux_capacitor();
    let service = Service::with_status(200, "");
    message["thread"]["actions"] = json!([action(&service.url)]);
    let thread_id = inbox.stored(&message)["thread_id"].as_str().expect("an id").to_owned();
    inbox.kill();
    place.sql("UPDATE threads SET state_source = NULL");

    let inbox = Inbox::start(&place, &[]).with_tokens_of(&inbox);
    let path = format!("/flows/example/main/threads/{thread_id}/actions");
    let refusal = inbox.owner("POST", &path, &action(&service.url)).expect(409);
    assert!(refusal["message"].as_str().is_some_and(|text| text.contains("after the application posts")), "{refusal}");
    assert_eq!(service.waiting(), 0);
    // A post of the same state tells the inbox who offers the action.
    inbox.stored(&message);
    inbox.owner("POST", &path, &action(&service.url)).expect(200);
    service.next();
}
