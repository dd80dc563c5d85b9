//! Bodies of requests: read up to a limit, as JSON or as a form.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde_json::{Map, Value};

use crate::answer::{FieldErrors, Refusal};
use crate::web_url::is_web_url;

/// A longer body is refused, a form with files aside.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How much more of a body that is too long is read and thrown away.
///
/// Most clients look for the answer only when they have sent everything; one whose connection is closed before that
/// sees a broken connection instead of the 413. Beyond this it is their loss.
const MAX_DISCARDED_BYTES: usize = 16 * MAX_BODY_BYTES;

/// The body, up to its limit. axum's own limit would close the connection in the middle of a longer one.
pub async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut chunks = body.into_data_stream();
    let (mut kept, mut seen) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::unreadable("The body broke off"))?;
        seen += chunk.len();
        if seen <= limit {
            kept.extend_from_slice(&chunk);
        } else if seen > limit + MAX_DISCARDED_BYTES {
            break;
        }
    }
    if seen > limit { Err(Refusal::too_large("The body", limit)) } else { Ok(kept) }
}

/// The body as JSON, whatever its type is said to be.
pub async fn json(body: Body) -> Result<Value, Refusal> {
    parsed(&read(body, MAX_BODY_BYTES).await?)
}

/// The JSON object of a body that need not be there, nor be JSON: `None` then.
pub async fn json_if_any(headers: &HeaderMap, body: Body) -> Result<Option<Map<String, Value>>, Refusal> {
    if media_type(headers) != "application/json" {
        return Ok(None);
    }
    let body = read(body, MAX_BODY_BYTES).await?;
    let value = if body.is_empty() { Value::Null } else { parsed(&body)? };
    Ok(if let Value::Object(object) = value { Some(object) } else { None })
}

/// JSON, whatever the body is said to be.
pub fn parsed(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::unreadable(format!("The body is not JSON: {error}")))
}

/// The fields of a JSON object or of a form.
#[derive(Debug, Default)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a form where the body is said to be one, else JSON.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Fields, Refusal> {
        if media_type(headers) != "application/x-www-form-urlencoded" {
            return match json(body).await? {
                Value::Object(fields) => Ok(Fields(fields)),
                _ => Err(Refusal::unreadable("The body is not a JSON object")),
            };
        }
        Fields::of_pairs(&read(body, MAX_BODY_BYTES).await?)
    }

    /// Reads the pairs of a form or of a query. A name that comes twice could mean either, so it is refused.
    pub fn of_pairs(text: &[u8]) -> Result<Fields, Refusal> {
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(text) {
            if fields.insert(name.clone().into_owned(), value.into()).is_some() {
                return Err(Refusal::unreadable(format!("`{name}` is there more than once")));
            }
        }
        Ok(Fields(fields))
    }

    /// The field's text; one that is empty or no text counts as not given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The field's value, whatever it is.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text that must be there.
    pub fn required(&self, name: &str, errors: &mut FieldErrors) -> String {
        match self.value(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => return text.clone(),
            None | Some(Value::Null | Value::String(_)) => errors.add(name, "can't be blank"),
            Some(_) => errors.add(name, "must be a string"),
        }
        String::new()
    }

    /// A text that may be missing; null and the empty text are none.
    pub fn optional(&self, name: &str, errors: &mut FieldErrors) -> Option<String> {
        match self.value(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
            Some(_) => {
                errors.add(name, "must be a string");
                None
            }
        }
    }

    /// A URL that may be missing.
    pub fn optional_url(&self, name: &str, errors: &mut FieldErrors) -> Option<String> {
        let url = self.optional(name, errors)?;
        if !is_web_url(&url) {
            errors.add(name, "must be an absolute http or https URL");
        }
        Some(url)
    }

    /// A whole number, also as text.
    pub fn id(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    /// Whether the field is there at all, null included.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// What the body is said to be, in lower case and without parameters.
pub fn media_type(headers: &HeaderMap) -> String {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
