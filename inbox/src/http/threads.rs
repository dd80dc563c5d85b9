//! Answers reading requests for threads. The owner removes threads here.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{Refusal, json_text, json_value};
use super::list::stream_list;
use super::path::{self, Id, InFlow, Reading, missing};
use super::views;
use crate::app::App;

/// `GET …/threads`
pub async fn list(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let (flow, filter) = (reading.flow.key, reading.params.thread_filter()?);
    let with_message = reading.params.includes_last_message()?;
    let ids = app.store.thread_ids(flow, filter).await?;
    stream_list(ids, move |ids| {
        let store = app.store.clone();
        async move { store.threads(flow, ids, with_message).await }
    })
    .await
}

/// `GET …/threads/:id`
pub async fn get(State(app): State<App>, Id(id): Id<path::Thread>, reading: Reading) -> Result<Response, Refusal> {
    let with_message = reading.params.includes_last_message()?;
    let (mut found, _) = app.store.threads(reading.flow.key, vec![id], with_message).await?;
    Ok(json_text(StatusCode::OK, found.pop().ok_or_else(missing::<path::Thread>)?))
}

/// `GET …/threads/counts`
pub async fn counts(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let counts = app.store.thread_counts(reading.flow.key).await?.ok_or_else(missing::<path::Flow>)?;
    Ok(json_value(StatusCode::OK, views::thread_counts(&counts)))
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
