//! The calls that JavaScript makes, as functions from text to text. What they decide has tests of its own; here it is what they read,
//! write and refuse.

use flowdock_integration::ffi::{self, Answer};
use serde_json::{Value, json};

/// The answer of a call as JSON, or the error that JavaScript gets.
fn answered(answer: Answer) -> Value {
    let text = answer.unwrap_or_else(|error| error.to_json());
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

#[test]
fn an_error_has_a_code_and_what_belongs_to_it() {
    let error = answered(ffi::encode("{}", ""));
    assert_eq!((&error["code"], &error["retryable"]), (&json!("invalid_message"), &json!(false)));
    assert_eq!(error["violations"].as_array().map(Vec::len), Some(5));
    assert_eq!(answered(ffi::validate("{}", "7"))["message"], "the options must be an object");
    assert_eq!(answered(ffi::validate("{", ""))["message"], "the arguments could not be read");
    assert_eq!(answered(ffi::read_token("", ""))["code"], "token_missing");
    assert_eq!(answered(ffi::replayed("", ""))["code"], "replayed");
}

#[test]
fn html_comes_as_it_is_and_other_values_as_json() {
    assert_eq!(ffi::sanitize_title("<b>\"x\"</b>", "").unwrap(), "\"x\"");
    assert_eq!(ffi::sanitize_body("", r#""<b>x""#).unwrap(), "<b>x</b>");
    assert_eq!(answered(ffi::check_title("", "[]"))["message"], "`html` must be a string, not an array");
    assert_eq!(answered(ffi::check_body("", "!b"))["message"], "`html` must be a string, not a BigInt");
    let template = |literals: Value, values: Value| {
        answered(ffi::fill_template(&json!({ "literals": literals, "values": values }).to_string(), ""))
    };
    assert_eq!(template(json!(["<b>", "</b>"]), json!([["<", ["<i>y</i>"]]])), "<b>&lt;<i>y</i></b>");
    // A page may have given arrays a `toJSON`.
    assert_eq!(template(json!("x"), json!("x"))["code"], "invalid_option");
    assert_eq!(template(json!(["x"]), json!("x"))["code"], "invalid_option");
}

#[test]
fn no_key_is_missing_where_the_text_was_cut() {
    let cut = "{\"event\":\"message\",\"content\":\"xx\0";
    let report = answered(ffi::validate(cut, ""));
    let violations = report["violations"].as_array().unwrap();
    assert_eq!(violations.len(), 1, "{report}");
    assert_eq!((&violations[0]["code"], &violations[0]["path"]), (&json!("invalid_type"), &json!("/content")));
    let built = answered(ffi::build(cut, r#"{"what":"message"}"#));
    assert_eq!(built["violations"], report["violations"]);
}

#[test]
fn a_request_says_how_the_body_comes_of_the_message() {
    let request = |message: &str, options: Value| {
        let more = json!({ "options": options, "flowToken": "29991", "random": "1 2 3 4" });
        answered(ffi::request(message, &more.to_string()))
    };
    let uuid = "01000000-0200-4000-8300-000004000000";
    let plain = request(r#"{"event":"message","content":"x","thread_id":"7"}"#, Value::Null);
    assert_eq!(plain["front"], json!({ "flow_token": "29991", "uuid": uuid }).to_string().replace('}', ","));
    assert_eq!((&plain["uuid"], &plain["lanes"]), (&json!(uuid), &json!(["thread_id:7"])));
    assert_eq!((plain.get("body"), plain.get("token")), (None, None));
    let own = request(r#"{"event":"message","content":"x","uuid":"u","flow_token":"t"}"#, Value::Null);
    assert_eq!((own.get("front"), own.get("body"), &own["token"]), (None, None, &json!("t")));
    let half = request(r#"{"event":"message","content":"\ud83d","uuid":null}"#, json!({ "waitForMessage": true }));
    let body =
        [r#"{"flow_token":"29991","uuid":""#, uuid, r#"","event":"message","content":""#, "\u{fffd}\"}"].concat();
    assert_eq!(half["body"], body);
    assert_eq!(half["headers"]["X-flowdock-wait-for-message"], "true");
}

#[test]
fn what_follows_from_an_answer_shows_no_token() {
    let outcome = |answer: Value| {
        let sent = json!({ "url": "https://a.example/messages", "uuid": "1", "tokens": "29991\nsecret token" });
        let told = json!({ "sent": sent, "answer": answer, "delivery": { "attempts": 1 },
            "retry": { "maxAttempts": 6, "maxElapsedMs": 120_000, "baseMs": 500, "capMs": 30_000, "maxRetryAfterMs": 120_000 } });
        answered(ffi::outcome(&told.to_string(), ""))
    };
    let refused = outcome(json!({ "status": 422, "body": { "message": "29991 and secret token" } }));
    assert_eq!(refused["error"]["message"], "the server refused it (422): … and …");
    assert_eq!(outcome(json!({ "status": 201, "body": { "id": 7 } })), json!({ "kind": "created" }));
    assert_eq!(outcome(json!({ "status": 202, "body": "" })), json!({ "kind": "accepted" }));
    let limited = outcome(json!({ "status": 429, "retryAfter": "2", "body": null }));
    assert_eq!((&limited["holdAll"], &limited["error"]["code"]), (&json!(true), &json!("rate_limited")));
    let aborted = outcome(json!({ "code": "aborted", "inFlight": true }));
    assert_eq!(aborted["error"]["maybeDuplicate"], true);
    assert_eq!(outcome(json!({ "status": 200 }))["error"]["code"], "bad_response");
}
