//! Tests of what follows an answer, with fixed times and random numbers.

use flowdock_integration::client::{Attempt, Delivery, Moment, Step, Wait};
use flowdock_integration::{
    ChatMessage, Client, ClientOptions, ErrorCode, PostError, PostOptions, PostResult, Request, RetryOptions,
};

/// Friday, 20 November 2026, 12:00:00 GMT.
const NOON: u32 = 1_795_176_000;

fn request() -> Request {
    let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build().unwrap();
    let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "0123456789abcdef")).unwrap();
    client.post(&message, [7; 16], PostOptions::default())
}

fn moment(elapsed_ms: u32, random: u32) -> Moment {
    Moment { elapsed_ms, unix_seconds: NOON, random }
}

fn first(ended: Result<PostResult, PostError>, retry_after: Option<&str>, random: u32) -> Step {
    let mut delivery = Delivery { attempts: 1, ..Delivery::default() };
    delivery.next(ended, retry_after, moment(0, random), &RetryOptions::default())
}

fn wait(step: Step) -> Wait {
    match step {
        Step::Wait(wait) => wait,
        step => panic!("no wait: {step:?}"),
    }
}

fn failed(step: Step) -> PostError {
    match step {
        Step::Failed(error) => error,
        step => panic!("no failure: {step:?}"),
    }
}

#[test]
fn every_answer_is_a_success_a_failure_or_a_wait() {
    for status in 0..=999 {
        let retried = matches!(status, 408 | 425 | 429 | 500..=599) && !matches!(status, 501 | 505);
        let is_success = matches!(status, 200..=202 | 204);
        match first(request().read(status, "{}"), None, u32::MAX) {
            Step::Delivered(_) => assert!(is_success, "{status}"),
            Step::Wait(wait) => {
                assert!(retried, "{status}");
                assert_eq!((wait.ms, wait.hold_all), (500, status == 429), "{status}");
                assert_eq!(wait.error.status, Some(status));
            }
            Step::Failed(error) => {
                assert!(!retried && !is_success, "{status}");
                assert!(!error.retryable || matches!(status, 501 | 505), "{status}");
            }
        }
    }
}

#[test]
fn a_request_without_an_answer_is_retried_unless_it_was_aborted_or_cannot_succeed() {
    let sent = request().sent;
    for (attempt, code, retried, maybe_duplicate) in [
        (Attempt::Network(""), ErrorCode::Network, true, true),
        (Attempt::Network("ECONNRESET"), ErrorCode::Network, true, true),
        (Attempt::Network("ECONNREFUSED"), ErrorCode::Network, true, false),
        (Attempt::Network("ENOTFOUND"), ErrorCode::Network, true, false),
        (Attempt::Network("EAI_AGAIN"), ErrorCode::Network, true, false),
        // The names of causes that are permanent, in Node, Deno and OpenSSL.
        (Attempt::Network("NotCapable"), ErrorCode::Network, false, false),
        (Attempt::Network("ERR_ACCESS_DENIED"), ErrorCode::Network, false, false),
        (Attempt::Network("DEPTH_ZERO_SELF_SIGNED_CERT"), ErrorCode::Network, false, false),
        (Attempt::Network("SELF_SIGNED_CERT_IN_CHAIN"), ErrorCode::Network, false, false),
        (Attempt::Network("CERT_HAS_EXPIRED"), ErrorCode::Network, false, false),
        (Attempt::Network("ERR_TLS_CERT_ALTNAME_INVALID"), ErrorCode::Network, false, false),
        (Attempt::Network("UNABLE_TO_GET_ISSUER_CERT_LOCALLY"), ErrorCode::Network, false, false),
        (Attempt::Network("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), ErrorCode::Network, false, false),
        (Attempt::Timeout(10_000), ErrorCode::Timeout, true, true),
        (Attempt::Aborted { in_flight: true }, ErrorCode::Aborted, false, true),
        (Attempt::Aborted { in_flight: false }, ErrorCode::Aborted, false, false),
        (Attempt::SourceRemoved, ErrorCode::SourceRemoved, false, false),
        (Attempt::Redirected, ErrorCode::RedirectRefused, false, false),
        (Attempt::NoResponse, ErrorCode::BadResponse, false, true),
    ] {
        let step = first(Err(sent.failed(attempt)), None, 0);
        let (error, waited) = match step {
            Step::Wait(Wait { error, hold_all: false, .. }) => (error, true),
            step => (failed(step), false),
        };
        assert_eq!((error.code, waited, error.maybe_duplicate), (code, retried, maybe_duplicate), "{attempt:?}");
    }
}

#[test]
fn maybe_duplicate_stays_true_after_the_first_unclear_failure() {
    for (status, maybe_duplicate) in
        [(408, false), (425, false), (429, false), (500, true), (502, true), (503, true), (504, true)]
    {
        let mut delivery = Delivery { attempts: 1, ..Delivery::default() };
        let next = |delivery: &mut Delivery, status| {
            delivery.next(request().read(status, ""), None, moment(0, 0), &RetryOptions::default())
        };
        assert_eq!(wait(next(&mut delivery, status)).error.maybe_duplicate, maybe_duplicate, "{status}");
        delivery.attempts = 2;
        assert_eq!(wait(next(&mut delivery, 429)).error.maybe_duplicate, maybe_duplicate, "{status}");
        delivery.attempts = 3;
        let error = failed(next(&mut { delivery }, 400));
        assert_eq!((error.attempts, error.maybe_duplicate), (3, maybe_duplicate), "{status}");
        match next(&mut delivery, 202) {
            Step::Delivered(result) => {
                assert_eq!((result.attempts, result.maybe_duplicate), (3, maybe_duplicate), "{status}");
            }
            step => panic!("{step:?}"),
        }
    }
}

#[test]
fn the_wait_is_a_random_part_of_a_ceiling_that_doubles_to_its_cap() {
    let retry = RetryOptions { max_attempts: 99, max_elapsed_ms: u32::MAX, ..RetryOptions::default() };
    for (attempts, ceiling) in
        [(1, 500), (2, 1_000), (3, 2_000), (6, 16_000), (7, 30_000), (8, 30_000), (33, 30_000), (98, 30_000)]
    {
        let waits = |random| {
            let mut delivery = Delivery { attempts, ..Delivery::default() };
            wait(delivery.next(request().read(503, ""), None, moment(0, random), &retry)).ms
        };
        assert_eq!((waits(0), waits(u32::MAX / 2), waits(u32::MAX)), (0, ceiling / 2, ceiling), "{attempts}");
    }
}

#[test]
fn a_retry_after_is_waited_for_in_full_with_at_most_a_tenth_added() {
    for (header, floor) in [
        ("1", 1_000),
        ("120", 120_000),
        (" 7 ", 7_000),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30_000),
        ("Friday, 20-Nov-26 12:00:30 GMT", 30_000),
        ("Fri Nov 20 12:00:30 2026", 30_000),
    ] {
        let retry = RetryOptions { max_elapsed_ms: u32::MAX, ..RetryOptions::default() };
        for status in [429, 503] {
            for (random, expected) in [(0, floor), (u32::MAX, floor + floor / 10)] {
                let mut delivery = Delivery { attempts: 1, ..Delivery::default() };
                let step = delivery.next(request().read(status, ""), Some(header), moment(0, random), &retry);
                let wait = wait(step);
                assert_eq!((wait.ms, wait.error.retry_after_ms), (expected, Some(floor)), "{header}");
            }
        }
    }
}

#[test]
fn an_invalid_or_past_retry_after_leaves_the_usual_wait() {
    for (header, read) in [
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("1, 2", None),
        ("0x10", None),
        ("é", None),
        ("Fri, 20 Nov 2026 13:00:00 +0100", None),
        ("0", Some(0)),
        ("Fri, 20 Nov 2026 12:00:00 GMT", Some(0)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
    ] {
        let wait = wait(first(request().read(429, ""), Some(header), u32::MAX));
        assert_eq!((wait.ms, wait.error.retry_after_ms), (500, read), "{header}");
    }
}

#[test]
fn a_retry_after_that_is_too_long_ends_the_message() {
    for (header, ms) in [
        ("121", 121_000),
        ("Fri, 20 Nov 2026 12:02:01 GMT", 121_000),
        ("4294967295", u32::MAX),
        ("99999999999999999999", u32::MAX),
        ("Fri, 31 Dec 9999 23:59:59 GMT", u32::MAX),
    ] {
        let error = failed(first(request().read(429, ""), Some(header), 0));
        assert_eq!((error.code, error.retry_after_ms), (ErrorCode::RateLimited, Some(ms)), "{header}");
        assert!(error.retryable);
    }
    // The client could wait this long, but the message's time would be over.
    let mut delivery = Delivery { attempts: 1, ..Delivery::default() };
    let step = delivery.next(request().read(429, ""), Some("60"), moment(60_000, 0), &RetryOptions::default());
    assert_eq!(failed(step).retry_after_ms, Some(60_000));
}

#[test]
fn an_outage_ends_by_requests_or_by_time() {
    // However long the requests take, there are at most six of them, and no wait lasts beyond the message's time.
    for request_ms in [0, 1, 1_000, 10_000, 25_000, 60_000, 120_000] {
        for random in [0, 1 << 30, u32::MAX] {
            let retry = RetryOptions::default();
            let (mut delivery, mut now) = (Delivery::default(), 0);
            let error = loop {
                delivery.attempts += 1;
                now += request_ms;
                match delivery.next(request().read(503, ""), None, moment(now, random), &retry) {
                    Step::Wait(wait) => now += wait.ms,
                    step => break failed(step),
                }
                assert!(now < retry.max_elapsed_ms, "{request_ms} {random}");
            };
            assert!(error.attempts == 6 || now + 30_000 >= retry.max_elapsed_ms, "{request_ms} {random} {error:?}");
            assert!(error.attempts <= 6);
        }
    }
}

#[test]
fn without_retries_a_message_gets_one_request() {
    let mut delivery = Delivery { attempts: 1, ..Delivery::default() };
    let error = failed(delivery.next(request().read(503, ""), Some("1"), moment(5, 0), &RetryOptions::never()));
    assert_eq!((error.attempts, error.retryable, error.maybe_duplicate), (1, true, true));
}

#[test]
fn extreme_numbers_do_not_overflow() {
    let retry = RetryOptions {
        max_attempts: u32::MAX,
        max_elapsed_ms: u32::MAX,
        base_ms: u32::MAX,
        cap_ms: u32::MAX,
        max_retry_after_ms: u32::MAX,
    };
    for attempts in [0, 1, 2, 31, 32, 33, 64, u32::MAX - 1] {
        for header in [None, Some("4294967"), Some("99999999999")] {
            let mut delivery = Delivery { attempts, ..Delivery::default() };
            let wait = wait(delivery.next(request().read(503, ""), header, moment(0, u32::MAX), &retry));
            // The longest time that a timer can wait. With more, it would fire at once.
            assert_eq!(wait.ms, 2_147_483_647, "{attempts} {header:?}");
        }
    }
}

#[test]
fn a_message_is_in_one_lane_for_each_id_of_its_thread() {
    let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "0123456789abcdef")).unwrap();
    let lanes = |message: serde_json::Value| {
        client.post_value(&message, Default::default(), [7; 16], PostOptions::default()).unwrap().lanes
    };
    let message = serde_json::json!({ "event": "message", "content": "x", "external_thread_id": "42" });
    assert_eq!(lanes(message.clone()), ["external_thread_id:42"]);
    let mut both = message;
    both["thread_id"] = "42".into();
    assert_eq!(lanes(both), ["thread_id:42", "external_thread_id:42"]);
}
