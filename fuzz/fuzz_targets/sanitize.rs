//! Tests that `sanitize` never panics, that its steps depend on the length alone, that its result is at most a constant
//! factor longer, and that sanitising the result changes nothing.
#![no_main]

use flowdock_integration::steps;
use flowdock_integration::html::{BODY, TITLE, check, sanitize};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|html: &str| {
    for policy in [&TITLE, &BODY] {
        steps::taken();
        let clean = sanitize(html, policy);
        assert!(steps::taken() <= 400 * html.len() + 400);
        // The longest result comes from a table with one character in it: the character gets a section, a row and a
        // cell.
        assert!(clean.len() <= 8 * html.len());
        assert!(check(&clean, policy).is_empty());
        assert_eq!(sanitize(&clean, policy), clean);
    }
});
