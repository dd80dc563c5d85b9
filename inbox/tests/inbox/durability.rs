//! A message that was answered stays stored, once, whatever happens to the process.
//!
//! With FLOWDOCK_LONG there are many more rounds.

use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::mpsc::{self, Sender};
use std::thread;

use serde_json::{Value, json};

use crate::files::{MULTIPART, form};
use crate::host::{Client, Inbox, WAIT};
use crate::place::{Place, file_value};
use crate::samples::flux_capacitor;

const WRITERS: usize = 8;
/// Two chunks, as the database stores them.
const FILE_BYTES: usize = 300_000;

fn is_long() -> bool {
    std::env::var_os("FLOWDOCK_LONG").is_some()
}

#[test]
fn every_answered_message_survives_kill_9_and_none_is_there_twice() {
    rounds(&Place::new(), if is_long() { 170 } else { 4 }, |_| ());
}

#[test]
fn every_answered_message_survives_a_damaged_end_of_the_write_ahead_log() {
    let place = Place::file();
    rounds(&place, if is_long() { 120 } else { 4 }, |round| {
        let log = place.path().with_file_name("inbox.sqlite-wal");
        let content = std::fs::read(&log).expect("a log");
        assert!(content.len() > 4096, "the log has something in it");
        // What a disk may hold behind the last commit: rests of old logs, zeros, half of what was being written.
        let damage = match round % 4 {
            0 => (0..5000_usize).map(|index| (index * 31 + round) as u8).collect(),
            1 => content[content.len() - 4120..].to_vec(),
            2 => vec![0; 32_768],
            _ => content[content.len() - 4120..][..2000].to_vec(),
        };
        OpenOptions::new().append(true).open(&log).and_then(|mut log| log.write_all(&damage)).expect("written");
    });
}

/// Kills an inbox amid posts, again and again. After each time, what was tried is posted again, as a client does.
fn rounds(place: &Place, count: usize, damage: impl Fn(usize)) {
    let mut inbox = Inbox::start(place, &[]);
    let mut read = 0;
    for round in 0..count {
        // Ends in another part of the work each time.
        let tried = posts_until_killed(&mut inbox, round, 5 + round * 7 % 60);
        damage(round);
        let restarted = Inbox::start(place, &[]).with_tokens_of(&inbox);
        inbox = restarted;
        let kept = inbox.messages_after("/flows/example/main", read);
        let uuids: HashSet<&str> = kept.iter().map(uuid).collect();
        let lost: Vec<_> = tried.iter().filter(|post| post.is_answered && !uuids.contains(&*post.uuid)).collect();
        assert!(lost.is_empty(), "round {round} lost {lost:?}");
        for post in &tried {
            let answer = post.send(&inbox).expect("an answer");
            assert!(matches!(answer.0, 200 | 202), "round {round}: {answer:?}");
        }
        let kept = inbox.messages_after("/flows/example/main", read);
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for message in &kept {
            *counts.entry(uuid(message)).or_default() += 1;
        }
        for post in &tried {
            assert_eq!(counts.get(&*post.uuid), Some(&1), "round {round}: {}", post.uuid);
        }
        assert_eq!(kept.len(), tried.len(), "round {round} stored only what was posted");
        let ids: Vec<_> = kept.iter().filter_map(|message| message["id"].as_i64()).collect();
        assert_eq!(ids, (read + 1..=read + kept.len() as i64).collect::<Vec<_>>(), "the ids have no gap");
        read += kept.len() as i64;
        whole_files(&inbox, &kept);
    }
    consistent_threads(&inbox, read);
    inbox.kill();
    if let Place::File { path, .. } = place {
        assert_eq!(file_value::<String>(path, "PRAGMA integrity_check"), "ok");
        assert_eq!(file_value::<i64>(path, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    }
    // Several inboxes may use a database, so a start removes only what is older than a day, and on PostgreSQL in the background.
    place.sql_of("", "UPDATE file_chunks SET stored_at = 0");
    let orphans = "SELECT count(*) FROM file_chunks WHERE file NOT IN (SELECT id FROM files)";
    let mut inbox = Inbox::start(place, &[]);
    while matches!(place, Place::Database(_)) && place.number(orphans) > 0 {}
    inbox.kill();
    assert_eq!(place.number(orphans), 0, "chunks without a message");
}

/// A message that was posted.
#[derive(Debug)]
struct Post {
    uuid: String,
    has_file: bool,
    is_answered: bool,
}

impl Post {
    /// Posts it. The status and the body of the answer; `None` if the connection broke.
    fn send(&self, client: &Client) -> Option<(u16, String)> {
        let Post { uuid, .. } = self;
        let thread = format!("item {}", uuid.len() % 5);
        let answer = if self.has_file {
            let content = content(uuid);
            let body = form(&[
                ("name=\"event\"", "", b"activity"),
                ("name=\"title\"", "", b"took a picture"),
                ("name=\"author[name]\"", "", b"Marty"),
                ("name=\"external_thread_id\"", "", thread.as_bytes()),
                ("name=\"thread[title]\"", "", b"Clock tower"),
                ("name=\"uuid\"", "", uuid.as_bytes()),
                ("name=\"flow_token\"", "", client.flow_token.as_bytes()),
                ("name=\"attachments[file1]\"; filename=\"file\"", "", &content),
            ]);
            client.try_send_bytes("/messages", MULTIPART, &body)
        } else {
            let mut message = client.with_token(&flux_capacitor());
            message["uuid"] = json!(uuid);
            message["external_thread_id"] = json!(thread);
            let headers: &[_] = if uuid.len() % 2 == 0 { &[WAIT] } else { &[] };
            client.try_send("POST", "/messages", headers, &message.to_string())
        };
        answer.map(|answer| (answer.status, answer.text))
    }
}

/// The content of the file of a message.
fn content(uuid: &str) -> Vec<u8> {
    uuid.bytes().cycle().take(FILE_BYTES).collect()
}

/// Writers post until the inbox is killed, so it is killed amid posts. Returns all that they tried.
fn posts_until_killed(inbox: &mut Inbox, round: usize, answers: usize) -> Vec<Post> {
    let (answered, received) = mpsc::channel();
    let write = |writer: usize, client: Client, answered: Sender<()>| {
        thread::spawn(move || {
            let mut tried = Vec::new();
            for number in 0.. {
                let uuid = format!("{round}-{writer}-{number}");
                let mut post = Post { uuid, has_file: number % 7 == 3, is_answered: false };
                match post.send(&client) {
                    Some((200 | 202, _)) => {
                        post.is_answered = true;
                        tried.push(post);
                        let _ = answered.send(());
                    }
                    Some(answer) => panic!("{answer:?}"),
                    None => {
                        tried.push(post);
                        break;
                    }
                }
            }
            tried
        })
    };
    let writers: Vec<_> = (0..WRITERS).map(|writer| write(writer, inbox.client.clone(), answered.clone())).collect();
    assert_eq!(received.iter().take(answers).count(), answers);
    inbox.kill();
    writers.into_iter().flat_map(|writer| writer.join().expect("only the connection broke")).collect()
}

fn uuid(message: &Value) -> &str {
    message["uuid"].as_str().expect("a uuid")
}

/// Each file has the content that was posted.
fn whole_files(inbox: &Inbox, messages: &[Value]) {
    for message in messages {
        for file in message["attachments"].as_array().into_iter().flatten() {
            let (_, found) = inbox.download(&inbox.api_token, file["path"].as_str().expect("a path"));
            assert!(found == content(uuid(message)), "the file of {}", uuid(message));
        }
    }
}

/// Each thread counts exactly its messages.
fn consistent_threads(inbox: &Inbox, messages: i64) {
    let threads = inbox.get("/flows/example/main/threads?limit=100").expect(200);
    let counted: i64 =
        threads.as_array().expect("a list").iter().filter_map(|thread| thread["activities"].as_i64()).sum();
    assert_eq!(counted, messages);
    assert_eq!(inbox.stored(&flux_capacitor())["id"], messages + 1);
}
