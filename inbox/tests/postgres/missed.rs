//! Whether a reader that asks for everything after the last id it has seen ever misses a message.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::host::Client;
use crate::server::{inboxes, place, shared};

const WRITERS: i64 = 8;
const FLOW: &str = "/flows/example/main";

/// It ends after a minute, with FLOWDOCK_LONG after ten: each message is a chance to miss one.
#[test]
fn a_reader_of_everything_after_an_id_misses_nothing() {
    let minutes = if std::env::var_os("FLOWDOCK_LONG").is_some() { 10 } else { 1 };
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let place = place(&shared());
    let inboxes = inboxes(&place, 3, &[]);
    let clients: Vec<Client> = inboxes.iter().map(|inbox| inbox.client.clone()).collect();
    let (stored, is_over) = (AtomicI64::new(0), AtomicBool::new(false));
    let write = |writer: i64| {
        let mut number = writer;
        while Instant::now() < end {
            number += WRITERS;
            let client = &clients[usize::try_from(number % 3).expect("an index")];
            // Now and then a post is refused in its transaction, because its thread does not exist.
            if number % 37 == 0 {
                let refused = json!({ "event": "message", "content": "x", "thread_id": "unknown" });
                client.post(&refused).expect(400);
            }
            let thread = (number % 50).to_string();
            let message = json!({ "event": "message", "content": "x", "external_thread_id": thread });
            client.post(&message).expect(202);
            stored.fetch_add(1, Ordering::Relaxed);
        }
    };
    let read = |client: &Client| {
        let mut seen = Vec::new();
        loop {
            // Asked for before the page is read: what is stored then must be on a later page.
            let was_over = is_over.load(Ordering::Acquire);
            let last = seen.last().copied().unwrap_or(0);
            let page = client.get(&format!("{FLOW}/messages?sort=asc&limit=100&since_id={last}")).expect(200);
            let page = page.as_array().expect("a list");
            seen.extend(page.iter().map(|message| message["id"].as_i64().expect("an id")));
            if page.is_empty() && was_over {
                return seen;
            }
        }
    };
    let seen: Vec<Vec<i64>> = thread::scope(|scope| {
        let readers: Vec<_> = clients.iter().take(2).map(|client| scope.spawn(|| read(client))).collect();
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || write(writer))).collect();
        writers.into_iter().for_each(|writer| writer.join().expect("it ends"));
        is_over.store(true, Ordering::Release);
        readers.into_iter().map(|reader| reader.join().expect("it ends")).collect()
    });
    let expected: Vec<i64> = (1..=stored.into_inner()).collect();
    println!("{} messages, {} readers", expected.len(), seen.len());
    for seen in seen {
        let missed = expected.iter().filter(|id| seen.binary_search(id).is_err()).count();
        assert_eq!(missed, 0, "of {}", expected.len());
        assert_eq!(seen, expected, "each once, in order and without a gap");
    }
}
