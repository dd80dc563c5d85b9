//! The three events that an integration posts.

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::{Attachment, Author, Thread};

/// A message of one event: an activity, a discussion or a chat message.
pub trait Message: Serialize + From<Draft> {
    /// The value of its `event` key.
    const EVENT: &'static str;
}

/// Marks the events that have a title and a body.
pub trait Titled {}

/// Something happened to the item (guide).
///
/// ```
/// use flowdock_integration::{Activity, Color, Thread};
///
/// let activity = Activity::builder()
///     .title("updated ticket")
///     .author("Marty")
///     .external_thread_id("1234567")
///     .thread(Thread::new("Polish the flux capacitor").field("Dustiness", "5 - severe").status("open", Color::Green))
///     .build()?;
/// assert!(activity.warnings().violations().is_empty());
/// # Ok::<(), flowdock_integration::InvalidMessage>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename = "activity")]
pub struct Activity {
    /// What happened, in a few words, as HTML that allows `a` only.
    pub title: String,
    /// The details of what happened, as HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The author of the activity.
    pub author: Author,
    /// Flowdock's own id of the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// The item's id in your own service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_thread_id: Option<String>,
    /// The item's latest state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
    /// The tags. [`normalize_tags`](super::normalize_tags) says how a tag is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// An id that you choose, unique within the flow. The client adds one if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// The attachments. Either all have an id or none has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// Somebody commented on the item, outside Flowdock (guide).
///
/// ```
/// use flowdock_integration::{Discussion, Thread};
///
/// let discussion = Discussion::builder()
///     .title("commented")
///     .body("<p>Still dusty.</p>")
///     .author("Marty")
///     .external_thread_id("1234567")
///     .thread(Thread::new("Polish the flux capacitor"))
///     .build()?;
/// assert_eq!(discussion.body.as_deref(), Some("<p>Still dusty.</p>"));
/// # Ok::<(), flowdock_integration::InvalidMessage>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename = "discussion")]
pub struct Discussion {
    /// What was done, in a few words, as HTML that allows `a` only.
    pub title: String,
    /// The comment, as HTML. A discussion without a body is a warning, because the comment is its purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The author of the comment.
    pub author: Author,
    /// Flowdock's own id of the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// The item's id in your own service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_thread_id: Option<String>,
    /// The item's latest state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
    /// The tags. [`normalize_tags`](super::normalize_tags) says how a tag is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// An id that you choose, unique within the flow. The client adds one if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// The attachments. Either all have an id or none has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A chat message in the item's thread, or in the flow itself (docs).
///
/// ```
/// use flowdock_integration::ChatMessage;
///
/// let message = ChatMessage::builder()
///     .content("Great Scott!")
///     .external_user_name("Marty")
///     .external_thread_id("1234567")
///     .build()?;
/// assert_eq!(message.content, "Great Scott!");
/// # Ok::<(), flowdock_integration::InvalidMessage>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename = "message")]
pub struct ChatMessage {
    /// The chat message, as plain text of at most 8096 characters, counted as Unicode scalar values.
    pub content: String,
    /// The name that is shown as the sender: at most 16 characters, without white space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_user_name: Option<String>,
    /// The author of the chat message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// Flowdock's own id of the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// The item's id in your own service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_thread_id: Option<String>,
    /// The item's latest state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
    /// The tags. [`normalize_tags`](super::normalize_tags) says how a tag is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// An id that you choose, unique within the flow. The client adds one if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
}

impl Message for Activity {
    const EVENT: &'static str = "activity";
}

impl Message for Discussion {
    const EVENT: &'static str = "discussion";
}

impl Message for ChatMessage {
    const EVENT: &'static str = "message";
}

impl Titled for Activity {}
impl Titled for Discussion {}

impl From<Draft> for Activity {
    fn from(draft: Draft) -> Self {
        let Draft { title, body, author, thread_id, external_thread_id, thread, tags, uuid, attachments, .. } = draft;
        let author = author.unwrap_or_default();
        Self { title, body, author, thread_id, external_thread_id, thread, tags, uuid, attachments }
    }
}

impl From<Draft> for Discussion {
    fn from(draft: Draft) -> Self {
        let Draft { title, body, author, thread_id, external_thread_id, thread, tags, uuid, attachments, .. } = draft;
        let author = author.unwrap_or_default();
        Self { title, body, author, thread_id, external_thread_id, thread, tags, uuid, attachments }
    }
}

impl From<Draft> for ChatMessage {
    fn from(draft: Draft) -> Self {
        let Draft { content, external_user_name, author, thread_id, external_thread_id, thread, tags, uuid, .. } =
            draft;
        Self { content, external_user_name, author, thread_id, external_thread_id, thread, tags, uuid }
    }
}
