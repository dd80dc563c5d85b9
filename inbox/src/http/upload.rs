//! The body of a request on its way in: the time that it may take, the memory that it holds, and what a handler leaves of
//! it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::{HeaderMap, header};
use tokio::time::{Instant, Sleep, sleep};

use super::body_memory::Reservation;

/// How many bytes a second a body must have at least, after the time that every body has.
const BYTES_A_SECOND: u64 = 8 * 1024;

/// How many bytes are read and discarded of what a handler has left. A client that sends even more may see a
/// broken connection instead of the answer.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// Why a body did not come in whole.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum UploadError {
    /// The connection broke, or the body is not HTTP.
    #[error("the body broke off")]
    Broken,
    /// The body came too slowly.
    #[error("the body came too slowly")]
    TooSlow,
    /// The inbox holds as much as it may.
    #[error("the inbox is busy")]
    Busy,
}

/// The body of a request. It holds its memory until the request is answered.
#[derive(Clone)]
pub struct Upload(Arc<Mutex<State>>);

struct State {
    body: Incoming,
    reservation: Reservation,
    /// The time that a body of any size has.
    time: Duration,
    started: Instant,
    deadline: Pin<Box<Sleep>>,
    /// The bytes that have come.
    seen: usize,
    is_discarded: bool,
    /// Whether the rest will not come.
    has_failed: bool,
    /// Whether the client sent `Expect: 100-continue`, so that it sends the body only after the answer 100.
    expects_continue: bool,
}

impl Upload {
    /// The body of a request with these headers. It may take `time`, and a second more for each
    /// `BYTES_A_SECOND` that have come.
    pub fn new(body: Incoming, headers: &HeaderMap, reservation: Reservation, time: Duration) -> Upload {
        let expects_continue = headers.contains_key(header::EXPECT);
        let (started, deadline) = (Instant::now(), Box::pin(sleep(time)));
        let state = State {
            body,
            reservation,
            time,
            started,
            deadline,
            seen: 0,
            is_discarded: false,
            has_failed: false,
            expects_continue,
        };
        Upload(Arc::new(Mutex::new(state)))
    }

    /// The body that a handler gets.
    pub fn body(&self) -> Body {
        Body::new(self.clone())
    }

    /// Reads what the handler has left, for as long as a body of any size may take, and discards it.
    ///
    /// Most clients read the answer only after they have sent the whole body. If the connection closes before that, they
    /// report a broken connection instead of the answer. So the answer waits until the body has come, or most of it.
    pub async fn discard(mut self) {
        {
            let mut state = self.state();
            state.reservation.clear();
            if state.expects_continue || state.has_failed || hyper::body::Body::is_end_stream(&state.body) {
                return;
            }
            state.is_discarded = true;
            let end = Instant::now() + state.time;
            state.deadline.as_mut().reset(end);
        }
        let mut bytes = 0;
        while let Some(Ok(frame)) = self.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > MAX_DISCARDED_BYTES {
                break;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Moves the deadline, by the bytes that have come.
    fn extend(&mut self) {
        let more = Duration::from_secs(self.seen as u64 / BYTES_A_SECOND);
        self.deadline.as_mut().reset(self.started + self.time + more);
    }
}

impl hyper::body::Body for Upload {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let mut state = self.state();
        match Pin::new(&mut state.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                if !state.is_discarded {
                    state.seen += bytes;
                    state.extend();
                    if !state.reservation.reserve(bytes) {
                        return Poll::Ready(Some(Err(UploadError::Busy)));
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => {
                state.has_failed = true;
                Poll::Ready(Some(Err(UploadError::Broken)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                std::task::ready!(state.deadline.as_mut().poll(context));
                state.has_failed = true;
                Poll::Ready(Some(Err(UploadError::TooSlow)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.state().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.state().body.size_hint()
    }
}
