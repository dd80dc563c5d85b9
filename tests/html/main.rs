//! Compares `src/html` with html5ever, which builds the tree that a browser would build. `src/html/oracle.rs` compares
//! the tokens.
//!
//! The inputs are known tricks and fragments generated from a fixed seed. `FLOWDOCK_FUZZ_INPUTS` sets the number of
//! generated fragments.

mod generate;
mod tree;
