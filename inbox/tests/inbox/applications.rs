//! Applications: the owner registers, lists and changes them.

use serde_json::{Value, json};

use crate::host::TimedInbox;
use crate::integration::{Integration, OUT_OF_BAND};

const APPLICATIONS: &str = "/oauth/applications";

#[test]
fn the_first_application_works_with_the_announced_credentials() {
    let inbox = TimedInbox::new();
    let first = inbox.get(&format!("{APPLICATIONS}/1")).expect(200);
    assert_eq!(
        first,
        json!({
            "id": 1,
            "name": "Example application",
            "url": format!("{}{APPLICATIONS}/1", inbox.url),
            "icon_url": null,
            "client_id": inbox.ready["client_id"],
            "redirect_uris": [OUT_OF_BAND],
            "setup_uri": null,
            "configuration_uri": null,
            "client_secret": inbox.ready["client_secret"],
        })
    );
    let text = |key: &str| inbox.ready[key].as_str().expect("a text").to_owned();
    let app = Integration {
        inbox: &inbox,
        id: 1,
        client_id: text("client_id"),
        client_secret: text("client_secret"),
        redirect_uri: OUT_OF_BAND.to_owned(),
    };
    let location = app.decide(&[]).header("location").expect("a location").to_owned();
    app.exchange(location.rsplit('/').next().expect("a code"), &[]).expect(200);
}

#[test]
fn the_announced_credentials_suffice_to_configure_the_first_application() {
    let inbox = TimedInbox::new();
    let text = |key: &str| inbox.ready[key].as_str().expect("a text").to_owned();
    let profile = json!({
        "name": "Polldock",
        "redirect_uris": ["http://127.0.0.1:3000/callback"],
        "setup_uri": "http://127.0.0.1:3000/setup",
        "configuration_uri": "http://127.0.0.1:3000/configure",
    });
    let changed = inbox.owner("PUT", &format!("{APPLICATIONS}/1"), &profile).expect(200);
    for (key, value) in profile.as_object().expect("an object") {
        assert_eq!(&changed[key], value, "{key}");
    }
    assert_eq!(changed["client_id"], inbox.ready["client_id"]);

    let app = Integration {
        inbox: &inbox,
        id: 1,
        client_id: text("client_id"),
        client_secret: text("client_secret"),
        redirect_uri: "http://127.0.0.1:3000/callback".to_owned(),
    };
    let access_token = app.authorised("flow integration").0;
    let sources = "/flows/example/main/sources";
    let source = inbox.send_as(&access_token, "POST", sources, &json!({ "name": "Lunch" })).expect(201);
    assert_eq!(source["application"]["name"], "Polldock");
    assert_eq!(source["application"]["configuration_uri"], profile["configuration_uri"]);
}

#[test]
fn an_application_is_registered_listed_and_changed() {
    let inbox = TimedInbox::new();
    let profile = json!({
        "name": "Garage",
        "icon_url": "https://app.example/icon.png",
        "redirect_uris": ["https://app.example/callback", OUT_OF_BAND],
        "setup_uri": "https://app.example/setup",
        "configuration_uri": "https://app.example/configure",
    });
    let created = inbox.owner("POST", APPLICATIONS, &profile).expect(201);
    for (key, value) in profile.as_object().expect("an object") {
        assert_eq!(&created[key], value, "{key}");
    }
    let path = format!("{APPLICATIONS}/{}", created["id"]);
    assert_eq!(inbox.get(&path).expect(200), created);

    let mut listed = created.clone();
    listed.as_object_mut().expect("an object").shift_remove("client_secret");
    assert_eq!(inbox.get(APPLICATIONS).expect(200)[1], listed);
    assert!(!inbox.get(APPLICATIONS).text.contains("client_secret"));

    listed["setup_uri"] = json!("http://127.0.0.1:3000/setup");
    listed["configuration_uri"] = Value::Null;
    let change = json!({ "setup_uri": listed["setup_uri"], "configuration_uri": "" });
    assert_eq!(inbox.owner("PUT", &path, &change).expect(200), listed);
    assert_eq!(inbox.get(APPLICATIONS).expect(200)[1], listed);
    for path in ["/oauth/applications/99", "/oauth/applications/x"] {
        assert_eq!(inbox.get(path).expect(404), json!({ "message": "Application not found" }));
        inbox.owner("PUT", path, &json!({})).expect(404);
    }
}

#[test]
fn the_problems_of_an_application_are_listed_by_field() {
    let inbox = TimedInbox::new();
    for (profile, field) in [
        (json!({}), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x", "redirect_uris": [] }), "redirect_uris"),
        (json!({ "name": "x", "redirect_uris": "" }), "redirect_uris"),
        (json!({ "name": "x", "redirect_uris": [1] }), "redirect_uris"),
        (json!({ "name": "x", "redirect_uris": {} }), "redirect_uris"),
        (json!({ "name": "x", "redirect_uris": ["javascript:alert(1)"] }), "redirect_uris"),
        (json!({ "name": "x", "redirect_uris": ["https://app.example/#fragment"] }), "redirect_uris"),
        (json!({ "name": "x", "redirect_uris": ["https://app.example/", "/relative"] }), "redirect_uris"),
        (json!({ "name": "x", "setup_uri": "ftp://app.example/" }), "setup_uri"),
        (json!({ "name": "x", "configuration_uri": "x" }), "configuration_uri"),
        (json!({ "name": "x", "icon_url": "data:," }), "icon_url"),
    ] {
        let answer = inbox.owner("POST", APPLICATIONS, &profile).expect(400);
        let fields: Vec<_> = answer["errors"].as_object().expect("errors").keys().collect();
        assert_eq!(fields, [field], "{profile}");
        let mut change = profile;
        change.as_object_mut().expect("an object").entry("name").or_insert(json!(""));
        inbox.owner("PUT", "/oauth/applications/1", &change).expect(400);
    }
    assert_eq!(inbox.get(APPLICATIONS).expect(200).as_array().map(Vec::len), Some(1));
}
