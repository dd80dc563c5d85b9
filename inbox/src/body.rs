//! Reads the bodies of requests, up to a size limit, as JSON or as a form.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde_json::{Map, Value};

use crate::answer::{FieldErrors, Refusal};
use crate::web_url::is_web_url;

/// The largest body that is accepted. A form with files has a limit of its own.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How many bytes beyond the limit are read and discarded.
///
/// Most clients read the answer only after they have sent the whole body. If the connection closes before that, they
/// report a broken connection instead of the 413. A client that sends even more than this gets no 413.
const MAX_DISCARDED_BYTES: usize = 16 * MAX_BODY_BYTES;

/// Reads a body of at most `limit` bytes. axum's own limit is not used, because it closes the connection in the middle
/// of a longer body.
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

/// Reads the body as JSON, whatever its Content-Type is.
pub async fn json(body: Body) -> Result<Value, Refusal> {
    parsed(&read(body, MAX_BODY_BYTES).await?)
}

/// Reads the body as a JSON object. Returns `None` if the Content-Type is not JSON, or if the body is empty or is not
/// an object.
pub async fn json_if_any(headers: &HeaderMap, body: Body) -> Result<Option<Map<String, Value>>, Refusal> {
    if media_type(headers) != "application/json" {
        return Ok(None);
    }
    let body = read(body, MAX_BODY_BYTES).await?;
    let value = if body.is_empty() { Value::Null } else { parsed(&body)? };
    Ok(if let Value::Object(object) = value { Some(object) } else { None })
}

/// Parses the bytes of a body as JSON, whatever its Content-Type is.
pub fn parsed(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::unreadable(format!("The body is not JSON: {error}")))
}

/// The fields of a JSON object or of a form.
#[derive(Debug, Default)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a form if the Content-Type says that the body is one, otherwise JSON.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Fields, Refusal> {
        if media_type(headers) != "application/x-www-form-urlencoded" {
            return match json(body).await? {
                Value::Object(fields) => Ok(Fields(fields)),
                _ => Err(Refusal::unreadable("The body is not a JSON object")),
            };
        }
        Fields::of_pairs(&read(body, MAX_BODY_BYTES).await?)
    }

    /// Reads the pairs of a form or of a query. Refuses a name that occurs twice, since either value could be meant.
    pub fn of_pairs(text: &[u8]) -> Result<Fields, Refusal> {
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(text) {
            if fields.insert(name.clone().into_owned(), value.into()).is_some() {
                return Err(Refusal::unreadable(format!("`{name}` is there more than once")));
            }
        }
        Ok(Fields(fields))
    }

    /// The field's text. A field that is empty or not a string counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The field's value, of any type.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A string that is required. Adds an error if it is missing, blank or of another type.
    pub fn required(&self, name: &str, errors: &mut FieldErrors) -> String {
        match self.value(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => return text.clone(),
            None | Some(Value::Null | Value::String(_)) => errors.add(name, "can't be blank"),
            Some(_) => errors.add(name, "must be a string"),
        }
        String::new()
    }

    /// A string that is optional. Null and the empty string count as missing.
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

    /// A URL that is optional. Adds an error if it is not an absolute http or https URL.
    pub fn optional_url(&self, name: &str, errors: &mut FieldErrors) -> Option<String> {
        let url = self.optional(name, errors)?;
        if !is_web_url(&url) {
            errors.add(name, "must be an absolute http or https URL");
        }
        Some(url)
    }

    /// A whole number, as a number or as a string.
    pub fn id(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    /// Whether the field is present, even if it is null.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// The media type of the Content-Type header, in lower case and without parameters.
pub fn media_type(headers: &HeaderMap) -> String {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
