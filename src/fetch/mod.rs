//! The client with a network, for Rust that runs where JavaScript does: `wasm32-unknown-unknown` with the feature `fetch`.
//!
//! The decisions are those of [`Delivery`](crate::client::Delivery); here are the runtime's fetch, its timers and its clock. The
//! npm package has nothing of this: its own JavaScript does the same in a tenth of the size.

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

/// Posts messages by the runtime's fetch: tries again what may pass, in each thread's order, until a user removes the source.
///
/// A message goes out behind those of its thread, and as many requests run at a time as [`concurrency`](Self::concurrency)
/// says. To give a message up, drop its future, which cancels a request in flight; [`post_until`](Self::post_until) says as well
/// whether the message may have been stored.
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
    /// The most requests at a time. Default: 4.
    pub concurrency: u32,
    shared: RefCell<Shared>,
}

/// How far a message has come.
#[derive(Default)]
struct Progress {
    delivery: Cell<Delivery>,
    /// When its first request went out.
    begun_ms: Cell<Option<u64>>,
    is_in_flight: Cell<bool>,
}

impl FetchClient {
    /// A client that posts as it is usual.
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

    /// Posts a message, behind those of its thread whose futures were polled before.
    ///
    /// # Errors
    /// What the last request failed with, see [`PostError::code`]. After [`ErrorCode::SourceRemoved`] nothing more is sent:
    /// delete what you stored for the source.
    pub async fn post<M: Message>(&self, message: &Valid<M>, options: PostOptions) -> Result<PostResult, PostError> {
        self.post_until(message, options, pending()).await
    }

    /// As [`post`](Self::post), but gives the message up when `end` is over, whatever it waits for.
    ///
    /// # Errors
    /// As [`post`](Self::post), and [`ErrorCode::Aborted`] at the `end`; then [`PostError::maybe_duplicate`] says whether the
    /// message may have been stored.
    pub async fn post_until<M: Message>(
        &self,
        message: &Valid<M>,
        options: PostOptions,
        end: impl Future<Output = ()>,
    ) -> Result<PostResult, PostError> {
        let request = self.client.post(message, random_bytes(), options);
        let progress = Progress::default();
        // Dropped before the message is given up, so that a request in flight is cancelled.
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
                // A hold may reach beyond the message's time, which then ends with its own failure.
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
            // What concerns other messages is known before they get the slot.
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
            Answer::Status(Seen { status, retry_after, body }) => {
                self.next(progress, request.read(status, &body), retry_after.as_deref())
            }
            Answer::None(error) => self.next(progress, Err(error), None),
        }
    }

    /// What follows from how a request ended.
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

    /// The error of a message that was ended from outside, with what is known of its requests.
    fn ended(&self, request: &Request, progress: &Progress, attempt: Attempt<'_>) -> PostError {
        let Delivery { attempts, maybe_duplicate } = progress.delivery.get();
        let mut error = request.sent.failed(attempt);
        error.attempts = attempts;
        error.maybe_duplicate |= maybe_duplicate;
        error
    }

    /// How much of the time for a message is left.
    fn left_ms(&self, progress: &Progress) -> u32 {
        self.retry.max_elapsed_ms.saturating_sub(elapsed_ms(progress))
    }
}

/// How long it is since the first request went out.
fn elapsed_ms(progress: &Progress) -> u32 {
    progress.begun_ms.get().map_or(0, |begun| u32::try_from(now_ms().saturating_sub(begun)).unwrap_or(u32::MAX))
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
