//! Reading: who may read, what lists contain, and what is not found.

use serde_json::{Value, json};

use crate::host::Inbox;
use crate::samples::{chat, discussion, flux_capacitor};

const MESSAGES: &str = "/flows/example/main/messages";

#[test]
fn the_api_token_can_be_sent_in_two_headers_and_not_in_a_url() {
    let inbox = Inbox::new();
    let token = inbox.api_token.clone();
    let basic = |text: String| {
        use base64::Engine;
        format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(text))
    };
    for authorization in [format!("Bearer {token}"), basic(format!("{token}:")), basic(format!("{token}:DUMMY"))] {
        inbox.send("GET", MESSAGES, &[("Authorization", &authorization)], "").expect(200);
    }
    // A URL is written into logs and histories. Only a stream takes its token from there.
    for (method, path) in [
        ("GET", format!("{MESSAGES}?access_token={token}")),
        ("GET", format!("{MESSAGES}?accept=text/event-stream&access_token={token}")),
        ("GET", format!("/flows/example/main?access_token={token}")),
        ("DELETE", format!("/flows/example/main/sources/1?accept=text/event-stream&access_token={token}")),
        ("POST", format!("/session?accept=text/event-stream&access_token={token}")),
    ] {
        inbox.send(method, &path, &[], "").expect(401);
    }
}

#[test]
fn a_read_without_a_valid_token_is_refused() {
    let inbox = Inbox::new();
    let stored = inbox.stored(&flux_capacitor());
    let thread = format!("/flows/example/main/threads/{}", stored["thread_id"].as_str().expect("an id"));
    for path in [
        "/flows/example/main",
        "/flows/no/such",
        MESSAGES,
        "/flows/example/main/messages/1",
        "/flows/example/main/threads",
        &thread,
        &format!("{thread}/messages"),
    ] {
        let wrong = format!("Bearer {}", inbox.flow_token);
        let (no_api_token, no_access_token) =
            ("The API token is missing or unknown", "The access token is unknown or was revoked");
        for (headers, message, challenge) in [
            (vec![], no_api_token, "Basic realm=\"Flowdock inbox\""),
            (vec![("Authorization", "Basic ?")], no_api_token, "Basic realm=\"Flowdock inbox\""),
            (vec![("Authorization", "Basic d3Jvbmc6")], no_api_token, "Basic realm=\"Flowdock inbox\""), // wrong:
            (
                vec![("Authorization", wrong.as_str())],
                no_access_token,
                "Bearer realm=\"Flowdock inbox\", error=\"invalid_token\"",
            ),
        ] {
            let answer = inbox.send("GET", path, &headers, "");
            assert_eq!(answer.expect(401), json!({ "message": message }), "{path}");
            assert_eq!(answer.header("www-authenticate"), Some(challenge));
        }
        inbox.send("GET", &format!("{path}?access_token=wrong"), &[("Accept", "text/event-stream")], "").expect(401);
    }
}

#[test]
fn a_flow_has_the_documented_shape() {
    let inbox = Inbox::new();
    let flow = inbox.get("/flows/example/main").expect(200);
    let url = &inbox.url;
    assert_eq!(
        flow,
        json!({
            "id": flow["id"],
            "name": "Main",
            "parameterized_name": "main",
            "organization": {
                "id": 1,
                "name": "Example",
                "parameterized_name": "example",
                "active": true,
                "url": format!("{url}/organizations/example"),
            },
            "open": true,
            "joined": true,
            "url": format!("{url}/flows/example/main"),
            "web_url": format!("{url}/"),
            "links": { "sources": { "url": format!("{url}/flows/example/main/sources"), "methods": ["GET", "POST"] } },
        })
    );
    assert_eq!(flow["id"].as_str().map(str::len), Some(32));
}

#[test]
fn a_list_of_messages_obeys_its_filters() {
    let inbox = Inbox::new();
    // The messages have the ids 1 to 40.
    for number in 1..=40 {
        let mut message = match number % 4 {
            0 => flux_capacitor(),
            1 => discussion("1234567"),
            _ => chat("1234567", "hi"),
        };
        message["tags"] = match number {
            10 | 20 => json!(["Odd", "Größe"]),
            30 => json!("odd"),
            _ => json!([]),
        };
        inbox.stored(&message);
    }
    let ids = |query: &str| -> Vec<i64> {
        let list = inbox.get(&format!("{MESSAGES}?{query}")).expect(200);
        list.as_array().expect("a list").iter().map(|message| message["id"].as_i64().expect("an id")).collect()
    };
    let range = |from, to| (from..=to).collect::<Vec<i64>>();
    assert_eq!(ids(""), range(11, 40), "30, the latest, from old to new");
    assert_eq!(ids("sort=desc&limit=3"), [38, 39, 40]);
    assert_eq!(ids("sort=asc&limit=3"), [1, 2, 3]);
    assert_eq!(ids("limit=100"), range(1, 40));
    assert_eq!(ids("since_id=38"), [39, 40]);
    assert_eq!(ids("until_id=3"), [1, 2]);
    assert_eq!(ids("since_id=10&until_id=20&limit=2"), [18, 19]);
    assert_eq!(ids("since_id=10&until_id=20&limit=2&sort=asc"), [11, 12]);
    assert_eq!(ids("event=activity&limit=2"), [36, 40]);
    assert_eq!(ids("event=activity,discussion&limit=4"), [33, 36, 37, 40]);
    assert_eq!(ids("event=file"), [] as [i64; 0]);
    assert_eq!(ids("event=&limit=1"), [40]);
    assert_eq!(ids("tags=odd"), [10, 20, 30]);
    assert_eq!(ids("tags=%23ODD,gr%C3%B6%C3%9Fe"), [10, 20]);
    assert_eq!(ids("tags=odd,none"), [] as [i64; 0]);
    assert_eq!(ids("unknown=parameter&limit=1"), [40]);

    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("since_id=x", "since_id"),
        ("until_id=1.5", "until_id"),
        ("sort=up", "sort"),
    ] {
        let answer = inbox.get(&format!("{MESSAGES}?{query}")).expect(400);
        assert_eq!(answer["message"], "Validation error");
        assert_eq!(answer["errors"][field].as_array().map(Vec::len), Some(1), "{query}: {answer}");
    }
}

#[test]
fn the_filters_of_a_list_may_be_in_a_json_body() {
    let inbox = Inbox::new();
    for number in 1..=3 {
        let mut message = chat("1234567", "hi");
        message["tags"] = json!(if number == 2 { vec!["a", "b"] } else { vec!["a"] });
        inbox.stored(&message);
    }
    let token = format!("Bearer {}", inbox.api_token);
    let get = |path: &str, content_type: &str, body: &str| {
        inbox.send("GET", path, &[("Authorization", &token), ("Content-Type", content_type)], body)
    };
    let ids = |path: &str, content_type: &str, body: &str| -> Vec<i64> {
        let list = get(path, content_type, body).expect(200);
        list.as_array().expect("a list").iter().map(|message| message["id"].as_i64().expect("an id")).collect()
    };
    const JSON: &str = "application/json; charset=utf-8";
    for (body, expected) in [
        (r#"{"limit": 1}"#, vec![3]),
        (r#"{"limit": "1", "sort": "asc"}"#, vec![1]),
        (r#"{"tags": ["a", "b"]}"#, vec![2]),
        (r#"{"event": "message", "since_id": 1, "limit": null}"#, vec![2, 3]),
        ("{}", vec![1, 2, 3]),
        ("[]", vec![1, 2, 3]),
        ("", vec![1, 2, 3]),
    ] {
        assert_eq!(ids(MESSAGES, JSON, body), expected, "{body}");
    }
    assert_eq!(ids(&format!("{MESSAGES}?limit=2"), JSON, r#"{"limit": 1}"#), [2, 3], "the query goes first");
    assert_eq!(ids(MESSAGES, "text/plain", "limit"), [1, 2, 3]);

    let thread = inbox.get("/flows/example/main/threads").expect(200)[0]["id"].as_str().expect("an id").to_owned();
    let thread_messages = format!("/flows/example/main/threads/{thread}/messages");
    assert_eq!(ids(&thread_messages, JSON, r#"{"limit": 1}"#), [3]);
    let until = r#"{"until": "2000-01-01T00:00:00Z"}"#;
    assert_eq!(get("/flows/example/main/threads", JSON, until).expect(200), json!([]));

    assert_eq!(get(MESSAGES, JSON, r#"{"limit": 0}"#).expect(400)["message"], "Validation error");
    get(MESSAGES, JSON, "{").expect(400);
}

#[test]
fn a_thread_lists_its_own_messages() {
    let inbox = Inbox::new();
    for item in ["a", "b", "a", "a"] {
        inbox.stored(&discussion(item));
    }
    let message = inbox.get("/flows/example/main/messages/1").expect(200);
    let thread = format!("/flows/example/main/threads/{}/messages", message["thread_id"].as_str().expect("an id"));
    let ids = |list: Value| list.as_array().expect("a list").iter().map(|m| m["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(inbox.get(&thread).expect(200)), [1, 3, 4]);
    assert_eq!(ids(inbox.get(&format!("{thread}?limit=1&sort=asc")).expect(200)), [1]);
}

#[test]
fn an_unknown_path_or_item_gets_404_with_json() {
    let inbox = Inbox::new();
    inbox.stored(&flux_capacitor());
    for path in [
        "/flows/example/other",
        "/flows/other/main/messages",
        "/flows/%FF/main",
        "/flows/example/main/messages/2",
        "/flows/example/main/messages/0",
        "/flows/example/main/messages/one",
        "/flows/example/main/threads/unknown",
        "/flows/example/main/threads/unknown/messages",
        "/flows/example/main/threads/%FF",
        "/flows/example/main/nothing",
        "/",
        "/nothing",
    ] {
        let answer = inbox.get(path).expect(404);
        assert!(answer["message"].as_str().is_some_and(|text| text.ends_with("not found")), "{path}: {answer}");
    }
    let answer = inbox.send("DELETE", "/messages", &[], "");
    assert_eq!(answer.expect(405), json!({ "message": "Method not allowed" }));
    assert_eq!(answer.header("allow"), Some("POST"));
}
