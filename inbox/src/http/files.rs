//! Serves the files that came with messages.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::answer::Refusal;
use super::auth::Caller;
use crate::app::App;
use crate::oauth::Scope;
use crate::store::StoreError;
use crate::web_url::escaped;

/// Types of pictures that cannot contain code, unlike SVG. Only these are served with the Content-Type that the poster
/// gave.
const PICTURES: [&str; 6] = ["image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"];

/// `GET /files/:flow/:id/:name`, for a caller who may read the flow.
///
/// A file must never run as a page or a script of the inbox. So a browser shows it as a picture or saves it.
pub async fn get(
    State(app): State<App>,
    caller: Caller,
    path: Result<Path<(i64, String, String)>, PathRejection>,
) -> Result<Response, Refusal> {
    caller.require(&[Scope::Flow])?;
    let no_file = || Refusal::not_found("File");
    let Path((flow, id, name)) = path.map_err(|_| no_file())?;
    let file = app.store.file(flow, &id).await?;
    let file = file.filter(|file| file.name == name).ok_or_else(no_file)?;
    let is_picture = PICTURES.contains(&file.content_type.as_str());
    let content_type = if is_picture { file.content_type.as_str() } else { "application/octet-stream" };
    let how = if is_picture { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_DISPOSITION, &format!("{how}; filename*=UTF-8''{}", escaped(&file.name))),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'"),
    ];
    // Read chunk by chunk while the client takes the file. An error of the database breaks the answer off.
    let chunks = stream::try_unfold((app.store, id, 0), |(store, id, number)| async move {
        let chunk = store.file_chunk(&id, number).await?;
        Ok::<_, StoreError>(chunk.map(|chunk| (chunk, (store, id, number + 1))))
    });
    Ok((headers, Body::from_stream(chunks)).into_response())
}
