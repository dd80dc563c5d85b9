//! Answers for clients that read gzip.

use std::io::Read;

use crate::host::Inbox;
use crate::samples::chat;

#[test]
fn a_long_list_is_compressed_for_a_client_that_asks_for_it() {
    let inbox = Inbox::new();
    for number in 0..30 {
        inbox.stored(&chat("1", &format!("message {number} of a list with many similar messages")));
    }
    let authorization = format!("Bearer {}", inbox.api_token);
    let read = |path: &str, encoding: &str| {
        inbox.bytes(path, &[("Authorization", &*authorization), ("Accept-Encoding", encoding)])
    };
    let list = "/flows/example/main/messages?limit=100";
    let (headers, plain) = read(list, "identity");
    assert!(headers.get("content-encoding").is_none());
    assert!(headers.get_all("vary").iter().any(|value| value == "accept-encoding"), "{headers:?}");
    let (headers, compressed) = read(list, "gzip");
    assert_eq!(headers["content-encoding"], "gzip");
    assert!(compressed.len() * 5 < plain.len(), "{} of {}", compressed.len(), plain.len());
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&*compressed).read_to_end(&mut text).expect("gzip");
    assert_eq!(text, plain);
    let (headers, _) = read("/flows/example/main/messages?limit=1", "gzip");
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
}

#[test]
fn an_event_of_a_stream_leaves_at_once_and_uncompressed() {
    let inbox = Inbox::new();
    let authorization = format!("Bearer {}", inbox.api_token);
    let headers = [("Authorization", &*authorization), ("Accept", "text/event-stream"), ("Accept-Encoding", "gzip")];
    let mut stream = inbox.events("/flows/example/main", &headers);
    let stored = inbox.stored(&chat("1", &"long ".repeat(1000)));
    assert_eq!(stream.next().expect("an event").1, stored);
}
