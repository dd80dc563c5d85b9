//! What the person who runs the inbox asks, at an address of its own: whether it works, and its metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::time::timeout;

use super::answer;
use crate::metrics::Metrics;
use crate::store::Store;

/// How long the store may take to answer before the inbox counts as not ready.
const STORE_TIME: Duration = Duration::from_secs(1);

/// What the handlers use.
#[derive(Clone)]
pub struct Admin {
    /// Asked whether it answers.
    pub store: Store,
    /// Shown.
    pub metrics: Metrics,
    /// Whether the inbox is about to stop.
    pub is_draining: Arc<AtomicBool>,
}

/// The routes of the admin address. Nothing there needs a token, and nothing there shows one.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "The process answers\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback(answer::unknown_path)
        .method_not_allowed_fallback(answer::unknown_method)
        .with_state(admin)
}

/// `GET /readyz`: 200 if the inbox should get requests, 503 if not.
async fn ready(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if admin.is_draining.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "The inbox is about to stop\n");
    }
    match timeout(STORE_TIME, admin.store.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "The inbox is ready\n"),
        Ok(Err(_)) => (StatusCode::SERVICE_UNAVAILABLE, "The database does not work\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer within a second\n"),
    }
}

/// `GET /metrics`, as OpenMetrics text.
async fn metrics(State(admin): State<Admin>) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match admin.metrics.encode(admin.store.waiting()) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
