//! Posting, without I/O: makes requests and reads their answers.
//!
//! A [`Client`] makes a [`Request`] from a checked message. A program with an HTTP client sends it and passes the
//! answer to [`Request::read`]. A [`Delivery`] decides whether and when to retry. [`Lanes`], [`Slots`], a [`Hold`] and
//! a [`Latch`] decide when a message must wait for others or must not be posted at all. Time and randomness are
//! arguments, so that everything here can be tested with fixed values.

mod answer;
mod attachments;
mod delivery;
mod hold;
mod http_date;
mod lanes;
mod latch;
mod options;
mod prepared;
mod request;
mod retry;
mod slots;
mod stored;
mod uuid;

pub use answer::{PostError, PostKind, PostResult};
pub use attachments::attachment_field;
pub(crate) use attachments::check_files;
use attachments::check_ids;
pub use delivery::{Delivery, Step, Wait};
pub use hold::Hold;
pub use lanes::Lanes;
pub use latch::Latch;
pub use options::ClientOptions;
pub use prepared::Prepared;
pub use request::{PostOptions, Request, Sent};
pub(crate) use retry::{LONGEST_MS, retry_after_ms};
pub use retry::{Moment, RetryOptions};
pub use slots::Slots;
pub use stored::{StoredMessage, StoredSource, StoredThread};

use std::convert::Infallible;

use serde::Serialize;

use crate::encode::{Fields, body, check_valid, write_fields};
pub use crate::http::{Attempt, InvalidOption, is_blocked_port};
use crate::http::{Secret, check_base_url};
use crate::json::{Value, read};
use crate::message::{Message, Titled};
use crate::text::concat;
use crate::validate::{InvalidMessage, Options, Valid, not_read, to_json};

/// Posts messages into the flow of one source. A message with a `flow_token` of its own keeps it.
///
/// ```
/// use flowdock_integration::{ChatMessage, Client, ClientOptions, PostOptions};
///
/// let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "0123456789abcdef"))?;
/// let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build()?;
/// let random = [7; 16]; // from your random generator; it makes the message's uuid
/// let request = client.post(&message, random, PostOptions::default());
/// assert_eq!(request.sent.url, "http://127.0.0.1:4400/messages");
///
/// // Your HTTP client sends request.sent.url, request.headers() and request.body; then:
/// let result = request.read(202, "{}")?;
/// assert_eq!(result.uuid, "07070707-0707-4707-8707-070707070707");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    flow_token: Secret,
}

impl Client {
    /// Makes a client for one source.
    ///
    /// # Errors
    /// When an option cannot be used. The error names the option and never shows a token.
    pub fn new(options: ClientOptions) -> Result<Self, InvalidOption> {
        let base = check_base_url(&options.base_url, options.allow_http)?;
        let token = options.flow_token;
        if token.is_empty() || token.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidOption::new("flowToken", "must be a token without white space"));
        }
        Ok(Self { url: concat(&[base, "/messages"]), flow_token: Secret::new(token) })
    }

    /// Returns the URL to which the client posts, for a caller that stores it between two messages.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the flow token, for a caller that stores it between two messages.
    pub(crate) fn flow_token(&self) -> &str {
        self.flow_token.expose()
    }

    /// Makes a client from a stored flow token, for requests whose URL is already known. The client's own URL is empty.
    pub(crate) fn restore(flow_token: &str) -> Self {
        Self { url: String::new(), flow_token: Secret::new(flow_token.to_owned()) }
    }

    /// Makes the request that posts a message. The uuid is made from `random` if the message has none.
    #[must_use]
    pub fn post<M: Message>(&self, message: &Valid<M>, random: [u8; 16], options: PostOptions) -> Request {
        // Every key of a typed message is a string, so it serialises.
        let text = to_json(&**message).unwrap_or_default();
        let message = read(&text).unwrap_or_default();
        self.prepare(message.root(), random, options, |added| Ok(body(&message, added).into_text(&message)))
            .unwrap_or_else(|never: Infallible| match never {})
    }

    /// Makes the request that posts a message with files, as `multipart/form-data`: first the fields of the body, then
    /// each file as the field that [`attachment_field`] names. `ids` are the ids of the files, with which the body can
    /// show them (`<img src="cid:file1">`). Either all files have an id or none has; then the list is empty.
    ///
    /// The files replace the message's own `attachments`, which are not sent. [`Fields`] says what else a form cannot
    /// hold.
    ///
    /// ```
    /// use flowdock_integration::client::attachment_field;
    /// use flowdock_integration::{Activity, Author, Client, ClientOptions, PostOptions, Thread};
    ///
    /// let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "0123456789abcdef"))?;
    /// let message = Activity::builder().title("took a picture").body("<img src=\"cid:file1\">")
    ///     .author(Author::new("Marty")).external_thread_id("42").thread(Thread::new("Clock tower")).build()?;
    /// let request = client.post_form(&message, &["file1"], [7; 16], PostOptions::default())?;
    /// assert!(request.body.contains(&("author[name]".to_owned(), "Marty".to_owned())));
    /// assert_eq!(attachment_field(Some("file1")), "attachments[file1]"); // with the file's bytes, name and type
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When an id cannot be used in a form, or when the body names an id that is not in `ids`.
    pub fn post_form<M: Message + Titled>(
        &self,
        message: &Valid<M>,
        ids: &[&str],
        random: [u8; 16],
        options: PostOptions,
    ) -> Result<Request<Fields>, InvalidOption> {
        // Every key of a typed message is a string, so it serialises.
        let text = to_json(&**message).unwrap_or_default();
        let message = read(&text).unwrap_or_default();
        let message = message.root();
        check_ids(ids)?;
        check_files(message, &|id| ids.contains(&id))?;
        self.prepare(message, random, options, |added| {
            let mut fields = Fields::new();
            write_fields(message, added, &mut |name, value| fields.push((name.to_owned(), value.to_owned())));
            Ok(fields)
        })
    }

    /// Checks any value that serialises, and makes the request that posts it, like [`post`](Self::post).
    ///
    /// # Errors
    /// When the message breaks a rule whose severity is an error.
    pub fn post_value<T: Serialize + ?Sized>(
        &self,
        message: &T,
        checked: Options,
        random: [u8; 16],
        options: PostOptions,
    ) -> Result<Request, InvalidMessage> {
        let text = to_json(message)?;
        let message = read(&text).map_err(not_read)?;
        check_valid(&message, checked)?;
        self.prepare(message.root(), random, options, |added| Ok(body(&message, added).into_text(&message)))
    }

    pub(crate) fn prepare<B, E>(
        &self,
        message: Value<'_>,
        random: [u8; 16],
        options: PostOptions,
        body: impl FnOnce(&[(&str, &str)]) -> Result<B, E>,
    ) -> Result<Request<B>, E> {
        let uuid = message.part("uuid").and_then(Value::text).map_or_else(|| uuid::v4(random), str::to_owned);
        // The message's own token is used instead of the client's, and neither is ever shown.
        let own_token = message.part("flow_token").and_then(Value::text).map(|token| Secret::new(token.to_owned()));
        let mut secrets = vec![self.flow_token.clone()];
        secrets.extend(own_token);
        let added = [("flow_token", self.flow_token.expose()), ("uuid", uuid.as_str())];
        // A body that is stored for later has no token: the client that posts it adds its own.
        let body = body(added.get(usize::from(self.flow_token.expose().is_empty())..).unwrap_or_default())?;
        let mut lanes = Vec::new();
        for name in ["thread_id", "external_thread_id"] {
            if let Some(id) = message.part(name).and_then(Value::text) {
                lanes.push(concat(&[name, ":", id]));
            }
        }
        Ok(Request { body, sent: Sent { url: self.url.clone(), uuid, secrets }, lanes, options })
    }
}
