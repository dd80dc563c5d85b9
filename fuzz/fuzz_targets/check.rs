//! `check` never panics, takes steps by the length alone, and each finding lies inside the fragment.
#![no_main]

use flowdock_integration::steps;
use flowdock_integration::html::{BODY, TITLE, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|html: &str| {
    let units = html.encode_utf16().count();
    for policy in [&TITLE, &BODY] {
        steps::taken();
        let findings = check(html, policy);
        assert!(steps::taken() <= 400 * html.len() + 400);
        // A tag, each of its attributes and each NUL have at most a few findings each, and each takes a byte at least.
        assert!(findings.len() <= 4 * html.len());
        for finding in findings {
            assert!(finding.offset + finding.length <= units);
        }
    }
});
