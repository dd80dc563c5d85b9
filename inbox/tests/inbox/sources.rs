//! Sources are created, listed, changed and removed.

use std::fs;

use serde_json::{Value, json};

use crate::host::{Inbox, TimedInbox};
use crate::integration::Integration;
use crate::place::Place;
use crate::samples::{chat, flux_capacitor};

const SOURCES: &str = "/flows/example/main/sources";

/// A source that has not posted yet, as the owner gets it.
fn for_owner(source: &Value) -> Value {
    let mut source = source.clone();
    source["last_message_at"] = Value::Null;
    source
}

#[test]
fn a_new_source_has_the_documented_shape_and_shows_its_token_once() {
    let inbox = TimedInbox::new();
    let app = Integration::register_with(
        &inbox,
        json!({
            "name": "Garage",
            "redirect_uris": "https://app.example/callback",
            "icon_url": "https://app.example/icon.png",
            "configuration_uri": "https://app.example/configure",
        }),
    );
    let access_token = app.authorised("integration").0;
    let url = &inbox.url;
    let posted = json!({ "name": "DeLorean", "external_url": "https://app.example/cars/1" });
    let mut created = inbox.send_as(&access_token, "POST", SOURCES, &posted).expect(201);
    let flow_token = created.as_object_mut().and_then(|created| created.shift_remove("flow_token")).expect("a token");
    assert_eq!(
        created,
        json!({
            "id": 2,
            "name": "DeLorean",
            "url": format!("{url}{SOURCES}/2"),
            "external_url": "https://app.example/cars/1",
            "error_message": null,
            "configuration_url": null,
            "created_at": "2015-10-21T23:29:00.000Z",
            "updated_at": "2015-10-21T23:29:00.000Z",
            "_links": {},
            "application": {
                "id": app.id,
                "name": "Garage",
                "icon_url": "https://app.example/icon.png",
                "url": format!("{url}/oauth/applications/{}", app.id),
                "configuration_uri": "https://app.example/configure",
            },
            "creator": { "id": 1, "name": "Owner", "nick": "Owner", "avatar": format!("{url}/avatars/1") },
        })
    );
    assert_eq!(inbox.send("GET", "/avatars/1", &[], "").header("content-type"), Some("image/svg+xml"));

    let first = inbox.get(&format!("{SOURCES}/1")).expect(200);
    assert_eq!(
        (&first["name"], &first["application"]["name"]),
        (&json!("Example source"), &json!("Example application"))
    );
    let of_owner = for_owner(&created);
    assert_eq!(inbox.get(SOURCES).expect(200), json!([first, of_owner]));
    assert_eq!(inbox.get("/sources").expect(200), json!([first, of_owner]));
    assert_eq!(inbox.get(&format!("{SOURCES}/2")).expect(200), of_owner);
    let flow_token = flow_token.as_str().expect("a token");
    let own = inbox.send("GET", &format!("/sources?flow_token={flow_token}"), &[], "").expect(200);
    assert_eq!(own, json!([created]));
}

#[test]
fn the_problems_of_a_new_source_are_listed_by_field() {
    let inbox = TimedInbox::new();
    let access_token = Integration::register(&inbox).authorised("integration").0;
    for (source, errors) in [
        (json!({}), json!({ "name": ["can't be blank"] })),
        (json!({ "name": " " }), json!({ "name": ["can't be blank"] })),
        (json!({ "name": 1 }), json!({ "name": ["must be a string"] })),
        (
            json!({ "name": "x", "external_url": "javascript:alert(1)" }),
            json!({ "external_url": ["must be an absolute http or https URL"] }),
        ),
    ] {
        let answer = inbox.send_as(&access_token, "POST", SOURCES, &source).expect(400);
        assert_eq!(answer, json!({ "message": "Validation error", "errors": errors }), "{source}");
    }
    inbox.send_as(&access_token, "POST", SOURCES, &json!([])).expect(400);
    inbox.send_as(&access_token, "POST", "/flows/example/none/sources", &json!({ "name": "x" })).expect(404);
    assert_eq!(inbox.get(SOURCES).expect(200).as_array().map(Vec::len), Some(1));
}

#[test]
fn the_owner_creates_a_source_by_naming_its_application() {
    let inbox = TimedInbox::new();
    for application in [json!(1), json!("1")] {
        let source = inbox.owner("POST", SOURCES, &json!({ "name": "By hand", "application": application }));
        assert_eq!(source.expect(201)["application"]["name"], "Example application");
    }
    for application in [json!(null), json!(2), json!("x"), json!([])] {
        let answer =
            inbox.owner("POST", SOURCES, &json!({ "name": "By hand", "application": application })).expect(400);
        assert_eq!(
            answer["errors"],
            json!({ "application": ["must be the id of an application with fewer than 1000 sources"] })
        );
    }
}

#[test]
fn the_error_message_and_the_configuration_url_of_a_source_can_be_changed() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let access_token = app.authorised("integration").0;
    let created = inbox.send_as(&access_token, "POST", SOURCES, &json!({ "name": "DeLorean" })).expect(201);
    let flow_token = created["flow_token"].as_str().expect("a token");
    let path = format!("{SOURCES}/{}", created["id"]);
    let url = "https://app.example/configure/2";
    inbox.later(1);
    // The application, a client with the flow token, and the owner make the change. Each change leaves the other field
    // unchanged.
    for (change, error_message, configuration_url) in [
        (json!({ "error_message": "No plutonium" }), json!("No plutonium"), json!(null)),
        (json!({ "configuration_url": url }), json!("No plutonium"), json!(url)),
        (json!({ "error_message": "" }), json!(null), json!(url)),
        (json!({ "error_message": "Again", "configuration_url": null }), json!("Again"), json!(null)),
        (json!({ "error_message": null }), json!(null), json!(null)),
        (json!({}), json!(null), json!(null)),
    ] {
        let mut with_token = change.clone();
        with_token["flow_token"] = flow_token.into();
        for answer in [
            inbox.send_as(&access_token, "PUT", &path, &change),
            inbox.send("PUT", "/sources", &[], &with_token.to_string()),
            inbox.send("PUT", &format!("/sources?flow_token={flow_token}"), &[], &change.to_string()),
            inbox.owner("PUT", &path, &change),
        ] {
            let source = answer.expect(200);
            assert_eq!((&source["error_message"], &source["configuration_url"]), (&error_message, &configuration_url));
            assert_eq!(source["updated_at"], "2015-10-21T23:29:01.000Z");
            assert!(!answer.text.contains(flow_token));
            assert_eq!(inbox.get(&path).expect(200), for_owner(&source));
        }
    }
    for change in [json!({ "configuration_url": "javascript:alert(1)" }), json!({ "error_message": 1 })] {
        inbox.send_as(&access_token, "PUT", &path, &change).expect(400);
    }
    inbox.send("PUT", "/sources", &[], "{}").expect(401);
    inbox.send("PUT", "/sources", &[], &json!({ "flow_token": "unknown" }).to_string()).expect(404);
}

#[test]
fn a_removed_source_gives_410_to_its_flow_token_and_404_to_others() {
    let inbox = TimedInbox::new();
    inbox.stored(&flux_capacitor());
    let path = format!("{SOURCES}/1");
    let removed = inbox.owner("DELETE", &path, &Value::Null);
    assert_eq!((removed.status, removed.text.as_str()), (204, ""));

    let gone = json!({ "message": "This source was removed" });
    assert_eq!(inbox.post(&chat("1", "hello?")).expect(410), gone);
    assert_eq!(inbox.send("PUT", "/sources", &[], &inbox.with_token(&json!({})).to_string()).expect(410), gone);
    inbox.send("GET", &format!("/sources?flow_token={}", inbox.flow_token), &[], "").expect(410);
    for method in ["GET", "PUT", "DELETE"] {
        let body = if method == "PUT" { json!({}) } else { Value::Null };
        assert_eq!(inbox.owner(method, &path, &body).expect(404), json!({ "message": "Source not found" }), "{method}");
    }
    assert_eq!(inbox.get(SOURCES).expect(200), json!([]));
    assert_eq!(inbox.get("/flows/example/main/threads").expect(200).as_array().map(Vec::len), Some(1), "it stays");

    let next = inbox.owner("POST", SOURCES, &json!({ "name": "Next", "application": 1 })).expect(201);
    assert_eq!(next["id"], 2, "an id is never given out twice");
}

#[test]
fn an_application_removes_its_own_source_and_no_other() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let [mine, other] = [app.authorised("integration").0, Integration::register(&inbox).authorised("integration").0];
    let created = inbox.send_as(&mine, "POST", SOURCES, &json!({ "name": "DeLorean" })).expect(201);
    let path = format!("{SOURCES}/{}", created["id"]);
    inbox.send_as(&other, "DELETE", &path, &Value::Null).expect(403);
    inbox.send_as(&other, "GET", &path, &Value::Null).expect(200);
    assert_eq!(inbox.send_as(&mine, "DELETE", &path, &Value::Null).status, 204);
    for path in ["/flows/example/main/sources/x", "/flows/example/main/sources/99", "/flows/none/main/sources/1"] {
        inbox.send_as(&mine, "DELETE", path, &Value::Null).expect(404);
    }
}

#[test]
fn an_answered_source_and_its_removal_survive_kill_9() {
    let place = Place::new();
    let mut first = Inbox::start(&place, &[]);
    let created = first.owner("POST", SOURCES, &json!({ "name": "DeLorean", "application": 1 })).expect(201);
    first.kill();

    let mut second = Inbox::start(&place, &[]).with_tokens_of(&first);
    let mut message = chat("1", "Great Scott!");
    message["flow_token"] = created["flow_token"].clone();
    second.send("POST", "/messages", &[], &message.to_string()).expect(202);
    assert_eq!(second.owner("DELETE", &format!("{SOURCES}/{}", created["id"]), &Value::Null).status, 204);
    second.kill();

    let third = Inbox::start(&place, &[]).with_tokens_of(&first);
    third.send("POST", "/messages", &[], &message.to_string()).expect(410);
}

#[test]
fn of_all_secrets_only_the_client_secret_is_stored() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let app = Integration::register(&inbox);
    let code = app.code(&[]);
    let (access_token, refresh_token) = app.authorised("flow integration offline_access");
    let source = inbox.send_as(&access_token, "POST", SOURCES, &json!({ "name": "DeLorean" })).expect(201);
    let session = inbox.owner("POST", "/session", &json!({})).expect(201);
    let session = session["token"].as_str().expect("a token").to_owned();
    let flow_token = source["flow_token"].as_str().expect("a token").to_owned();
    let (client_secret, api_token) = (app.client_secret.clone(), inbox.api_token.clone());
    inbox.kill();

    for (name, secret) in [
        ("code", code),
        ("access token", access_token),
        ("refresh token", refresh_token),
        ("flow token", flow_token),
        ("session", session),
        ("API token", api_token),
    ] {
        assert!(secret.len() == 32 && !place.holds(&secret), "{name}");
    }
    assert!(place.holds(&client_secret), "actions are signed with it");
    #[cfg(unix)]
    if let Place::File { path, .. } = &place {
        use std::os::unix::fs::PermissionsExt;
        for file in fs::read_dir(path.parent().expect("a folder")).expect("a folder") {
            let file = file.expect("a file");
            let mode = file.metadata().expect("readable").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}: nobody else reads it", file.path().display());
        }
    }
}

#[test]
fn what_the_owner_changes_holds_for_the_next_post_of_a_source_that_has_posted() {
    let inbox = Inbox::new();
    inbox.stored(&flux_capacitor());
    inbox.owner("PUT", "/oauth/applications/1", &json!({ "name": "Renamed" })).expect(200);
    let mut next = flux_capacitor();
    next["external_thread_id"] = json!("another");
    assert_eq!(inbox.stored(&next)["thread"]["source"]["application"], "Renamed");
    inbox.owner("DELETE", "/flows/example/main/sources/1", &Value::Null);
    for _ in 0..2 {
        inbox.post(&chat("1", "after")).expect(410);
    }
}
