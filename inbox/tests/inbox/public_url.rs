//! An inbox behind a server with another URL.

use serde_json::{Value, json};

use crate::host::{Inbox, TimedInbox};
use crate::integration::{FORM, Integration, OUT_OF_BAND};
use crate::samples::flux_capacitor;
use crate::service::Service;

const PUBLIC_URL: &str = "https://flows.example/team/inbox";

/// An inbox with this public URL. The test reaches it at its local address.
fn behind(public_url: &str) -> TimedInbox {
    TimedInbox::with(|args| args.public_url = Some(public_url.to_owned()))
}

/// All strings in a JSON value that are URLs.
fn urls(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) if text.contains("://") => vec![text],
        Value::Array(list) => list.iter().flat_map(urls).collect(),
        Value::Object(object) => object.values().flat_map(urls).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_link_begins_with_the_public_url() {
    let inbox = behind(PUBLIC_URL);
    let sources = "/flows/example/main/sources";
    let source = inbox.owner("POST", sources, &json!({ "name": "DeLorean", "application": 1 })).expect(201);
    let one_source = format!("{sources}/{}", source["id"]);
    for (path, links) in [
        ("/flows", 4),
        ("/flows/example/main", 4),
        ("/sources", 6),
        (sources, 6),
        (&one_source, 3),
        ("/oauth/applications", 1),
        ("/oauth/applications/1", 1),
    ] {
        let answer = inbox.get(path).expect(200);
        let links_found = urls(&answer);
        assert_eq!(links_found.len(), links, "{path}: {answer}");
        for link in links_found {
            assert!(link.starts_with(&format!("{PUBLIC_URL}/")), "{path}: {link}");
        }
    }
    let flow = inbox.get("/flows/example/main").expect(200);
    assert_eq!(flow["links"]["sources"]["url"], format!("{PUBLIC_URL}{sources}"));
    assert_eq!(flow["web_url"], format!("{PUBLIC_URL}/"));
}

#[test]
fn the_signed_body_of_an_action_contains_the_public_url() {
    let inbox = behind(PUBLIC_URL);
    let service = Service::with_status(200, "");
    let target =
        json!({ "@type": "EntryPoint", "urlTemplate": format!("{}/close", service.url), "httpMethod": "POST" });
    let action = json!({ "@type": "UpdateAction", "name": "Close", "target": target });
    let mut message = flux_capacitor();
    message["thread"]["actions"] = json!([action]);
    let thread_id = inbox.stored(&message)["thread_id"].clone();
    let thread = format!("/flows/example/main/threads/{}", thread_id.as_str().expect("an id"));
    inbox.owner("POST", &format!("{thread}/actions"), &action).expect(200);
    let body: Value = serde_json::from_slice(&service.next().body).expect("JSON");
    assert_eq!(body["agent"]["image"], format!("{PUBLIC_URL}/avatars/1"));
}

#[test]
fn the_pages_of_oauth_have_only_relative_links() {
    let inbox = behind(PUBLIC_URL);
    let app = Integration::register_with(&inbox, json!({ "name": "Tool", "redirect_uris": [OUT_OF_BAND] }));
    let consent = app.ask(&[]).text;
    assert!(consent.contains("action=\"authorize\"") && consent.contains("href=\"page.css\""), "{consent}");
    let location = app.decide(&[]).header("location").expect("a location").to_owned();
    let code = inbox.send("GET", &format!("/oauth/{location}"), &[FORM], "").text;
    assert!(code.contains("href=\"../page.css\""), "{code}");
}

#[test]
fn the_announcement_has_both_urls_and_the_public_one_without_a_slash_at_its_end() {
    let inbox = Inbox::with(&["--public-url", "https://flows.example/inbox//"]);
    assert_eq!(inbox.ready["url"], "https://flows.example/inbox");
    assert!(inbox.url.starts_with("http://127.0.0.1:"), "{}", inbox.url);
    inbox.get("/flows/example/main").expect(200);
}
