//! The client with a network, for Rust on `wasm32-unknown-unknown` with the feature `fetch`.
//!
//! [`Delivery`](crate::client::Delivery) makes the decisions. This module adds the runtime's fetch, its timers and its
//! clock. The npm package does not contain it: JavaScript does the same there in a tenth of the size.

mod exchange;
mod timer;
mod way;

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::Poll;

use js_sys::{Date, Math, Reflect, Uint8Array, global};
use wasm_bindgen::{JsCast, JsValue};

use crate::client::{Attempt, Delivery, Moment, Request, Step};
use crate::error::ErrorCode;
use crate::message::Message;
use crate::validate::Valid;
use crate::{Client, PostError, PostOptions, PostResult, RetryOptions};
use exchange::{Answer, Seen, exchange};
use timer::{now_ms, within};
use way::{Removed, Shared, Way};

/// Posts messages with the runtime's fetch. It retries what may succeed later, keeps the order of each thread, and
/// stops when a user removes the source.
///
/// A message waits for the messages before it in its thread. At most [`concurrency`](Self::concurrency) requests are in
/// flight at a time. To give up a message, drop its future; this cancels a request that is in flight.
/// [`post_until`](Self::post_until) gives up as well, and returns an error that says whether the message may have been
/// stored.
///
/// ```no_run
/// # async fn example() -> Result<(), wasm_bindgen::JsValue> {
/// use flowdock_integration::fetch::FetchClient;
/// use flowdock_integration::{ChatMessage, Client, ClientOptions, PostOptions};
///
/// let client = Client::new(ClientOptions::new("https://inbox.example.com", "0123456789abcdef")).unwrap();
/// let client = FetchClient::new(client);
/// let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build().unwrap();
/// let result = client.post(&message, PostOptions::default()).await?; // `?` turns a PostError into a JsValue
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FetchClient {
    client: Client,
    /// The time limit of one request in milliseconds, including the body of its answer. Default: 10 000.
    pub timeout_ms: u32,
    /// Whether and when a failed request is retried. Default: [`RetryOptions::default`].
    pub retry: RetryOptions,
    /// The largest number of requests in flight. Default: 4.
    pub concurrency: u32,
    shared: RefCell<Shared>,
}

/// What is known about one message while it is being posted.
#[derive(Default)]
struct Progress {
    delivery: Cell<Delivery>,
    /// When the first request of the message was sent.
    begun_ms: Cell<Option<u64>>,
    is_in_flight: Cell<bool>,
}

impl FetchClient {
    /// Makes a client with the default options.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let concurrency = 4;
        Self {
            client,
            timeout_ms: 10_000,
            retry: RetryOptions::default(),
            concurrency,
            shared: Shared::new(concurrency),
        }
    }

    /// Posts a message, after the messages of its thread whose futures were polled before.
    ///
    /// # Errors
    /// The failure of the last request; see [`PostError::code`]. After [`ErrorCode::SourceRemoved`] the client sends
    /// nothing more: delete what you stored for the source.
    pub async fn post<M: Message>(&self, message: &Valid<M>, options: PostOptions) -> Result<PostResult, PostError> {
        self.post_until(message, options, pending()).await
    }

    /// Posts a message like [`post`](Self::post), and gives it up when the future `end` is ready.
    ///
    /// # Errors
    /// The failure of the last request, as in [`post`](Self::post). [`ErrorCode::Aborted`] if `end` was ready first;
    /// then [`PostError::maybe_duplicate`] says whether the message may have been stored.
    pub async fn post_until<M: Message>(
        &self,
        message: &Valid<M>,
        options: PostOptions,
        end: impl Future<Output = ()>,
    ) -> Result<PostResult, PostError> {
        let request = self.client.post(message, random_bytes(), options);
        let progress = Progress::default();
        // The delivery is dropped before the error is made, so that a request in flight is cancelled.
        let given_up = {
            let (mut end, mut deliver) = (pin!(end), pin!(self.deliver(&request, &progress)));
            poll_fn(|context| match end.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => deliver.as_mut().poll(context).map(Some),
            })
            .await
        };
        given_up.unwrap_or_else(|| {
            Err(self.ended(&request, &progress, Attempt::Aborted { in_flight: progress.is_in_flight.get() }))
        })
    }

    async fn deliver(&self, request: &Request, progress: &Progress) -> Result<PostResult, PostError> {
        let way = Way::join(&self.shared, &request.sent, &request.lanes, self.concurrency);
        let removed = |Removed| self.ended(request, progress, Attempt::SourceRemoved);
        way.turn().await.map_err(removed)?;
        let mut failure: Option<PostError> = None;
        loop {
            match failure.take() {
                None => way.slot().await.map_err(removed)?,
                // A hold may last longer than the time of the message. Then the message ends with the failure of its
                // last request.
                Some(failure) => match within(self.left_ms(progress), way.slot()).await {
                    Some(slot) => slot.map_err(removed)?,
                    None => return Err(failure),
                },
            }
            let step = self.attempt(request, progress).await;
            match &step {
                Step::Failed(error) if error.code == ErrorCode::SourceRemoved => way.remove_source(),
                Step::Wait(wait) if wait.hold_all => way.hold(wait.ms),
                _ => {}
            }
            // The latch and the hold are set before the slot goes to another message.
            way.release();
            match step {
                Step::Delivered(result) => return Ok(result),
                Step::Failed(error) => return Err(error),
                Step::Wait(wait) => {
                    way.pause(wait.ms).await.map_err(removed)?;
                    failure = Some(wait.error);
                }
            }
        }
    }

    /// Makes one request.
    async fn attempt(&self, request: &Request, progress: &Progress) -> Step {
        let Delivery { attempts, maybe_duplicate } = progress.delivery.get();
        progress.delivery.set(Delivery { attempts: attempts + 1, maybe_duplicate });
        progress.begun_ms.set(progress.begun_ms.get().or_else(|| Some(now_ms())));
        progress.is_in_flight.set(true);
        let answer = exchange(request, self.timeout_ms.min(self.left_ms(progress)).max(1)).await;
        progress.is_in_flight.set(false);
        match answer {
            Answer::Status(Seen { status, retry_after, deduplicates, body }) => {
                match self.next(progress, request.read(status, &body), retry_after.as_deref()) {
                    Step::Delivered(result) if deduplicates => Step::Delivered(result.deduplicated()),
                    step => step,
                }
            }
            Answer::None(error) => self.next(progress, Err(error), None),
        }
    }

    /// Decides what follows after a request has ended.
    fn next(&self, progress: &Progress, ended: Result<PostResult, PostError>, retry_after: Option<&str>) -> Step {
        let at = Moment {
            elapsed_ms: elapsed_ms(progress),
            unix_seconds: (Date::now() / 1000.0) as u32,
            random: (Math::random() * 2_f64.powi(32)) as u32,
        };
        let mut delivery = progress.delivery.get();
        let step = delivery.next(ended, retry_after, at, &self.retry);
        progress.delivery.set(delivery);
        step
    }

    /// Returns the error of a message that ended between its requests or was given up, with what is known about its
    /// requests.
    fn ended(&self, request: &Request, progress: &Progress, attempt: Attempt<'_>) -> PostError {
        let Delivery { attempts, maybe_duplicate } = progress.delivery.get();
        let mut error = request.sent.failed(attempt);
        error.attempts = attempts;
        error.maybe_duplicate |= maybe_duplicate;
        error
    }

    /// Returns the part of the message's time that is left.
    fn left_ms(&self, progress: &Progress) -> u32 {
        self.retry.max_elapsed_ms.saturating_sub(elapsed_ms(progress))
    }
}

/// Returns the milliseconds since the first request was sent, or 0 before that.
fn elapsed_ms(progress: &Progress) -> u32 {
    progress.begun_ms.get().map_or(0, |begun| u32::try_from(now_ms().saturating_sub(begun)).unwrap_or(u32::MAX))
}

/// Returns random bytes for a uuid. A uuid must be different each time, but it is no secret.
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

/// Converts a value to plain JavaScript objects, as in JSON.
fn to_js(value: &impl serde::Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}
