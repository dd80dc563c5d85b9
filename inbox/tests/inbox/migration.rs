//! The database of an older inbox is updated: nothing is lost, and every new feature works.

use serde_json::{Value, json};

use crate::host::Inbox;
use crate::integration::{Integration, OUT_OF_BAND};
use crate::place::file_sql;
use crate::samples::chat;
use crate::service::Service;

const VERSION_1: &str = include_str!("version_1.sql");

#[test]
fn the_database_of_version_1_is_updated() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    file_sql(&data, VERSION_1);
    let mut inbox = Inbox::on_file(&data, &[]);
    inbox.client.flow_token = "f3ffec2ba7b7441e1bc6096db1af5387".to_owned();
    inbox.client.api_token = "12f76bbe95ad598c2af9e61ae9cf2f73".to_owned();

    // The application of version 1 had no client secret and gets one. The tokens stay valid.
    let text = |key: &str| inbox.ready[key].as_str().map(str::to_owned);
    assert_eq!((text("flow_token"), text("api_token")), (None, None));
    let (client_id, client_secret) = (text("client_id").expect("made"), text("client_secret").expect("made"));
    let messages = inbox.get("/flows/example/main/messages").expect(200);
    assert_eq!((&messages[0]["title"], &messages[1]["content"]), (&json!("updated ticket"), &json!("Great Scott!")));
    assert_eq!(inbox.get("/flows/example/main/messages?tags=todo").expect(200).as_array().map(Vec::len), Some(1));
    // The messages of version 1 hold the state of their thread.
    for (words, count) in [("flux+capacitor", 2), ("great", 1), ("great+ticket", 0)] {
        let found = inbox.get(&format!("/flows/example/main/messages?search={words}")).expect(200);
        assert_eq!(found.as_array().map(Vec::len), Some(count), "{words}");
    }
    let stored = inbox.stored(&chat("1234567", "after"));
    assert_eq!((&stored["id"], &stored["thread_id"]), (&json!(3), &messages[0]["thread_id"]));
    let thread = format!("/flows/example/main/threads/{}/messages", stored["thread_id"].as_str().expect("an id"));
    assert_eq!(inbox.get(&thread).expect(200).as_array().map(Vec::len), Some(3), "each is in its thread as before");
    // Version 1 could not store a message outside a thread.
    let outside = inbox.stored(&json!({ "event": "message", "content": "outside any thread" }));
    assert_eq!((&outside["id"], &outside["thread_id"]), (&json!(4), &Value::Null));

    let source = inbox.get("/flows/example/main/sources/1").expect(200);
    assert_eq!((&source["name"], &source["error_message"]), (&json!("Example source"), &Value::Null));
    assert!(source["created_at"].as_str().is_some_and(|at| at > "2026"), "the time of the change: {source}");
    let app = Integration { inbox: &inbox, id: 1, client_id, client_secret, redirect_uri: OUT_OF_BAND.to_owned() };
    let location = app.decide(&[]).header("location").expect("a location").to_owned();
    app.exchange(location.rsplit('/').next().expect("a code"), &[]).expect(200);
    let tokens = inbox.client.clone();
    inbox.kill();

    // The next start changes nothing.
    let again = Inbox::on_file(&data, &[]).with_tokens_of(&tokens);
    assert_eq!(again.ready["client_id"], Value::Null);
    assert_eq!(again.get("/flows/example/main/messages").expect(200).as_array().map(Vec::len), Some(4));
}

/// Before version 5 every application could set the state of every thread of its flow, and so offer actions in the name of
/// another.
#[test]
fn actions_of_an_older_flow_that_applications_shared_wait_for_their_application() {
    let service = Service::with_status(200, "");
    let action = json!({
        "@type": "UpdateAction",
        "name": "Close",
        "target": { "@type": "EntryPoint", "urlTemplate": service.url, "httpMethod": "POST" },
    });
    let actions = json!([action]).to_string();
    let offer = format!("UPDATE threads SET state = json_set(state, '$.actions', json('{actions}'));");
    let share = "INSERT INTO applications (key, name) VALUES (2, 'Another');
                 INSERT INTO sources (flow, application, name, token_hash) VALUES (1, 2, 'Another', x'00');";
    for (more, status) in [("", 200), (share, 409)] {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("inbox.sqlite");
        file_sql(&data, VERSION_1);
        file_sql(&data, &format!("{offer}{more}"));
        let mut inbox = Inbox::on_file(&data, &[]);
        inbox.client.api_token = "12f76bbe95ad598c2af9e61ae9cf2f73".to_owned();
        let thread = inbox.get("/flows/example/main/threads").expect(200)[0].clone();
        assert_eq!(thread["actions"], json!([action]), "the state is kept");
        let path = format!("/flows/example/main/threads/{}/actions", thread["id"].as_str().expect("an id"));
        inbox.owner("POST", &path, &action).expect(status);
    }
}
