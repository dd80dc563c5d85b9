//! `src/html` before a judge: html5ever builds the tree that a browser would build. The tokens have judges of their own, in
//! `src/html/oracle.rs`.
//!
//! The inputs are a corpus of known tricks and generated fragments from a fixed seed. `FLOWDOCK_FUZZ_INPUTS` sets how many.

mod generate;
mod tree;

/// How many generated inputs an ordinary run judges.
const INPUTS: u32 = 200_000;

fn inputs() -> u32 {
    std::env::var("FLOWDOCK_FUZZ_INPUTS").ok().and_then(|inputs| inputs.parse().ok()).unwrap_or(INPUTS)
}
