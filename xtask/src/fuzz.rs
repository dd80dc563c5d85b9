//! Runs the tests that compare our HTML code with other parsers, on more generated inputs than an ordinary run.

use crate::run::{Done, command, run};

/// The number of generated inputs for each test.
const INPUTS: u32 = 200_000;
/// The number of generated inputs for each test with `--long`.
const LONG_INPUTS: u32 = 3_000_000;

pub fn fuzz(long: bool) -> Done {
    let inputs = if long { LONG_INPUTS } else { INPUTS };
    let test = |what: &str, which: &[&str]| {
        let arguments = [&["test", "--release", "--package", "flowdock-integration"], which].concat();
        run(what, command("cargo", &arguments).env("FLOWDOCK_FUZZ_INPUTS", inputs.to_string()))
    };
    test(&format!("{inputs} inputs: tokens beside html5ever and html5gum"), &["--lib", "html::oracle"])?;
    test(&format!("{inputs} inputs: check and sanitize on html5ever's tree"), &["--test", "html"])
}
