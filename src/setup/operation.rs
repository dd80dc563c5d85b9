//! The requests that set up a source, as one table (wire format, section 5).
//!
//! `setup` of the crate and the npm package both make their requests from this table, so each path and each field name
//! is written only here.

use std::marker::PhantomData;

use super::form;
use super::request::ApiRequest;

use crate::http::{InvalidOption, Secret};
use crate::json::{Node, Value, Writer};
use crate::text::{concat, pieces};

/// A request that sets up a source, a flow or a user's permission.
pub(crate) struct Operation {
    /// The name of the operation in JavaScript.
    pub name: &'static str,
    method: &'static str,
    /// The path, with a `%` for each field that is part of it.
    path: &'static str,
    answer: Answered,
    pub fields: &'static [Field],
}

/// What the body of a successful answer must contain. It may contain more. A test checks that this is exactly what the
/// types of `api.rs` need.
#[derive(Clone, Copy)]
enum Answered {
    /// Any body. `tokens.rs` checks the bodies that contain tokens.
    Any,
    Sources,
    Source,
    /// A source with its flow token, which no later answer shows again.
    NewSource,
    Flow,
}

/// A value that the request sends.
pub(crate) struct Field {
    /// The name of the field in JavaScript. For a fixed field, its value.
    pub name: &'static str,
    /// The name of the field on the wire.
    wire: &'static str,
    location: Location,
    kind: Kind,
}

/// The part of the request that holds a field.
#[derive(Clone, Copy, PartialEq)]
enum Location {
    Path,
    Query,
    Form,
    Json,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Required,
    Optional,
    /// Required. No error may show the value.
    Secret,
    /// Optional. No error may show the value.
    OptionalSecret,
    Fixed,
}

use Answered::{Any, Flow, NewSource, Source, Sources};
use Kind::{Fixed, Optional, OptionalSecret, Required};
use Location::{Form, Path, Query};

const fn field(location: Location, name: &'static str, wire: &'static str, kind: Kind) -> Field {
    Field { name, wire, location, kind }
}

const ORGANIZATION: Field = field(Path, "organization", "", Required);
const FLOW_NAME: Field = field(Path, "flow", "", Required);
const ID: Field = field(Path, "id", "", Required);
const ERROR_MESSAGE: Field = field(Location::Json, "errorMessage", "error_message", Optional);
const CONFIGURATION_URL: Field = field(Location::Json, "configurationUrl", "configuration_url", Optional);
const CLIENT_ID: Field = field(Form, "clientId", "client_id", Required);
const CLIENT_SECRET: Field = field(Form, "clientSecret", "client_secret", OptionalSecret);

#[rustfmt::skip]
pub(crate) static OPERATIONS: [Operation; 11] = [
    Operation { name: "authorizeUrl", method: "GET", path: "/oauth/authorize", answer: Any, fields: &[
        field(Query, "clientId", "client_id", Required),
        field(Query, "code", "response_type", Fixed),
        field(Query, "redirectUri", "redirect_uri", Required),
        field(Query, "scope", "scope", Optional),
        field(Query, "state", "state", Required),
        field(Query, "codeChallenge", "code_challenge", Optional),
        field(Query, "codeChallengeMethod", "code_challenge_method", Optional),
    ] },
    Operation { name: "exchangeCode", method: "POST", path: "/oauth/token", answer: Any, fields: &[
        field(Form, "authorization_code", "grant_type", Fixed),
        CLIENT_ID,
        CLIENT_SECRET,
        field(Form, "redirectUri", "redirect_uri", Required),
        field(Form, "code", "code", Kind::Secret),
        field(Form, "codeVerifier", "code_verifier", OptionalSecret),
    ] },
    Operation { name: "refresh", method: "POST", path: "/oauth/token", answer: Any, fields: &[
        field(Form, "refresh_token", "grant_type", Fixed),
        CLIENT_ID,
        CLIENT_SECRET,
        field(Form, "refreshToken", "refresh_token", Kind::Secret),
    ] },
    Operation { name: "findFlow", method: "GET", path: "/flows/find", answer: Flow, fields: &[field(Query, "id", "id", Required)] },
    Operation { name: "sources", method: "GET", path: "/sources", answer: Sources, fields: &[] },
    Operation { name: "flowSources", method: "GET", path: "/flows/%/%/sources", answer: Sources, fields: &[ORGANIZATION, FLOW_NAME] },
    Operation { name: "source", method: "GET", path: "/flows/%/%/sources/%", answer: Source, fields: &[ORGANIZATION, FLOW_NAME, ID] },
    Operation { name: "createSource", method: "POST", path: "/flows/%/%/sources", answer: NewSource, fields: &[
        ORGANIZATION,
        FLOW_NAME,
        field(Location::Json, "name", "name", Required),
        field(Location::Json, "externalUrl", "external_url", Optional),
    ] },
    Operation { name: "updateSource", method: "PUT", path: "/flows/%/%/sources/%", answer: Source, fields: &[
        ORGANIZATION, FLOW_NAME, ID, ERROR_MESSAGE, CONFIGURATION_URL,
    ] },
    Operation { name: "updateSourceByToken", method: "PUT", path: "/sources", answer: Source, fields: &[
        field(Location::Json, "flowToken", "flow_token", Kind::Secret), ERROR_MESSAGE, CONFIGURATION_URL,
    ] },
    Operation { name: "deleteSource", method: "DELETE", path: "/flows/%/%/sources/%", answer: Any, fields: &[ORGANIZATION, FLOW_NAME, ID] },
];

/// Returns the operation with a name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

/// Makes the request of the operation with a name, from the values of its fields.
///
/// # Errors
/// When a required field is empty, or when a field in the path would change the path.
pub(super) fn request<T>(
    name: &str,
    base: &str,
    token: Option<&Secret>,
    values: &[(&str, &str)],
) -> Result<ApiRequest<T>, InvalidOption> {
    let value = |wanted: &str| values.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    // The table contains each name that this crate asks for; the tests of the callers check that.
    let found = operation(name).map(|operation| operation.request(base, token, &value));
    Ok(found.transpose()?.unwrap_or_default().answered_by())
}

impl Operation {
    /// Whether the request needs the access token of a user.
    pub fn needs_access_token(&self) -> bool {
        !self.path.starts_with("/oauth/") && !self.fields.iter().any(Field::is_secret)
    }

    /// Whether the body of a successful answer contains what it must.
    pub fn is_answered_by(&self, body: Value<'_>) -> bool {
        let has = |name: &str| body.part(name).and_then(Value::text).is_some();
        match self.answer {
            Any => true,
            Sources => match body.node() {
                Node::Array(mut items) => items.all(has_id),
                _ => false,
            },
            Source => has_id(body),
            NewSource => has_id(body) && has("flow_token"),
            Flow => {
                let organization = body.part("organization").and_then(|of| of.part("parameterized_name"));
                has("id") && has("parameterized_name") && organization.and_then(Value::text).is_some()
            }
        }
    }

    /// Makes the request of the operation. `value` returns the value of a field by its name in JavaScript, and a field
    /// without a value is left out.
    ///
    /// # Errors
    /// When a required field is empty, or when a field in the path would change the path.
    pub fn request<'a>(
        &self,
        base: &str,
        access_token: Option<&Secret>,
        value: &dyn Fn(&str) -> Option<&'a str>,
    ) -> Result<ApiRequest<()>, InvalidOption> {
        let mut path = pieces(self.path, b'%');
        let mut url = concat(&[base, path.next().unwrap_or_default()]);
        let (mut query, mut form, mut json) = (String::new(), String::new(), Writer::default());
        let access_token = access_token.filter(|_| self.needs_access_token());
        let mut secrets = Vec::new();
        if let Some(token) = access_token {
            secrets.push(token.clone());
        }
        json.object(None);
        for field in self.fields {
            let value = if field.kind == Fixed { Some(field.name) } else { value(field.name) };
            if matches!(field.kind, Required | Kind::Secret) && value.is_none_or(str::is_empty) {
                return Err(InvalidOption::new(field.name, "is required"));
            }
            let Some(value) = value else { continue };
            if field.is_secret() && !value.is_empty() {
                let escaped = form::escape(value);
                if escaped != value {
                    // A server may repeat the value as it is in the request.
                    secrets.push(Secret::new(escaped));
                }
                secrets.push(Secret::new(value.to_owned()));
            }
            match field.location {
                Path => {
                    // An escaped dot is equal to a dot for every program that parses the URL, so these two cannot be
                    // escaped.
                    if let "." | ".." = value {
                        return Err(InvalidOption::new(field.name, "must be a name, and not lead elsewhere"));
                    }
                    url.push_str(&form::escape(value));
                    url.push_str(path.next().unwrap_or_default());
                }
                Query => form::add(&mut query, field.wire, value),
                Form => form::add(&mut form, field.wire, value),
                Location::Json => json.string(Some(field.wire), value),
            }
        }
        json.end_object();
        if !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        let has_json = self.fields.iter().any(|field| field.location == Location::Json);
        Ok(ApiRequest {
            method: self.method,
            url,
            body: if has_json { json.text() } else { form },
            content_type: if has_json { "application/json" } else { "application/x-www-form-urlencoded" },
            secrets,
            access_token: access_token.cloned(),
            answer: PhantomData,
        })
    }
}

/// Whether the `id` of a source is a number or a text.
fn has_id(source: Value<'_>) -> bool {
    source.part("id").is_some_and(|id| matches!(id.node(), Node::String(_) | Node::Number(_)))
}

impl Field {
    fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | OptionalSecret)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{OPERATIONS, Operation};
    use crate::setup::{Answer, Flow, NewSource, Source};

    fn is_answered(operation: &Operation, body: &Value) -> bool {
        let text = body.to_string();
        operation.is_answered_by(crate::json::read(&text).unwrap().root())
    }

    /// Whether the type of an operation's answer accepts a body.
    fn is_read(name: &str, body: &str) -> bool {
        match name {
            "findFlow" => Flow::read(body).is_some(),
            "source" | "updateSource" | "updateSourceByToken" => Source::read(body).is_some(),
            "createSource" => NewSource::read(body).is_some(),
            "sources" | "flowSources" => <Vec<Source>>::read(body).is_some(),
            _ => <()>::read(body).is_some(),
        }
    }

    #[test]
    fn an_operation_accepts_what_the_type_of_its_answer_reads() {
        let flow =
            json!({ "id": "f", "parameterized_name": "main", "organization": { "parameterized_name": "example" } });
        let source = json!({ "id": 3, "flow_token": "1b609b5253" });
        let with = |body: &Value, pointer: &str, part: Value| {
            let mut body = body.clone();
            *body.pointer_mut(pointer).unwrap() = part;
            body
        };
        let mut bodies = vec![json!({}), json!("x"), json!(null), flow.clone(), source.clone(), json!({ "id": "3" })];
        for wrong in [json!(null), json!({}), json!(true)] {
            for pointer in ["/id", "/parameterized_name", "/organization", "/organization/parameterized_name"] {
                bodies.push(with(&flow, pointer, wrong.clone()));
            }
            bodies.extend(["/id", "/flow_token"].map(|pointer| with(&source, pointer, wrong.clone())));
        }
        let lists = bodies.iter().map(|body| json!([source, body])).chain([json!([]), json!(["x"]), json!([[]])]);
        let bodies: Vec<_> = lists.chain(bodies.clone()).collect();
        for asked in OPERATIONS.iter().filter(|asked| !asked.path.starts_with("/oauth/")) {
            for body in &bodies {
                assert_eq!(is_answered(asked, body), is_read(asked.name, &body.to_string()), "{}: {body}", asked.name);
            }
        }
    }
}
