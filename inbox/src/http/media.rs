//! The media types that a request sends and accepts.

use axum::http::{HeaderMap, header};

/// JSON.
pub const JSON: &str = "application/json";
/// A form without files.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// A form with files.
pub const MULTIPART: &str = "multipart/form-data";
/// A stream of server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream";

/// The media type of the Content-Type header, in lower case and without parameters. A request without that header has the
/// empty text.
pub fn content_type(headers: &HeaderMap) -> String {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the Accept header names this media type.
pub fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.into_iter().any(|accept| lists(accept, media_type))
}

/// Whether a list of media ranges names this media type.
pub fn lists(accept: &str, media_type: &str) -> bool {
    let mut ranges = accept.split(',').filter_map(|range| range.split(';').next());
    ranges.any(|range| range.trim().eq_ignore_ascii_case(media_type))
}
