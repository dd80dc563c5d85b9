//! JSON text, the one format in which values reach the core: the reader, the document that it makes of a text, and the writer.
//!
//! The reader is our own because a document has to keep what `serde_json` does not: where in the text each value stands, that half of a
//! surrogate pair was there, and what a value is for which there is no JSON. The tests read hundreds of thousands of texts with both.
//!
//! It knows nothing of Flowdock. It is a crate of its own so that the WebAssembly build can compile it for speed, and all the rest for
//! size: every byte of a message goes through it. [`bytes`] finds and compares bytes, here and in the core.

#![cfg_attr(
    not(test),
    // A panic leaves a WebAssembly instance unusable.
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

pub mod bytes;
mod document;
mod position;
mod read;
pub mod steps;
#[cfg(test)]
mod tests;
mod write;

pub use document::{Document, Entries, Items, Node, NotJson, Value};
pub use position::{Position, Positions, StringPositions};
pub use read::{InvalidJson, read, read_from_javascript, unicode_escape};
pub use write::{Writer, digits, hex};

/// How deep objects and arrays may stand in each other (ours): far beyond any message, and short of any stack.
pub const MAX_DEPTH: usize = 128;

/// The longest text that is read, in bytes (ours): enough for 2^24 UTF-16 code units, the most that JavaScript hands over.
/// A value that goes beyond it is [`NotJson::TooLarge`].
pub const MAX_BYTES: usize = 1 << 26;
