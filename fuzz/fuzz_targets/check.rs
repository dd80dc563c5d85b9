//! Tests that `check` never panics, that its steps depend on the length alone, and that each finding lies inside the
//! fragment.
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
        // Each tag, each attribute and each NUL has only a few findings, and takes at least one byte.
        assert!(findings.len() <= 4 * html.len());
        for finding in findings {
            assert!(finding.offset + finding.length <= units);
        }
    }
});
