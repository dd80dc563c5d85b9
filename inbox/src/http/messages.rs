//! Answers reading requests for messages: lists and single messages. The owner removes messages here.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{Refusal, json_text};
use super::list::stream_list;
use super::path::{self, Id, InFlow, Reading, missing};
use crate::app::App;
use crate::domain::{FlowKey, MessageFilter};

/// `GET …/messages`
pub async fn list(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let filter = reading.params.message_filter()?;
    answer(app, reading.flow.key, filter).await
}

/// `GET …/threads/:id/messages`
pub async fn of_thread(
    State(app): State<App>,
    Id(id): Id<path::Thread>,
    reading: Reading,
) -> Result<Response, Refusal> {
    let filter = MessageFilter { thread_id: Some(id.clone()), ..reading.params.message_filter()? };
    let flow = reading.flow.key;
    // Answers 404 if there is no such thread. An empty list would hide that.
    app.store.thread(flow, &id).await?.ok_or_else(missing::<path::Thread>)?;
    answer(app, flow, filter).await
}

/// `GET …/messages/:id`
pub async fn get(State(app): State<App>, Id(id): Id<path::Message>, reading: Reading) -> Result<Response, Refusal> {
    let found = app.store.message(reading.flow.key, id).await?.ok_or_else(missing::<path::Message>)?;
    Ok(json_text(StatusCode::OK, found.json))
}

/// `DELETE …/messages/:id`: removes the message with its files, for good.
pub async fn remove(
    State(app): State<App>,
    InFlow { caller, flow }: InFlow,
    Id(id): Id<path::Message>,
) -> Result<Response, Refusal> {
    caller.require_owner()?;
    path::removed::<path::Message>(app.store.remove_message(flow.key, id).await?)
}

async fn answer(app: App, flow: FlowKey, filter: MessageFilter) -> Result<Response, Refusal> {
    let ids = app.store.message_ids(flow, filter).await?;
    stream_list(ids, move |ids| {
        let store = app.store.clone();
        async move { store.messages(flow, ids).await }
    })
    .await
}
