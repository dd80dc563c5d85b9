//! A message that is being built.

use super::{Attachment, Author, Thread};

/// The values of a message of any event, before it is checked.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub(super) title: String,
    pub(super) body: Option<String>,
    pub(super) content: String,
    pub(super) external_user_name: Option<String>,
    pub(super) author: Option<Author>,
    pub(super) thread_id: Option<String>,
    pub(super) external_thread_id: Option<String>,
    pub(super) thread: Option<Thread>,
    pub(super) tags: Vec<String>,
    pub(super) uuid: Option<String>,
    pub(super) attachments: Vec<Attachment>,
}
