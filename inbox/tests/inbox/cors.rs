//! Requests from pages of other origins.

use crate::host::{Answer, Inbox};
use crate::samples::flux_capacitor;

const ORIGIN: (&str, &str) = ("Origin", "https://page.example");

fn list(answer: &Answer, header: &str) -> Vec<String> {
    let values = answer.header(header).unwrap_or_default();
    let mut list: Vec<_> = values.split(',').map(|value| value.trim().to_lowercase()).collect();
    list.sort();
    list
}

#[test]
fn a_preflight_is_answered_as_documented() {
    let inbox = Inbox::new();
    for path in [
        "/messages",
        "/flows/example/main",
        "/flows/example/main/messages",
        "/flows/example/main/messages/1",
        "/flows/example/main/threads",
        "/flows/example/main/threads/x",
        "/flows/example/main/threads/x/messages",
        "/flows/example/main/threads/x/actions",
        "/flows",
        "/flows/find",
        "/sources",
        "/flows/example/main/sources",
        "/flows/example/main/sources/1",
        "/oauth/token",
        "/oauth/applications",
        "/oauth/applications/1",
        "/session",
    ] {
        let request =
            [ORIGIN, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")];
        let answer = inbox.send("OPTIONS", path, &request, "");
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN.1));
        assert_eq!(list(&answer, "vary"), ["origin"]);
        assert_eq!(list(&answer, "access-control-allow-methods"), ["delete", "get", "options", "patch", "post", "put"]);
        // No other header is allowed. A page that sends the wait header fails here, as it did with Flowdock.
        assert_eq!(
            list(&answer, "access-control-allow-headers"),
            [
                "accept",
                "authorization",
                "content-type",
                "origin",
                "x-csrf-token",
                "x-prototype-version",
                "x-requested-with"
            ]
        );
        for header in ["access-control-allow-credentials", "access-control-allow-private-network"] {
            assert_eq!(answer.header(header), None);
        }
    }
}

#[test]
fn every_answer_names_the_origin_that_asked() {
    let inbox = Inbox::new();
    let message = inbox.with_token(&flux_capacitor()).to_string();
    for (method, path, body, status) in [
        ("POST", "/messages", message.as_str(), 202),
        ("POST", "/messages", "{", 400),
        ("POST", "/messages", "{}", 401),
        ("GET", "/flows/example/main", "", 401),
        ("GET", "/nothing", "", 404),
        ("PUT", "/messages", "{}", 405),
        ("POST", "/oauth/token", "{}", 401),
        ("GET", "/oauth/authorize", "", 400),
        ("PUT", "/sources", "{}", 401),
    ] {
        let answer = inbox.send(method, path, &[ORIGIN], body);
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN.1), "{method} {path}");
        assert_eq!(list(&answer, "vary"), ["origin"]);
        // Flowdock exposed no header. This one is ours.
        assert_eq!(list(&answer, "access-control-expose-headers"), ["flowdock-deduplicates"]);
    }
    let answer = inbox.send("POST", "/messages", &[], &message);
    assert_eq!(answer.header("access-control-allow-origin"), None, "nobody asked");
}
