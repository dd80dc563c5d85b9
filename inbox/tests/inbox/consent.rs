//! The consent page: what it shows, who may authorise, and to where the browser is sent back.

use serde_json::json;

use crate::host::{Answer, TimedInbox};
use crate::integration::{CALLBACK, FORM, Integration, OUT_OF_BAND, query};

#[track_caller]
fn is_page(answer: &Answer, status: u16) {
    assert_eq!((answer.status, answer.header("location")), (status, None), "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(
        (answer.header("cache-control"), answer.header("referrer-policy")),
        (Some("no-store"), Some("no-referrer"))
    );
    assert!(!answer.text.contains("<script") && !answer.text.contains(" style="), "{}", answer.text);
}

/// The cookie that an answer sets, as a browser sends it in later requests.
fn cookie(answer: &Answer) -> Option<String> {
    answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).map(str::to_owned)
}

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
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
    assert!(page.text.contains("add sources to your flows") && !page.text.contains("know who you are"));
    assert!(!page.text.contains(&app.client_secret) && !page.text.contains(&inbox.api_token));
    assert_eq!(hidden(&page.text, "state").as_deref(), Some("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
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
    let answer = app.decide(&[("decision", "refuse"), ("api_token", "")]);
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
    for api_token in ["", "wrong", &inbox.flow_token, &access_token, &app.client_secret] {
        let answer = app.decide(&[("api_token", api_token)]);
        is_page(&answer, 403);
        assert_eq!(answer.header("set-cookie"), None);
        assert!(answer.text.contains("The API token is missing or is not that of this inbox."), "{}", answer.text);
    }
}

#[test]
fn a_signed_in_browser_authorises_with_one_click_of_its_own_form() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    // The demo page signs its browser in with `POST /session`. The first consent signs the browser in as well.
    let page_signed_in = inbox.owner("POST", "/session", &json!({}));
    assert_eq!(page_signed_in.status, 204);
    let first_consent = app.decide(&[]);
    for answer in [&page_signed_in, &first_consent] {
        let attributes = answer.header("set-cookie").expect("a cookie").split_once("; ").expect("attributes").1;
        assert_eq!(attributes, "Path=/oauth/authorize; Max-Age=43200; HttpOnly; SameSite=Lax");
    }
    let [mine, another] = [cookie(&page_signed_in).expect("a cookie"), cookie(&first_consent).expect("a cookie")];

    let ask = |cookie: &str| {
        inbox.send("GET", &format!("/oauth/authorize?{}", app.parameters(&[])), &[("Cookie", cookie)], "")
    };
    let decide = |cookie: &str, form_token: &str| {
        let body = app.parameters(&[("decision", "authorise"), ("form_token", form_token)]);
        inbox.send("POST", "/oauth/authorize", &[FORM, ("Cookie", cookie)], &body)
    };
    let page = ask(&format!("theme=dark; {mine}"));
    is_page(&page, 200);
    assert!(!page.text.contains("api_token"), "{}", page.text);
    let form_token = hidden(&page.text, "form_token").expect("a form token");
    let anothers = hidden(&ask(&another).text, "form_token").expect("a form token");

    // Without the right form token, the form could come from any other page.
    for (cookie, form_token) in [
        (&*mine, ""),
        (&mine, "wrong"),
        (&mine, &anothers),
        ("", &form_token),
        ("flowdock_inbox_session=x", &form_token),
    ] {
        is_page(&decide(cookie, form_token), 403);
    }
    assert_eq!(decide(&mine, &form_token).status, 303);

    // The session gives access to nothing else.
    inbox.send("GET", "/flows", &[("Cookie", &mine)], "").expect(401);

    inbox.later(12 * 60 * 60);
    is_page(&decide(&mine, &form_token), 403);
    assert!(ask(&mine).text.contains("name=\"api_token\""));
}
