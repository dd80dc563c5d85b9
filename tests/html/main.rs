//! `src/html` before a judge: html5ever builds the tree that a browser would build. The tokens have judges of their own, in
//! `src/html/oracle.rs`.
//!
//! The inputs are a corpus of known tricks and generated fragments from a fixed seed. `FLOWDOCK_FUZZ_INPUTS` sets how many.

mod generate;
mod tree;
