//! Tests of what becomes of an entry. JavaScript runs the same table, `tests/fixtures/outbox.json`.

use std::fmt::Debug;

use flowdock_integration::client::Attempt;
use flowdock_integration::outbox::{Entry, Fate, Outbox, OutboxError, OutboxOptions, OutboxStore, Taken};
use flowdock_integration::{Client, ClientOptions, ErrorCode, PostError, PostResult, Request};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::in_memory::InMemory;
use super::{NOON, TOKEN, message, sqlite};
use crate::cases::read;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    error: Error,
    #[serde(default = "one")]
    attempts: u32,
    #[serde(default = "one")]
    holds: u32,
    #[serde(default = "all")]
    random: f64,
    becomes: Becomes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Error {
    code: String,
    retryable: bool,
    retry_after_ms: Option<u32>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Becomes {
    #[serde(default)]
    removed: bool,
    #[serde(default)]
    refused: bool,
    retry_in_ms: Option<u64>,
    held: Option<bool>,
}

fn one() -> u32 {
    1
}

fn all() -> f64 {
    1.0
}

fn request() -> Request {
    let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", TOKEN)).unwrap();
    client.post(&message("7", None), [7; 16], Default::default())
}

fn error(code: &str, retryable: bool, retry_after_ms: Option<u32>) -> PostError {
    let code = *ErrorCode::ALL.iter().find(|known| known.as_str() == code).expect("a code");
    let mut error = request().read(501, "").unwrap_err();
    (error.code, error.retryable, error.retry_after_ms) = (code, retryable, retry_after_ms);
    error
}

#[test]
fn what_an_error_means_for_an_entry() {
    let rows: Vec<Row> = serde_json::from_value(read("outbox.json")["fates"]["rows"].clone()).unwrap();
    assert!(rows.len() > 20);
    for Row { error: Error { code, retryable, retry_after_ms }, attempts, holds, random, becomes } in rows {
        let mut outbox = Outbox::new(InMemory::default(), OutboxOptions { keep_ms: u64::MAX, ..Default::default() });
        outbox.post(&["garage"], &message("7", None), [0; 16], NOON).unwrap();
        let entry = Entry { attempts, ..outbox.take(NOON, 1).unwrap().due.remove(0) };
        let mut now_ms = NOON;
        for _ in 1..holds {
            let ended = Err(error("not_found", false, None));
            match outbox.fate(&entry, ended, None, now_ms, 0) {
                Fate::Held { due_ms, .. } => now_ms = due_ms,
                fate => panic!("{fate:?}"),
            }
        }
        let random = (random * f64::from(u32::MAX)) as u32;
        let fate = outbox.fate(&entry, Err(error(&code, retryable, retry_after_ms)), None, now_ms, random);
        let later = |due_ms, held| (false, false, Some(due_ms - now_ms), Some(held));
        let (removed, refused, retry_in_ms, held) = match fate {
            Fate::SourceRemoved(_) => (true, false, None, None),
            Fate::Refused(_) => (false, true, None, None),
            Fate::Later { due_ms, .. } => later(due_ms, false),
            Fate::Held { due_ms, .. } => later(due_ms, true),
            fate => panic!("{fate:?}"),
        };
        assert_eq!(Becomes { removed, refused, retry_in_ms, held }, becomes, "{code} {retryable} {attempts} {holds}");
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    #[serde(default)]
    options: Map<String, Value>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Step {
    Clock { clock: u64 },
    Post { post: Post, rejects: Option<String> },
    Drain { drain: Map<String, Value>, sent: Vec<String>, told: Vec<String>, next: Option<u64>, waits: u64 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    uuid: String,
    thread: Option<String>,
    #[serde(default = "a")]
    sources: Vec<String>,
}

fn a() -> Vec<String> {
    vec!["a".to_owned()]
}

#[test]
fn every_scenario_ends_as_in_javascript() {
    let rows =
        || -> Vec<Scenario> { serde_json::from_value(read("outbox.json")["scenarios"]["rows"].clone()).unwrap() };
    assert!(rows().len() > 10);
    for row in rows() {
        run(row, InMemory::default());
    }
    for row in rows() {
        run(row, sqlite());
    }
}

fn run<S: OutboxStore<Error: Debug>>(Scenario { name, options, steps }: Scenario, store: S) {
    let mut with = OutboxOptions::default();
    for (option, value) in options {
        let field = match option.as_str() {
            "keepMs" => &mut with.keep_ms,
            "leaseMs" => &mut with.lease_ms,
            _ => panic!("{name}: {option}"),
        };
        *field = value.as_u64().unwrap();
    }
    let mut outbox = Outbox::new(store, with);
    let mut now_ms = 0;
    for (number, step) in steps.into_iter().enumerate() {
        let at = format!("{name}, step {number}");
        match step {
            Step::Clock { clock } => now_ms = clock,
            Step::Post { post: Post { uuid, thread, sources }, rejects } => {
                let sources: Vec<_> = sources.iter().map(String::as_str).collect();
                let posted = outbox.post(&sources, &message(&uuid, thread.as_deref()), [0; 16], now_ms);
                let code = posted.err().map(|error| match error {
                    OutboxError::SourceRemoved(_) => "source_removed",
                    error => panic!("{at}: {error:?}"),
                });
                assert_eq!(code, rejects.as_deref(), "{at}");
            }
            Step::Drain { drain, sent, told, next, waits } => {
                let got = drain_all(&mut outbox, now_ms, &drain);
                assert_eq!(got, (sent, told), "{at}");
                assert_eq!((outbox.next().unwrap(), outbox.count(None).unwrap()), (next, waits), "{at}");
            }
        }
    }
}

/// Sends what is due, one after another. Returns what was sent and what became of it.
fn drain_all<S: OutboxStore<Error: Debug>>(
    outbox: &mut Outbox<S>,
    now_ms: u64,
    answers: &Map<String, Value>,
) -> (Vec<String>, Vec<String>) {
    let (mut sent, mut told) = (Vec::new(), Vec::new());
    loop {
        let Taken { due, too_old } = outbox.take(now_ms, 1).unwrap();
        for entry in &too_old {
            told.push(format!("onDropped {} {}", entry.source, entry.uuid));
            outbox.settle(entry, &Fate::Dropped(None)).unwrap();
        }
        let Some(entry) = due.first() else {
            if too_old.is_empty() {
                return (sent, told);
            }
            continue;
        };
        let Entry { source, uuid, .. } = entry;
        sent.push(format!("{source} {uuid}"));
        let (ended, retry_after) = answer(entry, answers.get(uuid).unwrap_or(&Value::Null));
        let fate = outbox.fate(entry, ended, retry_after, now_ms, u32::MAX);
        match &fate {
            Fate::Delivered(_) => told.push(format!("onDelivered {source} {uuid}")),
            Fate::Refused(error) => told.push(format!("onRefused {source} {uuid} {}", error.code)),
            Fate::Held { error, .. } => told.push(format!("onHeld {source} {}", error.code)),
            Fate::SourceRemoved(_) => told.push(format!("onSourceRemoved {source}")),
            Fate::Dropped(_) => told.push(format!("onDropped {source} {uuid}")),
            Fate::Later { .. } => {}
        }
        outbox.settle(entry, &fate).unwrap();
    }
}

/// Reads what the server answers: a status, a status with a `Retry-After`, or nothing.
fn answer<'a>(entry: &Entry, answer: &'a Value) -> (Result<PostResult, PostError>, Option<&'a str>) {
    let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", TOKEN)).unwrap();
    let request = entry.request(&client);
    let status = |status: &Value| request.read(u16::try_from(status.as_u64().unwrap()).unwrap(), "{}");
    match answer {
        Value::Null => (request.read(202, "{}"), None),
        Value::Array(parts) => (status(&parts[0]), parts[1].as_str()),
        Value::String(text) if text == "unreachable" => {
            (Err(request.sent.failed(Attempt::Network("ECONNREFUSED"))), None)
        }
        number => (status(number), None),
    }
}

#[test]
fn an_entry_that_was_taken_before_may_be_there_twice() {
    let mut outbox = Outbox::new(sqlite(), OutboxOptions::default());
    let uuid = outbox.post(&["garage"], &message("7", Some("42")), [0; 16], NOON).unwrap();
    let lease_ms = OutboxOptions::default().lease_ms;
    // The program ends with the request under way.
    assert_eq!(outbox.take(NOON, 4).unwrap().due[0].attempts, 1);
    let entry = outbox.take(NOON + lease_ms, 4).unwrap().due.remove(0);
    let (ended, _) = answer(&entry, &Value::Null);
    match outbox.fate(&entry, ended, None, NOON + lease_ms, 0) {
        Fate::Delivered(result) => {
            assert_eq!((&result.uuid, result.maybe_duplicate), (&uuid, true));
            assert!(!result.deduplicated().maybe_duplicate);
        }
        fate => panic!("{fate:?}"),
    }
}

#[test]
fn of_several_entries_under_way_the_first_holds_the_source() {
    let mut outbox = Outbox::new(sqlite(), OutboxOptions::default());
    for uuid in ["1", "2", "3"] {
        outbox.post(&["garage"], &message(uuid, None), [0; 16], NOON).unwrap();
    }
    let due = outbox.take(NOON, 2).unwrap().due;
    let held = |outbox: &mut Outbox<_>, entry, at_ms| {
        let fate = outbox.fate(entry, Err(error("unauthorized", false, None)), None, at_ms, 0);
        outbox.settle(entry, &fate).unwrap();
        let Fate::Held { due_ms, .. } = fate else { panic!("{fate:?}") };
        due_ms
    };
    assert_eq!(held(&mut outbox, &due[0], NOON), NOON + 300_000);
    assert_eq!(held(&mut outbox, &due[1], NOON + 1_000), NOON + 300_000);
    assert_eq!(outbox.next().unwrap(), Some(NOON + 300_000));
    assert_eq!(outbox.take(NOON + 299_999, 9).unwrap(), Taken::default());
    assert_eq!(outbox.take(NOON + 300_000, 9).unwrap().due.len(), 3);
}

#[test]
fn the_date_of_a_retry_after_counts_from_now() {
    let mut outbox = Outbox::new(sqlite(), OutboxOptions::default());
    outbox.post(&["garage"], &message("7", None), [0; 16], NOON).unwrap();
    let entry = outbox.take(NOON, 1).unwrap().due.remove(0);
    let (ended, _) = answer(&entry, &Value::from(503));
    let fate = outbox.fate(&entry, ended, Some("Fri, 20 Nov 2026 12:01:00 GMT"), NOON + 500, 0);
    assert!(matches!(fate, Fate::Later { due_ms, .. } if due_ms == NOON + 500 + 60_000), "{fate:?}");
}

#[test]
fn a_clock_that_is_set_back_does_not_prolong_a_hold_beyond_the_longest() {
    let mut outbox = Outbox::new(sqlite(), OutboxOptions::default());
    outbox.post(&["garage"], &message("1", None), [0; 16], NOON).unwrap();
    let entry = outbox.take(NOON, 1).unwrap().due.remove(0);
    let fate = outbox.fate(&entry, Err(error("forbidden", false, None)), None, NOON, 0);
    outbox.settle(&entry, &fate).unwrap();
    let earlier = NOON - 60 * 60_000;
    outbox.post(&["garage"], &message("2", None), [0; 16], earlier).unwrap();
    // Five minutes of the hold and an hour of the clock are more than an hour.
    assert_eq!(outbox.take(earlier, 9).unwrap().due.len(), 1);
    outbox.post(&["garage"], &message("3", None), [0; 16], earlier).unwrap();
    assert_eq!(outbox.take(earlier + 300_000, 9).unwrap(), Taken::default());
}

#[test]
fn extreme_options_do_not_overflow() {
    let options = OutboxOptions {
        keep_ms: u64::MAX,
        lease_ms: u64::MAX,
        base_ms: u32::MAX,
        cap_ms: u32::MAX,
        hold_ms: u32::MAX,
        max_entries: u64::MAX,
        max_bytes: u64::MAX,
    };
    for now_ms in [0, NOON, u64::MAX] {
        let mut outbox = Outbox::new(sqlite(), options);
        outbox.post(&["garage"], &message("1", None), [0; 16], now_ms).unwrap();
        let entry = outbox.take(now_ms, usize::MAX).unwrap().due.remove(0);
        for attempts in [1, 32, u32::MAX] {
            let entry = Entry { attempts, ..entry.clone() };
            let fate = outbox.fate(&entry, Err(error("server", true, None)), None, now_ms, u32::MAX);
            let expected = now_ms.saturating_add(u32::MAX.into());
            assert!(matches!(fate, Fate::Later { due_ms, .. } if due_ms == expected), "{attempts} {fate:?}");
            let fate = outbox.fate(&entry, Err(error("not_found", false, None)), None, now_ms, u32::MAX);
            assert!(matches!(fate, Fate::Held { due_ms, .. } if due_ms == expected), "{attempts} {fate:?}");
            outbox.settle(&entry, &fate).unwrap();
        }
    }
}
