//! The states of threads: each is kept as long as a message shows it.

use serde_json::{Value, json};

use crate::host::{Client, Inbox};
use crate::samples::flux_capacitor;
use crate::server::{place, shared};

fn post(inbox: &Client, title: &str) -> i64 {
    let mut message = flux_capacitor();
    message["thread"]["title"] = title.into();
    inbox.stored(&message)["id"].as_i64().expect("an id")
}

fn message(id: i64) -> String {
    format!("/flows/example/main/messages/{id}")
}

#[test]
fn a_state_goes_with_the_last_message_that_shows_it() {
    let place = place(&shared());
    let inbox = Inbox::start(&place, &[]);
    let ids: Vec<i64> = ["one", "two", "two", "two", "three"].into_iter().map(|title| post(&inbox, title)).collect();
    let remove = |id| assert_eq!(inbox.owner("DELETE", &message(id), &Value::Null).status, 204);
    let left = || place.number("SELECT count(*) FROM thread_states");
    let title = |id| inbox.get(&message(id)).expect(200)["thread"]["title"].clone();
    assert_eq!(left(), 3);
    // Messages on both sides show another state, but one between the removed ones shows theirs.
    remove(ids[1]);
    remove(ids[3]);
    assert_eq!((left(), title(ids[2])), (3, json!("two")));
    remove(ids[2]);
    assert_eq!((left(), title(ids[0]), title(ids[4])), (2, json!("one"), json!("three")));
    // The thread itself shows the newest state.
    remove(ids[4]);
    assert_eq!(left(), 2);
    let threads = inbox.get("/flows/example/main/threads").expect(200);
    assert_eq!((&threads[0]["title"], &threads[0]["activities"]), (&json!("three"), &json!(1)));
}
