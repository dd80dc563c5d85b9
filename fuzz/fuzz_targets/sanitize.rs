//! `sanitize` never panics, takes steps by the length alone, grows by a constant factor at most, and is done after the first time.
#![no_main]

use flowdock_integration::steps;
use flowdock_integration::html::{BODY, TITLE, check, sanitize};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|html: &str| {
    for policy in [&TITLE, &BODY] {
        steps::taken();
        let clean = sanitize(html, policy);
        assert!(steps::taken() <= 400 * html.len() + 400);
        // The worst is a table with a character in it, which gets a section, a row and a cell.
        assert!(clean.len() <= 8 * html.len());
        assert!(check(&clean, policy).is_empty());
        assert_eq!(sanitize(&clean, policy), clean);
    }
});
