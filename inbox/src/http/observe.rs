//! Logs and counts each request.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, error_span, info};

use crate::clock::Clock;
use crate::metrics::Metrics;

/// The header with the id of a request, by which a user and the log speak of the same request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The route of requests that no handler of the API answers.
const NO_ROUTE: &str = "other";

/// An id for a request: the start time of the process and a counter.
fn new_id() -> String {
    static PROCESS: OnceLock<i64> = OnceLock::new();
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let started_ms = PROCESS.get_or_init(|| Clock::system().now_ms());
    format!("{started_ms:x}-{}", REQUESTS.fetch_add(1, Ordering::Relaxed) + 1)
}

/// Writes one line of the log for each request and counts it.
///
/// The line has the template of the path, never the path itself, a query, a header's value or a body: those may hold
/// tokens. A stream is logged when it begins.
pub async fn requests(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let method = method(request.method());
    let id = new_id();
    // Of the highest level, so that even a log of errors alone names the request.
    let span = match trace_id(request.headers()) {
        Some(trace) => error_span!("request", %id, trace),
        None => error_span!("request", %id),
    };
    async {
        let mut response = next.run(request).await;
        let (status, time) = (response.status().as_u16(), start.elapsed());
        metrics.count_request(&route, method, status, time);
        info!(method, route, status, ms = time.as_micros() as f64 / 1000.0, "answered");
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// The name of a method that the inbox knows. A client may send any name.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "HEAD" => "HEAD",
        "PATCH" => "PATCH",
        _ => "other",
    }
}

/// The trace to which the request belongs (W3C Trace Context), if the header has the form of version 00.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = header.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_valid = version == "00" && is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2);
    (is_valid && parts.next().is_none()).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_well_formed_trace_is_taken() {
        let of = |header: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", header.parse().expect("a value"));
            trace_id(&headers).map(str::to_owned)
        };
        let trace = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(of(&format!("00-{trace}-b7ad6b7169203331-01")).as_deref(), Some(trace));
        for wrong in [
            format!("01-{trace}-b7ad6b7169203331-01"),
            format!("00-{trace}-b7ad6b7169203331"),
            format!("00-{trace}-b7ad6b7169203331-01-1"),
            format!("00-{}-b7ad6b7169203331-01", "a secret of thirty-two characters"),
            format!("00-{}-b7ad6b7169203331-01", trace.to_uppercase()),
        ] {
            assert_eq!(of(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_method_that_a_client_made_up_has_no_label_of_its_own() {
        assert_eq!(method(&Method::POST), "POST");
        assert_eq!(method(&Method::from_bytes(b"BREW").expect("a method")), "other");
    }
}
