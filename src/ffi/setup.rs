//! Setting a source up: a request goes out as JSON, and what came of it comes back with what was kept of the request.

use super::answer::optional;
use super::options::{self, Read};
use super::read::{argument, ended, part, text, tokens as secrets};
use super::{Answer, CallError};
use crate::http::{Attempt, Secret, check_base_url};
use crate::json::{Value, Writer};
use crate::setup::{
    SetupError, Tokens, asked, check, check_access_token, check_redirect_uri, operation,
    read_callback as core_read_callback, unreadable,
};
use crate::text::pieces;

const OAUTH: &[&str] = &["baseUrl", "clientId", "clientSecret", "redirectUri", "allowHttp", "timeoutMs"];
const API: &[&str] = &["baseUrl", "accessToken", "allowHttp", "timeoutMs"];

/// `({ kind: "oauth" | "api", options })`: checks the options of a class; the most milliseconds that a request may take.
pub fn check_setup(class: &str, _: &str) -> Answer {
    let class = argument(class)?;
    let class = class.root();
    let is_oauth = text(class, "kind") == "oauth";
    let options = Read::new(part(class, "options"), if is_oauth { OAUTH } else { API })?;
    base(&options)?;
    if is_oauth {
        options.required("clientId")?;
        options.string("clientSecret")?;
        check_redirect_uri(options.required("redirectUri")?)?;
    } else {
        check_access_token(options.string("accessToken")?.unwrap_or_default())?;
    }
    options::timeout(&options)
}

/// `({ operation, options, values })`: the request of an operation, with the options of its class and what it was called with.
pub fn setup_request(asked: &str, _: &str) -> Answer {
    let asked = argument(asked)?;
    let asked = asked.root();
    let Some(operation) = operation(text(asked, "operation")) else {
        return Err(CallError::InvalidOption("there is no such operation".to_owned()));
    };
    let (options, values) = (Read::any(part(asked, "options"))?, Read::any(part(asked, "values"))?);
    for field in operation.fields {
        values.string(field.name)?;
    }
    let token = if operation.needs_access_token() { Some(options.required("accessToken")?) } else { None };
    let token = token.map(|token| Secret::new(token.to_owned()));
    let value = |name: &str| values.text(name).or(options.text(name));
    let request = operation.request(base(&options)?, token.as_ref(), &value)?;
    let mut json = Writer::default();
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

/// `({ url, state })`: the code with which a user came back, as text.
pub fn read_callback(visit: &str, _: &str) -> Answer {
    let visit = argument(visit)?;
    Ok(core_read_callback(text(visit.root(), "url"), text(visit.root(), "state"))?)
}

/// `({ sent, answer, scope })`: the tokens of an answer; `scope` is what has to be allowed, names with spaces between them.
pub fn tokens(told: &str, _: &str) -> Answer {
    let told = argument(told)?;
    let (status, body) = succeeded(told.root())?;
    let tokens = Tokens::of(body).ok_or_else(|| unreadable(Some(status)))?;
    let names = pieces(text(told.root(), "scope"), b',').flat_map(|names| pieces(names, b' '));
    tokens.require(names.filter(|name| !name.is_empty()))?;
    let mut json = Writer::default();
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

/// `({ sent, answer, operation })`: nothing, when the answer is what was asked for.
pub fn api_answer(told: &str, _: &str) -> Answer {
    let told = argument(told)?;
    let (status, body) = succeeded(told.root())?;
    let is_answered = operation(text(told.root(), "operation")).is_some_and(|operation| operation.is_answered_by(body));
    if is_answered { Ok(String::new()) } else { Err(unreadable(Some(status)).into()) }
}

fn base<'a>(options: &Read<'a>) -> Result<&'a str, CallError> {
    Ok(check_base_url(options.required("baseUrl")?, options.boolean("allowHttp")?)?)
}

/// Status and body of the answer to a request, when it is a success.
fn succeeded(told: Value<'_>) -> Result<(u16, Value<'_>), SetupError> {
    let sent = part(told, "sent");
    let secrets = secrets(sent);
    let (asked, method) = (asked(text(sent, "url"), &secrets), text(sent, "method"));
    let unanswered = |attempt: Attempt<'_>| SetupError::unanswered(asked, method, attempt);
    let (status, body) = ended(part(told, "answer")).map_err(unanswered)?;
    check(asked, method, status, body)?;
    Ok((status, body))
}
