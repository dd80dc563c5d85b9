//! Answers reading requests for threads. The owner removes threads here.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{Refusal, json_text};
use super::list::stream_list;
use super::path::{self, Id, InFlow, Reading, missing};
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

/// `DELETE …/threads/:id`: removes the thread with its messages, for good. The answer comes when the last of them is deleted.
pub async fn remove(
    State(app): State<App>,
    InFlow { caller, flow }: InFlow,
    Id(id): Id<path::Thread>,
) -> Result<Response, Refusal> {
    caller.require_owner()?;
    path::removed::<path::Thread>(app.store.remove_thread(flow.key, id).await?)
}
