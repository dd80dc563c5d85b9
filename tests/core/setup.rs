//! Tests of setting up a source: the requests, and how their answers are read.

use flowdock_integration::ErrorCode;
use flowdock_integration::client::Attempt;
use flowdock_integration::setup::{
    ApiRequest, Authorization, FlowPath, FlowdockApi, FlowdockApiOptions, OAuth, OAuthOptions, SourceChange,
    read_callback,
};

const FLOW: FlowPath<'_> = FlowPath { organization: "example", flow: "main" };

fn oauth() -> OAuth {
    let options = OAuthOptions::new("https://e.example/", "the id", "https://app.example/back?x=1");
    OAuth::new(options.client_secret("s3cret")).unwrap()
}

fn api() -> FlowdockApi {
    FlowdockApi::new(FlowdockApiOptions::new("https://e.example", "t0ken")).unwrap()
}

/// Returns the method, the URL after the base URL, the body and the authorization of a request.
fn shape<T>(request: &ApiRequest<T>) -> (String, String, Option<String>) {
    let headers = request.headers();
    let header = |wanted: &str| headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone());
    assert_eq!(header("Accept").as_deref(), Some("application/json"));
    let kind = if request.body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    assert_eq!(header("Content-Type").as_deref(), Some(kind).filter(|_| !request.body.is_empty()));
    assert!(!format!("{request:?}").contains("t0ken"), "{request:?}");
    let path = request.url.strip_prefix("https://e.example").unwrap();
    (format!("{} {path}", request.method), request.body.clone(), header("Authorization"))
}

#[test]
fn each_request_is_as_the_documents_describe_it() {
    let (api, bearer) = (api(), Some("Bearer t0ken"));
    let change = SourceChange { error_message: Some(""), configuration_url: Some("https://app.example/c") };
    let changed = r#"{"error_message":"","configuration_url":"https://app.example/c"}"#;
    for (made, line, body, authorization) in [
        (shape(&api.find_flow("a:b").unwrap()), "GET /flows/find?id=a%3Ab", "", bearer),
        (shape(&api.sources().unwrap()), "GET /sources", "", bearer),
        (shape(&api.flow_sources(FLOW).unwrap()), "GET /flows/example/main/sources", "", bearer),
        (shape(&api.source(FLOW, "3/4").unwrap()), "GET /flows/example/main/sources/3%2F4", "", bearer),
        (
            shape(&api.create_source(FLOW, "Lunch \"poll\"", None).unwrap()),
            "POST /flows/example/main/sources",
            r#"{"name":"Lunch \"poll\""}"#,
            bearer,
        ),
        (
            shape(&api.create_source(FLOW, "Poll", Some("https://p.example")).unwrap()),
            "POST /flows/example/main/sources",
            r#"{"name":"Poll","external_url":"https://p.example"}"#,
            bearer,
        ),
        (shape(&api.update_source(FLOW, "3", change).unwrap()), "PUT /flows/example/main/sources/3", changed, bearer),
        (
            shape(&api.update_source(FLOW, "3", SourceChange::default()).unwrap()),
            "PUT /flows/example/main/sources/3",
            "{}",
            bearer,
        ),
        (
            shape(&api.update_source_by_token("f10w", SourceChange { configuration_url: None, ..change }).unwrap()),
            "PUT /sources",
            r#"{"flow_token":"f10w","error_message":""}"#,
            None,
        ),
        (shape(&api.delete_source(FLOW, "3").unwrap()), "DELETE /flows/example/main/sources/3", "", bearer),
        (
            shape(&oauth().exchange_code("c0de", "").unwrap()),
            "POST /oauth/token",
            "grant_type=authorization_code&client_id=the%20id&client_secret=s3cret\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fx%3D1&code=c0de",
            None,
        ),
        (
            shape(&oauth().refresh("r3fresh").unwrap()),
            "POST /oauth/token",
            "grant_type=refresh_token&client_id=the%20id&client_secret=s3cret&refresh_token=r3fresh",
            None,
        ),
    ] {
        assert_eq!(made, (line.to_owned(), body.to_owned(), authorization.map(str::to_owned)));
    }
    assert!(oauth().exchange_code("c0de", "ver1fier").unwrap().body.ends_with("&code=c0de&code_verifier=ver1fier"));
    let wanted = Authorization { scope: "integration flow", state: "a&b", code_challenge: "" };
    let url = "https://e.example/oauth/authorize?client_id=the%20id&response_type=code\
               &redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fx%3D1&scope=integration%20flow&state=a%26b";
    assert_eq!(oauth().authorize_url(&wanted).unwrap(), url);
    let pkce = Authorization { code_challenge: "ch4llenge", ..wanted };
    let with_pkce = format!("{url}&code_challenge=ch4llenge&code_challenge_method=S256");
    assert_eq!(oauth().authorize_url(&pkce).unwrap(), with_pkce);
    assert_eq!(oauth().authorize_url(&Authorization { state: "", ..wanted }).unwrap_err().option, "state");
}

#[test]
fn an_answer_is_read_or_its_error_says_what_is_wrong() {
    let request = api().create_source(FLOW, "Poll", None).unwrap();
    let made = request.read(201, r#"{"id":"3","flow_token":"f10w","x":1}"#).unwrap();
    assert_eq!((made.source.id.as_str(), &made.source.more["x"]), ("3", &1.into()));
    assert!(!format!("{made:?}").contains("f10w"));
    for (status, body, code) in [
        (201, "{}", ErrorCode::BadResponse),
        (201, r#"{"id":3}"#, ErrorCode::BadResponse),
        (429, "", ErrorCode::RateLimited),
        (500, "", ErrorCode::Server),
        (200, "<html>", ErrorCode::BadResponse),
        (302, "", ErrorCode::RedirectRefused),
        (400, r#"{"message":"Validation error","errors":{"name":["t0ken"]}}"#, ErrorCode::Rejected),
        (401, r#"{"message":"t0ken is unknown"}"#, ErrorCode::Unauthorized),
        (403, "", ErrorCode::Forbidden),
        (403, r#"{"error":"insufficient_scope"}"#, ErrorCode::ScopeMissing),
        (404, "", ErrorCode::NotFound),
        (503, "", ErrorCode::Server),
    ] {
        let error = request.read(status, body).unwrap_err();
        assert_eq!(
            (error.code, error.status, error.retryable),
            (code, Some(status), matches!(status, 429 | 503)),
            "{status} {body}"
        );
        assert!(!format!("{error} {error:?}").contains("t0ken"), "{error:?}");
    }
    for (attempt, code) in [
        (Attempt::Network("ECONNREFUSED"), ErrorCode::Network),
        (Attempt::Timeout(5), ErrorCode::Timeout),
        (Attempt::Aborted { in_flight: true }, ErrorCode::Aborted),
        (Attempt::Redirected, ErrorCode::RedirectRefused),
        (Attempt::NoResponse, ErrorCode::BadResponse),
    ] {
        // The server may have made a source although no answer came.
        assert_eq!((request.failed(attempt).code, request.failed(attempt).retryable), (code, false));
    }
    assert!(api().sources().unwrap().failed(Attempt::Timeout(5)).retryable);
    api().delete_source(FLOW, "3").unwrap().read(204, "").unwrap();
    assert_eq!(api().sources().unwrap().read(200, "[]").unwrap(), []);
    let flow =
        r#"{"id":"f","parameterized_name":"main","organization":{"parameterized_name":"example"},"joined":true}"#;
    let flow = api().find_flow("f").unwrap().read(200, flow).unwrap();
    assert_eq!(flow.path(), FLOW);

    for answer in ["error=x&error_description=c0de%2F1+and+c0de%252F1", r#"{"message":"c0de/1 c0de%2F1"}"#] {
        let error = oauth().exchange_code("c0de/1", "").unwrap().read(400, answer).unwrap_err();
        assert!(error.to_string().contains('…') && !error.to_string().contains("c0de"), "{error}");
    }
    let error =
        oauth().exchange_code("c0de", "").unwrap().read(400, "error=invalid_grant&error_description=c0de").unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidGrant);
    assert!(!error.to_string().contains("c0de"), "{error}");
}

#[test]
fn a_user_comes_back_with_a_code_or_with_a_reason() {
    let back = |query: &str| read_callback(&format!("https://app.example/back?{query}"), "s t&");
    assert_eq!(back("code=a%2Fb&state=s%20t%26").unwrap(), "a/b");
    assert_eq!(back("state=s+t%26&code=a").unwrap(), "a");
    for (query, code) in [
        ("code=a", ErrorCode::StateMismatch),
        ("code=a&state=", ErrorCode::StateMismatch),
        ("code=a&state=s", ErrorCode::StateMismatch),
        ("error=access_denied&state=other", ErrorCode::StateMismatch),
        ("error=access_denied&state=s+t%26", ErrorCode::AccessDenied),
        ("error=invalid_scope&state=s+t%26", ErrorCode::ScopeMissing),
        ("error=temporarily_unavailable&state=s+t%26", ErrorCode::Server),
        ("error=invalid_request&error_description=odd&state=s+t%26", ErrorCode::Rejected),
        ("state=s+t%26", ErrorCode::BadResponse),
    ] {
        assert_eq!(back(query).unwrap_err().code, code, "{query}");
    }
    assert_eq!(read_callback("https://app.example/back?code=a&state=", "").unwrap_err().code, ErrorCode::StateMismatch);
}

#[test]
fn a_name_cannot_change_the_path() {
    for id in ["", ".", ".."] {
        assert_eq!(api().delete_source(FLOW, id).unwrap_err().option, "id", "{id}");
        let flow = FlowPath { flow: id, ..FLOW };
        assert_eq!(api().flow_sources(flow).unwrap_err().option, "flow", "{id}");
    }
    assert!(api().source(FLOW, "...").is_ok());
    assert_eq!(api().create_source(FLOW, "", None).unwrap_err().option, "name");
    assert_eq!(oauth().refresh("").unwrap_err().option, "refreshToken");
}

#[test]
fn options_that_cannot_be_used_are_named() {
    let options = |base, id, uri| OAuth::new(OAuthOptions::new(base, id, uri)).map(|_| ()).unwrap_err().option;
    assert_eq!(options("http://e.example", "id", "https://app.example"), "baseUrl");
    assert_eq!(options("https://e.example", "", "https://app.example"), "clientId");
    assert_eq!(options("https://e.example", "id", "app.example"), "redirectUri");
    assert_eq!(options("https://e.example", "id", "https://app.example/#a"), "redirectUri");
    let wanted = Authorization { scope: "flow", state: "s3cret", code_challenge: "" };
    assert!(!format!("{wanted:?}").contains("s3cret"));
    let token = FlowdockApi::new(FlowdockApiOptions::new("https://e.example", "a\r\nb")).unwrap_err();
    assert_eq!(token.option, "accessToken");
    assert!(!format!("{:?} {:?}", oauth(), api()).contains("s3cret"));
}
