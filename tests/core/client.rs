//! Tests of posting without I/O: the requests, and how answers are read.

use flowdock_integration::client::{Attempt, Prepared};
use flowdock_integration::{
    Activity, Author, ChatMessage, Client, ClientOptions, ErrorCode, Options, PostError, PostKind, PostOptions,
    PostResult, Request, Thread,
};
use serde_json::{Value, json};

const TOKEN: &str = "be299b91fffe8e4124986b9b5b44dfc6";
const RANDOM: [u8; 16] = [7; 16];

fn client() -> Client {
    Client::new(ClientOptions::new("http://127.0.0.1:4400/", TOKEN)).unwrap()
}

fn request() -> Request {
    let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build().unwrap();
    client().post(&message, RANDOM, PostOptions::default())
}

fn read(status: u16, body: &str) -> Result<PostResult, PostError> {
    request().read(status, body)
}

#[test]
fn a_request_carries_the_message_with_token_and_uuid() {
    let request = request();
    assert_eq!(request.sent.url, "http://127.0.0.1:4400/messages");
    assert_eq!(request.sent.uuid, "07070707-0707-4707-8707-070707070707");
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let expected = json!({
        "event": "message", "content": "Great Scott!", "external_thread_id": "42", "flow_token": TOKEN, "uuid": request.sent.uuid,
    });
    assert_eq!(body, expected);
    assert_eq!(request.headers(), [("Content-Type", "application/json"), ("Accept", "application/json")]);
}

#[test]
fn a_message_keeps_a_uuid_of_its_own() {
    let message = ChatMessage::builder().content("x").thread_id("42").uuid("mine").build().unwrap();
    let request = client().post(&message, RANDOM, PostOptions::default());
    assert_eq!(request.sent.uuid, "mine");
    assert_eq!(serde_json::from_str::<Value>(&request.body).unwrap()["uuid"], "mine");
}

#[test]
fn a_prepared_message_has_its_lanes_and_no_token() {
    let message = ChatMessage::builder().content("7").external_thread_id("42").uuid("7").build().unwrap();
    let Prepared { uuid, lanes, body } = Prepared::new(&message, RANDOM);
    assert_eq!((uuid.as_str(), lanes), ("7", vec!["external_thread_id:42".to_owned()]));
    assert_eq!(body, r#"{"event":"message","content":"7","external_thread_id":"42","uuid":"7"}"#);
    let request = client().post_prepared(&body, PostOptions::default().wait_for_message());
    assert_eq!(request.headers().last(), Some(&("X-flowdock-wait-for-message", "true")));
    // A store that was damaged: the server refuses what it gets.
    for damaged in ["", "{", "[]", "7", "null"] {
        assert!(!client().post_prepared(damaged, PostOptions::default()).sent.url.is_empty(), "{damaged}");
    }
}

#[test]
fn files_go_with_the_fields_of_a_form() {
    let message = Activity::builder()
        .title("took a picture")
        .body("<img src=\"cid:clock\">")
        .author(Author::new("Doc"))
        .external_thread_id("42")
        .thread(Thread::new("Clock tower"))
        .build()
        .unwrap();
    let post = |ids: &[&str]| client().post_form(&message, ids, RANDOM, PostOptions::default());
    let request = post(&["clock", "dog"]).unwrap();
    let fields: Vec<_> = request.body.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("flow_token", TOKEN),
            ("uuid", &request.sent.uuid),
            ("event", "activity"),
            ("title", "took a picture"),
            ("body", "<img src=\"cid:clock\">"),
            ("author[name]", "Doc"),
            ("external_thread_id", "42"),
            ("thread[title]", "Clock tower"),
        ]
    );
    assert_eq!(request.headers(), [("Accept", "application/json")]);
    assert!(!format!("{request:?}").contains(TOKEN));
    for (ids, problem) in [
        (&["dog"][..], "`attachments` have no `clock`, which the body names"),
        (&[], "`attachments` have no `clock`, which the body names"),
        (&["clock", "a]b"], "`attachments` must have ids of ASCII letters, digits and `._@-`"),
        (&["clock", ""], "`attachments` must have ids of ASCII letters, digits and `._@-`"),
        (&["clock", "é"], "`attachments` must have ids of ASCII letters, digits and `._@-`"),
    ] {
        assert_eq!(post(ids).unwrap_err().to_string(), problem);
    }
}

#[test]
fn the_wait_header_is_sent_only_when_it_is_asked_for() {
    let message = ChatMessage::builder().content("x").thread_id("42").build().unwrap();
    let request = client().post(&message, RANDOM, PostOptions::default().wait_for_message());
    assert_eq!(request.headers().last(), Some(&("X-flowdock-wait-for-message", "true")));
}

#[test]
fn a_value_is_checked_before_it_becomes_a_request() {
    let post = |value: Value, options| client().post_value(&value, options, RANDOM, PostOptions::default());
    let message = json!({ "event": "activity", "title": "x", "author": { "name": "Marty" }, "thread_id": "42" });
    assert!(post(json!({}), Options::default()).is_err());
    assert!(post(message.clone(), Options::default()).is_err());
    assert!(post(message, Options::default().thread_optional()).is_ok());
}

#[test]
fn a_successful_post_is_accepted_or_created() {
    for (status, body, kind) in [
        (202, "{}", PostKind::Accepted),
        (202, "", PostKind::Accepted),
        (202, " \n", PostKind::Accepted),
        (202, "{\"id\":1}", PostKind::Accepted),
        (200, "{}", PostKind::Accepted),
        (204, "", PostKind::Accepted),
        (201, "{\"id\":null}", PostKind::Accepted),
        (200, "{\"id\":1,\"event\":\"message\",\"message\":{\"x\":1}}", PostKind::Created),
        (201, "{\"id\":1}", PostKind::Created),
    ] {
        let result = read(status, body).unwrap();
        let uuid = request().sent.uuid;
        assert_eq!(result, PostResult { kind, uuid, attempts: 1, maybe_duplicate: false }, "{status} {body}");
    }
}

#[test]
fn a_success_that_another_program_answers_is_an_error() {
    for status in [200, 201, 202, 204] {
        for body in ["<title>Sign in</title>", "OK", "[]", "[{\"id\":1}]", "7", "null", "true", "\"{}\"", "{\"id\":"] {
            let error = read(status, body).unwrap_err();
            assert_eq!((error.code, error.status), (ErrorCode::BadResponse, Some(status)), "{status} {body}");
            assert!(error.maybe_duplicate && !error.retryable, "{status} {body}");
        }
    }
}

#[test]
fn each_unsuccessful_status_has_its_code() {
    for (status, code, retryable) in [
        (203, ErrorCode::BadResponse, false),
        (205, ErrorCode::BadResponse, false),
        (304, ErrorCode::BadResponse, false),
        (301, ErrorCode::RedirectRefused, false),
        (302, ErrorCode::RedirectRefused, false),
        (307, ErrorCode::RedirectRefused, false),
        (400, ErrorCode::Rejected, false),
        (401, ErrorCode::Unauthorized, false),
        (403, ErrorCode::Forbidden, false),
        (404, ErrorCode::NotFound, false),
        (408, ErrorCode::Server, true),
        (409, ErrorCode::Rejected, false),
        (410, ErrorCode::SourceRemoved, false),
        (413, ErrorCode::TooLarge, false),
        (422, ErrorCode::Rejected, false),
        (425, ErrorCode::Server, true),
        (429, ErrorCode::RateLimited, true),
        (500, ErrorCode::Server, true),
        (501, ErrorCode::Server, false),
        (502, ErrorCode::Server, true),
        (503, ErrorCode::Server, true),
        (504, ErrorCode::Server, true),
        (505, ErrorCode::Server, false),
        (599, ErrorCode::Server, true),
        (600, ErrorCode::BadResponse, false),
        (0, ErrorCode::BadResponse, false),
    ] {
        let error = read(status, "no JSON {").unwrap_err();
        assert_eq!((error.code, error.retryable, error.status), (code, retryable, Some(status)), "{status}");
    }
}

#[test]
fn field_errors_are_read_in_whatever_shape_they_come() {
    let errors = |body: Value| {
        let error = read(400, &body.to_string()).unwrap_err();
        (serde_json::to_value(&error).unwrap().get("fieldErrors").cloned().unwrap_or(json!({})), error.to_string())
    };
    let documented =
        json!({ "message": "Validation error", "errors": { "content": ["can't be blank", "is too long"] } });
    assert_eq!(
        errors(documented),
        (
            json!({ "content": ["can't be blank", "is too long"] }),
            "the server refused it (400): Validation error; content can't be blank, is too long".to_owned()
        )
    );
    assert_eq!(errors(json!({ "message": "Validation error" })).0, json!({}));
    assert_eq!(
        errors(json!({ "errors": { "a": "x", "b": [1, { "c": [] }, null, ["y"]], "d": 2.5 } })).0,
        json!({ "a": ["x"], "b": [], "d": [] })
    );
    for body in [json!([]), json!({}), json!({ "errors": [] }), json!({ "errors": null }), json!({ "message": 7 })] {
        assert_eq!(errors(body.clone()), (json!({}), "the server refused it (400)".to_owned()), "{body}");
    }
}

#[test]
fn the_reason_is_read_in_the_common_formats() {
    let long = "é".repeat(300);
    let cut = format!("{}…", "é".repeat(200));
    for (body, reason) in [
        (json!({ "message": "no" }).to_string(), "no"),
        (json!({ "error": "no" }).to_string(), "no"),
        (json!({ "error_description": "no" }).to_string(), "no"),
        (json!({ "detail": "no" }).to_string(), "no"),
        (json!({ "message": "", "detail": " no" }).to_string(), " no"),
        (json!({ "title": "no" }).to_string(), "no"),
        (json!(["no", 7, "never"]).to_string(), "no, never"),
        (json!({ "errors": ["no", "never"] }).to_string(), "no, never"),
        (json!({ "error": ["no", "never"] }).to_string(), "no, never"),
        (json!({ "error": "invalid", "error_description": "no" }).to_string(), "invalid: no"),
        (json!({ "title": "no", "detail": "never", "type": "about:blank", "status": 400 }).to_string(), "no: never"),
        // The other keys count if there is no `message`.
        (json!({ "statusCode": 400, "error": "Bad Request", "message": "no" }).to_string(), "no"),
        (json!({ "error": "no", "message": null }).to_string(), "no"),
        (" no\n".to_owned(), "no"),
        ("\"no\"".to_owned(), "\"no\""),
        (long, &cut),
        (format!("unknown token {TOKEN}"), "unknown token …"),
        (json!({ "error": TOKEN, "detail": [TOKEN] }).to_string(), "…: …"),
        // The reason in a page stands somewhere among its tags, so a page is not shown.
        ("<html>no</html>".to_owned(), ""),
        (String::new(), ""),
    ] {
        let sentence = read(400, &body).unwrap_err().to_string();
        let expected = "the server refused it (400)".to_owned() + if reason.is_empty() { "" } else { ": " } + reason;
        assert_eq!(sentence, expected, "{body}");
    }
}

#[test]
fn a_short_token_leaves_the_reason_readable() {
    let message = ChatMessage::builder().content("x").thread_id("42").build().unwrap();
    let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "t")).unwrap();
    let body = json!({ "message": "Validation error", "errors": { "content": ["can't be blank", "not t"] } });
    let error = client.post(&message, RANDOM, PostOptions::default()).read(400, &body.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "the server refused it (400): Validation error; content can't be blank, not …");
}

#[test]
fn a_long_reason_is_shortened_in_the_sentence_only() {
    let long = "é".repeat(5_000);
    let error = read(400, &json!({ "message": "no", "errors": { "content": [long] } }).to_string()).unwrap_err();
    let sentence = error.to_string();
    assert_eq!(sentence.chars().count(), 1_001);
    assert!(sentence.starts_with("the server refused it (400): no; content éé") && sentence.ends_with("é…"));
    assert_eq!(error.field_errors, [("content".to_owned(), vec![long])]);
}

#[test]
fn no_debug_and_no_error_shows_a_token() {
    let echo =
        json!({ "message": format!("unknown token {TOKEN}"), "errors": { TOKEN: [format!("{TOKEN} is unknown")] } });
    let error = read(404, &echo.to_string()).unwrap_err();
    let failed = request().sent.failed(Attempt::Network(&format!("no route to http://x/?t={TOKEN}")));
    let shown = format!(
        "{error} {error:?} {} {failed} {failed:?} {:?} {:?} {:?}",
        serde_json::to_string(&error).unwrap(),
        client(),
        request(),
        ClientOptions::new("http://127.0.0.1", TOKEN),
    );
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(shown.contains("unknown token …"), "{shown}");
}

#[test]
fn an_option_that_cannot_be_used_is_named() {
    for (base_url, token, message) in [
        (
            "",
            TOKEN,
            "`baseUrl` must begin with `https://`, or for this machine with `http://` as in `http://127.0.0.1:4400`",
        ),
        (
            "http://inbox.example.com",
            TOKEN,
            "`baseUrl` is plain http, which shows the token to everybody on the way: use https, or set `allowHttp`",
        ),
        ("http://127.0.0.1:10080", TOKEN, "`baseUrl` has a bad port, which browsers and `fetch` refuse"),
        ("https://inbox.example.com", "", "`flowToken` must be a token without white space"),
        ("https://inbox.example.com", "a b", "`flowToken` must be a token without white space"),
        ("https://inbox.example.com", "a\0b", "`flowToken` must be a token without white space"),
    ] {
        assert_eq!(Client::new(ClientOptions::new(base_url, token)).unwrap_err().to_string(), message);
    }
}
