//! Decides what follows after a request: a retry, or the end of the message.

use super::answer::{PostError, PostResult};
use super::retry::{Moment, RetryOptions, retry_after_ms};
use crate::error::ErrorCode;

/// What must be known about a message between its requests. This type does not wait and sends nothing. A program with a
/// clock and an HTTP client tells it what happened, and does what it says.
///
/// ```
/// use flowdock_integration::client::{Delivery, Moment, Step};
/// use flowdock_integration::{ChatMessage, Client, ClientOptions, PostOptions, RetryOptions};
///
/// let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "0123456789abcdef"))?;
/// let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build()?;
/// let request = client.post(&message, [7; 16], PostOptions::default());
/// let retry = RetryOptions::default();
///
/// let mut delivery = Delivery::default();
/// delivery.attempts += 1; // the request goes out, and its answer is a 503
/// let moment = Moment { elapsed_ms: 20, unix_seconds: 1_795_176_000, random: u32::MAX };
/// match delivery.next(request.read(503, ""), Some("2"), moment, &retry) {
///     Step::Wait(wait) => assert_eq!((wait.ms, wait.hold_all), (2200, false)),
///     step => panic!("{step:?}"),
/// }
/// delivery.attempts += 1;
/// match delivery.next(request.read(202, "{}"), None, moment, &retry) {
///     // A 503 may come from a proxy although the server has stored the message.
///     Step::Delivered(result) => assert_eq!((result.attempts, result.maybe_duplicate), (2, true)),
///     step => panic!("{step:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The number of requests that were begun.
    pub attempts: u32,
    /// Whether one of the failed requests may have been stored.
    pub maybe_duplicate: bool,
}

/// What to do next with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The message was posted. There is nothing more to do.
    Delivered(PostResult),
    /// The message failed. There is nothing more to do.
    Failed(PostError),
    /// Wait, and then make the same request again.
    Wait(Wait),
}

/// A wait between two requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The length of the wait in milliseconds.
    pub ms: u32,
    /// Whether no other message may be sent during the wait, because the server has had too many requests (429).
    pub hold_all: bool,
    /// The error of the last request.
    pub error: PostError,
}

impl Delivery {
    /// Decides what to do after a request has ended. `retry_after` is the header of its answer.
    pub fn next(
        &mut self,
        ended: Result<PostResult, PostError>,
        retry_after: Option<&str>,
        at: Moment,
        retry: &RetryOptions,
    ) -> Step {
        let Self { attempts, maybe_duplicate } = *self;
        match ended {
            Ok(result) => Step::Delivered(PostResult { attempts, maybe_duplicate, ..result }),
            Err(error) => self.failed(error, retry_after, at, retry).map_or_else(Step::Failed, Step::Wait),
        }
    }

    /// Decides what to do after a request has failed: wait, or give up.
    pub(crate) fn failed(
        &mut self,
        mut error: PostError,
        retry_after: Option<&str>,
        at: Moment,
        retry: &RetryOptions,
    ) -> Result<Wait, PostError> {
        self.maybe_duplicate |= error.maybe_duplicate;
        error.attempts = self.attempts;
        error.maybe_duplicate = self.maybe_duplicate;
        if !error.retryable {
            return Err(error);
        }
        error.retry_after_ms = retry_after.and_then(|text| retry_after_ms(text, at.unix_seconds));
        match retry.wait_ms(self.attempts, error.retry_after_ms, at) {
            Some(ms) => Ok(Wait { ms, hold_all: error.code == ErrorCode::RateLimited, error }),
            None => Err(error),
        }
    }
}
