//! Files that come with a message.

use serde::{Deserialize, Serialize};

/// A file that comes with a message (docs).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// The name by which a body can show it: `<img src="cid:…">`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whatever else describes it.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}
