//! Reads the bodies of requests, up to a size limit, as JSON or as a form.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::HeaderMap;
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::answer::Refusal;
use super::media;
use super::scan::scan;
use super::upload::UploadError;
use crate::domain::FieldErrors;
use crate::domain::field_errors::NUL;
use crate::domain::flow::MAX_NAME_CHARS;
use crate::web_url::is_web_url;

/// The largest message that is accepted. A form with files has a limit of its own.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The largest body of other requests.
const MAX_OTHER_BYTES: usize = 64 * 1024;

/// The largest number of JSON values in a body of other requests.
const MAX_OTHER_VALUES: usize = 1000;

/// The largest number of bytes that a body may have and still be parsed where it was read. A larger one is parsed on a
/// thread of its own, so that other requests are answered meanwhile.
pub const MAX_BYTES_IN_PLACE: usize = 32 * 1024;

/// The largest number of fields in a form, files included.
pub const MAX_FIELDS: usize = 1000;

/// The longest name, URL or error message of a source or an application, in bytes. Lists show all of them.
pub const MAX_TEXT_BYTES: usize = 2000;

/// The chunks of a body.
pub struct Chunks(BodyDataStream);

impl Chunks {
    /// Starts to read a body.
    pub fn of(body: Body) -> Chunks {
        Chunks(body.into_data_stream())
    }

    /// The next chunk. `None` at the end of the body.
    pub async fn next(&mut self) -> Option<Result<Bytes, Refusal>> {
        let refusal = |error: axum::Error| match error.into_inner().downcast_ref() {
            Some(UploadError::TooSlow) => Refusal::too_slow(),
            Some(UploadError::Busy) => Refusal::busy(),
            Some(UploadError::Broken) | None => Refusal::unreadable("The body broke off"),
        };
        Some(self.0.next().await?.map_err(refusal))
    }
}

/// Reads a body of at most `limit` bytes.
pub async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut chunks = Chunks::of(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > limit {
            return Err(Refusal::too_large("The body", limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads a body that is declared as JSON.
pub async fn json(headers: &HeaderMap, body: Body) -> Result<Value, Refusal> {
    if media::content_type(headers) != media::JSON {
        return Err(Refusal::unsupported(&[media::JSON]));
    }
    parse_small(&read(body, MAX_OTHER_BYTES).await?)
}

/// Reads the body as a JSON object. Returns `None` if the Content-Type is not JSON, or if the body is empty or is not
/// an object.
pub async fn json_if_any(headers: &HeaderMap, body: Body) -> Result<Option<Map<String, Value>>, Refusal> {
    if media::content_type(headers) != media::JSON {
        return Ok(None);
    }
    let body = read(body, MAX_OTHER_BYTES).await?;
    let value = if body.is_empty() { Value::Null } else { parse_small(&body)? };
    Ok(if let Value::Object(object) = value { Some(object) } else { None })
}

/// Parses a short body as JSON.
fn parse_small(body: &[u8]) -> Result<Value, Refusal> {
    scan(body, MAX_OTHER_VALUES, "flow_token")?;
    parse(body)
}

/// Parses a body as JSON that was scanned before.
pub fn parse(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::unreadable(format!("The body is not JSON: {error}")))
}

/// Runs `work` on a thread of its own if it is about more than `MAX_BYTES_IN_PLACE`.
pub async fn run_aside<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    if bytes <= MAX_BYTES_IN_PLACE {
        return work();
    }
    // Fails only if the inbox is stopping.
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Refusal::busy()))
}

/// 400: a form has more than `MAX_FIELDS` fields.
pub fn too_many_fields() -> Refusal {
    Refusal::unreadable(format!("The form has more than {MAX_FIELDS} fields"))
}

fn too_long() -> String {
    format!("must not be longer than {MAX_TEXT_BYTES} bytes")
}

/// The fields of a JSON object or of a form.
#[derive(Debug, Default)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body that is declared as JSON or as a form.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Fields, Refusal> {
        if media::content_type(headers) == media::FORM {
            return Fields::of_pairs(&read(body, MAX_OTHER_BYTES).await?);
        }
        if media::content_type(headers) != media::JSON {
            return Err(Refusal::unsupported(&[media::JSON, media::FORM]));
        }
        match parse_small(&read(body, MAX_OTHER_BYTES).await?)? {
            Value::Object(fields) => Ok(Fields(fields)),
            _ => Err(Refusal::unreadable("The body is not a JSON object")),
        }
    }

    /// Reads the pairs of a form or of a query. Refuses a name that occurs twice, since either value could be meant.
    pub fn of_pairs(text: &[u8]) -> Result<Fields, Refusal> {
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(text) {
            if fields.len() == MAX_FIELDS {
                return Err(too_many_fields());
            }
            if fields.insert(name.clone().into_owned(), value.into()).is_some() {
                return Err(Refusal::unreadable(format!("`{name}` occurs more than once")));
            }
        }
        Ok(Fields(fields))
    }

    /// The fields of the object in this field, if there is one. A form has them as `name[field]`.
    pub fn unwrapped(self, name: &str) -> Fields {
        let inner = |key: &str| Some(key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
        match self.0.get(name) {
            Some(Value::Object(fields)) => Fields(fields.clone()),
            None if self.0.keys().any(|key| inner(key).is_some()) => {
                Fields(self.0.into_iter().filter_map(|(key, value)| Some((inner(&key)?, value))).collect())
            }
            _ => self,
        }
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
            Some(Value::String(text)) if text.len() > MAX_TEXT_BYTES => errors.add(name, &too_long()),
            Some(Value::String(text)) if text.contains('\0') => errors.add(name, NUL),
            Some(Value::String(text)) if !text.trim().is_empty() => return text.clone(),
            None | Some(Value::Null | Value::String(_)) => errors.add(name, "can't be blank"),
            Some(_) => errors.add(name, "must be a string"),
        }
        String::new()
    }

    /// The name of a flow or of an organisation, without the white space around it.
    pub fn name(&self) -> Result<String, Refusal> {
        let mut errors = FieldErrors::default();
        let name = self.required("name", &mut errors).trim().to_owned();
        if name.chars().count() > MAX_NAME_CHARS {
            errors.add("name", &format!("is too long (maximum is {MAX_NAME_CHARS} characters)"));
        }
        if errors.is_empty() { Ok(name) } else { Err(Refusal::invalid(errors)) }
    }

    /// A string that is optional. Null and the empty string count as missing.
    pub fn optional(&self, name: &str, errors: &mut FieldErrors) -> Option<String> {
        match self.value(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.len() > MAX_TEXT_BYTES => {
                errors.add(name, &too_long());
                None
            }
            Some(Value::String(text)) if text.contains('\0') => {
                errors.add(name, NUL);
                None
            }
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
