//! Setting a source up, as JavaScript calls it: a request goes out as JSON, and what came of it comes back with what was kept
//! of the request. `pkg-template/oauth.js` and `pkg-template/flowdock-api.js` make classes of these calls.

use super::answer::{Answer, ended, failure, field_errors, optional, part_text, restored};
use super::options::{self, Invalid, Read};
use crate::encode::Json;
use crate::http::{Attempt, Secret, check_base_url};
use crate::setup::{
    SetupError, Tokens, asked, check, check_access_token, check_redirect_uri, operation,
    read_callback as core_read_callback, unreadable,
};
use crate::text::pieces;
use crate::value::{Frame, FrameValue, Value};

const OAUTH: &[&str] = &["baseUrl", "clientId", "clientSecret", "redirectUri", "allowHttp", "timeoutMs"];
const API: &[&str] = &["baseUrl", "accessToken", "allowHttp", "timeoutMs"];

/// `(options, "oauth" | "api")`: checks the options of a class; the most milliseconds that a request may take.
pub fn check_setup(frame: &Frame) -> Answer {
    let is_oauth = frame.value(1).text() == Some("oauth");
    let options = Read::new(frame.value(0), if is_oauth { OAUTH } else { API })?;
    base(&options)?;
    if is_oauth {
        options.required("clientId")?;
        options.string("clientSecret")?;
        check_redirect_uri(options.required("redirectUri")?).map_err(Invalid::from)?;
    } else {
        check_access_token(options.string("accessToken")?.unwrap_or_default()).map_err(Invalid::from)?;
    }
    Ok(options::timeout(&options)?)
}

/// `(operation, options, values)`: the request of an operation, with the options of its class and what it was called with.
pub fn setup_request(frame: &Frame) -> Answer {
    let Some(operation) = operation(frame.value(0).text().unwrap_or_default()) else {
        return super::answer::unreadable();
    };
    let (options, values) = (Read::any(frame.value(1))?, Read::any(frame.value(2))?);
    for field in operation.fields {
        values.string(field.name)?;
    }
    let token = if operation.needs_access_token() { Some(options.required("accessToken")?) } else { None };
    let token = token.map(|token| Secret::new(token.to_owned()));
    let value = |name: &str| values.text(name).or(options.text(name));
    let request = operation.request(base(&options)?, token.as_ref(), &value).map_err(Invalid::from)?;
    let mut json = Json::default();
    json.object(None);
    json.string(Some("method"), request.method);
    json.object(Some("headers"));
    request.headers().iter().for_each(|(name, value)| json.string(Some(name), value));
    json.end_object();
    if !request.body.is_empty() {
        json.string(Some("body"), &request.body);
    }
    json.string(Some("url"), &request.url);
    json.strings(Some("tokens"), &request.tokens());
    json.end_object();
    Ok(json.text())
}

/// `(url, state)`: the code with which a user came back.
pub fn read_callback(frame: &Frame) -> Answer {
    let part = |index| frame.value(index).text().unwrap_or_default();
    core_read_callback(part(0), part(1)).map_err(failed)
}

/// `(kept, attempt, scope)`: the tokens as JSON; `scope` is what has to be allowed, names with spaces between them.
pub fn tokens(frame: &Frame) -> Answer {
    let (status, body) = succeeded(frame)?;
    let tokens = Tokens::of(body).ok_or_else(|| failed(unreadable(Some(status))))?;
    let scope = frame.value(2).text().unwrap_or_default();
    let names = pieces(scope, b',').flat_map(|names| pieces(names, b' '));
    tokens.require(names.filter(|name| !name.is_empty())).map_err(failed)?;
    let mut json = Json::default();
    json.object(None);
    json.string(Some("accessToken"), &tokens.access_token);
    if let Some(token) = &tokens.refresh_token {
        json.string(Some("refreshToken"), token);
    }
    optional(&mut json, "expiresIn", tokens.expires_in.map(|seconds| seconds as usize));
    json.strings(Some("scope"), &tokens.scope);
    json.end_object();
    Ok(json.text())
}

/// `(kept, attempt, operation)`: nothing, when the answer is what was asked for.
pub fn api_answer(frame: &Frame) -> Answer {
    let (status, body) = succeeded(frame)?;
    let asked = operation(frame.value(2).text().unwrap_or_default());
    let fits = asked.is_some_and(|operation| operation.is_answered_by(body));
    if fits { Ok(String::new()) } else { Err(failed(unreadable(Some(status)))) }
}

fn base<'a>(options: &Read<'a>) -> Result<&'a str, Invalid> {
    Ok(check_base_url(options.required("baseUrl")?, options.boolean("allowHttp")?)?)
}

/// Status and body of the answer to a request that was kept, when it is a success.
fn succeeded(frame: &Frame) -> Result<(u16, FrameValue<'_>), String> {
    let (kept, attempt) = (frame.value(0), frame.value(1));
    let secrets: Vec<Secret> = restored(kept).collect();
    let (asked, method) = (asked(part_text(kept, "url"), &secrets), part_text(kept, "method"));
    let result = match (ended(attempt), attempt.part("body")) {
        (Ok(status), Some(body)) => check(asked, method, status, body).map(|()| (status, body)),
        (Ok(_), None) => Err(SetupError::unanswered(asked, method, Attempt::NoResponse)),
        (Err(attempt), _) => Err(SetupError::unanswered(asked, method, attempt)),
    };
    result.map_err(failed)
}

fn failed(error: SetupError) -> String {
    let mut json = Json::default();
    failure(&mut json, None, error.code, error.sentence(), error.retryable);
    optional(&mut json, "status", error.status.map(usize::from));
    field_errors(&mut json, &error.field_errors);
    json.end_object();
    json.text()
}
