//! Files that come with messages.

use serde_json::{Value, json};

use super::FlowKey;
use crate::web_url::escaped;

/// The size of a piece in which a file is stored, in bytes.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// A file of a message that is about to be stored.
#[derive(Debug)]
pub struct NewFile {
    /// The id by which the message's body can show the file.
    pub content_id: Option<String>,
    /// The file's name, without folders.
    pub name: String,
    /// The media type that the poster gave.
    pub content_type: String,
    /// The number of its bytes.
    pub size: usize,
    /// Its bytes, until the store has taken them.
    pub content: Vec<u8>,
}

impl NewFile {
    /// Takes the content out.
    pub fn take_content(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.content)
    }
}

/// A stored file, without its content.
#[derive(Debug)]
pub struct File {
    /// The file's name, without folders.
    pub name: String,
    /// The media type that the poster gave.
    pub content_type: String,
}

/// The JSON of a file in the `attachments` of its message. `id` is the file's id.
pub fn attachment(file: &NewFile, flow: FlowKey, id: &str) -> Value {
    let mut attachment = json!({
        "content_type": file.content_type,
        "file_name": file.name,
        "file_size": file.size,
        "path": format!("/files/{flow}/{id}/{}", escaped(&file.name)),
    });
    if let Some(content_id) = &file.content_id {
        attachment["content_id"] = content_id.as_str().into();
    }
    attachment
}
