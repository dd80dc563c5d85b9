//! A message that was answered stays stored, whatever happens to the process.

use std::collections::HashSet;
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use crate::host::{Inbox, WAIT};
use crate::samples::flux_capacitor;

#[test]
fn every_answered_message_survives_kill_9() {
    const WRITERS: usize = 4;
    const ANSWERS: usize = 60;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let mut inbox = Inbox::start(&data, &[]);

    // The writers post until the inbox is killed, so it is killed in the middle of posts.
    let (answered, answers) = mpsc::channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (client, answered) = (inbox.client.clone(), answered.clone());
            thread::spawn(move || {
                for number in 0.. {
                    let uuid = format!("{writer}-{number}");
                    let mut message = client.with_token(&flux_capacitor());
                    message["uuid"] = json!(uuid);
                    message["external_thread_id"] = json!(format!("item {}", number % 5));
                    let headers: &[_] = if number % 2 == 0 { &[WAIT] } else { &[] };
                    match client.try_send("POST", "/messages", headers, &message.to_string()) {
                        Some(answer) if answer.status == 200 || answer.status == 202 => {
                            let _ = answered.send(uuid);
                        }
                        Some(answer) => panic!("{answer:?}"),
                        None => break,
                    }
                }
            })
        })
        .collect();
    drop(answered);
    let mut promised: HashSet<String> = answers.iter().take(ANSWERS).collect();
    inbox.kill();
    promised.extend(answers);
    for writer in writers {
        writer.join().expect("only the connection broke");
    }
    assert!(promised.len() >= ANSWERS);

    let restarted = Inbox::start(&data, &[]).with_tokens_of(&inbox);
    let messages = all_messages(&restarted);
    let kept: HashSet<String> =
        messages.iter().map(|message| message["uuid"].as_str().expect("a uuid").to_owned()).collect();
    let lost: Vec<_> = promised.difference(&kept).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");

    // The stored data is consistent: the ids have no gap, and each thread counts exactly its messages.
    let ids: Vec<_> = messages.iter().filter_map(|message| message["id"].as_i64()).collect();
    assert_eq!(ids, (1..=ids.len() as i64).collect::<Vec<_>>());
    let threads = restarted.get("/flows/example/main/threads").expect(200);
    let counted: i64 =
        threads.as_array().expect("a list").iter().filter_map(|thread| thread["activities"].as_i64()).sum();
    assert_eq!(counted, messages.len() as i64);
    assert_eq!(restarted.stored(&flux_capacitor())["id"], counted + 1);
}

fn all_messages(inbox: &Inbox) -> Vec<Value> {
    let mut messages: Vec<Value> = Vec::new();
    loop {
        let last = messages.last().map_or(0, |message| message["id"].as_i64().expect("an id"));
        let page = inbox.get(&format!("/flows/example/main/messages?sort=asc&limit=100&since_id={last}")).expect(200);
        let Value::Array(page) = page else { panic!("a list") };
        if page.is_empty() {
            return messages;
        }
        messages.extend(page);
    }
}
