//! The client with a network, for Rust that runs where JavaScript does: `wasm32-unknown-unknown` with the feature `fetch`.
//!
//! The decisions are those of [`Delivery`](crate::client::Delivery); here are the runtime's fetch, its timers and its clock. The
//! npm package has nothing of this: its own JavaScript does the same in a tenth of the size.

mod exchange;
mod lanes;
mod timer;

use std::cell::Cell;

use js_sys::{Date, Math, Reflect, Uint8Array, global};
use wasm_bindgen::{JsCast, JsValue};

use crate::client::{Attempt, Delivery, Moment, Step};
use crate::error::ErrorCode;
use crate::message::Message;
use crate::validate::Valid;
use crate::{Client, PostError, PostOptions, PostResult, RetryOptions};
use exchange::{Answer, exchange};
use lanes::Lanes;
use timer::sleep;

/// Posts messages by the runtime's fetch: tries again what may pass, in each thread's order, until a user removes the source.
///
/// How many requests run at a time is up to you: as many as there are futures of [`post`](Self::post). To give a message
/// up, drop its future; what is on its way is cancelled.
///
/// ```no_run
/// # async fn example() -> Result<(), wasm_bindgen::JsValue> {
/// use flowdock_integration::fetch::FetchClient;
/// use flowdock_integration::{ChatMessage, Client, ClientOptions, PostOptions};
///
/// let client = Client::new(ClientOptions::new("https://inbox.example.com", "0123456789abcdef")).unwrap();
/// let client = FetchClient::new(client);
/// let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build().unwrap();
/// let result = client.post(&message, PostOptions::default()).await?; // a PostError is a JsValue where one is wanted
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FetchClient {
    client: Client,
    /// The most time for one request, its answer's body included, in milliseconds. Default: 10 000.
    pub timeout_ms: u32,
    /// Whether and when a message that failed is tried again. Default: [`RetryOptions::default`].
    pub retry: RetryOptions,
    lanes: Lanes,
    /// No request goes out before this time: the server has had too many.
    held_until: Cell<f64>,
    /// A user removed the source.
    removed: Cell<bool>,
}

impl FetchClient {
    /// A client that posts as it is usual.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let (held_until, removed) = (Cell::new(0.0), Cell::new(false));
        Self {
            client,
            timeout_ms: 10_000,
            retry: RetryOptions::default(),
            lanes: Lanes::default(),
            held_until,
            removed,
        }
    }

    /// Posts a message, behind those of its thread whose futures were polled before.
    ///
    /// # Errors
    /// What the last request failed with, see [`PostError::code`]. After [`ErrorCode::SourceRemoved`] nothing more is sent:
    /// delete what you stored for the source.
    pub async fn post<M: Message>(&self, message: &Valid<M>, options: PostOptions) -> Result<PostResult, PostError> {
        let request = self.client.post(message, random_bytes(), options);
        let turn = self.lanes.join(&request.lanes);
        turn.wait().await;
        let mut delivery = Delivery::default();
        let mut begun = None;
        loop {
            while Date::now() < self.held_until.get() {
                sleep((self.held_until.get() - Date::now()).ceil() as u32).await;
            }
            let (ended, retry_after) = if self.removed.get() {
                (Err(request.sent.failed(Attempt::SourceRemoved)), None)
            } else {
                delivery.attempts += 1;
                let left = self.retry.max_elapsed_ms.saturating_sub(since(*begun.get_or_insert_with(Date::now)));
                let timeout_ms = self.timeout_ms.min(left).max(1);
                match exchange(&request, timeout_ms).await {
                    Answer::Status { status, retry_after, body } => (request.read(status, &body), retry_after),
                    Answer::None(error) => (Err(error), None),
                }
            };
            let unix_seconds = (Date::now() / 1000.0) as u32;
            let random = (Math::random() * f64::from(u32::MAX)) as u32;
            let at = Moment { elapsed_ms: begun.map_or(0, since), unix_seconds, random };
            match delivery.next(ended, retry_after.as_deref(), at, &self.retry) {
                Step::Delivered(result) => return Ok(result),
                Step::Failed(error) => {
                    self.removed.set(self.removed.get() || error.code == ErrorCode::SourceRemoved);
                    return Err(error);
                }
                Step::Wait(wait) => {
                    if wait.hold_all {
                        self.held_until.set(self.held_until.get().max(Date::now() + f64::from(wait.ms)));
                    }
                    sleep(wait.ms).await;
                }
            }
        }
    }
}

/// Milliseconds; the clock may have been set meanwhile, so never less than none.
fn since(begun: f64) -> u32 {
    (Date::now() - begun).ceil() as u32
}

/// For a uuid, which has to be another each time and need not be a secret.
fn random_bytes() -> [u8; 16] {
    let mut bytes = std::array::from_fn(|_| (Math::random() * 256.0) as u8);
    let crypto = Reflect::get(&global(), &"crypto".into()).unwrap_or_default();
    let array = Uint8Array::from(bytes.as_slice());
    if let Some(crypto) = crypto.dyn_ref::<web_sys::Crypto>()
        && crypto.get_random_values_with_js_u8_array(&array).is_ok()
    {
        array.copy_to(&mut bytes);
    }
    bytes
}

impl From<PostError> for JsValue {
    fn from(error: PostError) -> Self {
        to_js(&error)
    }
}

impl From<PostResult> for JsValue {
    fn from(result: PostResult) -> Self {
        to_js(&result)
    }
}

/// Plain objects, as JSON has them.
fn to_js(value: &impl serde::Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}
