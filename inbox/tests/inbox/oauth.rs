//! Tokens: how an application gets them, how long they are valid, and what is refused.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::host::TimedInbox;
use crate::integration::{CALLBACK, FORM, Integration, OUT_OF_BAND, query};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Whether the inbox accepts an access token.
fn opens(inbox: &TimedInbox, access_token: &str) -> bool {
    inbox.send_as(access_token, "GET", "/flows", &Value::Null).status == 200
}

#[test]
fn an_application_goes_from_consent_to_a_posted_message() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);

    let page = app.ask(&[]);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let answer = app.decide(&[]);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let location = answer.header("location").expect("a location").to_owned();
    assert!(location.starts_with("https://app.example/callback?from=inbox&code="), "{location}");
    assert_eq!(query(&location, "state").as_deref(), Some("a&b=c"));

    let tokens = app.exchange(&query(&location, "code").expect("a code"), &[]).expect(200);
    let access_token = tokens["access_token"].as_str().expect("a token");
    assert_eq!(
        tokens,
        json!({
            "access_token": access_token,
            "token_type": "bearer",
            "expires_in": 7200,
            "scope": "flow,offline_access,integration",
            "refresh_token": tokens["refresh_token"],
        })
    );
    for token in [access_token, tokens["refresh_token"].as_str().expect("a token")] {
        assert!(token.len() == 32 && token.chars().all(|digit| digit.is_ascii_hexdigit()), "128 bits");
    }

    let id = inbox.owner("GET", "/flows", &Value::Null).expect(200)[0]["id"].as_str().expect("an id").to_owned();
    let flow = inbox.send_as(access_token, "GET", &format!("/flows/find?id={id}"), &Value::Null).expect(200);
    let sources = flow["links"]["sources"]["url"].as_str().expect("a URL").strip_prefix(&inbox.url).expect("ours");
    let source = inbox.send_as(access_token, "POST", sources, &json!({ "name": "DeLorean" })).expect(201);
    let message = json!({
        "flow_token": source["flow_token"], "event": "message", "content": "88 mph", "external_thread_id": "1"
    });
    inbox.send("POST", "/messages", &[], &message.to_string()).expect(202);
    let thread = &inbox.send_as(access_token, "GET", "/flows/example/main/threads", &Value::Null).expect(200)[0];
    assert_eq!(thread["source"]["application"], "Garage");
}

#[test]
fn an_answer_is_a_form_unless_json_is_asked_for() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    for (accept, is_json) in [
        (None, false),
        (Some("*/*"), false),
        (Some("application/x-www-form-urlencoded"), false),
        (Some("application/json"), true),
        (Some("text/html, application/JSON;q=0.9"), true),
    ] {
        let (id, secret, code) = (&app.client_id, &app.client_secret, app.code(&[("scope", "")]));
        let redirect_uri = form_urlencoded::byte_serialize(CALLBACK.as_bytes()).collect::<String>();
        let body = format!(
            "client_id={id}&client_secret={secret}&code={code}&redirect_uri={redirect_uri}&grant_type=authorization_code"
        );
        let mut headers = vec![FORM];
        headers.extend(accept.map(|accept| ("Accept", accept)));
        for status in [200, 400] {
            // The second request gets an error, because the code is used up.
            let answer = inbox.send("POST", "/oauth/token", &headers, &body);
            assert_eq!(answer.status, status, "{}", answer.text);
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let starts = if status == 200 { "access_token=" } else { "error=invalid_grant&error_description=" };
            if is_json {
                answer.expect(status);
            } else {
                assert_eq!(answer.header("content-type"), Some("application/x-www-form-urlencoded"));
                assert!(answer.text.starts_with(starts), "{}", answer.text);
            }
            if status == 200 && !is_json {
                assert!(
                    answer.text.ends_with("&token_type=bearer&expires_in=7200&scope=flow%2Cprivate"),
                    "{}",
                    answer.text
                );
            }
        }
    }
}

#[test]
fn a_client_may_authenticate_in_three_ways_but_not_in_two_at_once() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let (id, secret) = (app.client_id.as_str(), app.client_secret.as_str());
    let basic = |id: &str, secret: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")));
    let other = Integration::register(&inbox);
    let (good, wrong) = (basic(id, secret), basic(id, "wrong"));
    for (name, authorization, fields, expected) in [
        ("fields", "", vec![("client_id", id), ("client_secret", secret)], None),
        ("Basic", &*good, vec![], None),
        ("Basic and the same id", &good, vec![("client_id", id)], None),
        ("wrong secret", "", vec![("client_id", id), ("client_secret", "wrong")], Some((401, "invalid_client"))),
        (
            "another's secret",
            "",
            vec![("client_id", id), ("client_secret", &other.client_secret)],
            Some((401, "invalid_client")),
        ),
        ("no secret", "", vec![("client_id", id)], Some((401, "invalid_client"))),
        ("nothing", "", vec![], Some((401, "invalid_client"))),
        ("unknown", "", vec![("client_id", "x"), ("client_secret", secret)], Some((401, "invalid_client"))),
        ("wrong Basic", &wrong, vec![], Some((401, "invalid_client"))),
        ("no Basic", "Bearer x", vec![], Some((401, "invalid_client"))),
        ("two ways", &good, vec![("client_id", id), ("client_secret", secret)], Some((400, "invalid_request"))),
        ("two ids", &good, vec![("client_id", &other.client_id)], Some((400, "invalid_request"))),
    ] {
        for as_json in [false, true] {
            let code = app.code(&[]);
            let mut pairs =
                vec![("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", &*app.redirect_uri)];
            pairs.extend(fields.iter().copied());
            let body = if as_json {
                Value::from_iter(pairs.iter().copied()).to_string()
            } else {
                form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
            };
            let content_type = if as_json { ("Content-Type", "application/json") } else { FORM };
            let mut headers = vec![content_type, ("Accept", "application/json")];
            if !authorization.is_empty() {
                headers.push(("Authorization", authorization));
            }
            let answer = inbox.send("POST", "/oauth/token", &headers, &body);
            match expected {
                None => assert_eq!(answer.status, 200, "{name}: {}", answer.text),
                Some((status, error)) => assert_eq!(Integration::error(&answer), (status, error.to_owned()), "{name}"),
            }
            let is_challenged = answer.status == 401 && !authorization.is_empty();
            let challenge = is_challenged.then_some("Basic realm=\"Flowdock inbox\"");
            assert_eq!(answer.header("www-authenticate"), challenge, "{name}");
            assert!(!answer.text.contains(secret), "{name}");
        }
    }
}

#[test]
fn a_request_for_tokens_that_cannot_be_read_is_refused() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let code = app.code(&[]);
    for (fields, error) in [
        (vec![], "invalid_request"),
        (vec![("grant_type", "authorization_code")], "invalid_request"),
        (vec![("grant_type", "refresh_token")], "invalid_request"),
        (vec![("grant_type", "client_credentials")], "unsupported_grant_type"),
        (vec![("grant_type", "password"), ("username", "a"), ("password", "b")], "invalid_grant"),
        (vec![("grant_type", "refresh_token"), ("refresh_token", &*code)], "invalid_grant"),
        (vec![("grant_type", "authorization_code"), ("code", "unknown")], "invalid_grant"),
    ] {
        assert_eq!(Integration::error(&app.token(&fields)), (400, error.to_owned()), "{fields:?}");
    }
    for body in ["[]", "{", "\"text\"", ""] {
        let answer = inbox.send("POST", "/oauth/token", &[("Accept", "application/json")], body);
        assert_eq!(Integration::error(&answer), (400, "invalid_request".to_owned()), "{body}");
    }
    let twice = inbox.send("POST", "/oauth/token", &[FORM, ("Accept", "application/json")], "code=a&code=b");
    assert_eq!(Integration::error(&twice), (400, "invalid_request".to_owned()));
    app.exchange(&code, &[]).expect(200);
}

#[test]
fn a_request_that_does_not_match_the_authorisation_is_refused_and_keeps_the_code_valid() {
    let inbox = TimedInbox::new();
    let profile = json!({ "name": "Garage", "redirect_uris": [CALLBACK, OUT_OF_BAND] });
    let app = Integration::register_with(&inbox, profile);
    let other = Integration::register(&inbox);
    let s256 = challenge(VERIFIER);
    let with_pkce: &[_] = &[("code_challenge", &*s256), ("code_challenge_method", "S256")];
    for (name, asked, exchanged) in [
        ("another redirect", &[][..], ("redirect_uri", OUT_OF_BAND)),
        ("no redirect", &[], ("redirect_uri", "")),
        ("an unknown redirect", &[], ("redirect_uri", "https://app.example/")),
        ("another verifier", with_pkce, ("code_verifier", "another")),
        ("the challenge as verifier", with_pkce, ("code_verifier", &s256)),
        ("no verifier", with_pkce, ("code_verifier", "")),
        ("a verifier without a challenge", &[], ("code_verifier", VERIFIER)),
    ] {
        let code = app.code(asked);
        let answer = app.exchange(&code, &[exchanged]);
        assert_eq!(Integration::error(&answer), (400, "invalid_grant".to_owned()), "{name}");
        let verifier = if asked.is_empty() { "" } else { VERIFIER };
        app.exchange(&code, &[("code_verifier", verifier)]).expect(200);
    }
    // Another application cannot exchange the code, and its attempt keeps the code valid.
    let code = app.code(&[]);
    for _ in 0..2 {
        assert_eq!(Integration::error(&other.exchange(&code, &[])), (400, "invalid_grant".to_owned()));
    }
    app.exchange(&code, &[]).expect(200);
}

#[test]
fn a_missing_redirect_uri_stands_for_the_only_registered_one() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let left_out = [("redirect_uri", "")];
    for (changes, is_taken) in
        [(&left_out[..], true), (&[], true), (&[("redirect_uri", "https://app.example/")], false)]
    {
        let answer = app.exchange(&app.code(&left_out), changes);
        assert_eq!(answer.status == 200, is_taken, "{changes:?}: {}", answer.text);
    }
}

#[test]
fn a_code_is_valid_for_ten_minutes() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let [early, late] = [app.code(&[]), app.code(&[])];
    inbox.later(10 * 60 - 1);
    app.exchange(&early, &[]).expect(200);
    inbox.later(1);
    let answer = app.exchange(&late, &[]).expect(400);
    assert_eq!(answer, json!({ "error": "invalid_grant", "error_description": "it has expired" }));
}

#[test]
fn the_second_use_of_a_code_revokes_the_tokens_of_the_first_use() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let (untouched, _) = app.authorised("flow");
    for minutes in [0, 30] {
        let code = app.code(&[]);
        let first = app.exchange(&code, &[]).expect(200);
        let access_token = first["access_token"].as_str().expect("a token");
        assert!(opens(&inbox, access_token));
        inbox.later(minutes * 60);
        assert_eq!(Integration::error(&app.exchange(&code, &[])), (400, "invalid_grant".to_owned()));
        assert!(!opens(&inbox, access_token));
        let refresh_token = first["refresh_token"].as_str().expect("a token");
        assert_eq!(Integration::error(&app.refresh(refresh_token)), (400, "invalid_grant".to_owned()));
    }
    assert!(opens(&inbox, &untouched), "another authorisation is another matter");
}

#[test]
fn the_second_use_of_a_refresh_token_revokes_all_tokens_of_its_grant() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let other = Integration::register(&inbox);
    let (first_access, first_refresh) = app.authorised("flow offline_access");

    // Another application cannot use the refresh token, and its attempt does not count as a use.
    assert_eq!(Integration::error(&other.refresh(&first_refresh)), (400, "invalid_grant".to_owned()));
    let second = app.refresh(&first_refresh).expect(200);
    assert_eq!(second["scope"], "flow,offline_access");
    let text = |key: &str| second[key].as_str().expect("a token").to_owned();
    let (second_access, second_refresh) = (text("access_token"), text("refresh_token"));
    assert_ne!(first_refresh, second_refresh);
    assert!(opens(&inbox, &first_access) && opens(&inbox, &second_access));

    assert_eq!(Integration::error(&app.refresh(&first_refresh)), (400, "invalid_grant".to_owned()));
    for (name, is_dead) in [
        ("first access token", !opens(&inbox, &first_access)),
        ("second access token", !opens(&inbox, &second_access)),
        ("second refresh token", app.refresh(&second_refresh).status == 400),
    ] {
        assert!(is_dead, "{name}");
    }
}

#[test]
fn a_refresh_token_does_not_expire_and_brings_no_additional_scopes() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let (_, mut refresh_token) = app.authorised("flow integration offline_access");
    for scope in ["flow manage", "everything"] {
        let answer = app.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token), ("scope", scope)]);
        assert_eq!(Integration::error(&answer), (400, "invalid_grant".to_owned()), "{scope}");
    }
    for scope in ["", "flow", "flow integration offline_access"] {
        inbox.later(30 * 24 * 60 * 60);
        let answer = app.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token), ("scope", scope)]);
        let tokens = answer.expect(200);
        assert_eq!(tokens["scope"], "flow,offline_access,integration", "the answer says what it is good for");
        assert!(opens(&inbox, tokens["access_token"].as_str().expect("a token")));
        refresh_token = tokens["refresh_token"].as_str().expect("a token").to_owned();
    }
}

#[test]
fn without_offline_access_there_is_no_refresh_token() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let tokens = app.exchange(&app.code(&[("scope", "integration")]), &[]).expect(200);
    assert_eq!(tokens.get("refresh_token"), None);
    assert_eq!(tokens["scope"], "integration");
}

#[test]
fn an_access_token_expires() {
    let inbox = TimedInbox::with(|args| args.token_lifetime = std::time::Duration::from_secs(60));
    let app = Integration::register(&inbox);
    let tokens = app.exchange(&app.code(&[]), &[]).expect(200);
    assert_eq!(tokens["expires_in"], 60);
    let access_token = tokens["access_token"].as_str().expect("a token");
    inbox.later(59);
    assert!(opens(&inbox, access_token));
    inbox.later(1);
    let answer = inbox.send_as(access_token, "GET", "/flows", &Value::Null);
    assert_eq!(answer.expect(401), json!({ "message": "The access token has expired" }));
    let challenge = "Bearer realm=\"Flowdock inbox\", error=\"invalid_token\"";
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    inbox.send("GET", &format!("/flows?access_token={access_token}"), &[], "").expect(401);
}

#[test]
fn an_access_token_gives_access_by_its_scopes_and_never_to_what_is_the_owners() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let none = app.authorised("profile").0;
    let flow = app.authorised("flow").0;
    let integration = app.authorised("integration").0;
    let lacks = |scope: &str| format!("The access token lacks the scope {scope}");
    let (flow_scope, sources_scope) = (lacks("`flow`"), lacks("`integration`"));
    let any_scope = lacks("`flow` or `integration` or `manage`");
    let owners = "Only the owner may do this, with the API token or on the inbox's page".to_owned();
    for (token, method, path, refused) in [
        (&none, "GET", "/flows", Some(any_scope.clone())),
        (&none, "GET", "/flows/find?id=x", Some(any_scope.clone())),
        (&none, "GET", "/flows/example/main", Some(any_scope.clone())),
        (&none, "GET", "/sources", Some(sources_scope.clone())),
        (&none, "GET", "/flows/example/main/sources", Some(any_scope.clone())),
        (&none, "GET", "/flows/example/main?accept=text/event-stream", Some(any_scope.clone())),
        (&none, "GET", "/flows/example/main/messages", Some(any_scope)),
        (&integration, "GET", "/flows", None),
        (&integration, "GET", "/flows/example/main", None),
        (&integration, "GET", "/sources", None),
        (&integration, "GET", "/flows/example/main/sources/1", None),
        (&integration, "GET", "/flows/example/main?accept=text/event-stream", Some(flow_scope.clone())),
        (&integration, "GET", "/flows/example/main/messages", Some(flow_scope.clone())),
        (&integration, "GET", "/flows/example/main/threads", Some(flow_scope)),
        (&flow, "GET", "/flows/example/main/messages", None),
        (&flow, "GET", "/flows/example/main/threads", None),
        (&flow, "GET", "/sources", Some(sources_scope.clone())),
        (&flow, "GET", "/flows/example/main/sources", Some(sources_scope.clone())),
        (&flow, "GET", "/flows/example/main/sources/1", Some(sources_scope.clone())),
        (&flow, "POST", "/flows/example/main/sources", Some(sources_scope.clone())),
        (&flow, "DELETE", "/flows/example/main/sources/1", Some(sources_scope.clone())),
        (&flow, "PUT", "/flows/example/main/sources/1", Some(sources_scope)),
        (
            &integration,
            "DELETE",
            "/flows/example/main/sources/1",
            Some("The source belongs to another application".into()),
        ),
        (
            &integration,
            "PUT",
            "/flows/example/main/sources/1",
            Some("The source belongs to another application".into()),
        ),
        (&integration, "GET", "/oauth/applications", Some(owners.clone())),
        (&integration, "POST", "/oauth/applications", Some(owners.clone())),
        (&integration, "GET", "/oauth/applications/1", Some(owners.clone())),
        (&integration, "PUT", "/oauth/applications/1", Some(owners.clone())),
        (&integration, "DELETE", "/oauth/applications/1", Some(owners.clone())),
        (&integration, "POST", "/oauth/applications/1/secret", Some(owners.clone())),
        (&integration, "GET", "/oauth/grants", Some(owners.clone())),
        (&integration, "DELETE", "/oauth/grants/1", Some(owners.clone())),
        (&flow, "GET", "/sessions", Some(owners.clone())),
        (&flow, "DELETE", "/sessions/1", Some(owners.clone())),
        (&flow, "POST", "/flows/example/main/threads/x/actions", Some(owners.clone())),
        (&flow, "POST", "/session", Some(owners)),
    ] {
        let body = if method == "GET" || method == "DELETE" { Value::Null } else { json!({ "name": "x" }) };
        let answer = inbox.send_as(token, method, path, &body);
        match refused {
            None => assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text),
            Some(message) => {
                assert_eq!(answer.expect(403), json!({ "message": message }), "{method} {path}");
                let challenge = answer.header("www-authenticate").unwrap_or_default();
                assert_eq!(challenge.contains("insufficient_scope"), message.contains("lacks"), "{challenge}");
            }
        }
    }
}
