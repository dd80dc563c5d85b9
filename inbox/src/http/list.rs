//! Answers with long lists.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{StreamExt, stream};

use super::answer::{Refusal, json_text};
use crate::store::StoreError;

/// Answers with a list of the items that have these keys. `read` returns the JSON of the first page, and the
/// number of keys that it has used.
///
/// The list is read page by page while the client takes it, so a list of large items needs no more memory than one page.
pub async fn stream_list<K, F, R>(keys: Vec<K>, read: R) -> Result<Response, Refusal>
where
    K: Clone + Send + 'static,
    R: Fn(Vec<K>) -> F + Send + 'static,
    F: Future<Output = Result<(Vec<String>, usize), StoreError>> + Send,
{
    let mut list = List { keys, read, separator: "[" };
    // Reads the first page before the answer begins, so that an error of the database gets its status.
    let first = list.page().await?;
    let rest = stream::try_unfold(list, |mut list| async move {
        if list.keys.is_empty() {
            return Ok(None);
        }
        Ok(Some((list.page().await?, list)))
    });
    let chunks = stream::once(async { Ok::<_, StoreError>(first) }).chain(rest);
    Ok(json_text(StatusCode::OK, Body::from_stream(chunks)))
}

/// The items of a list that are not read yet.
struct List<K, R> {
    keys: Vec<K>,
    read: R,
    /// What comes before the next item.
    separator: &'static str,
}

impl<K, F, R> List<K, R>
where
    K: Clone,
    R: Fn(Vec<K>) -> F,
    F: Future<Output = Result<(Vec<String>, usize), StoreError>>,
{
    /// The JSON of the next page. The last page ends the array.
    async fn page(&mut self) -> Result<String, StoreError> {
        let (items, seen) = (self.read)(self.keys.clone()).await?;
        self.keys.drain(..seen);
        let mut text = String::new();
        for item in items {
            text += std::mem::replace(&mut self.separator, ",");
            text += &item;
        }
        if self.keys.is_empty() {
            // A list without items has no bracket yet.
            text += if self.separator == "[" { "[]" } else { "]" };
        }
        Ok(text)
    }
}
