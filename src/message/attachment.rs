//! Attachments: files that are sent with a message.

use serde::{Deserialize, Serialize};

/// A file that is sent with a message (docs).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// The id with which a body can show it: `<img src="cid:…">`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// All other keys that describe it.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}
