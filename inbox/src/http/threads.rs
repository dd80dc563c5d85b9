//! Answers reading requests for threads.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{Refusal, json_text};
use super::list::stream_list;
use super::path::{self, Id, Reading, missing};
use crate::app::App;

/// `GET …/threads`
pub async fn list(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let (flow, filter) = (reading.flow.key, reading.params.thread_filter()?);
    let ids = app.store.thread_ids(flow, filter).await?;
    stream_list(ids, move |ids| {
        let store = app.store.clone();
        async move { store.threads(flow, ids).await }
    })
    .await
}

/// `GET …/threads/:id`
pub async fn get(State(app): State<App>, Id(id): Id<path::Thread>, reading: Reading) -> Result<Response, Refusal> {
    let found = app.store.thread(reading.flow.key, &id).await?.ok_or_else(missing::<path::Thread>)?;
    Ok(json_text(StatusCode::OK, found.json()))
}
