//! Judges more HTML than an ordinary run does.

use crate::run::{Done, command, run};

/// How many generated inputs each judge gets, and with `--long`.
const INPUTS: u32 = 200_000;
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
