//! Flows are listed and found by their ids.

use serde_json::{Value, json};

use crate::host::TimedInbox;

#[test]
fn a_flow_has_the_same_json_in_every_answer() {
    let inbox = TimedInbox::new();
    let flow = inbox.get("/flows/example/main").expect(200);
    assert_eq!(inbox.get("/flows").expect(200), json!([flow]));
    let id = flow["id"].as_str().expect("an id");
    assert_eq!(inbox.get(&format!("/flows/find?id={id}")).expect(200), flow);
    for path in ["/flows/find?id=unknown", "/flows/find?id=", "/flows/find"] {
        assert_eq!(inbox.get(path).expect(404), json!({ "message": "Flow not found" }), "{path}");
    }
}

#[test]
fn nobody_finds_flows_without_a_token() {
    let inbox = TimedInbox::new();
    for path in ["/flows", "/flows/find?id=x", "/sources", "/flows/example/main/sources", "/oauth/applications"] {
        inbox.send("GET", path, &[], "").expect(401);
        inbox.send_as("wrong", "GET", path, &Value::Null).expect(401);
        inbox.send_as(&inbox.flow_token, "GET", path, &Value::Null).expect(401);
    }
}
