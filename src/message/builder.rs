//! Builds a message of any event.

use std::marker::PhantomData;

use super::draft::Draft;
use super::{Activity, Attachment, Author, ChatMessage, Discussion, Message, Thread, Titled, normalize_tags};
use crate::validate::{InvalidMessage, Options, Valid, validate};

/// Builds a message. It begins with [`Activity::builder`](super::Activity::builder),
/// [`Discussion::builder`](super::Discussion::builder) or [`ChatMessage::builder`](super::ChatMessage::builder).
/// [`build`](Self::build) reports all mistakes at once.
#[derive(Clone, Debug)]
#[must_use = "a message is made by `build`"]
pub struct Builder<M> {
    draft: Draft,
    message: PhantomData<M>,
}

impl<M: Message> Builder<M> {
    pub(super) fn new() -> Self {
        Self { draft: Draft::default(), message: PhantomData }
    }

    /// Sets the author: a name, or an [`Author`] with a picture or an e-mail address.
    pub fn author(mut self, author: impl Into<Author>) -> Self {
        self.draft.author = Some(author.into());
        self
    }

    /// Sets Flowdock's own id of the thread. An activity and a discussion need this id or the
    /// [`external_thread_id`](Self::external_thread_id). A chat message without both ids appears in the flow itself.
    pub fn thread_id(mut self, id: impl Into<String>) -> Self {
        self.draft.thread_id = Some(id.into());
        self
    }

    /// Sets the item's id in your own service, unique within the source.
    pub fn external_thread_id(mut self, id: impl Into<String>) -> Self {
        self.draft.external_thread_id = Some(id.into());
        self
    }

    /// Sets the item's latest state.
    pub fn thread(mut self, thread: impl Into<Thread>) -> Self {
        self.draft.thread = Some(thread.into());
        self
    }

    /// Adds tags. [`normalize_tags`] says how each is written.
    pub fn tags<T: AsRef<str>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        let added: Vec<T> = tags.into_iter().collect();
        self.draft.tags = normalize_tags(self.draft.tags.iter().map(String::as_str).chain(added.iter().map(T::as_ref)));
        self
    }

    /// Sets an id that you choose, unique within the flow. By default the client adds a UUID v4.
    pub fn uuid(mut self, uuid: impl Into<String>) -> Self {
        self.draft.uuid = Some(uuid.into());
        self
    }

    /// Checks the message and returns it.
    ///
    /// # Errors
    /// When the message breaks a rule whose severity is an error. The report lists all violations.
    pub fn build(self) -> Result<Valid<M>, InvalidMessage> {
        self.build_with(Options::default())
    }

    /// Checks the message with options and returns it.
    ///
    /// # Errors
    /// When the message breaks a rule whose severity is an error. The report lists all violations.
    pub fn build_with(self, options: Options) -> Result<Valid<M>, InvalidMessage> {
        let message = M::from(self.draft);
        let report = validate(&message, options);
        if report.is_valid() { Ok(Valid::new(message, report)) } else { Err(InvalidMessage { report }) }
    }
}

impl<M: Message + Titled> Builder<M> {
    /// Sets what happened, in a few words, as HTML that allows `a` only. [`escape`](crate::html::escape) turns text
    /// into HTML.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.draft.title = title.into();
        self
    }

    /// Sets the details, as HTML.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.draft.body = Some(body.into());
        self
    }

    /// Adds an attachment. Either all have an id or none has.
    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.draft.attachments.push(attachment);
        self
    }
}

impl Builder<ChatMessage> {
    /// Sets the chat message: plain text of at most 8096 characters, counted as Unicode scalar values.
    pub fn content(mut self, content: impl Into<String>) -> Self {
        self.draft.content = content.into();
        self
    }

    /// Sets the name that is shown as the sender: at most 16 characters, without white space.
    pub fn external_user_name(mut self, name: impl Into<String>) -> Self {
        self.draft.external_user_name = Some(name.into());
        self
    }
}

impl Activity {
    /// Begins an activity.
    pub fn builder() -> Builder<Self> {
        Builder::new()
    }
}

impl Discussion {
    /// Begins a discussion.
    pub fn builder() -> Builder<Self> {
        Builder::new()
    }
}

impl ChatMessage {
    /// Begins a chat message.
    pub fn builder() -> Builder<Self> {
        Builder::new()
    }
}
