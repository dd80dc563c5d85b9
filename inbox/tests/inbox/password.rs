//! The API token as a password, on the owner's own machine.

use serde_json::{Value, json};

use crate::compatibility::basic;
use crate::host::{Inbox, TimedInbox};
use crate::integration::{FORM, Integration, OUT_OF_BAND};
use crate::samples::flux_capacitor;

/// Flowdock's set-up script registers an application and takes a password grant, with the name and the password that its
/// user types.
#[test]
fn the_set_up_script_gets_from_nothing_to_a_message() {
    let inbox = Inbox::new();
    let authorization = basic("marty@example.org", &inbox.api_token);
    let headers = [("Authorization", authorization.as_str()), ("Accept", "application/json")];
    let application = json!({ "application": { "name": "Garage", "redirect_uri": OUT_OF_BAND } });
    let application = inbox.send("POST", "/oauth/applications", &headers, &application.to_string()).expect(201);
    assert_eq!((&application["name"], &application["redirect_uris"]), (&json!("Garage"), &json!([OUT_OF_BAND])));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let (client_id, client_secret) = (text(&application["client_id"]), text(&application["client_secret"]));

    let grant = format!(
        "grant_type=password&username=marty%40example.org&password={}&client_id={client_id}&client_secret={client_secret}\
         &redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob&scope=flow+integration",
        inbox.api_token
    );
    let answer = inbox.send("POST", "/oauth/token", &[FORM, ("Accept", "application/json")], &grant).expect(200);
    assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("bearer"), &json!("flow,integration")));
    let token = text(&answer["access_token"]);
    let flows = inbox.send_as(&token, "GET", "/flows.json", &Value::Null).expect(200);
    assert_eq!(flows[0]["open"], true, "the script takes only the flows that are open");
    let sources =
        format!("{}/sources", flows[0]["url"].as_str().and_then(|url| url.strip_prefix(&inbox.url)).expect("ours"));
    let bearer = format!("Bearer {token}");
    let made = inbox.send("POST", &sources, &[("Authorization", &bearer), FORM], "name=Tickets").expect(201);
    let mut message = flux_capacitor();
    message["flow_token"] = made["flow_token"].clone();
    inbox.send("POST", "/messages", &[], &message.to_string()).expect(202);
    let grants = inbox.get("/oauth/grants").expect(200);
    assert_eq!(grants[0]["scopes"], json!(["flow", "integration"]), "the owner sees the grant and can revoke it");

    // The fields of a form, and an application in the owner's own words.
    let form = "application[name]=Form&application[redirect_uri]=http%3A%2F%2F127.0.0.1%2Fcallback";
    let registered = inbox.send("POST", "/oauth/applications", &[headers[0], FORM], form).expect(201);
    assert_eq!(
        (&registered["name"], &registered["redirect_uris"]),
        (&json!("Form"), &json!(["http://127.0.0.1/callback"]))
    );
    let refused =
        inbox.send("POST", "/oauth/applications", &headers, r#"{"application":{"name":"x","redirect_uri":"x"}}"#);
    assert_eq!(refused.expect(400)["errors"].as_object().map(|errors| errors.contains_key("redirect_uri")), Some(true));
}

#[test]
fn the_password_is_the_api_token_and_nothing_else() {
    let inbox = Inbox::new();
    let application = r#"{"application":{"name":"x","redirect_uri":"urn:ietf:wg:oauth:2.0:oob"}}"#;
    let register = |authorization: &str| {
        inbox.send("POST", "/oauth/applications", &[("Authorization", authorization)], application).status
    };
    let session =
        inbox.owner("POST", "/session", &Value::Null).expect(201)["token"].as_str().expect("a token").to_owned();
    for password in ["", "wrong", inbox.flow_token.as_str(), &session] {
        assert_eq!(register(&basic("marty", password)), 401, "{password}");
    }
    assert_eq!(register(&basic(&inbox.api_token, "")), 201);
    assert_eq!(register(&basic(&inbox.api_token, "wrong")), 201, "the token is the name, as everywhere");
    // Only registering an application takes the password.
    for (method, path) in [("GET", "/oauth/applications"), ("GET", "/flows"), ("POST", "/session")] {
        let authorization = basic("marty", &inbox.api_token);
        inbox.send(method, path, &[("Authorization", &authorization)], "").expect(401);
    }
    let app = Integration::register(&inbox);
    let grant = |changes: &[(&str, &str)]| {
        let usual = [("grant_type", "password"), ("username", "marty"), ("password", inbox.api_token.as_str())];
        app.token(&[&usual, changes].concat())
    };
    assert_eq!(Integration::error(&grant(&[("password", "wrong")])), (400, "invalid_grant".to_owned()));
    assert_eq!(Integration::error(&grant(&[("password", &session)])), (400, "invalid_grant".to_owned()));
    assert_eq!(Integration::error(&grant(&[("password", "")])), (400, "invalid_request".to_owned()));
    assert_eq!(Integration::error(&grant(&[("scope", "everything")])), (400, "invalid_scope".to_owned()));
    assert_eq!(Integration::error(&grant(&[("client_secret", "wrong")])).0, 401);
    let tokens = grant(&[("scope", "flow offline_access")]).expect(200);
    app.refresh(tokens["refresh_token"].as_str().expect("a token")).expect(200);
}

#[test]
fn the_password_is_for_this_machine_alone() {
    // The address is that of this machine, but others may reach it through a proxy or by another address.
    type Change = fn(&mut flowdock_inbox::Args);
    let proxied: &[(&str, &str)] = &[("X-Forwarded-For", "127.0.0.1")];
    let cases: [(Change, &[(&str, &str)]); 5] = [
        (|args| args.listen = "0.0.0.0:0".parse().expect("an address"), &[]),
        (|args| args.public_url = Some("https://inbox.example".to_owned()), &[]),
        (|args| args.trusted_proxy = vec!["127.0.0.1".parse().expect("an address")], &[]),
        (|args| args.trusted_proxy = vec!["127.0.0.1".parse().expect("an address")], proxied),
        (|_| (), proxied),
    ];
    for (change, headers) in cases {
        let mut inbox = TimedInbox::with(change);
        inbox.client.url = inbox.url.replace("0.0.0.0", "127.0.0.1");
        let app = Integration::register(&inbox);
        let grant = format!(
            "grant_type=password&username=x&password={}&client_id={}&client_secret={}",
            inbox.api_token, app.client_id, app.client_secret
        );
        let headers = |more: &[(&'static str, &'static str)]| [headers, more].concat();
        let answer = inbox.send("POST", "/oauth/token", &headers(&[FORM, ("Accept", "application/json")]), &grant);
        assert_eq!(Integration::error(&answer), (400, "unauthorized_client".to_owned()));
        let authorization = basic("x", &inbox.api_token);
        let application = r#"{"application":{"name":"x","redirect_uri":"urn:ietf:wg:oauth:2.0:oob"}}"#;
        let mut with_password = headers(&[]);
        with_password.push(("Authorization", &authorization));
        inbox.send("POST", "/oauth/applications", &with_password, application).expect(401);
        // The owner registers it there as everywhere.
        let authorization = basic(&inbox.api_token, "");
        inbox.send("POST", "/oauth/applications", &[("Authorization", &authorization)], application).expect(201);
    }
}
