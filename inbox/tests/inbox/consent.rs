//! The consent page: what it shows, who may authorise, and to where the browser is sent back.

use serde_json::json;

use crate::host::{Answer, TimedInbox};
use crate::integration::{CALLBACK, FORM, Integration, OUT_OF_BAND, hidden, query};

#[track_caller]
fn is_page(answer: &Answer, status: u16) {
    assert_eq!((answer.status, answer.header("location")), (status, None), "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(
        (answer.header("cache-control"), answer.header("referrer-policy")),
        (Some("no-store"), Some("same-origin"))
    );
    let scripts = answer.text.matches("<script").count() - answer.text.matches("<script src=\"consent.js\">").count();
    assert!(scripts == 0 && !answer.text.contains(" style="), "{}", answer.text);
}

#[test]
fn the_page_escapes_the_name_of_the_application_and_all_parameters() {
    let inbox = TimedInbox::new();
    let app = Integration::register_with(
        &inbox,
        json!({ "name": "<script>alert(\"'1'\")</script>", "redirect_uris": ["https://app.example/?a=%3Cb%3E&c='"] }),
    );
    let page = app.ask(&[("state", "\"><script>alert(1)</script>")]);
    is_page(&page, 200);
    assert!(
        page.text.contains("Authorise &lt;script&gt;alert(&quot;&#39;1&#39;&quot;)&lt;/script&gt;"),
        "{}",
        page.text
    );
    assert!(page.text.contains("add, change and remove its own") && !page.text.contains("know who you are"));
    assert!(!page.text.contains(&app.client_secret) && !page.text.contains(&inbox.api_token));
    assert_eq!(hidden(&page.text, "state").as_deref(), Some("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn the_page_names_the_application_the_way_back_and_nothing_of_the_inbox_but_its_host() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let flow = inbox.owner("GET", "/flows", &json!({})).expect(200)[0].clone();
    let [id, name] = ["id", "name"].map(|key| flow[key].as_str().expect("a text"));
    let page = app.ask(&[("flow", id)]);
    is_page(&page, 200);
    let host = inbox.url.strip_prefix("http://").expect("http");
    for shown in [
        "<b>Garage</b>".to_owned(),
        format!("Client id {}<", app.client_id),
        format!("You go back to <b>app.example</b>.<small>{CALLBACK}</small>"),
        format!("<dt>Inbox</dt><dd><b>{host}</b></dd>"),
        // The script fills them in, because anybody may open the page.
        "<div id=\"user\" hidden>".to_owned(),
        format!("<div id=\"flow\" data-id=\"{id}\" hidden>"),
    ] {
        assert!(page.text.contains(&shown), "{shown}: {}", page.text);
    }
    assert!(!page.text.contains(&format!("<dd>{name}")) && !page.text.contains("Owner"), "{}", page.text);
    assert_eq!(hidden(&page.text, "flow").as_deref(), Some(id));
    assert!(!app.ask(&[]).text.contains("id=\"flow\""));
    assert_eq!(app.decide(&[("flow", id)]).status, 303);

    let evil = app.ask(&[("flow", "\"><script>alert(1)</script>")]);
    is_page(&evil, 200);
    let style = inbox.send("GET", "/oauth/page.css", &[], "");
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
}

#[test]
fn an_unknown_client_or_redirect_uri_never_causes_a_redirect() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let two = Integration::register_with(
        &inbox,
        json!({ "name": "Two", "redirect_uris": [CALLBACK, "https://two.example/"] }),
    );
    for (app, change) in [
        (&app, ("client_id", "unknown")),
        (&app, ("client_id", "")),
        (&app, ("redirect_uri", "https://evil.example/")),
        (&app, ("redirect_uri", "https://app.example/callback")),
        (&app, ("redirect_uri", "https://app.example/callback?from=inbox&more")),
        (&app, ("redirect_uri", "https://app.example/callback?from=inbox#fragment")),
        (&app, ("redirect_uri", OUT_OF_BAND)),
        (&app, ("redirect_uri", "javascript:alert(1)")),
        (&two, ("redirect_uri", "")),
    ] {
        is_page(&app.ask(&[change]), 400);
        is_page(&app.decide(&[change]), 400);
        // A second mistake in the request does not cause a redirect either.
        is_page(&app.ask(&[change, ("scope", "everything")]), 400);
    }
    let twice = inbox.send("GET", &format!("/oauth/authorize?{}&client_id=x", app.parameters(&[])), &[], "");
    is_page(&twice, 400);
}

#[test]
fn every_other_mistake_is_sent_to_the_application() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let out_of_band = Integration::register_with(&inbox, json!({ "name": "Tool" }));
    for (changes, error) in [
        (vec![("response_type", "")], "invalid_request"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("scope", "flow everything")], "invalid_scope"),
        (vec![("code_challenge", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")], "invalid_request"),
        (
            vec![("code_challenge", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), ("code_challenge_method", "plain")],
            "invalid_request",
        ),
        (vec![("code_challenge", "short"), ("code_challenge_method", "S256")], "invalid_request"),
    ] {
        for answer in [app.ask(&changes), app.decide(&changes)] {
            assert_eq!(answer.status, 303, "{changes:?}");
            let location = answer.header("location").expect("a location");
            assert!(location.starts_with(&format!("{CALLBACK}&error={error}&error_description=")), "{location}");
            assert_eq!(query(location, "state").as_deref(), Some("a&b=c"));
        }
        // An out-of-band application has no URI to go back to.
        is_page(&out_of_band.ask(&changes), 400);
    }
}

#[test]
fn anybody_can_refuse_without_signing_in() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let answer = app.decide(&[("decision", "refuse"), ("token", "")]);
    assert_eq!(answer.status, 303);
    let location = answer.header("location").expect("a location");
    assert!(location.starts_with(&format!("{CALLBACK}&error=access_denied&")), "{location}");
}

#[test]
fn an_out_of_band_code_is_in_the_page_and_in_its_url() {
    let inbox = TimedInbox::new();
    let app = Integration::register_with(&inbox, json!({ "name": "Tool" }));
    assert_eq!(app.redirect_uri, OUT_OF_BAND);
    let answer = app.decide(&[]);
    let location = answer.header("location").expect("a location").to_owned();
    let code = location.strip_prefix("authorize/").expect("documented, and relative to where the form was sent");
    let page = inbox.send("GET", &format!("/oauth/{location}"), &[], "");
    is_page(&page, 200);
    assert!(page.text.contains(&format!("<code id=\"code\">{code}</code>")), "{}", page.text);
    app.exchange(code, &[]).expect(200);
    for path in ["%3Cscript%3E", "%FF", "Call+this+number"] {
        is_page(&inbox.send("GET", &format!("/oauth/authorize/{path}"), &[], ""), 404);
    }
}

#[test]
fn only_the_owner_can_authorise() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let access_token = app.authorised("flow integration").0;
    for token in ["", "wrong", &inbox.flow_token, &access_token, &app.client_secret] {
        let answer = app.decide(&[("token", token)]);
        is_page(&answer, 403);
        assert!(answer.text.contains("The API token is missing or is not that of this inbox."), "{}", answer.text);
        assert!(answer.text.contains("data-refused"), "{}", answer.text);
    }
}

#[test]
fn the_page_of_the_inbox_authorises_with_its_session() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let session = inbox.owner("POST", "/session", &json!({})).expect(201);
    let token = session["token"].as_str().expect("a token");
    assert_eq!(app.decide(&[("token", token)]).status, 303);
    inbox.later(30 * 24 * 60 * 60);
    is_page(&app.decide(&[("token", token)]), 403);
}

#[test]
fn no_cookie_is_set_and_none_gives_access() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let session = inbox.owner("POST", "/session", &json!({}));
    let consent = app.decide(&[]);
    for answer in [&session, &app.ask(&[]), &consent] {
        assert_eq!(answer.header("set-cookie"), None);
    }
    let token = session.expect(201)["token"].as_str().expect("a token").to_owned();
    for name in ["flowdock_inbox_session", "token", "api_token", "access_token"] {
        let cookie = format!("{name}={token}");
        is_page(&app.decide_with(&[("Cookie", &cookie)], &[("token", "")]), 403);
        inbox.send("GET", "/flows", &[("Cookie", &cookie)], "").expect(401);
    }
}

#[test]
fn a_form_of_another_site_or_port_is_refused() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let own = inbox.url.clone();
    for (name, value, status) in [
        ("Origin", "http://127.0.0.1:1", 403),
        ("Origin", "https://evil.example", 403),
        ("Origin", "null", 403),
        ("Sec-Fetch-Site", "cross-site", 403),
        ("Sec-Fetch-Site", "same-site", 403),
        ("Sec-Fetch-Site", "none", 403),
        ("Origin", own.as_str(), 303),
        ("Sec-Fetch-Site", "same-origin", 303),
    ] {
        let answer = app.decide_with(&[(name, value)], &[]);
        assert_eq!(answer.status, status, "{name}: {value}");
    }
    // A refusal gives nobody access, so anybody may send it.
    assert_eq!(app.decide_with(&[("Origin", "null")], &[("decision", "refuse")]).status, 303);
}

#[test]
fn a_form_decides_only_about_the_request_that_was_shown() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let form_token = hidden(&app.ask(&[("scope", "flow")]).text, "form_token").expect("a form token");
    let decide = |changes: &[(&str, &str)]| {
        let usual = [("decision", "authorise"), ("token", inbox.api_token.as_str()), ("form_token", &form_token)];
        inbox.send("POST", "/oauth/authorize", &[FORM], &app.parameters(&[&usual, changes].concat()))
    };
    for changes in [
        &[("scope", "flow integration offline_access")][..],
        &[("scope", "flow"), ("state", "other")],
        &[("scope", "flow"), ("flow", "other")],
        &[("scope", "flow"), ("form_token", "")],
        &[("scope", "flow"), ("form_token", "1.00")],
    ] {
        let answer = decide(changes);
        is_page(&answer, 403);
        assert!(answer.text.contains("out of date") && !answer.text.contains("data-refused"), "{}", answer.text);
    }
    assert_eq!(decide(&[("scope", "flow")]).status, 303);
    inbox.later(60 * 60 + 1);
    is_page(&decide(&[("scope", "flow")]), 403);
}
