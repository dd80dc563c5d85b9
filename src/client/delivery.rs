//! One message on its way: from a failed request to the next, or to the end.

use super::answer::{PostError, PostResult};
use super::retry::{Moment, RetryOptions, retry_after_ms};
use crate::error::ErrorCode;

/// What has to be known of a message between its requests. It waits for nothing and sends nothing: whoever has a clock and
/// an HTTP client says what happened, and is told what to do.
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
///     // The 503 may have come from something between here and a server that has the message.
///     Step::Delivered(result) => assert_eq!((result.attempts, result.maybe_duplicate), (2, true)),
///     step => panic!("{step:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// How many requests were begun.
    pub attempts: u32,
    /// Whether one of those that failed may have been stored.
    pub maybe_duplicate: bool,
}

/// What to do with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing more: it was posted.
    Delivered(PostResult),
    /// Nothing more: it failed.
    Failed(PostError),
    /// Wait, and make the same request again.
    Wait(Wait),
}

/// A wait between two requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long, in milliseconds.
    pub ms: u32,
    /// Whether no other message may be sent meanwhile: the server has had too many requests (429).
    pub hold_all: bool,
    /// What went wrong.
    pub error: PostError,
}

impl Delivery {
    /// What follows from how the last request ended; `retry_after` is the header of its answer.
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

    /// What follows from a request that failed: a wait, or the end.
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
