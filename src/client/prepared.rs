//! A message that is stored now and posted later.

use std::convert::Infallible;

use serde::Serialize;

use super::{Client, PostOptions, Request};
use crate::encode::{body, check_valid};
use crate::json::{Document, read};
use crate::message::Message;
use crate::validate::{InvalidMessage, Options, Valid, not_read, to_json};

/// A checked message as a queue stores it: without a token. An [outbox](crate::outbox) makes it by itself; for another queue,
/// store the [`body`](Self::body), and give it to [`Client::post_prepared`] later.
///
/// ```
/// use flowdock_integration::client::Prepared;
/// use flowdock_integration::{ChatMessage, Client, ClientOptions, PostOptions};
///
/// let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build()?;
/// let Prepared { uuid, lanes, body } = Prepared::new(&message, [7; 16]);
/// assert_eq!(lanes, ["external_thread_id:42"]);
///
/// let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "0123456789abcdef"))?;
/// let request = client.post_prepared(&body, PostOptions::default());
/// assert_eq!(request.sent.uuid, uuid); // the same at every attempt
/// assert!(!body.contains("0123456789abcdef") && request.body.contains("0123456789abcdef"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The message's uuid: its own, or the one made from the random bytes.
    pub uuid: String,
    /// The lanes of the message, as in [`Request::lanes`].
    pub lanes: Vec<String>,
    /// The message as JSON text, with the uuid and without a flow token.
    pub body: String,
}

impl Prepared {
    /// Prepares a message. The uuid is made from `random` if the message has none.
    #[must_use]
    pub fn new<M: Message>(message: &Valid<M>, random: [u8; 16]) -> Self {
        // Every key of a typed message is a string, so it serialises, and a typed message has no token.
        let text = to_json(&**message).unwrap_or_default();
        let Request { body, sent, lanes, .. } = request(&Client::restore(""), &read(&text).unwrap_or_default(), random);
        Self { uuid: sent.uuid, lanes, body }
    }

    /// Checks any value that serialises, and prepares it. Returns `None` if it has a `flow_token` of its own, which must not
    /// be stored.
    pub(crate) fn of_value<T: Serialize + ?Sized>(
        message: &T,
        checked: Options,
        random: [u8; 16],
    ) -> Result<Option<Self>, InvalidMessage> {
        let text = to_json(message)?;
        let message = read(&text).map_err(not_read)?;
        check_valid(&message, checked)?;
        let Request { body, sent, lanes, .. } = request(&Client::restore(""), &message, random);
        let is_without_token = sent.tokens().len() == 1;
        Ok(is_without_token.then_some(Self { uuid: sent.uuid, lanes, body }))
    }
}

impl Client {
    /// Makes the request that posts a [`Prepared`] message, from its body. The message was checked when it was prepared.
    #[must_use]
    pub fn post_prepared(&self, body: &str, options: PostOptions) -> Request {
        Request { options, ..request(self, &read(body).unwrap_or_default(), [0; 16]) }
    }
}

fn request(client: &Client, message: &Document<'_>, random: [u8; 16]) -> Request {
    client
        .prepare(message.root(), random, PostOptions::default(), |added| Ok(body(message, added).into_text(message)))
        .unwrap_or_else(|never: Infallible| match never {})
}
