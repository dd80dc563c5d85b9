//! Answers reading requests: lists and single items of messages and threads.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::answer::{Refusal, json_text};
use crate::auth::Reading;
use crate::server::App;
use crate::store::{MessageFilter, messages, threads};

/// `GET …/messages`
pub async fn messages(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let filter = reading.params.message_filter()?;
    list(app, reading, filter).await
}

/// `GET …/threads/:id/messages`
pub async fn thread_messages(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let id = reading.id.clone();
    let filter = MessageFilter { thread_id: Some(id.clone()), ..reading.params.message_filter()? };
    let flow = reading.flow.key;
    // Answers 404 if there is no such thread. An empty list would hide that.
    app.store.call(move |database| threads::by_id(database, flow, &id)).await?.ok_or_else(no_thread)?;
    list(app, reading, filter).await
}

async fn list(app: App, reading: Reading, filter: MessageFilter) -> Result<Response, Refusal> {
    let found = app.store.call(move |database| messages::list(database, reading.flow.key, &filter)).await?;
    let texts: Vec<_> = found.into_iter().map(|message| message.json).collect();
    Ok(json_text(StatusCode::OK, format!("[{}]", texts.join(","))))
}

/// `GET …/messages/:id`
pub async fn message(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let no_message = || Refusal::not_found("Message");
    let id = reading.id.parse().map_err(|_| no_message())?;
    let found = app.store.call(move |database| messages::by_id(database, reading.flow.key, id)).await?;
    Ok(json_text(StatusCode::OK, found.ok_or_else(no_message)?))
}

/// `GET …/threads`
pub async fn threads(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let filter = reading.params.thread_filter()?;
    let found = app.store.call(move |database| threads::list(database, reading.flow.key, &filter)).await?;
    Ok(json_text(StatusCode::OK, serde_json::Value::Array(found).to_string()))
}

/// `GET …/threads/:id`
pub async fn thread(State(app): State<App>, reading: Reading) -> Result<Response, Refusal> {
    let found = app.store.call(move |database| threads::by_id(database, reading.flow.key, &reading.id)).await?;
    Ok(json_text(StatusCode::OK, found.ok_or_else(no_thread)?.to_string()))
}

fn no_thread() -> Refusal {
    Refusal::not_found("Thread")
}
