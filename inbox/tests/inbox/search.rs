//! The full text search, and the other filters of Flowdock's message lists.

use serde_json::{Value, json};

use crate::host::{Client, Inbox};
use crate::place::file_sql;
use crate::samples::{chat, discussion, flux_capacitor};
use crate::thread_lists::BACK_TO_8;

const MESSAGES: &str = "/flows/example/main/messages";

/// The ids of the messages that a query finds.
fn found(inbox: &Client, parameters: &[(&str, &str)]) -> Vec<i64> {
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let list = inbox.get(&format!("{MESSAGES}?{query}")).expect(200);
    list.as_array().expect("a list").iter().map(|message| message["id"].as_i64().expect("an id")).collect()
}

#[test]
fn messages_are_found_by_all_their_words() {
    let inbox = Inbox::new();
    inbox.stored(&flux_capacitor()); // 1: "updated ticket" in "Polish the flux capacitor"
    inbox.stored(&discussion("other")); // 2: "It <em>shines</em>"
    inbox.stored(&chat("1234567", "Zürich at 88 mph, DeLorean-1 isn't <b>slow</b>")); // 3
    inbox.stored(&json!({ "event": "message", "content": "outside: shines" })); // 4
    let mut linked = flux_capacitor();
    linked["title"] = "opened <a href=\"https://example.org/hidden\">the &lt;door&gt;</a>".into();
    linked["thread"]["title"] = "Renamed".into();
    inbox.stored(&linked); // 5
    for (words, ids) in [
        ("ticket", &[1][..]),
        ("UPDATED Ticket", &[1]),
        ("capacitor", &[1, 2, 3]),
        ("flux ticket", &[1]),
        ("shines", &[2, 4]),
        ("shines capacitor", &[2]),
        ("zurich", &[3]),
        ("ZÜRICH 88", &[3]),
        ("delorean-1", &[3]),
        ("1-delorean", &[]),
        ("isn't", &[3]),
        ("<b>slow</b>", &[3]),
        ("slow", &[3]),
        ("door", &[5]),
        ("renamed", &[5]),
        ("hidden", &[]),
        ("em", &[]),
        ("shine", &[]),
        ("nothing", &[]),
        // None of these is an operator.
        ("ticket OR shines", &[]),
        ("NOT ticket", &[]),
        ("ticket*", &[1]),
        ("tick*", &[]),
        ("words:ticket", &[]),
        ("^updated", &[1]),
        ("\"ticket", &[1]),
        ("\"ticket\" \"updated", &[1]),
        ("(ticket", &[1]),
        ("NEAR(updated ticket)", &[]),
        ("ticket \0 updated", &[1]),
        ("tic\0ket", &[]),
        ("{ticket} : -updated", &[1]),
        ("---", &[]),
        ("\"\"", &[]),
    ] {
        assert_eq!(found(&inbox, &[("search", words)]), ids, "{words:?}");
    }
    assert_eq!(found(&inbox, &[("search", " ")]).len(), 5, "no words are no filter");
    let words = vec!["x"; 21].join(" ");
    let refusal = inbox.get(&format!("{MESSAGES}?search={}", words.replace(' ', "+"))).expect(400);
    assert_eq!(refusal["errors"], json!({ "search": ["must not be more than 20"] }));
    let refusal = inbox.get(&format!("{MESSAGES}?search={}", "x-".repeat(151))).expect(400);
    assert_eq!(refusal["errors"], json!({ "search": ["must not be longer than 300 bytes"] }));
    let thread = inbox.get(&format!("{MESSAGES}/2")).expect(200)["thread_id"].as_str().expect("an id").to_owned();
    let in_thread = inbox.get(&format!("/flows/example/main/threads/{thread}/messages?search=shines")).expect(200);
    assert_eq!(in_thread.as_array().map(Vec::len), Some(1));
    inbox.send("GET", &format!("{MESSAGES}?search=ticket"), &[], "").expect(401);
}

#[test]
fn a_search_goes_with_the_other_filters_and_page_by_page() {
    let inbox = Inbox::new();
    for number in 1..=20 {
        let mut message = chat("1234567", if number % 2 == 0 { "even word" } else { "odd word" });
        message["tags"] = json!(match number % 5 {
            0 => vec!["five"],
            1 => vec!["one", "few"],
            _ => vec!["few"],
        });
        inbox.stored(&message);
    }
    let even = ("search", "even");
    assert_eq!(found(&inbox, &[even]), (1..=10).map(|half| half * 2).collect::<Vec<_>>());
    assert_eq!(found(&inbox, &[even, ("limit", "3")]), [16, 18, 20]);
    assert_eq!(found(&inbox, &[even, ("limit", "3"), ("skip", "3")]), [10, 12, 14]);
    assert_eq!(found(&inbox, &[even, ("limit", "3"), ("skip", "9")]), [2]);
    assert_eq!(found(&inbox, &[even, ("limit", "3"), ("skip", "10")]), [] as [i64; 0]);
    assert_eq!(found(&inbox, &[even, ("sort", "asc"), ("limit", "2"), ("skip", "1")]), [4, 6]);
    assert_eq!(found(&inbox, &[even, ("since_id", "10"), ("until_id", "16")]), [12, 14]);
    assert_eq!(found(&inbox, &[even, ("since_id", "-5"), ("until_id", "9223372036854775807")]).len(), 10);
    assert_eq!(found(&inbox, &[even, ("tags", "five")]), [10, 20]);
    assert_eq!(found(&inbox, &[even, ("tags", "five,one"), ("tag_mode", "or")]), [6, 10, 16, 20]);
    assert_eq!(found(&inbox, &[even, ("event", "activity")]), [] as [i64; 0]);
    assert_eq!(found(&inbox, &[even, ("event", "message,activity"), ("limit", "1")]), [20]);

    assert_eq!(found(&inbox, &[("tags", "one,few")]), [1, 6, 11, 16]);
    assert_eq!(found(&inbox, &[("tags", "one,few"), ("tag_mode", "and")]), [1, 6, 11, 16]);
    assert_eq!(found(&inbox, &[("tags", "one,FIVE"), ("tag_mode", "or")]), [1, 5, 6, 10, 11, 15, 16, 20]);
    assert_eq!(found(&inbox, &[("tags", "one,five"), ("tag_mode", "or"), ("limit", "2"), ("skip", "1")]), [15, 16]);
    assert_eq!(found(&inbox, &[("skip", "18")]), [1, 2]);
    for (name, value) in [("skip", "-1"), ("skip", "x"), ("skip", "100001"), ("tag_mode", "xor")] {
        let refusal = inbox.get(&format!("{MESSAGES}?{name}={value}")).expect(400);
        assert_eq!(refusal["errors"].as_object().map(|errors| errors.contains_key(name)), Some(true), "{value}");
    }
}

#[test]
fn a_message_that_is_not_stored_is_not_found() {
    let inbox = Inbox::new();
    let mut message = json!({ "event": "message", "content": "findme", "uuid": "1" });
    inbox.stored(&message);
    inbox.stored(&message);
    message["content"] = "findme again".into();
    inbox.post(&message).expect(400);
    let mut refused = json!({ "event": "message", "content": "findme", "thread_id": "unknown" });
    inbox.post(&refused).expect(400);
    refused["thread_id"] = Value::Null;
    inbox.stored(&refused);
    assert_eq!(found(&inbox, &[("search", "findme")]), [1, 2]);
}

/// An inbox of version 6 had no index of words.
#[test]
fn the_messages_of_an_older_inbox_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let mut inbox = Inbox::on_file(&data, &[]);
    inbox.stored(&flux_capacitor());
    inbox.stored(&json!({ "event": "message", "content": "outside" }));
    let tokens = inbox.client.clone();
    inbox.kill();
    file_sql(&data, BACK_TO_8);
    file_sql(&data, "DROP TABLE message_words; DELETE FROM applications WHERE key = 0; PRAGMA user_version = 7;");
    let mut inbox = Inbox::on_file(&data, &[]).with_tokens_of(&tokens);
    inbox.stored(&chat("1234567", "new words"));
    for (words, ids) in [("capacitor", &[1, 3][..]), ("outside", &[2]), ("ticket", &[1]), ("new", &[3])] {
        assert_eq!(found(&inbox, &[("search", words)]), ids, "{words}");
    }
    inbox.kill();
    let again = Inbox::on_file(&data, &[]).with_tokens_of(&tokens);
    assert_eq!(found(&again, &[("search", "capacitor")]), [1, 3]);
    assert_eq!(again.get("/oauth/applications").expect(200).as_array().map(Vec::len), Some(1));
    assert_eq!(again.get("/sources").expect(200).as_array().map(Vec::len), Some(1));
}
