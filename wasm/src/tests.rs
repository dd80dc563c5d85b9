//! The allocator is emptied between two calls, so a call must leave nothing behind but its answer.

#![allow(unsafe_code, reason = "an allocator that counts, and is the system's otherwise")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use flowdock_integration::ffi::{self, Answer};

thread_local! {
    /// How many blocks this thread has taken and not given back.
    static LIVING: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: all of it is done by the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVING.set(LIVING.get() + 1);
        // SAFETY: as our caller vouches.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVING.set(LIVING.get() - 1);
        // SAFETY: as our caller vouches.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const MESSAGE: &str = r#"{"event":"activity","titel":"<b>","thread":{"title":"<a>"},"author":{"name":"M\ud83d"}}"#;
const CHAT: &str = r#"{"event":"message","content":"x","external_thread_id":"1"}"#;
const PICTURE: &str = r#"{"event":"activity","title":"x","body":"<img src=\"cid:a\">","author":{"name":"M"},"external_thread_id":"1",
    "thread":{"title":"x","fields":[{"value":"1","label":"x"}]}}"#;
const SENT: &str = r#""sent":{"url":"https://example.com/messages","uuid":"1","method":"GET","tokens":"29991"}"#;
const API: &str = r#""options":{"baseUrl":"https://example.com","accessToken":"29991"}"#;

#[test]
fn a_call_leaves_nothing_behind() {
    type Call = fn(&str, &str) -> Answer;
    let sent = |more: &str| format!("{{{SENT},{more}}}");
    let calls: &[(Call, &str, &str)] = &[
        (ffi::validate, MESSAGE, ""),
        (ffi::validate, CHAT, r#"{"thread":"maybe"}"#),
        (ffi::validate_json, "{\n \"event\": 7 ", ""),
        (ffi::validate_json, MESSAGE, ""),
        (ffi::encode, CHAT, ""),
        (ffi::encode, MESSAGE, ""),
        (ffi::build, MESSAGE, r#"{"what":"activity"}"#),
        (ffi::build, CHAT, r#"{"what":"message"}"#),
        (ffi::build, r#"{"title":"x","fields":{"a":1},"status":["open","green"]}"#, r#"{"what":"thread"}"#),
        (ffi::check_title, "<b>x", ""),
        (ffi::check_body, "<p><b>x<script>", ""),
        (ffi::sanitize_title, "<b>x", ""),
        (ffi::sanitize_body, "<table><p><b>x</table>", ""),
        (ffi::sanitize_body, "", "7"),
        (ffi::fill_template, r#"{"literals":["<b>","</b>"],"values":[["x",["<i>y</i>"]]]}"#, ""),
        (
            ffi::check_client,
            r#"{"baseUrl":"https://example.com","flowToken":"29991","retry":{"baseMs":5},"hooks":{}}"#,
            "",
        ),
        (ffi::check_client, r#"{"baseURL":1}"#, ""),
        (ffi::request, PICTURE, r#"{"options":{"attachments":"a"},"flowToken":"29991","random":"1 2 3 4"}"#),
        (ffi::request, PICTURE, r#"{"options":{"attachments":"b"},"flowToken":"29991","random":"1 2 3 4"}"#),
        (ffi::request, CHAT, r#"{"flowToken":"29991","random":"1 2 3"}"#),
        (
            ffi::outcome,
            &sent(r#""answer":{"status":400,"body":{"message":"29991","errors":{"title":["can't be blank"]}}}"#),
            "",
        ),
        (ffi::outcome, &sent(r#""answer":{"status":201,"body":{"id":7}}"#), ""),
        (ffi::outcome, &sent(r#""answer":{"code":"timeout","timeoutMs":5}"#), ""),
        (
            ffi::outcome,
            &sent(r#""answer":{"status":429,"retryAfter":"Fri, 20 Nov 2026 12:00:30 GMT","body":null}"#),
            "",
        ),
        (
            ffi::setup_request,
            &format!(r#"{{"operation":"createSource",{API},"values":{{"organization":"a","flow":"b","name":"c"}}}}"#),
            "",
        ),
        (ffi::setup_request, &format!(r#"{{"operation":"source",{API}}}"#), ""),
        (ffi::tokens, &sent(r#""answer":{"status":200,"body":"access_token=a&scope=b,c"},"scope":"d""#), ""),
        (ffi::api_answer, &sent(r#""answer":{"status":404,"body":{}},"operation":"source""#), ""),
        (ffi::read_callback, r#"{"url":"https://a.example/?code=b&state=c","state":"c"}"#, ""),
        (ffi::read_token, "e30.e30.AAAA", ""),
        (ffi::replayed, "", ""),
        (ffi::check_setup, r#"{"kind":"api","options":{"baseUrl":"https://example.com","accessToken":"29991"}}"#, ""),
        (ffi::check_setup, r#"{"kind":"oauth","options":{"baseUrl":1}}"#, ""),
        (
            ffi::verify_action,
            "eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
            r#"{"signed":{"url":"https://a.example/{b}"},"called":{"url":"https://a.example/"},"macs":"000000","sha256":"00","now":5}"#,
        ),
    ];
    for (call, first, second) in calls {
        let before = LIVING.get();
        drop(call(first, second).map_err(|error| error.to_json()));
        assert_eq!(LIVING.get(), before, "{first} {second}");
    }
    // The count counts.
    let before = LIVING.get();
    let kept = vec![1];
    assert_eq!(LIVING.get(), before + 1);
    drop(kept);
}
