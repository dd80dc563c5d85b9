//! Tests that `validate_json` never panics, and that each position lies inside the text.
#![no_main]

use flowdock_integration::{Options, validate_json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let units = text.encode_utf16().count();
    for violation in validate_json(text, Options::default()).violations() {
        let at = violation.at.expect("each violation of a text has a position");
        assert!(at.offset <= units && at.line >= 1 && at.column >= 1);
    }
});
